using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Pallas.Cli.Options;
using Pallas.Cli.Render;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas open STORE [COG]</c>: shows the site of a running cog in a browser.
/// </summary>
internal static class OpenCommand
{
    private const string PortFileSuffix = ".http.port";

    public static Command Create()
    {
        var store = CommonArguments.Store();
        var cog = new Argument<string?>("COG")
        {
            Description = "The cog, if several serve a site.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var print = new Option<bool>("--print")
        {
            Description = "Print the address, and open nothing.",
        };
        var command = new Command("open", "Show the site of a running machine in a browser.")
        {
            store, cog, print,
        };
        command.SetAction(parsed =>
        {
            var address = AddressOf(parsed.GetValue(store)!, parsed.GetValue(cog));
            Console.WriteLine(address);
            if (!parsed.GetValue(print))
                Show(address);
            return ExitCode.Success;
        });
        return command;
    }

    private static string AddressOf(string store, string? cog)
    {
        if (!Directory.Exists(store))
            throw Failure.Mistake($"{Path.GetFullPath(store)} does not exist");
        var files = Directory.GetFiles(store, (cog ?? "*") + PortFileSuffix);
        if (files.Length == 0)
        {
            var none = cog is null ? "no cog serves a site" : $"cog {cog} serves no site";
            throw Failure.Mistake(
                $"{Path.GetFullPath(store)}: {none} now\n"
                + $"hint: a site is open while the machine runs: pallas start {store}");
        }
        if (files.Length > 1)
        {
            var cogs = files.Select(file => Path.GetFileName(file)[..^PortFileSuffix.Length]);
            throw Failure.Mistake(
                $"{Path.GetFullPath(store)} has several sites\n"
                + $"hint: name a cog: {string.Join(", ", cogs.Order())}");
        }
        var text = File.ReadAllText(files[0]);
        return ushort.TryParse(text, CultureInfo.InvariantCulture, out var port)
            ? $"http://localhost:{port}/"
            : throw Failure.Mistake($"{files[0]} does not contain a port number");
    }

    private static void Show(string address)
    {
        var opener = OperatingSystem.IsMacOS() ? "open" : "xdg-open";
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo(address) { UseShellExecute = true }
            : new ProcessStartInfo(opener, address);
        try
        {
            using var process = Process.Start(start);
            process?.WaitForExit();
        }
        catch (Win32Exception)
        {
            throw Failure.Mistake(
                $"{opener} is missing, so no browser can be opened\nhint: open {address} yourself");
        }
    }
}
