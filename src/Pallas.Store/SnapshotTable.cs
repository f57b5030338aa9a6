using System.Buffers.Binary;
using Pallas.Plan;

namespace Pallas.Store;

/// <summary>The state of the machine after a record of the log.</summary>
/// <param name="State">In normal form; what did not change is shared with other snapshots.</param>
public sealed record MachineSnapshot(LogPosition Position, Value State);

/// <summary>Snapshots by the number of the record that they include.</summary>
/// <remarks>
/// An entry is the BLAKE3 hash of what follows it, the number of the record (8 bytes), that
/// record's hash, the hash of the state, and 1 if that is the hash of a chunk; where there is
/// nothing more it is that of a pin which holds the state. Chunks and pins are committed with an
/// entry or before, so a snapshot that is there is whole. The one of number 0 is the state that
/// the machine was made with.
/// </remarks>
public sealed class SnapshotTable
{
    private const int PinEntryBytes = 3 * Hash256.BytesCount + sizeof(ulong);
    private const int ChunkEntryBytes = PinEntryBytes + 1;
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

    /// <exception cref="StoreError">There is none, or it is damaged.</exception>
    public MachineSnapshot LoadLast() =>
        reader.Last(StoreSpace.Snapshots) is { } entry
            ? Load(entry.Key, entry.Value)
            : throw None();

    /// <summary>The oldest snapshot that is kept.</summary>
    /// <exception cref="StoreError">There is none, or it is damaged.</exception>
    public MachineSnapshot LoadFirst()
    {
        foreach (var (key, value) in reader.Scan(StoreSpace.Snapshots, []))
            return Load(key, value);
        throw None();
    }

    /// <summary>The number of the record that the last snapshot includes.</summary>
    public ulong LastNumber => Volatile.Read(ref lastNumber);

    /// <summary>About how much of a snapshot is committed at a time.</summary>
    internal int BatchBytesMax { get; set; } = 1 << 18;

    /// <summary>The snapshots that are kept, the oldest first, each checked.</summary>
    /// <exception cref="StoreError">One is damaged.</exception>
    public IEnumerable<SnapshotEntry> List() =>
        reader.Scan(StoreSpace.Snapshots, []).Select(pair => ReadEntry(pair.Key, pair.Value));

    /// <exception cref="StoreError">Its state is damaged.</exception>
    public MachineSnapshot Load(SnapshotEntry entry) => new(
        entry.Position,
        entry.IsChunk ? ChunkReader.ReadValue(pins, entry.Root) : pins.Find(entry.Root).Item);

    /// <summary>How many snapshots are kept.</summary>
    public int Count() => reader.Scan(StoreSpace.Snapshots, []).Count();

    /// <summary>Saves a snapshot; it counts once this returns. From any thread.</summary>
    /// <remarks>What has been in a snapshot before is not written again.</remarks>
    public void Save(MachineSnapshot snapshot)
    {
        var sink = new SnapshotSink(
            store ?? throw new InvalidOperationException("a view was opened for reading"),
            pins,
            BatchBytesMax);
        var writer = new ChunkWriter(pins, sink);
        var root = writer.Write(snapshot.State);
        Stage(sink.Batch, snapshot.Position, root, isChunk: true);
        sink.Commit(durable: true);
        writer.Committed();
        Volatile.Write(ref lastNumber, snapshot.Position.Number);
    }

    /// <summary>Adds the entry of a snapshot that is a pin to a batch.</summary>
    internal static void Stage(StoreBatch batch, LogPosition position, Pin root) =>
        Stage(batch, position, root.Hash, isChunk: false);

    private static void Stage(
        StoreBatch batch, LogPosition position, Hash256 root, bool isChunk)
    {
        var bytes = new byte[isChunk ? ChunkEntryBytes : PinEntryBytes];
        var body = bytes.AsSpan(Hash256.BytesCount);
        BinaryPrimitives.WriteUInt64LittleEndian(body, position.Number);
        position.Hash.WriteTo(body[sizeof(ulong)..]);
        root.WriteTo(body[(sizeof(ulong) + Hash256.BytesCount)..]);
        if (isChunk)
            bytes[^1] = ChunkKind;
        Blake3.Hash(body).WriteTo(bytes);
        batch.Put(StoreSpace.Snapshots, EventLog.KeyOf(position.Number), bytes);
    }

    private MachineSnapshot Load(byte[] key, byte[] bytes) => Load(ReadEntry(key, bytes));

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
            throw StoreError.Damaged($"the snapshot after record {number} is out of its place");
        if (bytes.Length == ChunkEntryBytes && bytes[^1] != ChunkKind)
            throw StoreError.Damaged($"the snapshot after record {number} is of an unknown kind");
        var hash = Hash256.FromBytes(body[sizeof(ulong)..]);
        var root = Hash256.FromBytes(body[(sizeof(ulong) + Hash256.BytesCount)..]);
        return new SnapshotEntry(
            new LogPosition(number, hash), root, bytes.Length == ChunkEntryBytes);
    }

    private static StoreError None() => StoreError.Damaged("there is no snapshot");
}

/// <summary>A snapshot without its state.</summary>
/// <param name="Root">Of a chunk, or of a pin.</param>
public readonly record struct SnapshotEntry(LogPosition Position, Hash256 Root, bool IsChunk)
{
    public StoreSpace Space => IsChunk ? StoreSpace.Chunks : StoreSpace.Pins;
}
