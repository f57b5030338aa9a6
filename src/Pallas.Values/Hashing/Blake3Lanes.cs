using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pallas.Values.Hashing;

/// <summary>
/// Eight BLAKE3 nodes at once: vector i holds word i of all eight states, one to a lane. With
/// fewer than eight inputs the last one fills the lanes that are left, and is dropped.
/// </summary>
internal static class Blake3Lanes
{
    public const int Count = 8;

    public static bool IsSupported => Avx2.IsSupported && BitConverter.IsLittleEndian;

    public static void HashChunks(
        ReadOnlySpan<byte> input, int count, ulong chunkIndex, Span<uint> values)
    {
        _ = input[..(count * Blake3Kernel.ChunkBytes)];
        Hash(ref MemoryMarshal.GetReference(input), Blake3Kernel.ChunkBytes, count,
            chunkIndex, isParent: false, values);
    }

    /// <summary>The values may be written over the pairs.</summary>
    public static void HashParents(ReadOnlySpan<uint> pairs, int count, Span<uint> values)
    {
        var input =
            MemoryMarshal.AsBytes(pairs[..(count * Blake3Kernel.BlockWords)]);
        Hash(ref MemoryMarshal.GetReference(input), Blake3Kernel.BlockBytes, count,
            chunkIndex: 0, isParent: true, values);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Hash(
        ref byte input, int inputBytes, int count, ulong chunkIndex, bool isParent,
        Span<uint> values)
    {
        Span<Vector256<uint>> state = stackalloc Vector256<uint>[Blake3Kernel.ValueWords];
        Span<Vector256<uint>> block = stackalloc Vector256<uint>[Blake3Kernel.BlockWords];
        Span<nint> starts = stackalloc nint[Count];
        Span<uint> low = stackalloc uint[Count];
        Span<uint> high = stackalloc uint[Count];
        for (var lane = 0; lane < Count; lane++)
        {
            state[lane] = Vector256.Create(Blake3Kernel.Initial[lane]);
            starts[lane] = Math.Min(lane, count - 1) * inputBytes;
            var counter = isParent ? 0 : chunkIndex + (uint)lane;
            low[lane] = (uint)counter;
            high[lane] = (uint)(counter >> 32);
        }

        var counterLow = Vector256.Create<uint>(low);
        var counterHigh = Vector256.Create<uint>(high);
        var flags = isParent ? Blake3Kernel.Parent : Blake3Kernel.ChunkStart;
        for (var at = 0; at < inputBytes; at += Blake3Kernel.BlockBytes)
        {
            if (!isParent && at + Blake3Kernel.BlockBytes == inputBytes)
                flags |= Blake3Kernel.ChunkEnd;
            ReadHalfBlock(ref Unsafe.Add(ref input, at), starts, block);
            ReadHalfBlock(ref Unsafe.Add(ref input, at + 32), starts, block[8..]);
            Compress(ref state[0], ref block[0], counterLow, counterHigh, flags);
            flags = isParent ? Blake3Kernel.Parent : 0;
        }

        Transpose(state);
        for (var lane = 0; lane < count; lane++)
            state[lane].CopyTo(values[(lane * Blake3Kernel.ValueWords)..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ReadHalfBlock(
        ref byte input, ReadOnlySpan<nint> starts, Span<Vector256<uint>> rows)
    {
        for (var lane = 0; lane < Count; lane++)
            rows[lane] = Vector256.LoadUnsafe(ref Unsafe.Add(ref input, starts[lane])).AsUInt32();
        Transpose(rows);
    }

    /// <summary>Turns eight rows of eight words into eight columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose(Span<Vector256<uint>> rows)
    {
        rows = rows[..8];
        for (var i = 0; i < 8; i += 4)
        {
            var low01 = Avx2.UnpackLow(rows[i], rows[i + 1]).AsUInt64();
            var high01 = Avx2.UnpackHigh(rows[i], rows[i + 1]).AsUInt64();
            var low23 = Avx2.UnpackLow(rows[i + 2], rows[i + 3]).AsUInt64();
            var high23 = Avx2.UnpackHigh(rows[i + 2], rows[i + 3]).AsUInt64();
            rows[i] = Avx2.UnpackLow(low01, low23).AsUInt32();
            rows[i + 1] = Avx2.UnpackHigh(low01, low23).AsUInt32();
            rows[i + 2] = Avx2.UnpackLow(high01, high23).AsUInt32();
            rows[i + 3] = Avx2.UnpackHigh(high01, high23).AsUInt32();
        }

        for (var i = 0; i < 4; i++)
        {
            Vector256<uint> left = rows[i], right = rows[i + 4];
            rows[i] = Avx2.Permute2x128(left, right, 0x20);
            rows[i + 4] = Avx2.Permute2x128(left, right, 0x31);
        }
    }

    /// <summary>
    /// All sixteen state vectors stay in locals, hence in registers where there are enough; the
    /// message is read by the schedule, which costs loads only.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compress(
        ref Vector256<uint> h, ref Vector256<uint> m, Vector256<uint> counterLow,
        Vector256<uint> counterHigh, uint flags)
    {
        Vector256<uint> v0 = h, v1 = Unsafe.Add(ref h, 1);
        Vector256<uint> v2 = Unsafe.Add(ref h, 2), v3 = Unsafe.Add(ref h, 3);
        Vector256<uint> v4 = Unsafe.Add(ref h, 4), v5 = Unsafe.Add(ref h, 5);
        Vector256<uint> v6 = Unsafe.Add(ref h, 6), v7 = Unsafe.Add(ref h, 7);
        var v8 = Vector256.Create(Blake3Kernel.Initial[0]);
        var v9 = Vector256.Create(Blake3Kernel.Initial[1]);
        var v10 = Vector256.Create(Blake3Kernel.Initial[2]);
        var v11 = Vector256.Create(Blake3Kernel.Initial[3]);
        Vector256<uint> v12 = counterLow, v13 = counterHigh;
        var v14 = Vector256.Create((uint)Blake3Kernel.BlockBytes);
        var v15 = Vector256.Create(flags);
        ref var at = ref MemoryMarshal.GetReference(Blake3Kernel.Schedule);
        for (var round = 0; round < 7; round++)
        {
            Mix(ref v0, ref v4, ref v8, ref v12, Word(ref m, ref at, 0), Word(ref m, ref at, 1));
            Mix(ref v1, ref v5, ref v9, ref v13, Word(ref m, ref at, 2), Word(ref m, ref at, 3));
            Mix(ref v2, ref v6, ref v10, ref v14, Word(ref m, ref at, 4), Word(ref m, ref at, 5));
            Mix(ref v3, ref v7, ref v11, ref v15, Word(ref m, ref at, 6), Word(ref m, ref at, 7));
            Mix(ref v0, ref v5, ref v10, ref v15, Word(ref m, ref at, 8), Word(ref m, ref at, 9));
            Mix(ref v1, ref v6, ref v11, ref v12, Word(ref m, ref at, 10), Word(ref m, ref at, 11));
            Mix(ref v2, ref v7, ref v8, ref v13, Word(ref m, ref at, 12), Word(ref m, ref at, 13));
            Mix(ref v3, ref v4, ref v9, ref v14, Word(ref m, ref at, 14), Word(ref m, ref at, 15));
            at = ref Unsafe.Add(ref at, Blake3Kernel.BlockWords);
        }

        h = v0 ^ v8;
        Unsafe.Add(ref h, 1) = v1 ^ v9;
        Unsafe.Add(ref h, 2) = v2 ^ v10;
        Unsafe.Add(ref h, 3) = v3 ^ v11;
        Unsafe.Add(ref h, 4) = v4 ^ v12;
        Unsafe.Add(ref h, 5) = v5 ^ v13;
        Unsafe.Add(ref h, 6) = v6 ^ v14;
        Unsafe.Add(ref h, 7) = v7 ^ v15;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Word(ref Vector256<uint> message, ref byte at, int index) =>
        Unsafe.Add(ref message, Unsafe.Add(ref at, index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(
        ref Vector256<uint> a, ref Vector256<uint> b, ref Vector256<uint> c,
        ref Vector256<uint> d, Vector256<uint> first, Vector256<uint> second)
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
    private static Vector256<uint> Turn(
        Vector256<uint> vector, [ConstantExpected] byte bits) =>
        Avx512F.VL.IsSupported
            ? Avx512F.VL.RotateRight(vector, bits)
            : (vector >>> bits) | (vector << (32 - bits));
}
