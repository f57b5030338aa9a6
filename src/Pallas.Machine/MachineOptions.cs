using System.Security.Cryptography;
using Pallas.Eval;
using Pallas.Machine.Devices;
using Pallas.Store.Snapshots;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>How a machine runs and what it reports to.</summary>
public sealed record MachineOptions
{
    /// <summary>How cogs are evaluated; what an event may use is a setting of the machine.</summary>
    public EvalOptions Evaluation { get; init; } = new();

    /// <summary>The clock of the time device and of time limits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where the machine's threads come from.</summary>
    public IScheduler Scheduler { get; init; } = ThreadScheduler.Instance;

    /// <summary>How long one event of a cog may take.</summary>
    public TimeSpan EventTimeMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// About how many calls an event may make before it times out: a limit that is the same
    /// wherever and however fast it runs.
    /// </summary>
    public long EventStepsMax { get; init; } = long.MaxValue;

    /// <summary>How much one event, or one <c>%eval</c>, may allocate in all; most of it may have
    /// been garbage long before.</summary>
    public long EventBytesMax { get; init; } = 16L << 30;

    /// <summary>How large the heap of the process may become before an event that has allocated
    /// much is ended for it.</summary>
    public long HeapBytesMax { get; init; } =
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 * 3;

    /// <summary>Gets each traced value after its event is durable, at most once.</summary>
    /// <remarks>
    /// Called from one thread at a time; what it throws ends the machine. What a function traces
    /// that is served to the web is no part of an event and shown at once.
    /// </remarks>
    public Action<CogId, Value>? Trace { get; init; }

    /// <summary>Gets each cog that has crashed or timed out, after that is durable.</summary>
    public Action<CogId, CogState>? CogFailed { get; init; }

    /// <summary>Gets what the machine has done; from any thread.</summary>
    public Action<MachineNews>? News { get; init; }

    /// <summary>Gets lines for people about what the machine does.</summary>
    public Action<string>? Message { get; init; }

    /// <summary>Ids for new cogs; one that is taken is not used.</summary>
    public Func<ulong> DrawCogId { get; init; } =
        () => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>Fills a buffer with random bytes; called from any thread.</summary>
    public Action<byte[]> FillRandom { get; init; } = buffer => RandomNumberGenerator.Fill(buffer);

    /// <summary>What the machine measures of itself, once it runs.</summary>
    internal MachineMeter? Meter { get; init; }

    /// <summary>The machine's folder, once it runs in one.</summary>
    public string? Folder { get; init; }

    /// <summary>Where devices listen, and what they refuse.</summary>
    public SocketLimits Sockets { get; init; } = new();

    /// <summary>The port of the first cog that serves HTTP; 0 for any that is free.</summary>
    public int HttpPort { get; init; }

    /// <summary>The ports of certain cogs that serve HTTP.</summary>
    public IReadOnlyDictionary<CogId, int> HttpPorts { get; init; } =
        new Dictionary<CogId, int>();

    /// <summary>The port of the loopback address where machines find each other.</summary>
    public int RouterPort { get; init; } = Router.DefaultPort;

    /// <summary>Makes the devices of a machine.</summary>
    public Func<MachineOptions, IReadOnlyList<IDevice>> Devices { get; init; } = DeviceList.MakeAll;

    /// <summary>Whether snapshots are written at all.</summary>
    public bool Snapshots { get; init; } = true;

    /// <summary>Write a snapshot when this many events would have to be replayed.</summary>
    public int SnapshotEventsCount { get; init; } = 50_000;

    /// <summary>Write a snapshot when this much log would have to be read.</summary>
    public long SnapshotLogBytes { get; init; } = 64 << 20;

    /// <summary>How much of the log is kept behind the last snapshots.</summary>
    public HistoryPolicy History { get; init; } = HistoryPolicy.Default;

    /// <summary>
    /// How much pins and snapshots must have grown, beyond twice what they were, before what
    /// nothing reaches is taken away.
    /// </summary>
    public long CollectGrowthBytesMin { get; init; } = 64 << 20;

    /// <summary>
    /// About how much memory loaded parts of the state may take that can be loaded again; null for
    /// a quarter of what there is.
    /// </summary>
    public long? CacheBytesMax { get; init; }

    /// <summary>Run a folder that is a copy of another; it begins the machine's next life.
    /// </summary>
    public bool AcceptsCopy { get; init; }

    /// <summary>Start from the first snapshot instead of the last.</summary>
    public bool ReplayAll { get; init; }

    /// <summary>How many <c>%eval</c> requests are computed at the same time.</summary>
    public int EvalsMax { get; init; } = Environment.ProcessorCount;

    /// <summary>Commits that may wait for the disk before no more events are begun.</summary>
    public int CommitsQueuedMax { get; init; } = 1 << 10;

    /// <summary>Effects are seen before their events are kept: to see that this is noticed.
    /// </summary>
    internal bool EffectsFirst { get; init; }

    /// <summary>
    /// Threads in all; one is made when all others are busy, so a cog that computes for long keeps
    /// no other waiting.
    /// </summary>
    public int ThreadsMax { get; init; } = 256;
}
