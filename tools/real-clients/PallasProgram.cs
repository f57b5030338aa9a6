using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Pallas.RealClients;

/// <summary>A check failed.</summary>
internal sealed class CheckFailed(string message) : Exception(message)
{
    public static void Unless(bool isTrue, string message)
    {
        if (!isTrue)
            throw new CheckFailed(message);
    }
}

/// <summary>A run of another program to its end.</summary>
internal sealed record Finished(int ExitCode, string Output, string Error)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static Finished Run(string? folder, string program, params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo(program, args)
        {
            WorkingDirectory = folder ?? "",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill();
            throw new CheckFailed($"{program} {string.Join(' ', args)} does not end");
        }
        return new Finished(process.ExitCode, output.Result, error.Result);
    }
}

/// <summary>The <c>pallas</c> of this checkout, or of the variable PALLAS.</summary>
internal sealed class PallasProgram(string dll)
{
    public static PallasProgram Find()
    {
        var path = Environment.GetEnvironmentVariable("PALLAS")
            ?? Path.Combine(Root, "src/Pallas.Cli/bin/Debug/net10.0/pallas.dll");
        return File.Exists(path)
            ? new PallasProgram(path)
            : throw new CheckFailed($"there is no {path}: build first (dotnet build)");
    }

    /// <summary>The folder of this checkout.</summary>
    public static string Root
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Pallas.slnx")))
            {
                folder = Path.GetDirectoryName(folder)
                    ?? throw new CheckFailed("this is no checkout of Pallas");
            }
            return folder;
        }
    }

    /// <summary>Runs a command that must succeed.</summary>
    /// <returns>Its output.</returns>
    public string Run(string? folder, params string[] args)
    {
        var result = Finished.Run(folder, "dotnet", [dll, .. args]);
        CheckFailed.Unless(
            result.ExitCode == 0, $"pallas {string.Join(' ', args)} failed: {result.Error.Trim()}");
        return result.Output;
    }

    /// <summary>Runs a command with input.</summary>
    /// <returns>Its standard output.</returns>
    public string Filter(string[] args, string input)
    {
        var run = new ProcessStartInfo("dotnet", [dll, .. args])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(run)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return process.StandardOutput.ReadToEnd();
    }

    /// <param name="proxy">The proxy for other sites; null for none.</param>
    public Process Start(string? proxy, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [dll, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (proxy is not null)
            start.Environment["http_proxy"] = proxy;
        return Process.Start(start)!;
    }
}

/// <summary>A machine in a folder, run by the program again and again.</summary>
internal sealed partial class TriedMachine(PallasProgram pallas, string folder, int routerPort)
    : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly StringBuilder said = new();
    private Process? process;

    [GeneratedRegex(@"cog (\d+) is at (http://localhost:\d+)/")]
    private static partial Regex SitePattern();

    [GeneratedRegex(@"[\s+]+")]
    private static partial Regex TracePattern();

    public string Folder => folder;

    /// <summary>The proxy for other sites; null for none.</summary>
    public string? Proxy { get; set; }

    /// <summary>The standard error of this run.</summary>
    public string Said
    {
        get
        {
            lock (said)
                return said.ToString();
        }
    }

    /// <summary>The same without line breaks and the marks of a trace.</summary>
    public string Words => TracePattern().Replace(Said, " ");

    /// <summary>The addresses of its cogs, without a slash at the end.</summary>
    public string[] Sites => [.. SitePattern().Matches(Said).Select(site => site.Groups[2].Value)];

    public string Site
    {
        get
        {
            WaitUntil(() => Sites.Length > 0, "it has no site");
            return Sites[0];
        }
    }

    public bool HasEnded => process is { HasExited: true };

    public int ExitCode => process!.ExitCode;

    /// <summary>Makes the machine, from the folder of its file.</summary>
    public void Boot(string file, params string[] options) => pallas.Run(
        Path.GetDirectoryName(file), ["boot", folder, Path.GetFileName(file), .. options]);

    public void Start()
    {
        lock (said)
            said.Clear();
        var run = pallas.Start(Proxy, "start", folder, "--router-port", $"{routerPort}");
        run.ErrorDataReceived += (_, line) =>
        {
            lock (said)
                said.Append(line.Data).Append('\n');
        };
        run.BeginErrorReadLine();
        run.BeginOutputReadLine();
        process = run;
    }

    /// <summary>Sends Ctrl-C and waits for the end.</summary>
    /// <param name="isEarly">Whether the program may not run yet.</param>
    public void Interrupt(bool isEarly = false)
    {
        const int ByTheSystem = 128 + 2;
        Signal("INT");
        WaitForEnd();
        CheckFailed.Unless(
            process!.ExitCode == 0 || (isEarly && process.ExitCode == ByTheSystem),
            $"it ended with {process.ExitCode}:\n{Said}");
    }

    public void Kill()
    {
        Signal("KILL");
        WaitForEnd();
    }

    public void WaitForEnd()
    {
        CheckFailed.Unless(process!.WaitForExit(Patience), $"it does not end:\n{Said}");
        process.WaitForExit();
    }

    public void WaitUntil(Func<bool> isReached, string otherwise)
    {
        var clock = Stopwatch.StartNew();
        while (!isReached())
        {
            CheckFailed.Unless(
                clock.Elapsed < Patience && !HasEnded, $"{otherwise}; it said:\n{Said}");
            Thread.Sleep(20);
        }
    }

    public void WaitFor(string text) => WaitUntil(() => Said.Contains(text), $"no {text}");

    public JsonElement Status() =>
        JsonDocument.Parse(pallas.Run(null, "status", folder, "--json")).RootElement;

    /// <summary>State and open requests of all cogs, as text to compare.</summary>
    public string Cogs() => string.Join('\n', Status().GetProperty("cogs").EnumerateArray()
        .Select(cog => cog.GetRawText()).Order());

    public void Dispose()
    {
        if (process is { HasExited: false })
            process.Kill();
        process?.WaitForExit();
        process?.Dispose();
    }

    private void Signal(string name)
    {
        if (!HasEnded)
            Finished.Run(null, "kill", $"-{name}", $"{process!.Id}");
    }
}
