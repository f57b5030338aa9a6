using Pallas.Machine;

namespace Pallas.Cli.Commands;

/// <summary>A machine at one moment, as tools read it.</summary>
/// <param name="Process">The process id of a running machine.</param>
/// <param name="Machine">The unique id of the machine.</param>
/// <param name="Life">Grows with every restored backup and every adopted copy.</param>
/// <param name="Records">The number of the last record of the log.</param>
/// <param name="SnapshotAt">The last record in the last usable snapshot.</param>
/// <param name="Events">Since the start; of a stopped machine, since the snapshot.</param>
/// <param name="Bytes">The size of each part of the store.</param>
/// <param name="Commits">How long the latest events waited for the disk, in milliseconds.</param>
/// <param name="Memory">The memory of a running machine.</param>
/// <param name="DamagedSnapshots">Later, unusable snapshots: a start replays more.</param>
internal sealed record StatusReport(
    string State, int? Process, MemoryReport? Memory, string? Machine, ulong? Life,
    ulong Records, ulong SnapshotAt, long Events, IReadOnlyDictionary<string, long> Bytes,
    CommitReport? Commits, IReadOnlyList<UnusableSnapshot>? DamagedSnapshots,
    IReadOnlyList<CogReport> Cogs);

/// <param name="Heap">The size of the heap at the last garbage collection.</param>
/// <param name="Process">The memory of the process.</param>
internal sealed record MemoryReport(long Heap, long Process)
{
    /// <summary>Of this process.</summary>
    public static MemoryReport Now() =>
        new(GC.GetGCMemoryInfo().HeapSizeBytes, Environment.WorkingSet);
}

internal sealed record CommitReport(
    int Count, double HalfMs, double NinetyNineMs, double LongestMs);

internal sealed record CogReport(
    string Id, string State, string Text, IReadOnlyList<RequestReport> Requests);

internal sealed record RequestReport(int Slot, string Request, bool Answerable);
