using System.Buffers.Binary;
using Pallas.Formats.Chunks;
using Pallas.Formats.Pins;
using Pallas.Store.Log;
using Pallas.Store.Pins;
using Pallas.Store.Snapshots;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Store.Collect;

/// <summary>Deletes pins and chunks that are not reachable, while the machine runs.</summary>
/// <remarks>
/// The roots are the stored snapshots, the stored records of the log, and the objects in memory. A
/// collection is due once pins and chunks take twice their size after the last one, plus
/// <see cref="GrowthBytesDefault"/>. Garbage therefore never exceeds the live set plus that amount,
/// and the cost of marking is proportional to what was written.
/// <para>
/// Objects held only in memory count as live until the next full collection of .NET. After that,
/// they may all be garbage, and the size reachable from disk decides. If a collection then frees
/// little, the interval to the next one doubles, up to <see cref="FullGcWaitMax"/> full
/// collections.
/// </para>
/// </remarks>
internal sealed class Collector
{
    public const long GrowthBytesDefault = 64 << 20;

    /// <summary>At this interval a collection costs less than the ones of .NET in
    /// between.</summary>
    public const int FullGcWaitMax = 64;

    private const int LittleShare = 8;
    private const int BatchCount = 256;
    private const int IndexBytesMax = 1 << 18;

    /// <summary>The size that was reachable from disk after the last collection.</summary>
    private static readonly byte[] SizeKey = "size collected"u8.ToArray();

    private readonly IStore store;
    private readonly PinTable pins;
    private readonly int fullGcWait;
    private readonly HashSet<Hash256> marked = [];
    private readonly Stack<(StoreSpace Space, Hash256 Hash)> pending = new();
    private StoreBatch index = new();
    private bool hasRun;
    private long liveBytes;
    private long liveOnDiskBytes;
    private long visitedCount;
    private long deletedCount;

    /// <param name="fullGcWait">The interval to the next collection if this one frees little.
    /// </param>
    private Collector(IStore store, PinTable pins, int fullGcWait)
    {
        Invariant.Check(fullGcWait is >= 1 and <= FullGcWaitMax, "the interval is in its bounds");
        this.store = store;
        this.pins = pins;
        this.fullGcWait = fullGcWait;
    }

    /// <summary>Null until it has run to its end.</summary>
    public CollectionStats? Stats { get; private set; }

    /// <param name="last">The last collection since the start, if there was one.</param>
    /// <param name="growthBytesMin">Below 0 a collection is always due.</param>
    /// <returns>Null if none is due.</returns>
    public static Collector? Due(
        IStore store, PinTable pins, CollectionStats? last, long growthBytesMin)
    {
        if (growthBytesMin < 0)
            return new Collector(store, pins, fullGcWait: 1);
        var (size, lastSize) = (SizeOf(store), LastSize(store));
        if (size > (2 * (last?.Bytes ?? lastSize)) + growthBytesMin)
            return new Collector(store, pins, last?.FullGcWait ?? 1);
        return last is not null && pins.FullGcCount - last.FullGcCount >= last.FullGcWait
            && size > (2 * lastSize) + growthBytesMin
                ? new Collector(store, pins, Math.Min(2 * last.FullGcWait, FullGcWaitMax))
                : null;
    }

    /// <summary>Whether it can run; if not, call again after the commits that are under way.
    /// </summary>
    public bool TryBegin() => pins.Barrier.TryBeginMark();

    /// <param name="isStopping">Called often; true abandons the rest.</param>
    /// <returns>How many pins and chunks were deleted.</returns>
    public long Run(Func<bool> isStopping)
    {
        Invariant.Check(!hasRun, "a collection runs once");
        hasRun = true;
        var fullGcCount = pins.FullGcCount;
        try
        {
            using var view = store.View();
            if (!MarkRoots(view, isStopping) || !MarkNoted(isStopping))
                return 0;
            Invariant.Check(pending.Count == 0, "the sweep begins with all that is live marked");
            Invariant.Check(index.Count == 0, "the index of what is live is committed");
            foreach (var space in new[] { StoreSpace.Chunks, StoreSpace.Pins })
            {
                foreach (var keys in view.Keys(space, []).Chunk(BatchCount))
                {
                    if (isStopping())
                        return deletedCount;
                    visitedCount += keys.Length;
                    pins.Barrier.Sweep(
                        keys.Select(key => Hash256.FromBytes(key)), gone => Delete(space, gone));
                }
            }
        }
        finally
        {
            pins.Barrier.End();
        }
        store.Reclaim(StoreSpace.Chunks, isStopping);
        store.Reclaim(StoreSpace.Pins, isStopping);
        if (!isStopping())
            SaveStats(fullGcCount);
        return deletedCount;
    }

    private static long SizeOf(IStore store) =>
        store.SizeOf(StoreSpace.Pins) + store.SizeOf(StoreSpace.Chunks);

    private static long LastSize(IStore store) =>
        store.Get(StoreSpace.Meta, SizeKey) is { Length: sizeof(long) } bytes
            ? Math.Max(0, BinaryPrimitives.ReadInt64LittleEndian(bytes))
            : 0;

