using System.Buffers.Binary;
using Pallas.Formats.Seeds;

namespace Pallas.Fuzz;

/// <summary>
/// Seeds as no writer of ours would write them, but well formed: any fragments in any order, with
/// sharing that describes infinite values.
/// </summary>
public sealed class SeedMaker
{
    private readonly RandomStream random;
    private readonly List<bool> bits = [];
    private readonly ulong holeCount;
    private readonly List<ulong> words = [];
    private readonly List<byte> bytes = [];
    private int tableCount;
    private ulong fragmentCount;

    private SeedMaker(int holeCount, RandomStream random)
    {
        this.random = random;
        this.holeCount = (ulong)holeCount;
        for (var i = random.Skewed(6); i > 0; i--)
            words.Add(random.Next() >> random.Below(56));
        // Numbers that make laws, rows, bars, sets and pins stand first.
        for (var i = 0; i < 6; i++)
            bytes.Add((byte)i);
        for (var i = random.Skewed(6); i > 0; i--)
            bytes.Add((byte)random.Next());
        tableCount = holeCount + words.Count + bytes.Count;
    }

    /// <summary>One of our own seeds, or one that is made bit by bit.</summary>
    /// <param name="fragmentsMax">Each may double what the seed unfolds to.</param>
    public static byte[] Make(RandomStream random, int holeCount = 0, int fragmentsMax = 60)
    {
        if (holeCount == 0 && random.OneIn(2))
            return SeedWriter.Write(ValueMaker.Make(random));
        var maker = new SeedMaker(holeCount, random);
        for (var count = 1 + random.Skewed(fragmentsMax); count > 0; count--)
            maker.AddFragment();
        return maker.Finish();
    }

    private int Small(int number) => (int)holeCount + words.Count + number;

    private int Any() => random.OneIn(2)
        ? tableCount - 1 - random.Below(Math.Min(tableCount, 3))
        : random.Below(tableCount);

    private void AddFragment()
    {
        // A fragment applies these, head first.
        var (head, args) = random.Below(12) switch
        {
            0 => (Small(4), new[] { Any() }),
            1 => (Small(0), [Any(), Small(1 + random.Below(5)), Any()]),
            2 => (Small(0), [Small(0), Small(1 + random.Below(5)), Small(0)]),
            3 => (Small(0), [Small(0), Small(2), Small(0), Any()]),
            4 or 5 => (Small(0), [Small(0), Small(3), Small(0), Any(), Any()]),
            6 => (Small(0), [Small(1), Small(1), Any()]),
            7 => (Small(0), [Small(1), Small(2), Any()]),
            8 => (Small(0), [Small(1), Small(2), Any(), Any()]),
            9 => (tableCount - 1, [Any()]),
            10 => (tableCount - 1, [.. Enumerable.Repeat(Any(), 1 + random.Skewed(100))]),
            _ => (Any(), [Any(), Any()]),
        };
        var width = 32 - int.LeadingZeroCount(tableCount - 1);
        for (var i = 1; i < args.Length; i++)
            bits.Add(true);
        Reference(head, width);
        foreach (var arg in args)
            Reference(arg, width);
        tableCount++;
        fragmentCount++;
    }

    private void Reference(int index, int width)
    {
        bits.Add(false);
        for (var i = 0; i < width; i++)
            bits.Add(((index >> i) & 1) != 0);
    }

    private byte[] Finish()
    {
        var length = 40 + 8 * words.Count + bytes.Count + (bits.Count + 7) / 8;
        var output = new byte[(length + 7) / 8 * 8];
        ulong[] header =
            [holeCount, 0, (ulong)words.Count, (ulong)bytes.Count, fragmentCount, .. words];
        for (var i = 0; i < header.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(output.AsSpan(8 * i), header[i]);
        var at = 8 * header.Length;
        bytes.CopyTo(output, at);
        at += bytes.Count;
        for (var i = 0; i < bits.Count; i++)
            output[at + i / 8] |= (byte)(bits[i] ? 1 << (i % 8) : 0);
        return output;
    }
}
