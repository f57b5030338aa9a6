using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>Types what a document shows of a shell, and compares what it shows as the answer.
/// </summary>
/// <remarks>
/// <c>pallas ..</c> is run. Where <c>^C</c> follows, it is interrupted once all lines above have
/// been printed; with <c>&amp;</c> behind, it goes on as a job, as soon as the lines below have
/// been printed. <c>kill -SIGNAL %JOB</c> ends a job. <c>curl ..</c> is an HTTP request. A port
/// from 8080 to 8099 means a free one; machines of one transcript find each other by a
/// router of their own.
/// </remarks>
internal sealed partial class ShellTranscript(CliHome home, string folder) : IDisposable
{
    private readonly SortedDictionary<int, CliProcess> jobs = [];
    private readonly Dictionary<string, string> ports = [];
    private readonly string routerPort = $"{FreePort()}";

    [GeneratedRegex(@"^(?:printf '(.*)' \| )?pallas (.*?)( 2> /dev/null)?( &)?$")]
    private static partial Regex CommandPattern();

    [GeneratedRegex(@"^kill (?:-(\w+) )?%(\d+)$")]
    private static partial Regex KillPattern();

    [GeneratedRegex(@"\b80[89]\d\b")]
    private static partial Regex PortPattern();

    public void Check(string text)
    {
        text = PortPattern().Replace(text, port => PortFor(port.Value));
        foreach (var step in text.Split("$ ", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = step.TrimEnd('\n').Split('\n');
            if (KillPattern().Match(lines[0]) is { Success: true } kill)
                EndJob(int.Parse(kill.Groups[2].Value), kill.Groups[1].Value);
            else if (lines[0].StartsWith("curl ", StringComparison.Ordinal))
                Assert.Equal(Normal(lines[1..]), Shown(CurlLine.Run(folder, lines[0])));
            else
                CheckCommand(lines);
        }
    }

    public void Dispose()
    {
        foreach (var job in jobs.Values)
            job.Dispose();
    }

    /// <summary>A free port.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void CheckCommand(string[] lines)
    {
        var command = CommandPattern().Match(lines[0]);
        Assert.True(command.Success, $"no command: {lines[0]}");
        var isInterrupted = lines[^1] == "^C";
        var isJob = command.Groups[4].Success;
        var isQuiet = command.Groups[3].Success;
        var expected = Normal(isInterrupted ? lines[1..^1] : lines[1..]);
        string[] args = [.. command.Groups[2].Value.Split(' ')];
        if (args[0] == "start")
            args = [.. args, "--router-port", routerPort];
        var process = home.Start(folder, args);
        if (isJob)
        {
            jobs.Add(jobs.Count == 0 ? 1 : jobs.Keys.Last() + 1, process);
            process.WaitUntil(() => isQuiet || HasShown(process, expected));
            return;
        }
        using (process)
        {
            if (isInterrupted)
            {
                process.WaitUntil(() => HasShown(process, expected));
                Assert.Equal(0, process.Stop("INT").ExitCode);
                return;
            }
            process.Input(command.Groups[1].Value.Replace("\\n", "\n"));
            var result = process.Finish(TimeSpan.FromSeconds(60));
            Assert.Equal(expected, Shown(result.Output + result.Error));
        }
    }

    private void EndJob(int number, string signal)
    {
        Assert.True(jobs.Remove(number, out var job), $"there is no job {number}");
        using (job)
        {
            var result = job.Stop(signal.Length == 0 ? "TERM" : signal);
            Assert.True(
                signal == "9" || result.ExitCode == 0,
                $"job {number} ended with {result.ExitCode}:\n{result.Error}");
        }
    }

    private bool HasShown(CliProcess process, string expected)
    {
        var shown = Shown(process.Output + process.Error);
        return shown == expected
            || shown.StartsWith(expected + "\n", StringComparison.Ordinal);
    }

    private string PortFor(string shown)
    {
        if (!ports.TryGetValue(shown, out var port))
            ports.Add(shown, port = $"{FreePort()}");
        return port;
    }

    private string Normal(string[] lines) => CliHome.Normal(string.Join('\n', lines), folder);

    /// <summary>A document does not show the folder that it was tried in.</summary>
    private string Shown(string text) => CliHome.Normal(text, folder).Replace("FOLDER/", "");
}
