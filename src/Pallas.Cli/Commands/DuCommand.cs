using System.CommandLine;
using System.Text.Json;
using Pallas.Cli.Control;
using Pallas.Cli.Options;
using Pallas.Cli.Render;
using Pallas.Machine;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas du STORE</c>: shows the space that a machine takes, by cog.</summary>
internal static class DuCommand
{
    public static Command Create(CommandContext context)
    {
        var store = CommonArguments.Store();
        var json = CommonArguments.Json();
        var command = new Command("du", "Show shows the space that a machine takes, by cog.")
        {
            store, json,
        };
        command.SetAction(parsed =>
            context.Client.Ask(parsed.GetValue(store)!, new DuQuery(parsed.GetValue(json))));
        return command;
    }
}

/// <summary>Sizes are those of the content before compression. <paramref name="DiskBytes"/> is the
/// space on disk, with the space that is not reclaimed yet.
/// </summary>
/// <param name="Pins">The pins that a snapshot or a record of the log needs.</param>
/// <param name="Chunks">Parts of snapshots.</param>
/// <param name="SnapshotAt">The last record in the snapshot that the cogs come from, the last
/// usable one.</param>
/// <param name="DamagedSnapshots">The unusable snapshots.</param>
/// <param name="UnreachableBytes">
/// About the size of pins and chunks that no snapshot and no record of the log needs.
/// </param>
internal sealed record DuReport(
    IReadOnlyDictionary<string, long> DiskBytes, DuPart Pins, DuPart Chunks,
    long UnreachableBytes, DuPart Log, int SnapshotsCount, ulong SnapshotAt,
    IReadOnlyList<UnusableSnapshot>? DamagedSnapshots, IReadOnlyList<DuCog> Cogs);

internal sealed record DuPart(long Count, long Bytes);

/// <summary>The space that one cog takes.</summary>
/// <param name="StateBytes">Its state in the last snapshot, without pins.</param>
/// <param name="PinBytes">Pins that the state reaches.</param>
/// <param name="OwnPinBytes">Pins of the state that no other cog reaches.</param>
/// <param name="LogBytes">Its share of the records of the log.</param>
internal sealed record DuCog(
    string Id, long StateBytes, long PinBytes, long OwnPinBytes, long LogBytes, long EventsCount);

internal sealed record DuQuery(bool Json) : TextQuery(Json)
{
    private const int CogsMax = 20;

    protected override int Write(MachineAccess machine, TextWriter writer)
    {
        var report = new DuCount(machine).Run();
        if (Json)
            writer.WriteLine(JsonSerializer.Serialize(report, CommandJson.Default.DuReport));
        else
            Write(report, writer);
        return ExitCode.Success;
    }

    private static void Write(DuReport report, TextWriter writer)
    {
        foreach (var (name, bytes) in report.DiskBytes)
            writer.WriteLine($"on disk, {name}: {SizeText.Of(bytes)}");
        writer.WriteLine($"pins: {report.Pins.Count}, {SizeText.Of(report.Pins.Bytes)}");
        writer.WriteLine($"snapshots: {report.SnapshotsCount}, of {report.Chunks.Count} chunks, "
            + SizeText.Of(report.Chunks.Bytes));
        writer.WriteLine($"log: {report.Log.Count} records, {SizeText.Of(report.Log.Bytes)}");
        writer.WriteLine($"what nothing reaches: {SizeText.Of(report.UnreachableBytes)}");
        foreach (var cog in report.Cogs.Take(CogsMax))
        {
            writer.WriteLine(
                $"cog {cog.Id}: state {SizeText.Of(cog.StateBytes)}, pins "
                    + $"{SizeText.Of(cog.PinBytes)}, its own {SizeText.Of(cog.OwnPinBytes)}; log "
                    + $"{SizeText.Of(cog.LogBytes)} in {cog.EventsCount} events");
        }
        if (report.Cogs.Count > CogsMax)
            writer.WriteLine($"and {report.Cogs.Count - CogsMax} more cogs, which take less");
    }
}
