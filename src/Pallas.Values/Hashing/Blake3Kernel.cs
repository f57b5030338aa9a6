using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Pallas.Values.Hashing;

/// <summary>How one compression is computed; every path gives the same bits.</summary>
internal enum Blake3Path
{
    /// <summary>Plain 32-bit arithmetic: every machine.</summary>
    Scalar,

    /// <summary>One block at a time, the state as four vectors of four words.</summary>
    Rows,

    /// <summary>Eight inputs at a time, one to a lane (AVX2); single blocks as rows.</summary>
    Lanes,
}

/// <summary>
/// The compression function of BLAKE3 and the nodes of its tree. A value is eight words; a chunk
/// is up to 1024 bytes, in blocks of 64; a parent is one block, the values of its two children.
/// The fast paths read words as the machine does and so are chosen on little-endian ones only.
/// </summary>
internal static class Blake3Kernel
{
    public const int ChunkBytes = 1024;
    public const int BlockBytes = 64;
    public const int BlockWords = 16;
    public const int ValueWords = 8;

    /// <summary>With fewer inputs, one by one is faster than half-empty lanes.</summary>
    private const int LanesWorthwhile = 3;

    internal const uint ChunkStart = 1;
    internal const uint ChunkEnd = 2;
    internal const uint Parent = 4;
    internal const uint Root = 8;

    /// <summary>The initial value, which is also the key of the unkeyed hash.</summary>
    internal static ReadOnlySpan<uint> Initial =>
    [
        0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
        0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19,
    ];

