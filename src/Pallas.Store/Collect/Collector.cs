using System.Buffers.Binary;
using Pallas.Plan;
using Pallas.Store.Log;
using Pallas.Store.Pins;
using Pallas.Store.Snapshots;

namespace Pallas.Store.Collect;

/// <summary>Takes away pins and chunks that nothing reaches, beside the work.</summary>
/// <remarks>
/// Roots are the snapshots that are kept, the records of the log that are kept, and what anybody
/// has in hand in memory. It is done when pins and chunks take twice what they took after the last
/// time, and some more: so what nothing reaches is at most as much as what something does, and
/// <see cref="GrowthBytesDefault"/>, and marking costs in proportion to what was written.
/// <para>
/// What only memory had in hand counts as long as .NET has not looked for what nobody has any
/// more; then it may all be garbage, and only what the disk itself reaches counts. It may as well
/// stay in hand for long: who looks and finds little to take looks half as often from then on.
/// </para>
/// </remarks>
internal sealed class Collector
{
    public const long GrowthBytesDefault = 64 << 20;

    /// <summary>Then a collection costs less than what .NET does meanwhile.</summary>
    public const int RoundsWaitMax = 64;

    private const int LittleShare = 8;
    private const int BatchCount = 256;
    private const int ListBytesMax = 1 << 18;

    /// <summary>How much pins and chunks took after the last collection, without what only memory
    /// had in hand.</summary>
    private static readonly byte[] SizeKey = "size collected"u8.ToArray();

    private readonly IStore store;
    private readonly PinTable pins;
    private readonly int roundsWait;
    private readonly HashSet<Hash256> marked = [];
    private readonly Stack<(StoreSpace Space, Hash256 Hash)> todo = new();
    private StoreBatch lists = new();
    private long markedBytes;
    private long reachedBytes;
    private long metCount;
    private long takenCount;

    /// <param name="roundsWait">What <see cref="CollectionStats.RoundsWait"/> is if it finds little.</param>
    private Collector(IStore store, PinTable pins, int roundsWait)
    {
        this.store = store;
        this.pins = pins;
        this.roundsWait = roundsWait;
    }

    /// <summary>What it left; null until it has run to its end.</summary>
    public CollectionStats? Left { get; private set; }

    /// <param name="last">What the last one left, if there was one since the start.</param>
    /// <param name="growthBytesMin">Below 0 it always is due.</param>
    /// <returns>Null where none is due.</returns>
    public static Collector? Due(IStore store, PinTable pins, CollectionStats? last, long growthBytesMin)
    {
        if (growthBytesMin < 0)
            return new Collector(store, pins, roundsWait: 1);
        var (size, lastSize) = (SizeOf(store), LastSize(store));
        if (size > (2 * (last?.Bytes ?? lastSize)) + growthBytesMin)
            return new Collector(store, pins, last?.RoundsWait ?? 1);
        return last is not null && pins.RoundsCount - last.RoundsCount >= last.RoundsWait
            && size > (2 * lastSize) + growthBytesMin
                ? new Collector(store, pins, Math.Min(2 * last.RoundsWait, RoundsWaitMax))
                : null;
    }

    /// <summary>Whether it can run; if not, ask again after the commits that are under way.
    /// </summary>
    public bool TryBegin() => pins.Guard.TryBeginMark();

    /// <param name="isStopping">Asked often; the rest is then left for another time.</param>
    /// <returns>How many were taken away.</returns>
    public long Run(Func<bool> isStopping)
    {
        var rounds = pins.RoundsCount;
        try
        {
            using var view = store.View();
            if (!MarkRoots(view, isStopping) || !MarkNoted(isStopping))
                return 0;
            foreach (var space in new[] { StoreSpace.Chunks, StoreSpace.Pins })
            {
                foreach (var keys in view.Keys(space, []).Chunk(BatchCount))
                {
                    if (isStopping())
                        return takenCount;
                    metCount += keys.Length;
                    pins.Guard.Sweep(
                        keys.Select(key => Hash256.FromBytes(key)), gone => Delete(space, gone));
                }
            }
        }
        finally
        {
            pins.Guard.End();
        }
        store.GiveBack(StoreSpace.Chunks, isStopping);
        store.GiveBack(StoreSpace.Pins, isStopping);
        if (!isStopping())
            NoteSize(rounds);
        return takenCount;
    }

    private static long SizeOf(IStore store) =>
        store.SizeOf(StoreSpace.Pins) + store.SizeOf(StoreSpace.Chunks);

    private static long LastSize(IStore store) =>
        store.Get(StoreSpace.Meta, SizeKey) is { Length: sizeof(long) } bytes
            ? Math.Max(0, BinaryPrimitives.ReadInt64LittleEndian(bytes))
            : 0;

