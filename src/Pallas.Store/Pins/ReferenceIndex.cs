using System.Buffers.Binary;
using Pallas.Plan;

namespace Pallas.Store.Pins;

/// <summary>How big a pin or chunk is and what it refers to, kept beside big ones: so who only
/// follows references need not read them.</summary>
/// <remarks>
/// Kept under <c>r</c> and the hash, in the space of facts about the store: the BLAKE3 hash of the
/// pin's hash and of what follows it, the size of the content (4 bytes), how many pins it refers to
/// (4 bytes), their hashes, those of the chunks. It follows from the content, so it is never out of
/// date, and where it is missing or damaged the content itself says the same: small ones have none,
/// and stores of earlier versions get theirs from the first collection.
/// </remarks>
internal static class ReferenceIndex
{
    /// <summary>Reading less than that takes no longer than reading its list.</summary>
    public const int ContentBytesMin = 4 << 10;

    private const int PinsCountAt = Hash256.BytesCount + sizeof(int);
    private const int RefsAt = PinsCountAt + sizeof(int);

    private const byte Mark = (byte)'r';

    public static byte[] KeyOf(Hash256 hash) => [Mark, .. hash.ToBytes()];

    /// <summary>Whose list stands under a key; null where none does.</summary>
    public static Hash256? HashOf(byte[] key) =>
        key.Length == 1 + Hash256.BytesCount && key[0] == Mark
            ? Hash256.FromBytes(key.AsSpan(1))
            : null;

    /// <param name="contentBytes">How big the pin or chunk is: a small one needs none.</param>
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
        SumOf(hash, bytes).WriteTo(bytes);
        batch.Put(StoreSpace.Meta, KeyOf(hash), bytes);
    }

    /// <returns>The size of the content; null where there is no list that can be believed.
    /// </returns>
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
