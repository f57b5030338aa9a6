using Pallas.Store.Collect;
using Pallas.Store.Log;
using Pallas.Store.Pins;
using Pallas.Store.Snapshots;
using Pallas.Values;

namespace Pallas.Store.Folder;

/// <summary>A machine's durable data: pins, the event log and snapshots, in one store.</summary>
public sealed class MachineStore : IDisposable
{
    private readonly IStore store;
    private Collector? collector;
    private CollectionStats? lastCollection;

    private MachineStore(IStore store, PinTable pins)
    {
        this.store = store;
        Pins = pins;
        Log = EventLog.Open(store, Pins);
        Snapshots = new SnapshotTable(store, store, Pins);
    }

    public PinTable Pins { get; }

    public EventLog Log { get; }

    public SnapshotTable Snapshots { get; }

    /// <summary>Writes a machine's first state to an empty store, durably.</summary>
    public static void Initialize(IStore store, Pin root)
    {
        Invariant.Check(EventLog.IsEmpty(store), "a machine begins in an empty store");
        var batch = new StoreBatch();
        new PinTable(store, CacheBytesDefault).Stage(batch, root);
        SnapshotTable.Stage(batch, new LogPosition(0, root.Hash), root);
        EventLog.StageEmpty(batch, root.Hash);
        store.Commit(batch, durable: true);
    }

    /// <summary>The memory for loaded parts of the state: a quarter of what is available.</summary>
    public static long CacheBytesDefault => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;

    /// <summary>Opens a store for reading; takes it over.</summary>
    /// <param name="cacheBytesMax">The memory for parts of the state that can be loaded
    /// again.</param>
    /// <exception cref="StoreError">The store is damaged.</exception>
    public static MachineStore Open(IStore store, long? cacheBytesMax = null) =>
        Open(store, new PinTable(store, cacheBytesMax ?? CacheBytesDefault));

    internal static MachineStore Open(IStore store, PinTable pins) => new(store, pins);

    /// <summary>Makes commits possible; until then nothing on disk changes.</summary>
    public void BeginWriting() => store.BeginWriting();

    /// <summary>Appends one record to the log; it is durable once this returns.</summary>
    /// <param name="payload">In normal form.</param>
    /// <exception cref="StoreError">The record is not stored; the store refuses all later ones.
    /// </exception>
    public StagedRecord Append(Value payload)
    {
        var batch = new StoreBatch();
        var record = Log.Stage(batch, payload);
        try
        {
            store.Commit(batch, durable: true);
        }
        catch
        {
            Pins.Abandoned(record.Pins);
            throw;
        }
        Log.Committed(record);
        return record;
    }

    /// <summary>The data as it is now, until the view is disposed. From any thread.</summary>
    public MachineView View() => new(store.View());

    /// <summary>About how many bytes a space takes.</summary>
    public long SizeOf(StoreSpace space) => store.SizeOf(space);

    /// <summary>
    /// Deletes the snapshots and the log that the policy does not retain, while the machine runs.
    /// </summary>
    /// <param name="logBytes">The size of the log from the machine's beginning up to now.</param>
    public void Prune(HistoryPolicy history, long logBytes, long nowMs)
    {
        SnapshotEntry[] snapshots = [.. Snapshots.List()];
        var kept = history.Choose(snapshots, logBytes, nowMs);
        if (kept.Count == snapshots.Length)
            return;
        var batch = new StoreBatch();
        foreach (var entry in snapshots.Except(kept))
            batch.Delete(StoreSpace.Snapshots, EventLog.KeyOf(entry.Position.Number));
        var first = kept[0].Position.Number;
        Invariant.Check(kept.Count < snapshots.Length, "retained snapshots are stored ones");
        Invariant.Check(first >= snapshots[0].Position.Number && first <= Log.Last.Number,
            "the log after the first retained snapshot is retained");
        if (first > snapshots[0].Position.Number)
            batch.DeleteRange(StoreSpace.Log, EventLog.KeyOf(0), EventLog.KeyOf(first + 1));
        store.Commit(batch, durable: false);
        if (first > snapshots[0].Position.Number)
            store.Reclaim(StoreSpace.Log, () => false);
    }

    /// <summary>Whether a collection waits for commits that were under way.</summary>
    public bool IsCollecting => collector is not null;

    /// <summary>
    /// Deletes unreachable pins and chunks if there may be many, while the machine runs. One thread
    /// calls it at a time.
    /// </summary>
    /// <remarks>If a commit is under way, it only begins: call again.</remarks>
    /// <param name="isStopping">Called often; true abandons the rest.</param>
    /// <param name="growthBytesMin">After less growth than that, no collection is due.</param>
    /// <returns>How many pins and chunks were deleted.</returns>
    public long Collect(
        Func<bool> isStopping, long growthBytesMin = Collector.GrowthBytesDefault)
    {
        collector ??= Collector.Due(store, Pins, lastCollection, growthBytesMin);
        if (collector?.TryBegin() != true)
            return 0;
        var begun = collector;
        collector = null;
        var count = begun.Run(isStopping);
        lastCollection = begun.Stats ?? lastCollection;
        return count;
    }

    public void Dispose() => store.Dispose();
}
