using System.Buffers.Binary;
using Pallas.Store;
using Pallas.Values.Hashing;

namespace Pallas.Fuzz.Simulation;

/// <summary>The power went, or the process was killed, within a call to the store.</summary>
internal sealed class PowerCut() : Exception("the power was cut");

/// <summary>A store as the seam allows it to be at its worst: a write-ahead log on a disk that
/// keeps, loses, tears and reorders what was not synced, that refuses calls, and stops at any of
/// them.</summary>
/// <remarks>
/// The synced content is an image. A tail of batches follows, each a record of sectors with a
/// checksum; a crash leaves some of the sectors, and a restart reads records as long as they are
/// whole. A refused call ends the store, as the seam says; a cut ends the world: every later call
/// throws too, whatever the machine makes of the first.
/// </remarks>
internal sealed class SimStore(StoreImage opened, SimFaults faults) : IStore, IStoreView
{
    /// <summary>The chunk of the number 0, which a flawed store returns for a missing chunk.
    /// </summary>
    private static readonly byte[] StandIn = [1, 0x80];

    internal static readonly Hash256 StandInHash = Blake3.Hash(StandIn);

    private readonly List<(StoreBatch Batch, StoreImage After, bool IsWhole)> tail = [];
    private StoreImage synced = opened;
    private StoreImage live = opened;
    private bool isView;
    private StoreBatch? late;
    private bool failed;

    /// <summary>Gets each batch in the order of commits, once it is durable.</summary>
    public Action<StoreBatch>? Durable { get; init; }

    /// <summary>Called where another thread may come between.</summary>
    public Action? Between { get; init; }

    /// <summary>How the store breaks its own contract.</summary>
    public SimFlaw Flaw { get; init; }

    public bool IsCut { get; private set; }

    public byte[]? Get(StoreSpace space, ReadOnlySpan<byte> key)
    {
        BeforeRead();
        if (Flaw == SimFlaw.SnapshotTruncated && space == StoreSpace.Chunks
            && live.Get(space, key) is null && live.Get(StoreSpace.Pins, key) is null)
            return [.. StandIn];
        return live.Get(space, key)?.ToArray();
    }

    public bool Has(StoreSpace space, ReadOnlySpan<byte> key)
    {
        BeforeRead();
        return live.Get(space, key) is not null;
    }

    public IEnumerable<KeyValuePair<byte[], byte[]>> Scan(StoreSpace space, byte[] from)
    {
        // Only a collection scans a view of the whole log.
        if (isView && Flaw == SimFlaw.LogNotMarked && space == StoreSpace.Log && from.Length == 0)
            yield break;
        foreach (var entry in live.From(space, from))
        {
            BeforeRead();
            yield return new(entry.Key, entry.Value.ToArray());
        }
    }

    public KeyValuePair<byte[], byte[]>? Last(StoreSpace space)
    {
        BeforeRead();
        var entries = live[space];
        return entries.IsEmpty ? null : new(entries[^1].Key, entries[^1].Value.ToArray());
    }

    public IStoreView View()
    {
        BeforeRead();
        return new SimStore(live, faults) { Between = Between, Flaw = Flaw, isView = true };
    }

    public long SizeOf(StoreSpace space) =>
        live[space].Sum(entry => (long)entry.Key.Length + entry.Value.Length);

    public void Reclaim(StoreSpace space, Func<bool> isStopping)
    {
        Between?.Invoke();
        Cut(IsCut || faults.IsCutNow(CutPlace.BeforeWrite));
    }

    public void BeginWriting()
    {
        if (faults.Refusal(SimCall.BeginWriting) is { } error)
            throw error;
    }

    public void Commit(StoreBatch batch, bool durable)
    {
        Between?.Invoke();
        WriteLate();
        if (Flaw == SimFlaw.EffectsFirst && durable && Puts(batch, StoreSpace.Log))
        {
            late = batch;
            return;
        }
        foreach (var each in Break(batch))
            CommitOne(each, durable);
    }

    /// <summary>Writes what was acknowledged and not written, where the store is broken so.
    /// </summary>
    private void WriteLate()
    {
        if (late is not { } batch)
            return;
        late = null;
        CommitOne(batch, durable: true);
    }

