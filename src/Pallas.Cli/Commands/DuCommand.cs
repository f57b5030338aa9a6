using System.CommandLine;
using System.Text.Json;
using Pallas.Cli.Control;
using Pallas.Machine;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas du STORE</c>: what takes room in a machine, and whose it is.</summary>
internal static class DuCommand
{
    public static Command Create(EvaluationOptionSet evaluation)
    {
        var store = Operands.Store();
        var json = Operands.Json();
        var command = new Command("du", "Show what takes room in a machine, and whose it is.")
        {
            store, json,
        };
        command.SetAction(parsed =>
            new DuQuery(parsed.GetValue(json)).Ask(parsed.GetValue(store)!, evaluation.Options));
        return command;
    }
}

/// <summary>Bytes are those of the content, before the store packs it; those of
/// <paramref name="DiskBytes"/> are what it takes on disk, room not yet given back included.
/// </summary>
/// <param name="Pins">Those that a snapshot or a record of the log needs.</param>
/// <param name="Chunks">Parts of snapshots.</param>
/// <param name="SnapshotAt">The record that the snapshot includes which tells of the cogs: the last
/// one that can be used.</param>
/// <param name="DamagedSnapshots">Those that cannot be.</param>
/// <param name="UnreachableBytes">
/// About what pins and chunks take that no snapshot and no record of the log needs.
/// </param>
internal sealed record DuReport(
    IReadOnlyDictionary<string, long> DiskBytes, DuPart Pins, DuPart Chunks,
    long UnreachableBytes, DuPart Log, int SnapshotsCount, ulong SnapshotAt,
    IReadOnlyList<UnusableSnapshot>? DamagedSnapshots, IReadOnlyList<DuCog> Cogs);

internal sealed record DuPart(long Count, long Bytes);

/// <summary>What one cog takes.</summary>
/// <param name="StateBytes">What it is in the last snapshot, without pins.</param>
/// <param name="PinBytes">Pins that this reaches.</param>
/// <param name="OwnPinBytes">Of those, what no other cog reaches.</param>
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
            writer.WriteLine(JsonSerializer.Serialize(report, ControlJson.Default.DuReport));
        else
            Write(report, writer);
        return ExitCode.Success;
    }

    private static void Write(DuReport report, TextWriter writer)
    {
        foreach (var (name, bytes) in report.DiskBytes)
            writer.WriteLine($"on disk, {name}: {Amount.Show(bytes)}");
        writer.WriteLine($"pins: {report.Pins.Count}, {Amount.Show(report.Pins.Bytes)}");
        writer.WriteLine($"snapshots: {report.SnapshotsCount}, of {report.Chunks.Count} chunks, "
            + Amount.Show(report.Chunks.Bytes));
        writer.WriteLine($"log: {report.Log.Count} records, {Amount.Show(report.Log.Bytes)}");
        writer.WriteLine($"what nothing reaches: {Amount.Show(report.UnreachableBytes)}");
        foreach (var cog in report.Cogs.Take(CogsMax))
        {
            writer.WriteLine(
                $"cog {cog.Id}: state {Amount.Show(cog.StateBytes)}, pins "
                    + $"{Amount.Show(cog.PinBytes)}, its own {Amount.Show(cog.OwnPinBytes)}; log "
                    + $"{Amount.Show(cog.LogBytes)} in {cog.EventsCount} events");
        }
        if (report.Cogs.Count > CogsMax)
            writer.WriteLine($"and {report.Cogs.Count - CogsMax} more cogs, which take less");
    }
}
