using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Pallas.Tests.Machine;
using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>Tests that run the program share one warmed cache, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class CliCollection : ICollectionFixture<CliHome>
{
    public const string Name = "command line";
}

/// <summary>Tests that wait more than they compute, parallel to the others.</summary>
[CollectionDefinition(Name)]
public sealed class SiteCollection : ICollectionFixture<CliHome>
{
    public const string Name = "sites";
}

/// <summary>The result of a run of the program.</summary>
public sealed record CliResult(int ExitCode, string Output, string Error);

/// <summary>A home of its own for the program, gone after the tests.</summary>
public sealed partial class CliHome : IDisposable
{
    internal static readonly string Program = Path.Combine(AppContext.BaseDirectory, "pallas.dll");
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string root =
        Directory.CreateTempSubdirectory("pallas-cli-").FullName;

    private int foldersCount;

    public CliHome()
    {
        var warmed = Run(NewFolder(), "", "sire");
        Assert.True(warmed.ExitCode == 0, warmed.Error);
    }

    public string Cache => Path.Combine(root, "cache");

    public void Dispose() => Directory.Delete(root, recursive: true);

    public string NewFolder() =>
        Directory.CreateDirectory(Path.Combine(root, $"work{++foldersCount}")).FullName;

    public CliResult Run(string folder, string input, params string[] args) =>
        Run(folder, input, [], args);

    public CliResult Run(
        string folder, string input, Dictionary<string, string> variables, string[] args)
    {
        using var process = Start(folder, args, variables);
        process.Input(input);
        return process.Finish(Patience);
    }

    public CliProcess Start(
        string folder, string[] args, Dictionary<string, string>? variables = null) =>
        StartOther(folder, "dotnet", [Program, .. args], variables);

    /// <summary>Another command, in which the program finds the same home.</summary>
    public CliProcess StartOther(
        string folder, string command, string[] args,
        Dictionary<string, string>? variables = null)
    {
        var start = new ProcessStartInfo(command, args)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
        };
        start.Environment["HOME"] = root;
        start.Environment["PALLAS_CACHE"] = Cache;
        start.Environment.Remove("XDG_CACHE_HOME");
        start.Environment.Remove("XDG_DATA_HOME");
        foreach (var (name, value) in variables ?? [])
            start.Environment[name] = value;
        return new CliProcess(Process.Start(start)!);
    }

    /// <summary>A file in a new folder; returns the folder.</summary>
    public string FolderWith(string name, string text)
    {
        var folder = NewFolder();
        File.WriteAllText(Path.Combine(folder, name), text);
        return folder;
    }

    /// <summary>Masked output without blank lines.</summary>
    public static string Normal(string text, string folder)
    {
        var lines = Masked(text, folder).Split('\n').Select(line => line.TrimEnd());
        return string.Join('\n', lines.Where(line => line.Length > 0));
    }

    /// <summary>Output with placeholders for what differs from run to run.</summary>
    public static string Masked(string text, string folder)
    {
        text = text.Replace(folder, "FOLDER");
        text = TimePattern().Replace(text, "{TIME}");
        text = CogPattern().Replace(text, "cog ID");
        text = NanosecondsPattern().Replace(text, "COUNT ns");
        text = SecondsPattern().Replace(text, "SECONDS");
        text = LogPattern().Replace(text, "log: COUNT records, snapshot at NUMBER");
        text = ReplayedPattern().Replace(text, "replayed COUNT events");
        text = SizesPattern().Replace(text, "store: SIZES");
        text = MachinePattern().Replace(text, "machine ID");
        return HolderPattern().Replace(text, "process ID, started TIME");
    }

    [GeneratedRegex(@"\{\d{4}-\d\d-\d\dT[\d:.]+Z\}")]
    private static partial Regex TimePattern();

    [GeneratedRegex(@"cog \d+")]
    private static partial Regex CogPattern();

    [GeneratedRegex(@"\d+ ns")]
    private static partial Regex NanosecondsPattern();

    [GeneratedRegex(@"\b[12]\d{9}\b")]
    private static partial Regex SecondsPattern();

    [GeneratedRegex(@"log: \d+ records, snapshot at \d+")]
    private static partial Regex LogPattern();

    [GeneratedRegex(@"replayed \d+ events")]
    private static partial Regex ReplayedPattern();

    [GeneratedRegex(@"store: pins .*")]
    private static partial Regex SizesPattern();

    [GeneratedRegex(@"machine:? [0-9a-f]{32}")]
    private static partial Regex MachinePattern();

    [GeneratedRegex(@"process \d+, started [\d-]+ [\d:]+Z")]
    private static partial Regex HolderPattern();
}

/// <summary>The program while it runs.</summary>
public sealed class CliProcess : IDisposable
{
    /// <summary>A condition that is not about a line is asked again after this time.</summary>
    private const int PollMs = 20;

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder error = new();
    private readonly AutoResetEvent lines = new(false);

    public CliProcess(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, line) => Take(output, line.Data);
        process.ErrorDataReceived += (_, line) => Take(error, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => process.Id;

    public string Error => Read(error);

    public string Output => Read(output);

    public void Input(string text)
    {
        process.StandardInput.Write(text);
        process.StandardInput.Close();
    }

    /// <summary>Waits until the lines on both outputs satisfy a condition.</summary>
    public void WaitUntil(
        Func<bool> isReached, [CallerArgumentExpression(nameof(isReached))] string what = "")
    {
        using var patience = new CancellationTokenSource(Wait.Patience);
        while (!isReached())
        {
            var hasEnded = process.HasExited;
            if (hasEnded)
                process.WaitForExit();
            else
                lines.WaitOne(PollMs);
            if ((!hasEnded && !patience.IsCancellationRequested) || isReached())
                continue;
            var why = hasEnded ? $"it ended before this: {what}" : Wait.Text(what);
            Assert.Fail($"{why}\noutput:\n{Output}\nerror:\n{Error}");
        }
    }

    public void WaitForLine(string part) =>
        WaitUntil(() => (Output + Error).Contains(part), $"a line with {part}");

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Waits until no thread of the process has anything to do.</summary>
    public void WaitForSleep() => Wait.Until(() =>
    {
        process.Refresh();
        return process.Threads.Cast<ProcessThread>()
            .All(thread => thread.ThreadState == System.Diagnostics.ThreadState.Wait);
    });

    /// <summary>Stops all its threads until the signal CONT: meanwhile only other processes make
    /// changes.</summary>
    public void Pause()
    {
        Signal("STOP");
        if (OperatingSystem.IsLinux())
            Wait.Until(() => Directory.GetDirectories($"/proc/{Id}/task").All(IsHeld));
    }

    /// <summary>Whether a thread is stopped. Its name, in brackets, may contain any text.</summary>
    private static bool IsHeld(string thread)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(thread, "stat"));
            return text[(text.LastIndexOf(')') + 2)..].StartsWith('T');
        }
        catch (IOException)
        {
            // The thread ended just now.
            return false;
        }
    }

    public CliResult Stop(string signal)
    {
        Signal(signal);
        return Finish(TimeSpan.FromSeconds(60));
    }

    public CliResult Finish(TimeSpan patience)
    {
        Assert.True(process.WaitForExit(patience), $"it does not end; error:\n{Error}");
        process.WaitForExit();
        return new CliResult(process.ExitCode, Output, Error);
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.WaitForExit();
        process.Dispose();
        lines.Dispose();
    }

    private void Take(StringBuilder text, string? line)
    {
        lock (text)
        {
            if (line is not null)
                text.Append(line).Append('\n');
        }
        lines.Set();
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }
}
