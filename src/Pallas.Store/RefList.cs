using System.Buffers.Binary;
using Pallas.Plan;

namespace Pallas.Store;

/// <summary>What a big pin or chunk refers to, kept beside it: so the collector need not read it.
/// </summary>
/// <remarks>
/// Kept under <c>r</c> and the hash, in the space of facts about the store: the BLAKE3 hash of the
/// pin's hash and of what follows it, how many pins it refers to (4 bytes), their hashes, those of
/// the chunks. It follows from the content, so it is never out of date, and where it is missing or
/// damaged the content itself says the same: small ones have none, and stores of earlier versions
/// get theirs from the first collection.
/// </remarks>
internal static class RefList
{
    /// <summary>Reading less than that takes no longer than reading its list.</summary>
    public const int ContentBytesMin = 4 << 10;

    private const int BodyAt = Hash256.BytesCount + sizeof(int);

    public static byte[] KeyOf(Hash256 hash) => [(byte)'r', .. hash.ToBytes()];

    /// <param name="contentBytes">How big the pin or chunk is: a small one needs none.</param>
    public static void Stage(
        StoreBatch batch, Hash256 hash, int contentBytes, IReadOnlyCollection<Hash256> pins,
        IReadOnlyCollection<Hash256> chunks)
    {
        if (contentBytes < ContentBytesMin)
            return;
        var bytes = new byte[BodyAt + ((pins.Count + chunks.Count) * Hash256.BytesCount)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(Hash256.BytesCount), pins.Count);
        var at = BodyAt;
        foreach (var inner in pins.Concat(chunks))
        {
            inner.WriteTo(bytes.AsSpan(at));
            at += Hash256.BytesCount;
        }
        SumOf(hash, bytes).WriteTo(bytes);
        batch.Put(StoreSpace.Meta, KeyOf(hash), bytes);
    }

    /// <returns>False where there is none that can be believed.</returns>
    public static bool TryRead(
        IStoreReader store, Hash256 hash, Action<Hash256> onPin, Action<Hash256> onChunk)
    {
        if (store.Get(StoreSpace.Meta, KeyOf(hash)) is not { Length: >= BodyAt } bytes
            || Hash256.FromBytes(bytes) != SumOf(hash, bytes))
            return false;
        var pinsCount = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(Hash256.BytesCount));
        for (var i = 0; BodyAt + (i * Hash256.BytesCount) < bytes.Length; i++)
        {
            var inner = Hash256.FromBytes(bytes.AsSpan(BodyAt + (i * Hash256.BytesCount)));
            (i < pinsCount ? onPin : onChunk)(inner);
        }
        return true;
    }

    private static Hash256 SumOf(Hash256 hash, byte[] bytes) =>
        Blake3.Hash([.. hash.ToBytes(), .. bytes.AsSpan(Hash256.BytesCount)]);
}
