namespace Pallas.Values.Hashing;

/// <summary>Unkeyed BLAKE3 with 32 bytes of output: the hash of pins and of the store.</summary>
public static class Blake3
{
    public static Hash256 Hash(ReadOnlySpan<byte> input) => Hash(input, Blake3Kernel.Fastest);

    /// <summary>The hash of one part after the other.</summary>
    internal static Hash256 Hash(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var bytes = first.Length + second.Length;
        if (bytes > Blake3Hasher.UnitBytes)
        {
            var hasher = new Blake3Hasher();
            hasher.Update(first);
            hasher.Update(second);
            return hasher.Finish();
        }
        Span<byte> both = stackalloc byte[bytes];
        first.CopyTo(both);
        second.CopyTo(both[first.Length..]);
        return Hash(both);
    }

    internal static Hash256 Hash(ReadOnlySpan<byte> input, Blake3Path path)
    {
        if (input.Length > Blake3Hasher.UnitBytes)
        {
            var hasher = new Blake3Hasher(path);
            hasher.Update(input);
            return hasher.Finish();
        }

        // What is there at once needs no hasher and so no allocation.
        Span<uint> value = stackalloc uint[8];
        Blake3Hasher.HashSubtree(path, input, chunkIndex: 0, isRoot: true, value);
        return Blake3Kernel.ToHash(value);
    }
}
