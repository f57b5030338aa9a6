using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Pallas.Cli.Render;

namespace Pallas.Cli.Torture;

/// <summary>A machine in a process of its own, to be killed.</summary>
internal sealed partial class TortureProcess : IDisposable
{
    private const int LinesMax = 20;
    private static readonly TimeSpan StartTimeMax = TimeSpan.FromMinutes(2);

    private readonly Process process;
    private readonly Queue<string> lines = new();
    private readonly TaskCompletionSource<int> port =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TortureProcess(string folder)
    {
        process = new Process { StartInfo = CommandLine(folder), EnableRaisingEvents = true };
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.Start();
        process.BeginErrorReadLine();
    }

    /// <summary>Whether it ended.</summary>
    public bool HasEnded => process.HasExited;

    /// <summary>The last lines of its standard error.</summary>
    public string LastLines
    {
        get
        {
            lock (lines)
                return string.Join('\n', lines);
        }
    }

    /// <summary>The port that its site listens on, once it does.</summary>
    /// <exception cref="Failure">It does not come up.</exception>
    public async Task<int> WaitForSite()
    {
        var ended = process.WaitForExitAsync();
        var first = await Task.WhenAny(port.Task, ended, Task.Delay(StartTimeMax))
            .ConfigureAwait(false);
        return first == port.Task
            ? await port.Task.ConfigureAwait(false)
            : throw new Failure(ExitCode.MachineFault, $"the machine does not start\n{LastLines}");
    }

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    public void Dispose()
    {
        if (!process.HasExited)
            Kill();
        process.Dispose();
    }

    /// <summary>This program, however it was started itself.</summary>
    private static ProcessStartInfo CommandLine(string folder)
    {
        var program = Environment.ProcessPath ?? "pallas";
        var info = new ProcessStartInfo(program) { RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            info.ArgumentList.Add(typeof(TortureProcess).Assembly.Location);
        info.ArgumentList.Add("start");
        info.ArgumentList.Add(folder);
        return info;
    }

    private void Note(string? line)
    {
        if (line is null)
            return;
        lock (lines)
        {
            lines.Enqueue(line);
            if (lines.Count > LinesMax)
                lines.Dequeue();
        }
        if (Site().Match(line) is { Success: true } match)
            port.TrySetResult(int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@" is at http://localhost:(\d+)/")]
    private static partial Regex Site();
}