    /// <summary>Which message word each of the seven rounds takes where.</summary>
    internal static ReadOnlySpan<byte> Schedule =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8,
        3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1,
        10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6,
        12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4,
        9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7,
        11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13,
    ];

    public static Blake3Path Fastest =>
        !BitConverter.IsLittleEndian ? Blake3Path.Scalar
        : Blake3Lanes.IsSupported ? Blake3Path.Lanes
        : Vector128.IsHardwareAccelerated ? Blake3Path.Rows
        : Blake3Path.Scalar;

    public static Hash256 ToHash(ReadOnlySpan<uint> value)
    {
        Span<byte> bytes = stackalloc byte[Hash256.BytesCount];
        for (var i = 0; i < ValueWords; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[(4 * i)..], value[i]);
        return Hash256.FromBytes(bytes);
    }

    /// <summary>The value of one chunk of 0 to 1024 bytes.</summary>
    public static void HashChunk(
        Blake3Path path, ReadOnlySpan<byte> input, ulong chunkIndex, bool isRoot, Span<uint> value)
    {
        Span<uint> block = stackalloc uint[BlockWords];
        Initial.CopyTo(value);
        var flags = ChunkStart;
        while (input.Length > BlockBytes)
        {
            ReadBlock(input, block);
            Compress(path, value, block, chunkIndex, BlockBytes, flags);
            input = input[BlockBytes..];
            flags = 0;
        }

        block.Clear();
        ReadBlock(input, block);
        flags |= ChunkEnd | (isRoot ? Root : 0);
        Compress(path, value, block, chunkIndex, (uint)input.Length, flags);
    }

    /// <summary>The values of all chunks of the input, the last of which may be short.</summary>
    /// <returns>How many there are.</returns>
    public static int HashChunks(
        Blake3Path path, ReadOnlySpan<byte> input, ulong chunkIndex, Span<uint> values)
    {
        var count = 0;
        if (path == Blake3Path.Lanes)
        {
            var full = input.Length / ChunkBytes;
            while (full - count >= LanesWorthwhile)
            {
                var lanes = Math.Min(full - count, Blake3Lanes.Count);
                Blake3Lanes.HashChunks(
                    input[(count * ChunkBytes)..], lanes, chunkIndex + (uint)count,
                    values[(count * ValueWords)..]);
                count += lanes;
            }
        }

        for (; count * ChunkBytes < input.Length; count++)
        {
            var chunk = input[(count * ChunkBytes)..];
            HashChunk(
                path, chunk[..Math.Min(chunk.Length, ChunkBytes)], chunkIndex + (uint)count,
                isRoot: false, values.Slice(count * ValueWords, ValueWords));
        }

        return count;
    }

    /// <summary>Replaces pairs of values, in place, by the values of their parents.</summary>
    public static void HashParents(Blake3Path path, int pairCount, Span<uint> values)
    {
        var count = 0;
        while (path == Blake3Path.Lanes && pairCount - count >= LanesWorthwhile)
        {
            var lanes = Math.Min(pairCount - count, Blake3Lanes.Count);
            Blake3Lanes.HashParents(
                values[(count * BlockWords)..], lanes, values[(count * ValueWords)..]);
            count += lanes;
        }

        for (; count < pairCount; count++)
            HashParent(
                path, values.Slice(count * BlockWords, BlockWords), isRoot: false,
                values.Slice(count * ValueWords, ValueWords));
    }

    /// <summary>The value of a parent; it may overwrite one of the two in the pair.</summary>
    public static void HashParent(
        Blake3Path path, ReadOnlySpan<uint> pair, bool isRoot, Span<uint> value)
    {
        Span<uint> state = stackalloc uint[ValueWords];
        Initial.CopyTo(state);
        Compress(path, state, pair, 0, BlockBytes, Parent | (isRoot ? Root : 0));
        state.CopyTo(value);
    }

    private static void ReadBlock(ReadOnlySpan<byte> input, Span<uint> block)
    {
        if (BitConverter.IsLittleEndian)
        {
            input[..Math.Min(input.Length, BlockBytes)].CopyTo(MemoryMarshal.AsBytes(block));
            return;
        }

        Span<byte> padded = stackalloc byte[BlockBytes];
        padded.Clear();
        input[..Math.Min(input.Length, BlockBytes)].CopyTo(padded);
        for (var i = 0; i < BlockWords; i++)
            block[i] = BinaryPrimitives.ReadUInt32LittleEndian(padded[(4 * i)..]);
    }

    private static void Compress(
        Blake3Path path, Span<uint> value, ReadOnlySpan<uint> block, ulong counter,
        uint blockBytes, uint flags)
    {
        if (path == Blake3Path.Scalar)
            CompressScalar(value, block, counter, blockBytes, flags);
        else
            CompressRows(value, block, counter, blockBytes, flags);
    }

    private static void CompressScalar(
        Span<uint> value, ReadOnlySpan<uint> block, ulong counter, uint blockBytes, uint flags)
    {
        Span<uint> state =
        [
            value[0], value[1], value[2], value[3], value[4], value[5], value[6], value[7],
            Initial[0], Initial[1], Initial[2], Initial[3],
            (uint)counter, (uint)(counter >> 32), blockBytes, flags,
        ];
        for (var at = 0; at < Schedule.Length; at += BlockWords)
        {
            for (var i = 0; i < 4; i++)
                Mix(state, i, 4 + i, 8 + i, 12 + i,
                    block[Schedule[at + 2 * i]], block[Schedule[at + 2 * i + 1]]);
            for (var i = 0; i < 4; i++)
                Mix(state, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4,
                    block[Schedule[at + 8 + 2 * i]], block[Schedule[at + 9 + 2 * i]]);
        }

        for (var i = 0; i < ValueWords; i++)

            value[i] = state[i] ^ state[i + ValueWords];
    }

    private static void Mix(Span<uint> state, int a, int b, int c, int d, uint first, uint second)
    {
        state[a] += state[b] + first;
        state[d] = BitOperations.RotateRight(state[d] ^ state[a], 16);
        state[c] += state[d];
        state[b] = BitOperations.RotateRight(state[b] ^ state[c], 12);
        state[a] += state[b] + second;
        state[d] = BitOperations.RotateRight(state[d] ^ state[a], 8);
        state[c] += state[d];
        state[b] = BitOperations.RotateRight(state[b] ^ state[c], 7);
    }

    /// <summary>
    /// The columns of the state are mixed in parallel; turning rows 1 to 3 makes the diagonals
    /// into columns. Optimised at once: untiered vector code is some hundred times slower.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CompressRows(
        Span<uint> value, ReadOnlySpan<uint> block, ulong counter, uint blockBytes, uint flags)
    {
        var low = Vector128.Create<uint>(value);
        var high = Vector128.Create<uint>(value[4..]);
        Vector128<uint> row0 = low, row1 = high;
        var row2 = Vector128.Create(Initial);
        var row3 =
            Vector128.Create((uint)counter, (uint)(counter >> 32), blockBytes, flags);
        ref var at = ref MemoryMarshal.GetReference(Schedule);
        ref var words = ref MemoryMarshal.GetReference(block[..BlockWords]);
        for (var round = 0; round < 7; round++)
        {
            MixRows(ref row0, ref row1, ref row2, ref row3,
                Pick(ref words, ref at, 0), Pick(ref words, ref at, 1));
            row1 = Vector128.Shuffle(row1, Vector128.Create(1u, 2, 3, 0));
            row2 = Vector128.Shuffle(row2, Vector128.Create(2u, 3, 0, 1));
            row3 = Vector128.Shuffle(row3, Vector128.Create(3u, 0, 1, 2));
            MixRows(ref row0, ref row1, ref row2, ref row3,
                Pick(ref words, ref at, 8), Pick(ref words, ref at, 9));
            row1 = Vector128.Shuffle(row1, Vector128.Create(3u, 0, 1, 2));
            row2 = Vector128.Shuffle(row2, Vector128.Create(2u, 3, 0, 1));
            row3 = Vector128.Shuffle(row3, Vector128.Create(1u, 2, 3, 0));
            at = ref Unsafe.Add(ref at, BlockWords);
        }

        (row0 ^ row2).CopyTo(value);
        (row1 ^ row3).CopyTo(value[4..]);
    }

    /// <summary>Every second word of the round's schedule, four of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Pick(ref uint words, ref byte at, int start) =>
        Vector128.Create(
            Unsafe.Add(ref words, Unsafe.Add(ref at, start)),
            Unsafe.Add(ref words, Unsafe.Add(ref at, start + 2)),
            Unsafe.Add(ref words, Unsafe.Add(ref at, start + 4)),
            Unsafe.Add(ref words, Unsafe.Add(ref at, start + 6)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MixRows(
        ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c,
        ref Vector128<uint> d, Vector128<uint> first, Vector128<uint> second)
    {
        a += b + first;
        d = Turn(d ^ a, 16);
        c += d;
        b = Turn(b ^ c, 12);
        a += b + second;
        d = Turn(d ^ a, 8);
        c += d;
        b = Turn(b ^ c, 7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Turn(Vector128<uint> vector, int bits) =>
        (vector >>> bits) | (vector << (32 - bits));
}
