using System.CommandLine;
using Pallas.Cli.Render;
using Pallas.Cli.Run;
using Pallas.Devices;
using Pallas.Machine;

namespace Pallas.Cli.Options;

/// <summary>The options of every command that runs a machine.</summary>
/// <param name="shared">The jet options of the command, if it has them already.</param>
internal sealed class MachineOptionSet(
    CommandContext context, JetOptionSet? shared = null)
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

    /// <summary>Runs a machine in the foreground with these options.</summary>
    /// <returns>The exit code.</returns>
    public int Run(ParseResult parsed, string folder)
    {
        var collector = parsed.GetValue(otlp);
        using var telemetry = collector is null ? null : Telemetry.Start(otlp.Name, collector);
        var poke = new PokeDevice();
        return MachineRun.Start(folder, Read(parsed, poke), poke, context.Queries);
    }

    public MachineContext Read(ParseResult parsed, PokeDevice? poke = null)
    {
        var listen = network.Read(parsed);
        var settings = new MachineContext
        {
            Options = ReadLimits(parsed, new MachineOptions
            {
                Evaluation = context.Evaluation with { Jets = jets.Read(parsed) },
                Snapshots = !parsed.GetValue(noSnapshots),
                ReplayAll = parsed.GetValue(replayAll),
                EvalsMax = parsed.GetValue(workers) is > 0 and var count
                    ? count
                    : throw Failure.Mistake(
                        $"{workers.Name} cannot be {parsed.GetValue(workers)}\n"
                            + "hint: give a number above 0"),
            }),
            Trace = (_, value) => Terminal.Error.Trace(context.Time.GetUtcNow(), value),
            Devices = made => DeviceList.MakeAll(made, listen, poke ?? new PokeDevice()),
            Message = text => Terminal.Error.Line($"pallas: {text}"),
        };
        return Logged(parsed, settings);
    }

    private MachineContext Logged(ParseResult parsed, MachineContext settings) =>
        parsed.GetValue(logFormat) switch
        {
            null => settings,
            "text" => new MachineLog(Console.Error, isJson: false, context.Time).Attach(settings),
            "json" => new MachineLog(Console.Error, isJson: true, context.Time).Attach(settings),
            var other => throw Failure.Mistake(
                $"{logFormat.Name} cannot be {other}\nhint: the formats are text and json"),
        };

    private MachineOptions ReadLimits(ParseResult parsed, MachineOptions options) => options with
    {
        EventTimeMax = SizeArgument.ReadTime(eventTime.Name, parsed.GetValue(eventTime))
            ?? options.EventTimeMax,
        History = SizeArgument.ReadHistory(history.Name, parsed.GetValue(history))
            ?? options.History,
        EventBytesMax = SizeArgument.ReadBytes(eventMemory.Name, parsed.GetValue(eventMemory))
            ?? options.EventBytesMax,
    };
}
