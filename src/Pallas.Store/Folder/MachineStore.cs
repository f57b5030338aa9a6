using Pallas.Plan;
using Pallas.Store.Collect;
using Pallas.Store.Log;
using Pallas.Store.Pins;
using Pallas.Store.Snapshots;

namespace Pallas.Store.Folder;

/// <summary>What a machine keeps: pins, the event log and snapshots, in one store.</summary>
public sealed class MachineStore : IDisposable
{
    private readonly IStore store;
    private Collector? collector;
    private CollectionStats? collected;

    private MachineStore(IStore store, long cacheBytesMax, StoreFlaw flaw)
    {
        this.store = store;
        Pins = new PinTable(store, cacheBytesMax) { Flaw = flaw };
        Log = EventLog.Open(store, Pins);
        Snapshots = new SnapshotTable(store, store, Pins);
    }

    public PinTable Pins { get; }

    public EventLog Log { get; }

    public SnapshotTable Snapshots { get; }

    /// <summary>Fills an empty store with a machine's first state, durably.</summary>
    public static void Initialize(IStore store, Pin root)
    {
        var batch = new StoreBatch();
        new PinTable(store, CacheBytesDefault).Stage(batch, root);
        SnapshotTable.Stage(batch, new LogPosition(0, root.Hash), root);
        EventLog.StageEmpty(batch, root.Hash);
        store.Commit(batch, durable: true);
    }

    /// <summary>How much memory loaded parts of the state may take: a quarter of what there is.
    /// </summary>
    public static long CacheBytesDefault => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;

    /// <summary>Opens a store for reading; takes it over.</summary>
    /// <param name="cacheBytesMax">
    /// About how much memory loaded parts of the state may take that can be loaded again.
    /// </param>
    /// <exception cref="StoreError">The store is damaged.</exception>
    public static MachineStore Open(IStore store, long? cacheBytesMax = null) =>
        OpenWith(StoreFlaw.None, store, cacheBytesMax ?? CacheBytesDefault);

    internal static MachineStore OpenWith(StoreFlaw flaw, IStore store, long cacheBytesMax) =>
        new(store, cacheBytesMax, flaw);

    /// <summary>Makes commits possible; until then nothing on disk has changed.</summary>
    public void BeginWriting() => store.BeginWriting();

    /// <summary>Appends one record to the log; it counts once this returns.</summary>
    /// <param name="payload">In normal form.</param>
    /// <exception cref="StoreError">The record was not kept; the store takes no more.</exception>
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
            Pins.NotKept(record.Pins);
            throw;
        }
        Log.Committed(record);
        return record;
    }

    /// <summary>What is there now, for reading as long as it is held; from any thread.</summary>
    public MachineView View() => new(store.View());

    /// <summary>About how many bytes a space takes.</summary>
    public long SizeOf(StoreSpace space) => store.SizeOf(space);

    /// <summary>
    /// Takes away the snapshots and the log that are not wanted any more; beside the work.
    /// </summary>
    /// <param name="logBytes">Bytes of log from the machine's beginning up to now.</param>
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
        if (first > snapshots[0].Position.Number)
            batch.DeleteRange(StoreSpace.Log, EventLog.KeyOf(0), EventLog.KeyOf(first + 1));
        store.Commit(batch, durable: false);
        if (first > snapshots[0].Position.Number)
            store.GiveBack(StoreSpace.Log, () => false);
    }

    /// <summary>Whether a collection waits for commits that were under way.</summary>
    public bool IsCollecting => collector is not null;

    /// <summary>
    /// Takes away the pins and chunks that nothing reaches, if there may be many; beside the work,
    /// by one thread at a time.
    /// </summary>
    /// <remarks>Where a commit is under way it is only begun: call again.</remarks>
    /// <param name="isStopping">Asked often; the rest is then left for another time.</param>
    /// <param name="growthBytesMin">Less growth than that is not worth it.</param>
    /// <returns>How many were taken away.</returns>
    public long Collect(
        Func<bool> isStopping, long growthBytesMin = Collector.GrowthBytesDefault)
    {
        collector ??= Collector.Due(store, Pins, collected, growthBytesMin);
        if (collector?.TryBegin() != true)
            return 0;
        var begun = collector;
        collector = null;
        var count = begun.Run(isStopping);
        collected = begun.Left ?? collected;
        return count;
    }

    public void Dispose() => store.Dispose();
}
