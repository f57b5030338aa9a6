using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas open STORE [COG]</c>: shows the site of a running cog in a browser.
/// </summary>
internal static class OpenCommand
{
    private const string PortFileSuffix = ".http.port";

    public static Command Create()
    {
        var store = Operands.Store();
        var cog = new Argument<string?>("COG")
        {
            Description = "The cog, where several have a site.",
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
            var who = cog is null ? "no cog of it" : $"cog {cog} of it";
            throw Failure.Mistake(
                $"{Path.GetFullPath(store)}: {who} has a site\n"
                + $"hint: a site is there while the machine runs: pallas start {store}");
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
            : throw Failure.Mistake($"{files[0]} holds no port");
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
