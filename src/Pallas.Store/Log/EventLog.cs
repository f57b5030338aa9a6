using System.Buffers.Binary;
using Pallas.Plan;
using Pallas.Store.Pins;

namespace Pallas.Store.Log;

/// <summary>The event log: records numbered without a gap, each naming the one before.</summary>
/// <remarks>
/// A record is the BLAKE3 hash of what follows it (checksum and link in one), the hash of the
/// record before, its number (8 bytes), and the payload: a word of ones and a chunk, or, where
/// that would be too big and in all records of the first format, the blob of a pin. The head, kept
/// in the same batch, is the number and hash of the last record, so that a lost end is seen too.
/// </remarks>
public sealed class EventLog
{
    private const int HeaderBytes = 2 * Hash256.BytesCount + sizeof(ulong);

    /// <summary>More references than any blob has.</summary>
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

    /// <summary>The last record that is committed.</summary>
    public LogPosition Last { get; private set; }

    /// <summary>Puts the head of an empty log into the batch that makes a store.</summary>
    internal static void StageEmpty(StoreBatch batch, Hash256 root) =>
        StageHead(batch, new LogPosition(0, root));

    /// <summary>The number of the last record, without a look at the log; 0 where nothing tells.
    /// </summary>
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
        // What began as a fork at its oldest snapshot has no record before its first event.
        var lastKey = store.Last(StoreSpace.Log)?.Key
            ?? store.Keys(StoreSpace.Snapshots, []).FirstOrDefault();
        var lastNumber = lastKey is { Length: sizeof(ulong) }
            ? BinaryPrimitives.ReadUInt64BigEndian(lastKey)
            : 0;
        if (lastNumber != number)
            throw StoreError.Damaged($"the log ends at {lastNumber}, its head says {number}");
        return new EventLog(store, pins, position);
    }

    /// <summary>Every record after a position, in order, each checked before it is given.</summary>
    /// <exception cref="StoreError">A record is missing, changed, or not the next one.</exception>
    public IEnumerable<LogRecord> Read(LogPosition after)
    {
        var before = after;
        if (after.Number > Last.Number)
            throw StoreError.Damaged($"a snapshot is ahead of the log's end, {Last.Number}");
        foreach (var (key, bytes) in store.Scan(StoreSpace.Log, KeyOf(after.Number + 1)))
        {
            var position = Check(key, bytes, before);
            yield return new LogRecord(
                position, ReadPayload(position.Number, bytes), bytes.Length);
            before = position;
        }
        if (before != Last)
            throw StoreError.Damaged($"the log breaks off after record {before.Number}");
    }

    /// <summary>
    /// Adds the next record to a batch, with the pins that its payload refers to.
    /// </summary>
    /// <param name="payload">In normal form.</param>
    /// <returns>What to give to <see cref="Committed"/> once the batch is committed.</returns>
    public StagedRecord Stage(StoreBatch batch, Value payload)
    {
        var bytes = WritePayload(payload, out var refs);
        var staged = pins.Stage(batch, refs);
        var number = Last.Number + 1;
        Last.Hash.WriteTo(bytes.AsSpan(Hash256.BytesCount));
        BinaryPrimitives.WriteUInt64LittleEndian(
            bytes.AsSpan(2 * Hash256.BytesCount), number);
        var hash = HashOf(bytes);
        hash.WriteTo(bytes);
        var position = new LogPosition(number, hash);
        batch.Put(StoreSpace.Log, KeyOf(number), bytes);
        StageHead(batch, position);
        return new StagedRecord(position, staged, batch.BytesCount);
    }

    /// <summary>Makes a staged record the last one, after its batch was committed.</summary>
    public void Committed(StagedRecord record)
    {
        pins.Kept(record.Pins);
        Last = record.Position;
    }

    /// <summary>The place after a record, whose checksum is believed.</summary>
    /// <exception cref="StoreError">It is too short to have one.</exception>
    internal static LogPosition PositionOf(ulong number, byte[] record) =>
        record.Length >= HeaderBytes
            ? new LogPosition(number, Hash256.FromBytes(record))
            : throw StoreError.Damaged($"record {number} of the log is cut short");

    /// <summary>The number of the record that a key stands for.</summary>
    /// <exception cref="StoreError">It is no number.</exception>
    internal static ulong NumberOf(byte[] key) => key.Length == sizeof(ulong)
        ? BinaryPrimitives.ReadUInt64BigEndian(key)
        : throw StoreError.Damaged("a key of the log is no number");

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
        if (HashOf(bytes) != position.Hash && !pins.BelievesAll)
            throw StoreError.Damaged($"record {number} of the log does not match its checksum");
        var follows = Hash256.FromBytes(bytes.AsSpan(Hash256.BytesCount)) == before.Hash;
        var inside = BinaryPrimitives.ReadUInt64LittleEndian(
            bytes.AsSpan(2 * Hash256.BytesCount));
        if (!follows || inside != number)
            throw StoreError.Damaged($"record {number} of the log does not follow the one before");
        return position;
    }

    /// <returns>A record whose header is not filled in.</returns>
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
        // A blob takes longer to write and keeps all sharing.
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

    /// <summary>What stands under <see cref="HeadKey"/> when this is the last record.</summary>
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