    private void CommitOne(StoreBatch batch, bool durable)
    {
        Cut(IsCut);
        if (failed)
            throw new StoreError(
                StoreErrorKind.WriteFailed, "an earlier write to the store failed");
        Cut(faults.IsCutNow(CutPlace.BeforeWrite));
        Write(batch);
        Cut(faults.IsCutNow(CutPlace.AfterWrite));
        if (!durable || Flaw == SimFlaw.SyncIgnored)
            return;
        faults.SlowSync();
        Refuse(SimCall.Sync);
        foreach (var (each, _, _) in tail)
            Durable?.Invoke(each);
        synced = live;
        tail.Clear();
        Cut(faults.IsCutNow(CutPlace.AfterSync));
    }

    public void Dispose()
    {
    }

    /// <summary>The content that a restart finds, and the batches of it that were not durable.
    /// </summary>
    /// <param name="isPowerCut">Sectors that were not synced are lost by chance; otherwise only the
    /// process ended.</param>
    public (StoreImage Image, IReadOnlyList<StoreBatch> Survived) AfterCrash(bool isPowerCut)
    {
        var survived = new List<StoreBatch>();
        var left = synced;
        var reordered = false;
        foreach (var (batch, after, isWhole) in tail)
        {
            var written = Encode(batch);
            var found = isPowerCut ? faults.LoseSectors(written, ref reordered) : written;
            if (!isWhole || !IsIntact(found))
                break;
            survived.Add(batch);
            left = after;
        }
        return (left, survived);
    }

    private void Write(StoreBatch batch)
    {
        if (faults.Refusal(SimCall.Write) is { } error)
        {
            // A refused write may have left a part of the record.
            if (error.Kind == StoreErrorKind.WriteFailed)
                tail.Add((batch, live, false));
            failed = true;
            throw error;
        }
        live = live.With(batch);
        tail.Add((batch, live, true));
    }

    private void Refuse(SimCall call)
    {
        if (faults.Refusal(call) is not { } error)
            return;
        failed = true;
        throw error;
    }

    private void BeforeRead()
    {
        Between?.Invoke();
        WriteLate();
        Cut(IsCut);
        if (faults.Refusal(SimCall.Read) is { } error)
            throw error;
    }

    /// <summary>The batches that are really committed, where the store is broken.</summary>
    private IEnumerable<StoreBatch> Break(StoreBatch batch)
    {
        switch (Flaw)
        {
            case SimFlaw.SnapshotTruncated when Puts(batch, StoreSpace.Snapshots):
                return [Part(batch, isSnapshot: true), Part(batch, isSnapshot: false)];
            case SimFlaw.PinDeleted when Puts(batch, StoreSpace.Snapshots):
                return [batch, faults.AnyDeletion(live, StoreSpace.Pins)];
            default:
                return [batch];
        }
    }

    private static bool Puts(StoreBatch batch, StoreSpace space) =>
        batch.Changes.Any(change => change.Space == space && change.Kind == StoreChangeKind.Put);

    private static StoreBatch Part(StoreBatch batch, bool isSnapshot)
    {
        var part = new StoreBatch();
        foreach (var change in batch.Changes)
        {
            if ((change.Space == StoreSpace.Snapshots) == isSnapshot)
                part.Put(change.Space, change.Key, change.Value);
        }
        return part;
    }

    private void Cut(bool isNow)
    {
        if (!isNow)
            return;
        IsCut = true;
        throw new PowerCut();
    }

    /// <summary>A record in its form on disk: a checksum, the length, the changes.</summary>
    private static byte[] Encode(StoreBatch batch)
    {
        var bytes = new MemoryStream();
        bytes.SetLength(Hash256.BytesCount + sizeof(int));
        bytes.Position = bytes.Length;
        foreach (var change in batch.Changes)
        {
            bytes.WriteByte((byte)change.Kind);
            bytes.WriteByte((byte)change.Space);
            bytes.Write(change.Key);
            bytes.Write(change.Value);
        }
        var record = bytes.ToArray();
        var body = record.AsSpan(Hash256.BytesCount);
        BinaryPrimitives.WriteInt32LittleEndian(body, record.Length);
        Blake3.Hash(body).WriteTo(record);
        return record;
    }

    private static bool IsIntact(byte[] record) =>
        Hash256.FromBytes(record) == Blake3.Hash(record.AsSpan(Hash256.BytesCount));
}