    private void NoteSize(int rounds)
    {
        var isLittle = takenCount < metCount / LittleShare;
        Left = new CollectionStats(SizeOf(store), rounds, isLittle ? roundsWait : 1);
        // The engine's files may be smaller than their contents, and are all it can tell of.
        var share = markedBytes == 0 ? 0 : (double)reachedBytes / markedBytes;
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, (long)(share * Left.Bytes));
        var batch = new StoreBatch();
        batch.Put(StoreSpace.Meta, SizeKey, bytes);
        store.Commit(batch, durable: false);
    }

    private void Delete(StoreSpace space, Hash256[] gone)
    {
        var batch = new StoreBatch();
        foreach (var hash in gone)
        {
            batch.Delete(space, hash.ToBytes());
            if (store.Has(StoreSpace.Meta, ReferenceIndex.KeyOf(hash)))
                batch.Delete(StoreSpace.Meta, ReferenceIndex.KeyOf(hash));
        }
        store.Commit(batch, durable: false);
        takenCount += gone.Length;
    }

    private bool MarkRoots(IStoreView view, Func<bool> isStopping)
    {
        foreach (var (key, value) in view.Scan(StoreSpace.Snapshots, []))
        {
            var entry = SnapshotTable.ReadEntry(key, value);
            todo.Push((entry.Space, entry.Root));
        }
        if (!MarkTodo(isStopping))
            return false;
        foreach (var (key, record) in view.Scan(StoreSpace.Log, []))
        {
            if (pins.Flaw == StoreFlaw.LogNotMarked)
                break;
            foreach (var hash in EventLog.RefsOf(key, record))
                todo.Push((StoreSpace.Pins, hash));
            if (!MarkTodo(isStopping))
                return false;
        }
        reachedBytes = markedBytes;
        foreach (var used in pins.InUse())
            todo.Push(used);
        return MarkTodo(isStopping);
    }

    /// <summary>Marks what others count on, until that is all: marking costs less than what they
    /// do between two questions.</summary>
    private bool MarkNoted(Func<bool> isStopping)
    {
        while (!pins.Guard.TryBeginSweep(marked, out var rest))
        {
            foreach (var hash in rest)
            {
                // It may be either.
                PushPin(hash);
                PushChunk(hash);
            }
            if (!MarkTodo(isStopping))
                return false;
        }
        return true;
    }

    private bool MarkTodo(Func<bool> isStopping)
    {
        while (todo.TryPop(out var next))
        {
            if (!marked.Add(next.Hash))
                continue;
            if (isStopping())
                return false;
            if (ReferenceIndex.Read(store, next.Hash, PushPin, PushChunk) is { } contentBytes)
            {
                markedBytes += contentBytes;
                continue;
            }
            // What is not there was noted to be written, or is damage that a check would find.
            if (store.Get(next.Space, next.Hash.ToBytes()) is not { } bytes)
                marked.Remove(next.Hash);
            else if (next.Space == StoreSpace.Chunks)
                PushRefsOfChunk(next.Hash, bytes);
            else if (PinBlob.TryReadRefs(bytes, out var refs, out _))
                Keep(next.Hash, bytes.Length, refs, []);
        }
        KeepLists();
        return true;
    }

    private void PushPin(Hash256 hash) => todo.Push((StoreSpace.Pins, hash));

    private void PushChunk(Hash256 hash) => todo.Push((StoreSpace.Chunks, hash));

    /// <summary>Goes on with what a part refers to, and writes it down for the next time.</summary>
    private void Keep(
        Hash256 hash, int contentBytes, IReadOnlyCollection<Hash256> pinRefs,
        IReadOnlyCollection<Hash256> chunkRefs)
    {
        foreach (var inner in pinRefs)
            PushPin(inner);
        foreach (var inner in chunkRefs)
            PushChunk(inner);
        markedBytes += contentBytes;
        ReferenceIndex.Stage(lists, hash, contentBytes, pinRefs, chunkRefs);
        if (lists.BytesCount >= ListBytesMax)
            KeepLists();
    }

    private void KeepLists()
    {
        if (lists.Count == 0)
            return;
        store.Commit(lists, durable: false);
        lists = new StoreBatch();
    }

    private void PushRefsOfChunk(Hash256 chunk, byte[] bytes)
    {
        var (pinRefs, chunkRefs) = (new List<Hash256>(), new List<Hash256>());
        if (!ChunkReader.TryReadRefs(bytes, pinRefs.Add, chunkRefs.Add))
            throw StoreError.Damaged($"the chunk {chunk} cannot be read");
        Keep(chunk, bytes.Length, pinRefs, chunkRefs);
    }
}
