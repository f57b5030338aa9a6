using System.Buffers.Binary;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Store.Pins;

/// <summary>The references and sizes of large pins and chunks, stored apart from their content, so
/// that following references does not read the content.</summary>
/// <remarks>
/// An entry is in the space of facts about the store, under <c>r</c> and the hash of the content.
/// It is the BLAKE3 hash of the key's hash and of the bytes that follow, the size of the content (4
/// bytes), the number of pins that it refers to (4 bytes), their hashes, and the hashes of the
/// chunks that it refers to. It follows from the content, so it is never out of date. If it is
/// missing or damaged, the content serves instead. Small content has no entry, and the first
/// collection adds the entries to a store of an earlier version.
/// </remarks>
internal static class ReferenceIndex
{
    /// <summary>Reading smaller content takes no longer than reading its entry.</summary>
    public const int ContentBytesMin = 4 << 10;

    private const int PinsCountAt = Hash256.BytesCount + sizeof(int);
    private const int RefsAt = PinsCountAt + sizeof(int);

    private const byte Mark = (byte)'r';

    public static byte[] KeyOf(Hash256 hash) => [Mark, .. hash.ToBytes()];

    /// <summary>The hash in the key of an entry; null for a key of something else.</summary>
    public static Hash256? HashOf(byte[] key) =>
        key.Length == 1 + Hash256.BytesCount && key[0] == Mark
            ? Hash256.FromBytes(key.AsSpan(1))
            : null;

    /// <summary>Adds the entry of large content to a batch, and none for small content.</summary>
    public static void Stage(
        StoreBatch batch, Hash256 hash, int contentBytes, IReadOnlyCollection<Hash256> pins,
        IReadOnlyCollection<Hash256> chunks)
    {
        if (contentBytes < ContentBytesMin)
            return;
        var bytes = new byte[RefsAt + ((pins.Count + chunks.Count) * Hash256.BytesCount)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(Hash256.BytesCount), contentBytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(PinsCountAt), pins.Count);
        var at = RefsAt;
        foreach (var inner in pins.Concat(chunks))
        {
            inner.WriteTo(bytes.AsSpan(at));
            at += Hash256.BytesCount;
        }
        Invariant.Check(at == bytes.Length, "an entry of the index holds every reference");
        SumOf(hash, bytes).WriteTo(bytes);
        batch.Put(StoreSpace.Meta, KeyOf(hash), bytes);
    }

    /// <returns>The size of the content; null if the entry is missing or damaged.</returns>
    public static int? Read(
        IStoreReader store, Hash256 hash, Action<Hash256> onPin, Action<Hash256> onChunk)
    {
        if (store.Get(StoreSpace.Meta, KeyOf(hash)) is not { Length: >= RefsAt } bytes
            || (bytes.Length - RefsAt) % Hash256.BytesCount != 0
            || Hash256.FromBytes(bytes) != SumOf(hash, bytes))
            return null;
        var pinsCount = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(PinsCountAt));
        for (var i = 0; RefsAt + (i * Hash256.BytesCount) < bytes.Length; i++)
        {
            var inner = Hash256.FromBytes(bytes.AsSpan(RefsAt + (i * Hash256.BytesCount)));
            (i < pinsCount ? onPin : onChunk)(inner);
        }
        return BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(Hash256.BytesCount));
    }

    private static Hash256 SumOf(Hash256 hash, byte[] bytes) =>
        Blake3.Hash([.. hash.ToBytes(), .. bytes.AsSpan(Hash256.BytesCount)]);
}
