using System.CommandLine;
using System.Runtime.InteropServices;
using Pallas.Cli.Control;
using Pallas.Machine;

namespace Pallas.Cli;

/// <summary>The options of every command that runs a machine.</summary>
/// <param name="shared">The jet options of the command, where it has them already.</param>
internal sealed class MachineOptionSet(JetOptionSet? shared = null)
{
    private readonly Option<bool> noSnapshots = new("--disable-snapshots", "-S")
    {
        Description = "Write no snapshots; every start replays the whole log.",
    };

    private readonly Option<bool> replayAll = new("--replay-all")
    {
        Description = "Replay the log from its beginning.",
    };

    private readonly Option<int> workers = new("--eval-workers", "-w")
    {
        Description = "How many %eval requests are computed at the same time.",
        DefaultValueFactory = _ => 8,
        HelpName = "COUNT",
    };

    private readonly Option<string?> eventTime = new("--event-time")
    {
        Description = "How long one event of a cog may take: 500ms, 30s (the default), 2m, none.",
        HelpName = "TIME",
    };

    private readonly Option<string?> eventMemory = new("--event-memory")
    {
        Description = "How much one event or %eval may allocate in all: 16GiB, none.",
        HelpName = "SIZE",
    };

    private readonly Option<string?> history = new("--history")
    {
        Description = "How much log to keep behind the last snapshot: 1GiB (the default), 7d, all.",
        HelpName = "SIZE|TIME",
    };

    private readonly Option<string?> logFormat = new("--log-format")
    {
        Description = "Tell all that happens, a line each with named fields: text, or json.",
        HelpName = "FORMAT",
    };

    private readonly Option<string?> otlp = new("--otlp")
    {
        Description = "Send metrics and spans to a collector, by OTLP over HTTP.",
        HelpName = "URL",
    };

    private readonly NetworkOptionSet network = new();

    private readonly JetOptionSet jets = shared ?? new();

    public void AddTo(Command command)
    {
        command.Options.Add(noSnapshots);
        command.Options.Add(replayAll);
        command.Options.Add(workers);
        command.Options.Add(eventTime);
        command.Options.Add(eventMemory);
        command.Options.Add(history);
        command.Options.Add(logFormat);
        command.Options.Add(otlp);
        network.AddTo(command);
        if (shared is null)
            jets.AddTo(command);
    }

    /// <summary>Runs a machine in the foreground, as the options say.</summary>
    /// <returns>The exit code.</returns>
    public int Run(ParseResult parsed, string folder)
    {
        var collector = parsed.GetValue(otlp);
        using var telemetry = collector is null ? null : Telemetry.Start(otlp.Name, collector);
        return MachineRun.Start(folder, Read(parsed));
    }

    public MachineOptions Read(ParseResult parsed)
    {
        var options = new MachineOptions
        {
            Jets = jets.Read(parsed),
            Snapshots = !parsed.GetValue(noSnapshots),
            ReplayAll = parsed.GetValue(replayAll),
            EvalsMax = parsed.GetValue(workers) is > 0 and var count
                ? count
                : throw Failure.Mistake($"{workers.Name} needs a number above 0"),
            Trace = (_, value) => Terminal.Error.Trace(DateTimeOffset.UtcNow, value),
            Message = text => Terminal.Error.Line($"pallas: {text}"),
        };
        return Logged(parsed, ReadLimits(parsed, network.Apply(parsed, options)));
    }

    private MachineOptions Logged(ParseResult parsed, MachineOptions options) =>
        parsed.GetValue(logFormat) switch
        {
            null => options,
            "text" => new MachineLog(Console.Error, isJson: false).Over(options),
            "json" => new MachineLog(Console.Error, isJson: true).Over(options),
            var other => throw Failure.Mistake($"{logFormat.Name} is text or json, not {other}"),
        };

    private MachineOptions ReadLimits(ParseResult parsed, MachineOptions options) => options with
    {
        EventTimeMax = Amount.Time(eventTime.Name, parsed.GetValue(eventTime))
            ?? options.EventTimeMax,
        History = Amount.History(history.Name, parsed.GetValue(history)) ?? options.History,
        EventBytesMax = Amount.Bytes(eventMemory.Name, parsed.GetValue(eventMemory))
            ?? options.EventBytesMax,
    };
}

/// <summary>Runs a machine in the foreground until it ends or is told to stop.</summary>
/// <remarks>
/// The first signal stops it: what is computed is kept, and a snapshot written. A second one skips
/// the snapshot; the log holds everything, the next start only has more to replay.
/// </remarks>
internal sealed class MachineRun
{
    private readonly TaskCompletionSource told = new();
    private RunningMachine? machine;
    private int signalsCount;

    /// <returns>The exit code.</returns>
    public static int Start(string folder, MachineOptions options)
    {
        var run = new MachineRun();
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, run.Stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, run.Stop);
        return run.Run(folder, options);
    }

    private int Run(string folder, MachineOptions options)
    {
        machine = RunningMachine.Start(folder, options);
        using (ControlServer.Start(machine, folder, text => options.Message?.Invoke(text)))
            Task.WaitAny(told.Task, machine.Ended);
        var end = machine.Ended.IsCompleted ? machine.Ended.Result : null;
        var exitCode = ExitCode.Success;
        // What a cog died of may have to be read from the store, which is closed by the stop.
        var hasEnded = end is { Failure: null };
        var report = hasEnded ? Report(machine.Status(), out exitCode) : [];
        machine.StopAsync(snapshot: true).GetAwaiter().GetResult();
        if (end?.Failure is { } failure)
            throw failure;
        report.ForEach(Terminal.Error.Line);
        return exitCode;
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        var count = Interlocked.Increment(ref signalsCount);
        // While it replays, nothing has begun; while it writes the snapshot, all else is done.
        if (machine is null || machine.IsLogClosed || count > 2)
            Environment.Exit(ExitCode.Success);
        told.TrySetResult();
        if (count > 1)
            machine.SkipSnapshot();
    }

    /// <summary>Tells how the cogs of a machine ended that stopped by itself.</summary>
    private static List<string> Report(MachineStatus status, out int exitCode)
    {
        exitCode = status.Cogs.Any(cog => cog.State is CogState.Crashed or CogState.TimedOut)
            ? ExitCode.ProgramCrash
            : ExitCode.Success;
        return [.. status.Cogs.Select(cog => $"pallas: cog {cog.Id} {StatusText.Of(cog.State)}")];
    }
}
