using System.Numerics;

namespace Pallas.Fuzz;

/// <summary>
/// A stream of random numbers that is the same on every machine and in every version of the
/// runtime: an input is known by its target, the seed of the run and its index.
/// </summary>
public sealed class RandomStream(ulong seed)
{
    private ulong state = seed;

    /// <summary>The stream from which one input is made.</summary>
    public static RandomStream For(string target, ulong seed, long index)
    {
        var mix = new RandomStream(seed);
        foreach (var letter in target)
            mix = new RandomStream(mix.Next() ^ letter);
        return new RandomStream(mix.Next() ^ (ulong)index);
    }

    public ulong Next()
    {
        // SplitMix64.
        state += 0x9E3779B97F4A7C15;
        var mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <param name="bound">At least 1.</param>
    public int Below(int bound) => (int)(Next() % (ulong)bound);

    /// <summary>Both ends included.</summary>
    public int Between(int low, int high) => low + Below(high - low + 1);

    /// <summary>Small numbers most of the time, now and then one near the bound.</summary>
    public int Skewed(int bound)
    {
        var bits = BitOperations.Log2((uint)Math.Max(1, bound)) + 1;
        return Math.Min(bound - 1, Below(1 << Math.Min(30, Below(bits) + 1)));
    }

    public bool OneIn(int count) => Below(count) == 0;

    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++)
            bytes[i] = (byte)Next();
        return bytes;
    }
}
