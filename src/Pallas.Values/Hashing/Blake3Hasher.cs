using System.Numerics;

namespace Pallas.Values.Hashing;

/// <summary>
/// BLAKE3 of input that comes in pieces. The tree is built in units of eight chunks, so that the
/// eight lanes of a vector work on eight chunks at once.
///
/// Invariant: bytes enter the tree only when more bytes follow them, because the last node of the
/// tree is marked as the root. So the buffer is empty only as long as nothing was given, and the
/// stack holds the finished perfect subtrees of the units before it: as many as the unit count
/// has one-bits, largest first.
/// </summary>
public sealed class Blake3Hasher
{
    private const int UnitChunks = 8;
    internal const int UnitBytes = UnitChunks * Blake3Kernel.ChunkBytes;

    /// <summary>Units hashed in one go; the more, the fuller the lanes of their parents.</summary>
    private const int BatchUnits = 16;

    private const int ValueWords = 8;

    /// <summary>Most pins are smaller than that; the buffer grows to a unit once.</summary>
    private const int FirstBufferBytes = 512;

    private readonly Blake3Path path;
    private byte[] buffer = new byte[FirstBufferBytes];
    private int bufferedCount;
    private ulong unitCount;
    private uint[] stack = [];
    private int stackCount;

    public Blake3Hasher() : this(Blake3Kernel.Fastest)
    {
    }

    internal Blake3Hasher(Blake3Path path) => this.path = path;

    /// <summary>Makes the hasher as new.</summary>
    public void Reset()
    {
        bufferedCount = 0;
        unitCount = 0;
        stackCount = 0;
    }

    public void Update(ReadOnlySpan<byte> input)
    {
        if (input.Length > buffer.Length - bufferedCount && buffer.Length < UnitBytes)
            Array.Resize(ref buffer, UnitBytes);
        if (input.Length <= UnitBytes - bufferedCount)
        {
            input.CopyTo(buffer.AsSpan(bufferedCount));
            bufferedCount += input.Length;
            return;
        }

        if (bufferedCount > 0)
        {
            var fill = UnitBytes - bufferedCount;
            input[..fill].CopyTo(buffer.AsSpan(bufferedCount));
            input = input[fill..];
            AddUnits(buffer, 1);
            bufferedCount = 0;
        }

        while (input.Length > UnitBytes)
        {
            var units = UnitsToTake(input.Length);
            AddUnits(input[..(units * UnitBytes)], units);
            input = input[(units * UnitBytes)..];
        }

        input.CopyTo(buffer);
        bufferedCount = input.Length;
    }

    public void Update(byte value)
    {
        if (bufferedCount < buffer.Length)
            buffer[bufferedCount++] = value;
        else
            Update([value]);
    }

    /// <summary>The hash of all that was given; more may be given afterwards.</summary>
    public Hash256 Finish()
    {
        Span<uint> pair = stackalloc uint[2 * ValueWords];
        var right = pair[ValueWords..];
        var rest = buffer.AsSpan(0, bufferedCount);
        HashSubtree(path, rest, unitCount * UnitChunks, isRoot: stackCount == 0, right);
        for (var i = stackCount - 1; i >= 0; i--)
        {
            stack.AsSpan(i * ValueWords, ValueWords).CopyTo(pair);
            Blake3Kernel.HashParent(path, pair, isRoot: i == 0, right);
        }

        return Blake3Kernel.ToHash(right);
    }

    /// <summary>
    /// The largest power of two of units that leaves a byte over and that is a whole subtree at
    /// this place.
    /// </summary>
    private int UnitsToTake(int inputBytes)
    {
        var units = (int)BitOperations.RoundUpToPowerOf2((uint)((inputBytes - 1) / UnitBytes) + 1);
        units = Math.Min(units / 2, BatchUnits);
        return unitCount == 0
            ? units
            : Math.Min(units, 1 << Math.Min(BitOperations.TrailingZeroCount(unitCount), 16));
    }

    /// <summary>Adds a perfect subtree, then joins what became pairs of equal size.</summary>
    private void AddUnits(ReadOnlySpan<byte> input, int units)
    {
        Span<uint> pair = stackalloc uint[2 * ValueWords];
        var right = pair[ValueWords..];
        HashSubtree(path, input, unitCount * UnitChunks, isRoot: false, right);
        unitCount += (uint)units;

        var kept = BitOperations.PopCount(unitCount) - 1;
        for (; stackCount > kept; stackCount--)
        {
            stack.AsSpan((stackCount - 1) * ValueWords, ValueWords).CopyTo(pair);
            Blake3Kernel.HashParent(path, pair, isRoot: false, right);
        }

        if (stack.Length == stackCount * ValueWords)
            Array.Resize(ref stack, Math.Max(8 * ValueWords, 2 * stack.Length));
        right.CopyTo(stack.AsSpan(stackCount++ * ValueWords));
    }

    /// <summary>
    /// The value of the tree over <paramref name="input"/>, at most a batch long, whose first
    /// chunk has the given index. Level by level: neighbours are joined, an odd one moves up.
    /// </summary>
    internal static void HashSubtree(
        Blake3Path path, ReadOnlySpan<byte> input, ulong chunkIndex, bool isRoot, Span<uint> value)
    {
        if (input.Length <= Blake3Kernel.ChunkBytes)
        {
            Blake3Kernel.HashChunk(path, input, chunkIndex, isRoot, value);
            return;
        }

        Span<uint> values = stackalloc uint[BatchUnits * UnitChunks * ValueWords];
        var count = Blake3Kernel.HashChunks(path, input, chunkIndex, values);
        while (count > 2)
        {
            Blake3Kernel.HashParents(path, count / 2, values);
            if (count % 2 == 1)
                values.Slice((count - 1) * ValueWords, ValueWords)
                    .CopyTo(values[(count / 2 * ValueWords)..]);
            count = (count + 1) / 2;
        }

        Blake3Kernel.HashParent(path, values[..(2 * ValueWords)], isRoot, value);
    }
}
