using System.Numerics;
using Pallas.Values;

namespace Pallas.Fuzz;

/// <summary>Values in normal form, with sharing, of every kind and data jet.</summary>
public static class ValueMaker
{
    private const long SizeMax = 1 << 12;

    /// <summary>
    /// Every step makes one of the earlier values into a new one; the last is the result. Written
    /// out without sharing, a value stays small enough to be hashed at once.
    /// </summary>
    public static Value Make(RandomStream random)
    {
        List<(Value Value, long Size)> made = [(Nat.Zero, 1)];
        for (var steps = random.Skewed(40); steps >= 0; steps--)
        {
            var x = made[^(1 + random.Below(Math.Min(made.Count, 6)))];
            var y = made[random.Below(made.Count)];
            var size = x.Size + y.Size + 2;
            if (size < SizeMax)
                made.Add((Step(x.Value, y.Value, random), size));
        }
        return made[^1].Value;
    }

    public static Nat Number(RandomStream random) => random.Below(6) switch
    {
        0 or 1 => Nat.Of((ulong)random.Below(6)),
        2 => Nat.Of((ulong)random.Below(300)),
        3 => Nat.Of(random.Next() >> random.Below(64)),
        4 => Nat.Of((BigInteger.One << random.Between(60, 70)) - random.Below(2)),
        _ => Nat.OfBytes(random.Bytes(random.Skewed(80))),
    };

    private static Value Step(Value x, Value y, RandomStream random)
    {
        var count = random.Skewed(5);
        return random.Below(16) switch
        {
            0 or 1 => Number(random),
            2 => Bar.Of(random.Bytes(random.Skewed(40))),
            3 => Row.Of([.. Enumerable.Repeat(y, count).Append(x)]),
            4 or 5 => Row.Of(x, y),
            6 => Row.Of(x),
            7 => Pin.Make(x),
            8 => Law.Make(Number(random), Nat.Of((ulong)random.Between(1, 4)), x),
            9 => Set.Of(x, y, Nat.Of((ulong)count)),
            10 => Tab.Of(Set.Of(Nat.Of((ulong)count), Nat.Of((ulong)count + 1)), x, y),
            11 => Law.Make(Nat.Zero, Nat.Of((ulong)count + 1), Nat.Zero),
            12 => App.Make(Nat.Of((ulong)random.Below(3)), x),
            13 when x.Arity > 1 => App.Make(x, y),
            14 => App.Make(Law.Make(Nat.Of((ulong)count), Nat.Of(9), y), x, y),
            _ => Row.Empty,
        };
    }
}
