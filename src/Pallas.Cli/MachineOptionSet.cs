using System.CommandLine;
using Pallas.Devices;
using Pallas.Machine;

namespace Pallas.Cli;

/// <summary>The options of every command that runs a machine.</summary>
/// <param name="shared">The jet options of the command, where it has them already.</param>
internal sealed class MachineOptionSet(
    EvaluationOptionSet evaluation, JetOptionSet? shared = null)
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
        foreach (var option in new Option[]
            {
                noSnapshots, replayAll, workers, eventTime, eventMemory, history, logFormat, otlp,
            })
            command.Options.Add(option);
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
        var poke = new PokeDevice();
        return MachineRun.Start(folder, Read(parsed, poke), poke);
    }

    public MachineContext Read(ParseResult parsed, PokeDevice? poke = null)
    {
        var listen = network.Read(parsed);
        var context = new MachineContext
        {
            Options = ReadLimits(parsed, new MachineOptions
            {
                Evaluation = evaluation.Options with { Jets = jets.Read(parsed) },
                Snapshots = !parsed.GetValue(noSnapshots),
                ReplayAll = parsed.GetValue(replayAll),
                EvalsMax = parsed.GetValue(workers) is > 0 and var count
                    ? count
                    : throw Failure.Mistake($"{workers.Name} needs a number above 0"),
            }),
            Trace = (_, value) => Terminal.Error.Trace(DateTimeOffset.UtcNow, value),
            Devices = made => DeviceList.MakeAll(made, listen, poke ?? new PokeDevice()),
            Message = text => Terminal.Error.Line($"pallas: {text}"),
        };
        return Logged(parsed, context);
    }

    private MachineContext Logged(ParseResult parsed, MachineContext context) =>
        parsed.GetValue(logFormat) switch
        {
            null => context,
            "text" => new MachineLog(Console.Error, isJson: false).Over(context),
            "json" => new MachineLog(Console.Error, isJson: true).Over(context),
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
