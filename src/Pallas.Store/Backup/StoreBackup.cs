using System.Buffers.Binary;
using Pallas.Store.Folder;
using Pallas.Store.Log;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Store.Backup;

/// <summary>A whole store as one stream of bytes, for a file or another machine.</summary>
/// <remarks>
/// It is <c>PALLASBK</c> and the version (4 bytes); for each pair its space (1 byte), the lengths
/// of key and value (4 bytes each), the key and the value; then the byte 255, the number of pairs
/// (8 bytes), and the BLAKE3 hash of all bytes before it. All numbers are little-endian.
/// </remarks>
public static class StoreBackup
{
    private const int Version = 1;
    private const byte End = 255;
    private const int PartBytesMax = 1 << 30;
    private const int BatchBytesMax = 4 << 20;

    private static readonly byte[] Magic = "PALLASBK"u8.ToArray();

    public static void Write(IStoreReader store, Stream output) => Write(
        Enum.GetValues<StoreSpace>().SelectMany(
            space => store.Scan(space, []), (space, pair) => (space, pair.Key, pair.Value)),
        output);

    /// <summary>Writes the store as if a record were the last one of its log.</summary>
    /// <param name="number">Of a stored record, or of the oldest snapshot.</param>
    /// <exception cref="StoreError">A part that the fork needs is missing or damaged.</exception>
    public static void WriteFork(MachineView view, ulong number, Stream output) =>
        Write(new StoreFork(view, number).Pairs(), output);

    private static void Write(
        IEnumerable<(StoreSpace Space, byte[] Key, byte[] Value)> pairs, Stream output)
    {
        var buffered = new BufferedStream(output, 1 << 16);
        var hasher = new Blake3Hasher();
        Span<byte> head = stackalloc byte[1 + (2 * sizeof(int))];
        Put(Magic);
        BinaryPrimitives.WriteInt32LittleEndian(head, Version);
        Put(head[..sizeof(int)]);
        var count = 0L;
        foreach (var (space, key, value) in pairs)
        {
            Invariant.Check(key.Length <= PartBytesMax && value.Length <= PartBytesMax,
                "a backup holds only parts that a restore accepts");
            head[0] = (byte)space;
            BinaryPrimitives.WriteInt32LittleEndian(head[1..], key.Length);
            BinaryPrimitives.WriteInt32LittleEndian(head[5..], value.Length);
            Put(head);
            Put(key);
            Put(value);
            count++;
        }
        head[0] = End;
        BinaryPrimitives.WriteInt64LittleEndian(head[1..], count);
        Put(head);
        buffered.Write(hasher.Finish().ToBytes());
        buffered.Flush();

        void Put(ReadOnlySpan<byte> bytes)
        {
            hasher.Update(bytes);
            buffered.Write(bytes);
        }
    }

    /// <summary>Reads a backup, which is verified only at its end.</summary>
    /// <param name="into">An empty store to fill; null to check only.</param>
    /// <exception cref="StoreError"><see cref="StoreErrorKind.Damaged"/>, or
    /// <see cref="StoreErrorKind.NewerFormat"/>; the filled store is unusable.</exception>
    public static void Read(Stream input, IStore? into)
    {
        Invariant.Check(into is null || EventLog.IsEmpty(into), "a backup fills an empty store");
        var source = new Source(input);
        CheckHead(source);
        var batch = new StoreBatch();
        var count = 0L;
        while (ReadPair(source, batch, count))
        {
            count++;
            if (batch.BytesCount < BatchBytesMax)
                continue;
            into?.Commit(batch, durable: false);
            batch = new StoreBatch();
        }
        source.CheckEnd();
        into?.Commit(batch, durable: true);
    }

    private static void CheckHead(Source source)
    {
        if (!source.Read(Magic.Length).AsSpan().SequenceEqual(Magic))
            throw new StoreError(StoreErrorKind.NotOurs, "this file is not a backup of a machine");
        var version = BinaryPrimitives.ReadInt32LittleEndian(source.Read(sizeof(int)));
        if (version != Version)
        {
            throw new StoreError(
                StoreErrorKind.NewerFormat,
                $"the backup has version {version}; this version of pallas reads {Version}");
        }
    }

    /// <param name="count">The number of pairs so far.</param>
    /// <returns>False at the end.</returns>
    private static bool ReadPair(Source source, StoreBatch batch, long count)
    {
        var head = source.Read(1 + (2 * sizeof(int)));
        if (head[0] == End)
        {
            if (BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(1)) != count)
                throw Damaged();
            return false;
        }
        var keyBytes = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(1));
        var valueBytes = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(5));
        if (!Enum.IsDefined((StoreSpace)head[0])
            || keyBytes is < 0 or > PartBytesMax || valueBytes is < 0 or > PartBytesMax)
            throw Damaged();
        batch.Put((StoreSpace)head[0], source.Read(keyBytes), source.Read(valueBytes));
        return true;
    }

    private static StoreError Damaged() =>
        new(StoreErrorKind.Damaged, "the backup is damaged: its hash does not match");

    /// <summary>A stream whose last bytes are the hash of all bytes before.</summary>
    private sealed class Source(Stream input)
    {
        private readonly Blake3Hasher hasher = new();
        private readonly BufferedStream buffered = new(input, 1 << 16);

        public byte[] Read(int length)
        {
            // The buffer grows with the bytes that arrive, because a damaged length may be huge.
            using var bytes = new MemoryStream();
            var part = new byte[Math.Min(length, 1 << 16)];
            while (bytes.Length < length)
            {
                var wanted = (int)Math.Min(part.Length, length - bytes.Length);
                var read = buffered.Read(part, 0, wanted);
                if (read == 0)
                {
                    throw new StoreError(
                        StoreErrorKind.Damaged, "the backup is damaged: it ends in the middle");
                }
                bytes.Write(part, 0, read);
            }
            var taken = bytes.ToArray();
            hasher.Update(taken);
            return taken;
        }

        public void CheckEnd()
        {
            var hash = hasher.Finish();
            if (Hash256.FromBytes(Read(Hash256.BytesCount)) != hash || buffered.ReadByte() >= 0)
                throw Damaged();
        }
    }
}
