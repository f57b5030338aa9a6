using System.Numerics;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>The bits of naturals, the lowest being bit 0. A value that is no nat counts as 0.
/// </summary>
internal static class BitJets
{
    public static readonly Jet[] All =
    [
        // (lsh x n) = x * 2^n; (lsh 0 n) = 0, and n stays unevaluated
        new()
        {
            Name = "_Lsh", Arity = 2, Force = [1], Late = [2],
            Shortcut = static (x, n) => ControlJets.IsTrue(x) ? ShortLsh(x, n) : Nat.Zero,
            Code = static (evaluator, args) =>
                Lsh(evaluator, Nat.Coerce(args[0]), Nat.Coerce(args[1])),
            Hashes = ["AF5txxxHqUzwbcECyb35uJiZzJSGS2fjSXu5uEtAzAoA"],
        },

        // (rsh x n) = x / 2^n rounded down
        new()
        {
            Name = "_Rsh", Arity = 2, Force = [2, 1],
            Shortcut = static (x, n) => x is SmallNat && n is SmallNat
                ? Rsh((SmallNat)x, (SmallNat)n)
                : null,
            Code = static (_, args) => Rsh(Nat.Coerce(args[0]), Nat.Coerce(args[1])),
            Hashes = ["B5FVxvLyygchJB5BTx4a8Lv52RbBqVFNtdzHYtGcW1wu"],
        },

        // (bix i n) = bit i of n
        new()
        {
            Name = "_Bix", Arity = 2, Force = [1, 2], Code = TestBit,
            Hashes = ["2GVVL9xRo2WRQSZuMVe58QfBTxxav6RH9aT24Wxk1zq5"],
        },

        // (bitwise f x y) = the sum of (f x_i y_i) * 2^i over the bits of the longer one
        new()
        {
            Name = "_Bitwise", Arity = 3, Force = [3, 2], Code = Bitwise,
            Hashes = ["2ZiA8Wr4ifoP9TkzRK9agq9X8oGVmSNco7RtbAneSizM"],
        },

        // (natFold f z n) = (f .. (f (f z n_0) n_1) .. n_last), each evaluated before the next
        new()
        {
            Name = "_NatFold", Arity = 3, Force = [3], Code = NatFold,
            Hashes = ["FGFJ88epCE88jt81RhPrqCXPqxnvRpe4zeksX8WrSZdA"],
        },

        // (dis x y) = x or y, bit by bit
        new()
        {
            Name = "_Dis", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) =>
                x is SmallNat a && y is SmallNat b ? Nat.Of(a.Word | b.Word) : null,
            Code = static (_, args) => Dis(Nat.Coerce(args[0]), Nat.Coerce(args[1])),
            Hashes = ["4DuWVnqNYy8qGoTa3c4q4YgZU1B7TkFiqGZTNrDkThq7"],
        },

