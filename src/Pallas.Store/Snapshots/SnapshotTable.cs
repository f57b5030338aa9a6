using System.Buffers.Binary;
using Pallas.Formats.Chunks;
using Pallas.Store.Log;
using Pallas.Store.Pins;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Store.Snapshots;

/// <summary>Snapshots by the number of the last record that each includes.</summary>
/// <remarks>
/// An entry is the BLAKE3 hash of the bytes that follow it, the number of the record (8 bytes),
/// that record's hash, and the hash of the state. The state is a chunk if there follow a byte of 1,
/// the bytes of log so far and the time (8 bytes each); otherwise it is the item of a pin. An entry
/// is committed with the last of its chunks and pins or after them, so every stored snapshot is
/// complete. Number 0 is the machine's first state.
/// </remarks>
public sealed class SnapshotTable
{
    private const int PinEntryBytes = 3 * Hash256.BytesCount + sizeof(ulong);
    private const int ChunkEntryBytes = PinEntryBytes + 1 + (2 * sizeof(long));
    private const byte ChunkKind = 1;

    private readonly IStoreReader reader;
    private readonly IStore? store;
    private readonly PinTable pins;
    private ulong lastNumber;

    /// <param name="store">To save to; null for reading only.</param>
    internal SnapshotTable(IStoreReader reader, IStore? store, PinTable pins)
    {
        this.reader = reader;
        this.store = store;
        this.pins = pins;
        if (reader.Last(StoreSpace.Snapshots) is { Key: { Length: sizeof(ulong) } key })
            lastNumber = BinaryPrimitives.ReadUInt64BigEndian(key);
    }

    /// <summary>The numbers of the records that snapshots include, ascending.</summary>
    public ulong[] Numbers() =>
    [
        .. reader.Keys(StoreSpace.Snapshots, [])
            .Where(key => key.Length == sizeof(ulong))
            .Select(key => BinaryPrimitives.ReadUInt64BigEndian(key)),
    ];

    /// <exception cref="StoreError">There is none of this number, or it is damaged.</exception>
    public MachineSnapshot Load(ulong number) => Load(Find(number));

    /// <summary>Deletes snapshots that cannot be read, so that new ones take their place.</summary>
    public void Drop(IReadOnlyCollection<ulong> numbers)
    {
        if (numbers.Count == 0)
            return;
        Invariant.Check(store is not null, "a view is only read");
        var rest = Numbers().Except(numbers).ToArray();
        Invariant.Check(rest.Length > 0, "a store keeps a snapshot");
        var batch = new StoreBatch();
        foreach (var number in numbers)
            batch.Delete(StoreSpace.Snapshots, EventLog.KeyOf(number));
        store.Commit(batch, durable: true);
        Volatile.Write(ref lastNumber, rest[^1]);
    }

    /// <summary>The number of the record that the last snapshot includes.</summary>
    public ulong LastNumber => Volatile.Read(ref lastNumber);

    /// <summary>About how many bytes of a snapshot one batch holds.</summary>
    internal int BatchBytesMax { get; set; } = 1 << 18;

    /// <summary>The stored snapshots, oldest first, each checked.</summary>
    /// <exception cref="StoreError">One is damaged.</exception>
    public IEnumerable<SnapshotEntry> List() =>
        reader.Scan(StoreSpace.Snapshots, []).Select(pair => ReadEntry(pair.Key, pair.Value));

    /// <summary>The stored snapshots that are not damaged, oldest first.</summary>
    /// <param name="onDamaged">Called with the number and the fault of each damaged one.</param>
    public IEnumerable<SnapshotEntry> List(Action<ulong, StoreError> onDamaged)
    {
        foreach (var number in Numbers())
        {
            SnapshotEntry entry;
            try
            {
                entry = Find(number);
            }
            catch (StoreError error) when (error.Kind == StoreErrorKind.Damaged)
            {
                onDamaged(number, error);
                continue;
            }
            yield return entry;
        }
    }

    /// <exception cref="StoreError">Its state is damaged.</exception>
    public MachineSnapshot Load(SnapshotEntry entry) => new(
        entry.Position,
        entry.IsChunk ? ChunkReader.ReadValue(pins, entry.Root) : pins.Find(entry.Root).Item,
        entry.LogBytes,
        entry.TimeMs);

