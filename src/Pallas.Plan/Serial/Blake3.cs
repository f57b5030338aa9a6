namespace Pallas.Plan;

/// <summary>Unkeyed BLAKE3 with 32 bytes of output: the hash of pins and of the store.</summary>
public static class Blake3
{
    public static Hash256 Hash(ReadOnlySpan<byte> input) => Hash(input, Blake3Kernel.Fastest);

    internal static Hash256 Hash(ReadOnlySpan<byte> input, Blake3Path path)
    {
        if (input.Length > Blake3Kernel.ChunkBytes)
        {
            var hasher = new Blake3Hasher(path);
            hasher.Update(input);
            return hasher.Finish();
        }

        // One chunk needs no tree and so no allocation.
        Span<uint> value = stackalloc uint[8];
        Blake3Kernel.HashChunk(path, input, chunkIndex: 0, isRoot: true, value);
        return Blake3Kernel.ToHash(value);
    }
}