        // (con x y) = x and y, bit by bit
        new()
        {
            Name = "_Con", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) =>
                x is SmallNat a && y is SmallNat b ? Nat.Of(a.Word & b.Word) : null,
            Code = static (_, args) =>
                Natural.And(Nat.Coerce(args[0]), Nat.Coerce(args[1])),
            Hashes = ["EVyqt3GFkGS6qER6e4mQ5xVeaJMcS1HhGB2Vzszs6W9Z"],
        },

        // (mix x y) = x or else y, bit by bit
        new()
        {
            Name = "_Mix", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) =>
                x is SmallNat a && y is SmallNat b ? Nat.Of(a.Word ^ b.Word) : null,
            Code = static (_, args) =>
                Natural.Xor(Nat.Coerce(args[0]), Nat.Coerce(args[1])),
            Hashes = ["7amwzY4GL3TAGHJ99MAdtGeExMZh4hXDvcBNy7AN9F3M"],
        },

        // (popCount n) = how many bits of n are 1
        new()
        {
            Name = "_PopCount", Arity = 1, Force = [1],
            Shortcut = static (n, _) =>
                n is SmallNat small ? Nat.Of((ulong)BitOperations.PopCount(small.Word)) : null,
            Code = static (_, args) => PopCount(Nat.Coerce(args[0])),
            Hashes = ["BZzsw1Je8NZk9TVdSY71xJwkGTsY6JFF1XsJU61CmXwT"],
        },

        // (met n) = the number of bits of n up to the highest 1
        new()
        {
            Name = "_Met", Arity = 1, Force = [1],
            Shortcut = static (n, _) => Met(n),
            Hashes = ["35x4hER3vbGCkvmKwbsTV5yKpXmyLph3Erpxmyf9UqAb"],
        },

        // (trunc w n) = the low w bits of n
        new()
        {
            Name = "_Trunc", Arity = 2, Force = [1, 2],
            Shortcut = static (w, n) =>
                w is SmallNat && n is SmallNat ? Trunc((SmallNat)w, (SmallNat)n) : null,
            Code = static (_, args) => Trunc(Nat.Coerce(args[0]), Nat.Coerce(args[1])),
            Hashes = ["9S1a6oe76HtQTmccbsQCtgjfvCcpKvnLTShPkHfzpwsG"],
        },

        // (bitSlice o w n) = the w bits of n from bit o on
        new()
        {
            Name = "_BitSlice", Arity = 3, Force = [2, 1, 3],
            Code = static (_, args) => Slice(
                Nat.Coerce(args[0]), Nat.Coerce(args[1]), Nat.Coerce(args[2])),
            Hashes = ["5jsdHdezv2mR5uCJL7krDJkKi6GW49vmb1eTzE3NwBZD"],
        },

        // (setBit i n) = n with bit i made 1
        new()
        {
            Name = "_SetBit", Arity = 2, Force = [1, 2],
            Code = static (evaluator, args) => Dis(
                Nat.Coerce(args[1]), NatJets.Bex(evaluator, Nat.Coerce(args[0]))),
            Hashes = ["J6GTmyBRkaV1ZpfvqnNJSCzdxuXLQBcLqaJQhKUfGkPs"],
        },

        // (testBit i n) = bit i of n
        new()
        {
            Name = "_TestBit", Arity = 2, Force = [1, 2], Code = TestBit,
            Hashes = ["AHPngM8RAFxnicAWHhLnjAQtYwjBFciDFZSnCZg53wGU"],
        },

        // (clearBit i n) = n with bit i made 0; n itself, nat or not, where it is 0 already
        new()
        {
            Name = "_ClearBit", Arity = 2, Force = [1, 2],
            Code = static (evaluator, args) =>
                ((SmallNat)TestBit(evaluator, args)).Word == 0
                    ? args[1]
                    : Natural.Xor(
                        Nat.Coerce(args[1]), NatJets.Bex(evaluator, Nat.Coerce(args[0]))),
            Hashes = ["421ARHwYHBeXFQoLgeTrZpGyj6W7JhpDoiEZhNHE66V5"],
        },
    ];

    public static Nat Lsh(Evaluator evaluator, Nat x, Nat n)
    {
        if (x.IsZero)
            return Nat.Zero;
        var shift = SizeLimits.Bits(evaluator, n);
        if (x is SmallNat small && shift + small.BitLength <= 64)
            return Nat.Of(small.Word << shift);
        SizeLimits.CheckBits(evaluator, x.BitLength + shift);
        return Natural.ShiftLeft(x, shift);
    }

    private static SmallNat? ShortLsh(Value x, Value n) =>
        x is SmallNat a && n is SmallNat { Word: < 64 } b && (int)b.Word + a.BitLength <= 64
            ? Nat.Of(a.Word << (int)b.Word)
            : null;

    public static Nat Rsh(Nat x, Nat n)
    {
        if (n is not SmallNat shift || shift.Word >= (ulong)x.BitLength)
            return Nat.Zero;
        return x is SmallNat small
            ? Nat.Of(small.Word >> (int)shift.Word)
            : Natural.Slice(x, (long)shift.Word, long.MaxValue);
    }

    public static Nat Dis(Nat x, Nat y) => x is SmallNat a && y is SmallNat b
        ? Nat.Of(a.Word | b.Word)
        : Natural.Or(x, y);

    private static Nat Trunc(Nat width, Nat n)
    {
        if (width is not SmallNat bits || bits.Word >= (ulong)n.BitLength)
            return n;
        if (n is SmallNat small)
            return Nat.Of(small.Word & ((1UL << (int)bits.Word) - 1));
        return Natural.Slice(n, 0, (long)bits.Word);
    }

    private static Nat Slice(Nat start, Nat width, Nat n)
    {
        if (n is SmallNat || start is not SmallNat from || from.Word >= (ulong)n.BitLength)
            return Trunc(width, Rsh(n, start));
        return Natural.Slice(
            n, (long)from.Word, width is SmallNat { Word: < int.MaxValue } bits
                ? (long)bits.Word
                : long.MaxValue);
    }

    private static SmallNat Met(Value value) => Nat.Of((ulong)Nat.Coerce(value).BitLength);

    private static SmallNat PopCount(Nat n)
    {
        ulong count = 0;
        foreach (var part in n.ToBytes())
            count += (ulong)BitOperations.PopCount(part);
        return Nat.Of(count);
    }

    private static SmallNat TestBit(Evaluator evaluator, ReadOnlySpan<Value> args) =>
        Nat.Of(IsSet(Nat.Coerce(args[1]), Nat.Coerce(args[0])));

    private static bool IsSet(Nat n, Nat index)
    {
        if (index is not SmallNat at || at.Word >= (ulong)n.BitLength)
            return false;
        return Natural.IsSet(n, (long)at.Word);
    }

    private static Nat Bitwise(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var (f, x, y) = (args[0], Bits(args[1]), Bits(args[2]));
        Nat sum = Nat.Zero;
        for (var i = 0; i < Math.Max(x.Length, y.Length); i++)
        {
            Value left = Nat.Of(i < x.Length && x[i]);
            Value right = Nat.Of(i < y.Length && y[i]);
            var bit = Nat.Coerce(evaluator.Apply(f, left, right));
            sum = NatJets.Add(evaluator, sum, Lsh(evaluator, bit, Nat.Of((ulong)i)));
        }
        return sum;
    }

    private static Value NatFold(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var (f, state) = (args[0], args[1]);
        foreach (var bit in Bits(args[2]))
            state = evaluator.Apply(f, state, Nat.Of(bit));
        return state;
    }

    private static bool[] Bits(Value value)
    {
        var n = Nat.Coerce(value);
        var bytes = n.ToBytes();
        var bits = new bool[n.BitLength];
        for (var i = 0; i < bits.Length; i++)
            bits[i] = (bytes[i >> 3] >> (i & 7) & 1) == 1;
        return bits;
    }
}
