using System.Buffers.Binary;

namespace Pallas.Fuzz;

/// <summary>Damage to bytes: what disks, networks and strangers do to them.</summary>
public static class ByteMutator
{
    private const int BytesMax = 1 << 16;

    private static readonly ulong[] Words =
    [
        0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 32, 33, 40, 63, 64, 65, 127, 128, 255, 256, 1000,
        1 << 16, 1 << 20, 1 << 25, (1 << 25) - 1, int.MaxValue - 1, int.MaxValue, 1ul << 31,
        uint.MaxValue, 1ul << 32, 1ul << 60, 1ul << 61, long.MaxValue, 1ul << 63,
        ulong.MaxValue - 1, ulong.MaxValue,
    ];

    /// <summary>The input with one thing changed.</summary>
    /// <param name="other">Another input, to take parts from.</param>
    public static byte[] Mutate(byte[] input, byte[] other, RandomStream random)
    {
        if (input.Length == 0)
            return random.Bytes(random.Below(16));
        var at = random.Below(input.Length);
        var count = 1 + random.Skewed(input.Length - at);
        return random.Below(12) switch
        {
            0 or 1 => Flip(input, random),
            2 => Set(input, at, (byte)random.Pick(Words)),
            3 or 4 => SetWord(input, random),
            5 => SetHalf(input, at, (uint)random.Pick(Words)),
            6 => input[..at],
            7 => [.. input[..at], .. input[(at + count)..]],
            8 => Repeat(input, at, count, random),
            9 => Splice(input, at, other, random),
            10 => Set(input, at, (byte)random.Next()),
            _ => Nudge(input, random),
        };
    }

    private static byte[] Flip(byte[] input, RandomStream random)
    {
        var output = (byte[])input.Clone();
        for (var i = random.Skewed(8); i >= 0; i--)
            output[random.Below(output.Length)] ^= (byte)(1 << random.Below(8));
        return output;
    }

    private static byte[] Set(byte[] input, int at, byte value)
    {
        var output = (byte[])input.Clone();
        output[at] = value;
        return output;
    }

    /// <summary>Counts and lengths stand at multiples of 8, most of them in the front.</summary>
    private static int WordPlace(byte[] input, RandomStream random) =>
        random.OneIn(4)
            ? random.Below(input.Length - 7)
            : 8 * random.Skewed(input.Length / 8);

    private static byte[] SetWord(byte[] input, RandomStream random)
    {
        if (input.Length < 8)
            return Flip(input, random);
        var output = (byte[])input.Clone();
        var word = random.OneIn(3) ? (ulong)random.Below(2 * input.Length) : random.Pick(Words);
        BinaryPrimitives.WriteUInt64LittleEndian(
            output.AsSpan(WordPlace(input, random)), word);
        return output;
    }

    private static byte[] SetHalf(byte[] input, int at, uint value)
    {
        var output = (byte[])input.Clone();
        if (at + 4 <= output.Length)
            BinaryPrimitives.WriteUInt32LittleEndian(output.AsSpan(at), value);
        return output;
    }

    private static byte[] Nudge(byte[] input, RandomStream random)
    {
        if (input.Length < 8)
            return Flip(input, random);
        var output = (byte[])input.Clone();
        var place = output.AsSpan(WordPlace(input, random));
        var change = random.Between(-9, 9);
        BinaryPrimitives.WriteUInt64LittleEndian(
            place, BinaryPrimitives.ReadUInt64LittleEndian(place) + (ulong)change);
        return output;
    }

    private static byte[] Repeat(byte[] input, int at, int count, RandomStream random)
    {
        var times = 1 + random.Skewed(Math.Max(1, (BytesMax - input.Length) / count));
        var output = new byte[input.Length + times * count];
        input.AsSpan(0, at).CopyTo(output);
        for (var i = 0; i < times; i++)
            input.AsSpan(at, count).CopyTo(output.AsSpan(at + i * count));
        input.AsSpan(at).CopyTo(output.AsSpan(at + times * count));
        return output;
    }

    private static byte[] Splice(byte[] input, int at, byte[] other, RandomStream random)
    {
        if (other.Length == 0)
            return input[..at];
        var from = random.Below(other.Length);
        return random.OneIn(2)
            ? [.. input[..at], .. other[from..]]
            : [.. input[..at], .. other[from..(from + 1 + random.Below(other.Length - from))],
                .. input[at..]];
    }
}
