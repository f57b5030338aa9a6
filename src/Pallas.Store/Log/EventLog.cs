using System.Buffers.Binary;
using Pallas.Formats.Chunks;
using Pallas.Formats.Pins;
using Pallas.Store.Pins;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Store.Log;

/// <summary>The event log: records numbered without a gap, each linked to the one before.</summary>
/// <remarks>
/// A record is the BLAKE3 hash of the bytes that follow it (both checksum and link), the hash of
/// the record before, its number (8 bytes), and the payload. The payload is a word of ones and a
/// chunk. If that would be too big, and in all records of the first format, it is the blob of a
/// pin. The head is the number and hash of the last record. It is in the record's batch, so that a
/// lost end is noticed too.
/// </remarks>
public sealed class EventLog
{
    private const int HeaderBytes = 2 * Hash256.BytesCount + sizeof(ulong);

    /// <summary>Tells a chunk from a blob, which begins with a smaller count of references.
    /// </summary>
    private const ulong ChunkMark = ulong.MaxValue;

    private const int PayloadAt = HeaderBytes + sizeof(ulong);

    internal static readonly byte[] HeadKey = "log head"u8.ToArray();

    private readonly IStoreReader store;
    private readonly PinTable pins;

    private EventLog(IStoreReader store, PinTable pins, LogPosition last)
    {
        this.store = store;
        this.pins = pins;
        Last = last;
    }

    /// <summary>The last committed record.</summary>
    public LogPosition Last { get; private set; }

    /// <summary>Adds the head of an empty log to the first batch of a store.</summary>
    internal static void StageEmpty(StoreBatch batch, Hash256 root) =>
        StageHead(batch, new LogPosition(0, root));

    /// <summary>Whether a store has no log yet, not even an empty one.</summary>
    internal static bool IsEmpty(IStoreReader store) =>
        !store.Has(StoreSpace.Meta, HeadKey) && store.Last(StoreSpace.Log) is null;

    /// <summary>The number of the last record, without reading the log; 0 without a head.</summary>
    internal static ulong NumberAtHead(IStoreReader store) =>
        store.Get(StoreSpace.Meta, HeadKey) is { Length: >= sizeof(ulong) } head
            ? BinaryPrimitives.ReadUInt64LittleEndian(head)
            : 0;

    internal static EventLog Open(IStoreReader store, PinTable pins)
    {
        var head = store.Get(StoreSpace.Meta, HeadKey);
        if (head is not { Length: sizeof(ulong) + Hash256.BytesCount })
            throw StoreError.Damaged("the head of the log is missing");
        var number = BinaryPrimitives.ReadUInt64LittleEndian(head);
        var position = new LogPosition(number, Hash256.FromBytes(head.AsSpan(sizeof(ulong))));
        // A fork at the oldest snapshot has no record before its first event.
        var lastKey = store.Last(StoreSpace.Log)?.Key
            ?? store.Keys(StoreSpace.Snapshots, []).FirstOrDefault();
        var lastNumber = lastKey is { Length: sizeof(ulong) }
            ? BinaryPrimitives.ReadUInt64BigEndian(lastKey)
            : 0;
        if (lastNumber != number)
            throw StoreError.Damaged($"the log ends at {lastNumber}, its head says {number}");
        return new EventLog(store, pins, position);
    }

    /// <summary>Every record after a position, in order, each checked before it is returned.
    /// </summary>
    /// <exception cref="StoreError">A record is missing, changed, or not the next one.</exception>
    public IEnumerable<LogRecord> Read(LogPosition after)
    {
        var before = after;
        if (after.Number > Last.Number)
            throw StoreError.Damaged($"a snapshot is ahead of the log's end, {Last.Number}");
        foreach (var (key, bytes) in store.Scan(StoreSpace.Log, KeyOf(after.Number + 1)))
        {
            var position = Check(key, bytes, before);
            Invariant.Check(position.Number == before.Number + 1, "records are read in order");
            yield return new LogRecord(
                position, ReadPayload(position.Number, bytes), bytes.Length);
            before = position;
        }
        if (before != Last)
            throw StoreError.Damaged($"the log breaks off after record {before.Number}");
    }

    /// <summary>
    /// Adds the next record to an empty batch, with the pins that its payload refers to.
    /// </summary>
    /// <param name="payload">In normal form.</param>
    /// <returns>For <see cref="Committed"/> once the batch is committed.</returns>
    public StagedRecord Stage(StoreBatch batch, Value payload)
    {
        Invariant.Check(batch.Count == 0, "a record has a batch of its own");
        Invariant.Check(Last.Number < ulong.MaxValue - 1, "the log has numbers left");
        var bytes = WritePayload(payload, out var refs);
        Invariant.Check(bytes.Length > HeaderBytes, "a record has a payload");
        var staged = pins.Stage(batch, refs);
        var number = Last.Number + 1;
        Last.Hash.WriteTo(bytes.AsSpan(Hash256.BytesCount));
        BinaryPrimitives.WriteUInt64LittleEndian(
            bytes.AsSpan(2 * Hash256.BytesCount), number);
        var hash = HashOf(bytes);
        hash.WriteTo(bytes);
        Invariant.Check(hash != Last.Hash, "a record has another hash than the one before");
        var position = new LogPosition(number, hash);
        batch.Put(StoreSpace.Log, KeyOf(number), bytes);
        StageHead(batch, position);
        return new StagedRecord(position, staged, batch.BytesCount);
    }