    /// <summary>Saves a snapshot; it is durable once this returns. From any thread.</summary>
    /// <remarks>Parts that an earlier snapshot holds are not written again.</remarks>
    public void Save(MachineSnapshot snapshot)
    {
        Invariant.Check(store is not null, "a view is only read");
        Invariant.Check(snapshot.LogBytes >= 0, "the log before a snapshot has a size");
        Invariant.Check(snapshot.Position.Number >= LastNumber,
            $"snapshot {snapshot.Position.Number} is saved after {LastNumber}");
        var sink = new SnapshotSink(store, pins, BatchBytesMax);
        var writer = new ChunkWriter(pins, sink);
        var root = writer.Write(snapshot.State);
        Invariant.Check(sink.Holds(root), "the root of a snapshot is stored with its entry");
        StageEntry(
            sink.Batch,
            new SnapshotEntry(snapshot.Position, root, true, snapshot.LogBytes, snapshot.TimeMs));
        sink.Commit(durable: true);
        writer.Committed();
        Volatile.Write(ref lastNumber, snapshot.Position.Number);
    }

    /// <summary>Adds the entry of a snapshot whose state is a pin to a batch.</summary>
    internal static void Stage(StoreBatch batch, LogPosition position, Pin root) =>
        StageEntry(batch, new SnapshotEntry(position, root.Hash, false, 0, 0));

    private static void StageEntry(StoreBatch batch, SnapshotEntry entry)
    {
        var bytes = new byte[entry.IsChunk ? ChunkEntryBytes : PinEntryBytes];
        var body = bytes.AsSpan(Hash256.BytesCount);
        BinaryPrimitives.WriteUInt64LittleEndian(body, entry.Position.Number);
        entry.Position.Hash.WriteTo(body[sizeof(ulong)..]);
        entry.Root.WriteTo(body[(sizeof(ulong) + Hash256.BytesCount)..]);
        if (entry.IsChunk)
        {
            var more = bytes.AsSpan(PinEntryBytes);
            more[0] = ChunkKind;
            BinaryPrimitives.WriteInt64LittleEndian(more[1..], entry.LogBytes);
            BinaryPrimitives.WriteInt64LittleEndian(more[(1 + sizeof(long))..], entry.TimeMs);
        }
        Blake3.Hash(body).WriteTo(bytes);
        batch.Put(StoreSpace.Snapshots, EventLog.KeyOf(entry.Position.Number), bytes);
    }

    private SnapshotEntry Find(ulong number)
    {
        var key = EventLog.KeyOf(number);
        return reader.Get(StoreSpace.Snapshots, key) is { } bytes
            ? ReadEntry(key, bytes)
            : throw None();
    }

    /// <exception cref="StoreError">The entry is damaged.</exception>
    internal static SnapshotEntry ReadEntry(byte[] key, byte[] bytes)
    {
        var good = bytes.Length is PinEntryBytes or ChunkEntryBytes
            && Hash256.FromBytes(bytes) == Blake3.Hash(bytes.AsSpan(Hash256.BytesCount));
        if (!good)
            throw StoreError.Damaged("a snapshot does not match its checksum");
        var body = bytes.AsSpan(Hash256.BytesCount);
        var number = BinaryPrimitives.ReadUInt64LittleEndian(body);
        if (!key.AsSpan().SequenceEqual(EventLog.KeyOf(number)))
            throw StoreError.Damaged($"the snapshot after record {number} has another key");
        var hash = Hash256.FromBytes(body[sizeof(ulong)..]);
        var root = Hash256.FromBytes(body[(sizeof(ulong) + Hash256.BytesCount)..]);
        var position = new LogPosition(number, hash);
        if (bytes.Length == PinEntryBytes)
            return new SnapshotEntry(position, root, false, 0, 0);
        var more = bytes.AsSpan(PinEntryBytes);
        return more[0] == ChunkKind
            ? new SnapshotEntry(
                position,
                root,
                true,
                BinaryPrimitives.ReadInt64LittleEndian(more[1..]),
                BinaryPrimitives.ReadInt64LittleEndian(more[(1 + sizeof(long))..]))
            : throw StoreError.Damaged($"the snapshot after record {number} is of an unknown kind");
    }

    private static StoreError None() => StoreError.Damaged("there is no snapshot");
}