    private void SaveStats(int fullGcCount)
    {
        Invariant.Check(deletedCount <= visitedCount, "only what was visited is deleted");
        Invariant.Check(liveOnDiskBytes <= liveBytes, "what is live on disk is live");
        var isLittle = deletedCount < visitedCount / LittleShare;
        Stats = new CollectionStats(SizeOf(store), fullGcCount, isLittle ? fullGcWait : 1);
        // The engine tells the size of its files only, which may be packed.
        var share = liveBytes == 0 ? 0 : (double)liveOnDiskBytes / liveBytes;
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, (long)(share * Stats.Bytes));
        var batch = new StoreBatch();
        batch.Put(StoreSpace.Meta, SizeKey, bytes);
        store.Commit(batch, durable: false);
    }

    private void Delete(StoreSpace space, Hash256[] gone)
    {
        Invariant.Check(pins.Barrier.IsHeld, "the barrier is held while entries are deleted");
        var batch = new StoreBatch();
        foreach (var hash in gone)
        {
            Invariant.Check(!marked.Contains(hash), $"{hash}, which is deleted, is not live");
            batch.Delete(space, hash.ToBytes());
            if (store.Has(StoreSpace.Meta, ReferenceIndex.KeyOf(hash)))
                batch.Delete(StoreSpace.Meta, ReferenceIndex.KeyOf(hash));
        }
        store.Commit(batch, durable: false);
        deletedCount += gone.Length;
    }

    private bool MarkRoots(IStoreView view, Func<bool> isStopping)
    {
        foreach (var (key, value) in view.Scan(StoreSpace.Snapshots, []))
        {
            var entry = SnapshotTable.ReadEntry(key, value);
            pending.Push((entry.Space, entry.Root));
        }
        Invariant.Check(pending.Count > 0, "a store has a snapshot, without which all is garbage");
        if (!MarkPending(isStopping))
            return false;
        foreach (var (key, record) in view.Scan(StoreSpace.Log, []))
        {
            foreach (var hash in EventLog.RefsOf(key, record))
                PushPin(hash);
            if (!MarkPending(isStopping))
                return false;
        }
        liveOnDiskBytes = liveBytes;
        foreach (var live in pins.LiveInMemory())
            pending.Push(live);
        return MarkPending(isStopping);
    }

    /// <summary>Marks what committers rely on, until nothing new is noted. It ends: marking costs
    /// less than what a committer does between two notes.</summary>
    private bool MarkNoted(Func<bool> isStopping)
    {
        while (!pins.Barrier.TryBeginSweep(marked, out var rest))
        {
            foreach (var hash in rest)
            {
                // The barrier does not know which of the two it is.
                PushPin(hash);
                PushChunk(hash);
            }
            if (!MarkPending(isStopping))
                return false;
        }
        return true;
    }

    private bool MarkPending(Func<bool> isStopping)
    {
        while (pending.TryPop(out var next))
        {
            if (!marked.Add(next.Hash))
                continue;
            if (isStopping())
                return false;
            if (ReferenceIndex.Read(store, next.Hash, PushPin, PushChunk) is { } contentBytes)
            {
                liveBytes += contentBytes;
                continue;
            }
            // A missing entry is noted and about to be written, or is damage that a check finds.
            if (store.Get(next.Space, next.Hash.ToBytes()) is not { } bytes)
                marked.Remove(next.Hash);
            else if (next.Space == StoreSpace.Chunks)
                PushRefsOfChunk(next.Hash, bytes);
            else if (PinBlob.TryReadRefs(bytes, out var refs, out _))
                PushRefs(next.Hash, bytes.Length, refs, []);
        }
        CommitIndex();
        return true;
    }

    private void PushPin(Hash256 hash) => pending.Push((StoreSpace.Pins, hash));

    private void PushChunk(Hash256 hash) => pending.Push((StoreSpace.Chunks, hash));

    private void PushRefsOfChunk(Hash256 chunk, byte[] bytes)
    {
        var (pinRefs, chunkRefs) = (new List<Hash256>(), new List<Hash256>());
        if (!ChunkReader.TryReadRefs(bytes, pinRefs.Add, chunkRefs.Add))
            throw StoreError.Damaged($"the chunk {chunk} cannot be read");
        PushRefs(chunk, bytes.Length, pinRefs, chunkRefs);
    }

    /// <summary>Continues with the references of an entry, and indexes them for the next time.
    /// </summary>
    private void PushRefs(
        Hash256 hash, int contentBytes, IReadOnlyCollection<Hash256> pinRefs,
        IReadOnlyCollection<Hash256> chunkRefs)
    {
        foreach (var inner in pinRefs)
            PushPin(inner);
        foreach (var inner in chunkRefs)
            PushChunk(inner);
        liveBytes += contentBytes;
        ReferenceIndex.Stage(index, hash, contentBytes, pinRefs, chunkRefs);
        if (index.BytesCount >= IndexBytesMax)
            CommitIndex();
    }

    private void CommitIndex()
    {
        if (index.Count == 0)
            return;
        store.Commit(index, durable: false);
        index = new StoreBatch();
    }
}
