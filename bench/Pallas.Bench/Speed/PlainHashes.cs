using System.Buffers.Binary;
using System.Numerics;

namespace Pallas.Bench;

/// <summary>Keccak-256 and BLAKE3 transcribed from their papers, word by word.</summary>
internal static class PlainHashes
{
    private const int RateBytes = 136;
    private const int ChunkBytes = 1024;

    private static readonly ulong[] RoundConstants = MakeRoundConstants();

    private static readonly int[] Turns =
    [
        0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56,
        14,
    ];

    private static readonly uint[] Start =
    [
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    ];

    private static readonly int[] MessageOrder =
        [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];

    public static byte[] Keccak256(byte[] input)
    {
        var padded = new byte[(input.Length / RateBytes + 1) * RateBytes];
        input.CopyTo(padded, 0);
        padded[input.Length] ^= 1;
        padded[^1] ^= 0x80;
        var state = new ulong[25];
        for (var block = 0; block < padded.Length; block += RateBytes)
        {
            for (var i = 0; i < RateBytes / 8; i++)
                state[i] ^= BinaryPrimitives.ReadUInt64LittleEndian(padded.AsSpan(block + 8 * i));
            foreach (var constant in RoundConstants)
                state = KeccakRound(state, constant);
        }
        var hash = new byte[32];
        for (var i = 0; i < 4; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(hash.AsSpan(8 * i), state[i]);
        return hash;
    }

    public static byte[] Blake3(byte[] input)
    {
        var chunkCount = Math.Max(1, (input.Length + ChunkBytes - 1) / ChunkBytes);
        var words = Tree(input, 0, chunkCount).Compress(rootFlag: 8);
        var hash = new byte[32];
        for (var i = 0; i < 8; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(hash.AsSpan(4 * i), words[i]);
        return hash;
    }

    private static ulong[] KeccakRound(ulong[] state, ulong constant)
    {
        var columns = new ulong[5];
        for (var x = 0; x < 5; x++)
        {
            for (var y = 0; y < 5; y++)
                columns[x] ^= state[x + 5 * y];
        }
        var turned = new ulong[25];
        for (var i = 0; i < 25; i++)
        {
            var (x, y) = (i % 5, i / 5);
            var from = (x + 3 * y) % 5 + 5 * x;
            var spread = columns[(from % 5 + 4) % 5]
                ^ BitOperations.RotateLeft(columns[(from % 5 + 1) % 5], 1);
            turned[i] = BitOperations.RotateLeft(state[from] ^ spread, Turns[from]);
        }
        var next = new ulong[25];
        for (var i = 0; i < 25; i++)
        {
            var line = i / 5 * 5;
            next[i] = turned[i] ^ (~turned[line + (i + 1) % 5] & turned[line + (i + 2) % 5]);
        }
        next[0] ^= constant;
        return next;
    }

    private static ulong[] MakeRoundConstants()
    {
        var constants = new ulong[24];
        uint register = 1;
        foreach (ref var constant in constants.AsSpan())
        {
            for (var bit = 1; bit <= 64; bit *= 2)
            {
                if ((register & 1) != 0)
                    constant |= 1UL << (bit - 1);
                register = (register << 1) ^ ((register >> 7) * 0x171);
            }
        }
        return constants;
    }

    private static Block Tree(byte[] input, int from, int count)
    {
        if (count == 1)
            return Chunk(input, from);
        var half = 1 << (BitOperations.Log2((uint)count - 1));
        var left = Tree(input, from, half).Compress(0);
        var right = Tree(input, from + half, count - half).Compress(0);
        return new Block(Start, [.. left[..8], .. right[..8]], 0, 64, 4);
    }

    private static Block Chunk(byte[] input, int index)
    {
        var offset = index * ChunkBytes;
        var size = Math.Min(ChunkBytes, input.Length - offset);
        var chain = Start;
        for (var done = 0; ; done += 64)
        {
            var flags = done == 0 ? 1u : 0u;
            var left = Math.Min(64, size - done);
            var bytes = new byte[64];
            Array.Copy(input, offset + done, bytes, 0, left);
            var words = new uint[16];
            for (var i = 0; i < 16; i++)
                words[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4 * i));
            if (done + 64 >= size)
                return new Block(chain, words, (ulong)index, (uint)left, flags | 2);
            chain = new Block(chain, words, (ulong)index, 64, flags).Compress(0)[..8];
        }
    }

    private sealed record Block(uint[] Chain, uint[] Words, ulong Count, uint Size, uint Flags)
    {
        public uint[] Compress(uint rootFlag)
        {
            uint[] state =
            [
                .. Chain, .. Start[..4],
                (uint)Count, (uint)(Count >> 32), Size, Flags | rootFlag,
            ];
            var words = Words;
            for (var round = 0; round < 7; round++)
            {
                Round(state, words);
                var next = new uint[16];
                for (var i = 0; i < 16; i++)
                    next[i] = words[MessageOrder[i]];
                words = next;
            }
            for (var i = 0; i < 8; i++)
            {
                state[i] ^= state[i + 8];
                state[i + 8] ^= Chain[i];
            }
            return state;
        }

        private static void Round(uint[] state, uint[] words)
        {
            Mix(state, 0, 4, 8, 12, words[0], words[1]);
            Mix(state, 1, 5, 9, 13, words[2], words[3]);
            Mix(state, 2, 6, 10, 14, words[4], words[5]);
            Mix(state, 3, 7, 11, 15, words[6], words[7]);
            Mix(state, 0, 5, 10, 15, words[8], words[9]);
            Mix(state, 1, 6, 11, 12, words[10], words[11]);
            Mix(state, 2, 7, 8, 13, words[12], words[13]);
            Mix(state, 3, 4, 9, 14, words[14], words[15]);
        }

        private static void Mix(uint[] state, int a, int b, int c, int d, uint x, uint y)
        {
            state[a] = state[a] + state[b] + x;
            state[d] = BitOperations.RotateRight(state[d] ^ state[a], 16);
            state[c] += state[d];
            state[b] = BitOperations.RotateRight(state[b] ^ state[c], 12);
            state[a] = state[a] + state[b] + y;
            state[d] = BitOperations.RotateRight(state[d] ^ state[a], 8);
            state[c] += state[d];
            state[b] = BitOperations.RotateRight(state[b] ^ state[c], 7);
        }
    }
}