    /// <summary>Makes a staged record the last one; its batch is committed.</summary>
    public void Committed(StagedRecord record)
    {
        Invariant.Check(record.Position.Number == Last.Number + 1,
            $"record {record.Position.Number} is committed after {Last.Number}, without a gap");
        pins.Committed(record.Pins);
        Last = record.Position;
    }

    /// <summary>The position of a record, whose checksum is not verified.</summary>
    /// <exception cref="StoreError">It is too short for a checksum.</exception>
    internal static LogPosition PositionOf(ulong number, byte[] record) =>
        record.Length >= HeaderBytes
            ? new LogPosition(number, Hash256.FromBytes(record))
            : throw StoreError.Damaged($"record {number} of the log is cut short");

    /// <summary>The number of the record under a key.</summary>
    /// <exception cref="StoreError">The key is not a number.</exception>
    internal static ulong NumberOf(byte[] key) => key.Length == sizeof(ulong)
        ? BinaryPrimitives.ReadUInt64BigEndian(key)
        : throw StoreError.Damaged("a key of the log is not a number");

    /// <summary>The hashes of the pins that a record refers to.</summary>
    /// <exception cref="StoreError">It is damaged.</exception>
    internal static IReadOnlyList<Hash256> RefsOf(byte[] key, byte[] record)
    {
        if (!IsChunk(record))
        {
            return record.Length > HeaderBytes
                && PinBlob.TryReadRefs(record.AsSpan(HeaderBytes), out var refs, out _)
                ? refs
                : throw Unreadable(key);
        }
        var pins = new List<Hash256>();
        return ChunkReader.TryReadRefs(record.AsSpan(PayloadAt), pins.Add, _ => { })
            ? pins
            : throw Unreadable(key);
    }

    private static StoreError Unreadable(byte[] key) =>
        StoreError.Damaged($"record {NumberOf(key)} of the log cannot be read");

    internal static byte[] KeyOf(ulong number)
    {
        var key = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(key, number);
        return key;
    }

    private LogPosition Check(byte[] key, byte[] bytes, LogPosition before)
    {
        var number = before.Number + 1;
        if (!key.AsSpan().SequenceEqual(KeyOf(number)))
            throw StoreError.Damaged($"record {number} of the log is missing");
        var position = PositionOf(number, bytes);
        if (!pins.Accepts(position.Hash, HashOf(bytes)))
            throw StoreError.Damaged($"record {number} of the log does not match its checksum");
        var follows = Hash256.FromBytes(bytes.AsSpan(Hash256.BytesCount)) == before.Hash;
        var inside = BinaryPrimitives.ReadUInt64LittleEndian(
            bytes.AsSpan(2 * Hash256.BytesCount));
        if (!follows || inside != number)
            throw StoreError.Damaged($"record {number} of the log does not follow the one before");
        return position;
    }

    /// <returns>A record with an empty header.</returns>
    private static byte[] WritePayload(Value payload, out IReadOnlyList<Pin> refs)
    {
        var met = new List<Pin>();
        if (ChunkWriter.WriteWhole(payload, met.Add) is { } chunk)
        {
            refs = met;
            var bytes = new byte[PayloadAt + chunk.Length];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(HeaderBytes), ChunkMark);
            chunk.CopyTo(bytes.AsSpan(PayloadAt));
            return bytes;
        }
        // A blob takes longer to write, and preserves all sharing.
        var pin = Pin.Make(payload);
        refs = pin.Refs;
        return [.. new byte[HeaderBytes], .. PinBlob.Write(pin)];
    }

    private Value ReadPayload(ulong number, byte[] bytes)
    {
        if (IsChunk(bytes))
        {
            return ChunkReader.ReadWhole(pins, bytes[PayloadAt..])
                ?? throw StoreError.Damaged($"record {number} of the log cannot be read");
        }
        var blob = bytes.AsSpan(HeaderBytes);
        return PinBlob.TryRead(blob, pins.Find, out var payload, out var error, true)
            ? payload
            : throw StoreError.Damaged($"record {number} of the log cannot be read: {error}");
    }

    private static bool IsChunk(byte[] record) => record.Length > PayloadAt
        && BinaryPrimitives.ReadUInt64LittleEndian(record.AsSpan(HeaderBytes)) == ChunkMark;

    private static Hash256 HashOf(byte[] record) =>
        Blake3.Hash(record.AsSpan(Hash256.BytesCount));

    /// <summary>The value under <see cref="HeadKey"/> for this last record.</summary>
    internal static byte[] HeadOf(LogPosition last)
    {
        var bytes = new byte[sizeof(ulong) + Hash256.BytesCount];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, last.Number);
        last.Hash.WriteTo(bytes.AsSpan(sizeof(ulong)));
        return bytes;
    }

    private static void StageHead(StoreBatch batch, LogPosition head) =>
        batch.Put(StoreSpace.Meta, HeadKey, HeadOf(head));
}
