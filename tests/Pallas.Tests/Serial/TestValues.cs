using System.Numerics;
using CsCheck;
using Pallas.Values;

namespace Pallas.Tests.Serial;

/// <summary>Values for tests of hashing and serialising.</summary>
internal static class TestValues
{
    /// <summary>A list: a row of a number and the rest, 0 at its end.</summary>
    public static Value Deep(int cells)
    {
        Value list = 0;
        for (var i = 0; i < cells; i++)
            list = Row.Of(Nat.Of((ulong)i), list);
        return list;
    }

    /// <summary>
    /// A value with sharing: every step makes one of the earlier values into a new one, the last
    /// of which is the result. Steps are (kind, three choices among the values before).
    /// </summary>
    public static Gen<Value> Shared { get; } =
        Gen.Select(Gen.Int[0, 16], Gen.Int[0, 99], Gen.Int[0, 99], Gen.Int[0, 99])
            .Array[1, 40].Select(Build);

    private static Value Build((int Kind, int A, int B, int C)[] steps)
    {
        var made = new List<Value> { 0 };
        foreach (var (kind, a, b, c) in steps)
        {
            // Choices count from the end, so that recent values are used more.
            var x = made[^(1 + a % Math.Min(made.Count, 12))];
            var y = made[^(1 + b % made.Count)];
            made.Add(kind switch
            {
                0 => Nat.Of((ulong)a),
                1 => Nat.Of((ulong)a << (b % 60)),
                2 => Nat.Of((BigInteger.One << (64 + b)) + a),
                3 => Nat.Of(((BigInteger)a + 1 << 128) + b + ((BigInteger)c << 64)),
                4 => Bar.Of(Enumerable.Repeat((byte)a, b % 20).ToArray()),
                5 => Row.Of(Enumerable.Repeat(x, c % 4).Append(y).ToArray()),
                6 or 7 => Row.Of(x, y),
                8 => Pin.Make(x),
                9 => Law.Make(Nat.Of((ulong)a), Nat.Of((ulong)(b % 4 + 1)), x),
                10 => Set.Of(x, y, c),
                11 => Tab.Of(Set.Of(a, a + 1), x, y),
                12 => Law.Make(Nat.Zero, Nat.Of((ulong)c + 1), 0),
                13 => App.Make(Nat.Of((ulong)(a % 3)), x),
                14 when x.Arity > 1 => App.Make(x, y),
                16 => Row.Of(Enumerable.Range(0, a % 8 * (c < 9 ? 40 : 1)).Select(
                    i => (Value)Nat.Of((ulong)(a + i) << (b % 60))).ToArray()),
                15 => App.Make(Law.Make(Nat.Of((ulong)c), Nat.Of(9), y), x, y),
                _ => Row.Of(y),
            });
        }

        return made[^1];
    }
}
