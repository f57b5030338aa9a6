using Pallas.Eval;
using Pallas.Store.Snapshots;

namespace Pallas.Machine;

/// <summary>The settings of a machine: its limits, and when it writes snapshots and collects.
/// </summary>
public sealed record MachineOptions
{
    /// <summary>How cogs are evaluated; the limits of an event are settings of the machine.
    /// </summary>
    public EvalOptions Evaluation { get; init; } = new();

    /// <summary>The longest time that one event of a cog may take.</summary>
    public TimeSpan EventTimeMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>About how many calls an event may make before it times out: a limit that does not
    /// depend on the speed of the computer.</summary>
    public long EventStepsMax { get; init; } = long.MaxValue;

    /// <summary>The bytes that one event or <c>%eval</c> may allocate in all, garbage included.
    /// </summary>
    public long EventBytesMax { get; init; } = 16L << 30;

    /// <summary>The size of the process's heap above which an event that has allocated much is
    /// ended.</summary>
    public long HeapBytesMax { get; init; } =
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 * 3;

    /// <summary>Whether snapshots are written at all.</summary>
    public bool Snapshots { get; init; } = true;

    /// <summary>A snapshot is due when this many events would have to be replayed.</summary>
    public int SnapshotEventsCount { get; init; } = 50_000;

    /// <summary>A snapshot is due when this much log would have to be read.</summary>
    public long SnapshotLogBytes { get; init; } = 64 << 20;

    /// <summary>The history of the log that pruning keeps behind the last snapshots.</summary>
    public HistoryPolicy History { get; init; } = HistoryPolicy.Default;

    /// <summary>A collection is due when pins and snapshots have grown by this much beyond twice
    /// their size after the last one.</summary>
    public long CollectGrowthBytesMin { get; init; } = 64 << 20;

    /// <summary>About how much memory loaded parts of the state may take that can be loaded again;
    /// null for a quarter of the memory.</summary>
    public long? CacheBytesMax { get; init; }

    /// <summary>Run a folder that is a copy of another; it begins the machine's next life.
    /// </summary>
    public bool AcceptsCopy { get; init; }

    /// <summary>Start from the first snapshot instead of the last.</summary>
    public bool ReplayAll { get; init; }

    /// <summary>The largest number of <c>%eval</c> requests that are computed at the same time.
    /// </summary>
    public int EvalsMax { get; init; } = Environment.ProcessorCount;

    /// <summary>Commits that may wait for the disk before no more events are begun.</summary>
    public int CommitsQueuedMax { get; init; } = 1 << 10;

    /// <summary>The largest number of threads. One is made when all others are busy, so a cog that
    /// computes for long keeps no other waiting.</summary>
    public int ThreadsMax { get; init; } = 256;
}
