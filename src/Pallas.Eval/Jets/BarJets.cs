using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Bars. The laws read the body of any law as that of a bar. A value that is no law counts as a law
/// with the body 0.
/// </summary>
internal static class BarJets
{
    public static readonly Jet[] All =
    [
        // (isBar x) = 1 for a bar, else 0
        new()
        {
            Name = "isBar", Arity = 1, Force = [1],
            Shortcut = static (x, _) => Nat.Of(x is Bar),
            Hashes = ["BoDTAF88eG5ykFN5WxbBgfmYLsfcaCXJNjjVUxW1LGYV"],
        },

        // (bar pad) = {1 1 pad}
        new()
        {
            Name = "_Bar", Arity = 1,
            Code = static (evaluator, args) => Of(evaluator.Normalize(args[0])),
            Hashes = ["3rEdAKuWvV2VjaZoXae5fD1H3mAqkLJjZhqSp2djP9ez"],
        },

        // (natBar n) = the bytes of n, lowest first, without zeros at the end
        new()
        {
            Name = "natBar", Arity = 1, Force = [1],
            Code = static (_, args) => Bar.Of(Nat.Coerce(args[0]).ToBytes()),
            Hashes = ["8skazbEPVRUQkid2uQgQFJLRxveQqBepJXKCcSA1kVpT"],
        },

        // (barNat b) = the nat of these bytes
        new()
        {
            Name = "barNat", Arity = 1, Force = [1],
            Code = static (evaluator, args) => ToNat(evaluator, args[0]),
            Hashes = ["HzPryDAhioqTPGfFopyj29Pf6oo1KwYGAoLRZ7V5ZR5V"],
        },

        // (barLen b) = the number of bytes
        new()
        {
            Name = "barLen", Arity = 1, Force = [1],
            Shortcut = static (b, _) => Nat.Of((ulong)Length(b)),
            Hashes = ["FRQyoP5YeRoHtbXXaU5yaakGdaq7sm6PiNH9RHcH2Dwy"],
        },

        // (barIsEmpty b) = 1 where the body is 1, that is for the bar without bytes; else 0
        new()
        {
            Name = "barIsEmpty", Arity = 1, Force = [1],
            Code = static (_, args) => Nat.Of(IsEmpty(args[0])),
            Hashes = ["8VoyMabPUNASM5PvxrUUVca6gk4Gf6HRvUHiFkMHuMw6"],
        },

        // (natToSizedBar size n) = {1 1 256^size+n}: the bytes of n, filled up with zeros
        new()
        {
            Name = "_NatToSizedBar", Arity = 2, Force = [2, 1], Code = SizedBar,
            Hashes = ["CKuuEeyrhLLJqabF1zT2jEt9VjZPk2uKrHcPwRQL4Tt2"],
        },

        // (barIdx i b) = byte i; 0 where there is none
        new()
        {
            Name = "barIdx", Arity = 2, Force = [1, 2],
            Shortcut = static (i, b) => i is SmallNat at && b is Bar bar ? ByteAt(bar, at) : null,
            Code = static (evaluator, args) =>
                ByteAt(evaluator, Nat.Coerce(args[0]), args[1]),
            Hashes = ["7EAWHpAwBQFBHLJBNUpTkP9E3RvWtCFcatDjUQi5yFUC"],
        },

        // (barWeld x y) = the bytes of x, then those of y
        new()
        {
            Name = "barWeld", Arity = 2, Force = [2, 1],
            Code = static (evaluator, args) => Weld(evaluator, [args[0], args[1]]),
            Hashes = ["8LcLqd1ZBa1CPYRK4LDVyDxzwWCSoN5NZXqFPWrGy7RS"],
        },

        // (barCat x) = the bytes of all bars in the row x, the last one being evaluated first
        new()
        {
            Name = "barCat", Arity = 1, Force = [1], Code = Cat,
            Hashes = ["E8ad3F9S1GGfCxmDwcZzUUrkjqWbzEDRnuxxvdh92Q5u"],
        },

        // (barTake n b) = the bytes before n; all of them where n is no nat
        new()
        {
            Name = "barTake", Arity = 2, Force = [1, 2],
            Code = static (evaluator, args) =>
                Bar.Of(Take(args[0], Bytes(evaluator, args[1])).ToArray()),
            Hashes = ["BQZzhV3xiMvEJWpAzjv2nJTxKu9XfGRmCG8iYBynP7Uv"],
        },

        // (barDrop n b) = the bytes from n on
        new()
        {
            Name = "barDrop", Arity = 2, Force = [1, 2],
            Code = static (evaluator, args) =>
                Bar.Of(Drop(args[0], Bytes(evaluator, args[1])).ToArray()),
            Hashes = ["4zNT1Sfc7yv1ujqpZHN6HM3qbMQ3yAh9f4zpjwgB65ao"],
        },

        // (barSliceToNat o n b) = (barNat (barTake n (barDrop o b)))
        new()
        {
            Name = "_BarSliceToNat", Arity = 3, Force = [2, 1, 3],
            Code = static (evaluator, args) => Nat.OfBytes(
                Take(args[1], Drop(args[0], Bytes(evaluator, args[2])))),
            Hashes = ["DbKqsHmZ1ZnXXZt8SatkyVU1hPMEk4ZcE6nn4JLmx1vr"],
        },

        // (barElemIndexEnd e b) = (0 i), i being the last place of the byte e; 0 where there is
        // none. Where b is empty, e stays unevaluated.
        new()
        {
            Name = "barElemIndexEnd", Arity = 2, Force = [2], Code = LastIndexOf,
            Hashes = ["JXHswKJpbWwi9nDXpWwZvhSLwQNDGwRKcg1Nc7p3Yw5"],
        },

        // (barFlat x) = the bytes of all bars in the tree x, from left to right
        new()
        {
            Name = "barFlat", Arity = 1, Force = [1], Code = Flat,
            Hashes = ["3wHv6z3N9k2ZdDK57ZMe7ak1bMt4SodmtZQPUrHqeBR6"],
        },

        // (barElemIndexOff e o b) = the first place of the byte e from place o on; the length of
        // b where there is none. Where o is not below the length, e stays unevaluated.
        new()
        {
            Name = "barElemIndexOff", Arity = 3, Force = [2, 3], Code = IndexOf,
            Hashes = ["BJJ426tHsJ8qsBCZzxuykJmhDZw7VTg5Vso1Whk1nxr7"],
        },
    ];

    /// <summary>The law <c>{1 1 pad}</c>.</summary>
    private static Value Of(Value pad) => Law.Make(Nat.One, Nat.One, pad);

    private static Nat BodyNat(Value value) => Nat.Coerce(AppParts.Body(value));

    private static int Length(Value value) => value is Bar bar
        ? bar.Count
        : (int)(Math.Max(BodyNat(value).BitLength - 1, 0) / 8);

    private static bool IsEmpty(Value value) =>
        value is Bar bar ? bar.Count == 0 : AppParts.Body(value) is SmallNat { Word: 1 };

    private static Nat ToNat(Evaluator evaluator, Value value)
    {
        if (value is Bar bar)
            return Nat.OfBytes(bar.Bytes);
        var body = BodyNat(value);
        var bits = Math.Max(((body.BitLength + 7) / 8) - 1, 0) * 8;
        return NatJets.Sub(body, NatJets.Bex(evaluator, Nat.Of((ulong)bits)));
    }

    private static ReadOnlySpan<byte> Bytes(Evaluator evaluator, Value value)
    {
        if (value is Bar bar)
            return bar.Bytes;
        var bytes = ToNat(evaluator, value).ToBytes();
        Array.Resize(ref bytes, Length(value));
        return bytes;
    }

    private static SmallNat ByteAt(Bar bar, SmallNat index) =>
        index.Word < (ulong)bar.Count ? Nat.Of((ulong)bar.Bytes[(int)index.Word]) : Nat.Zero;

    private static SmallNat ByteAt(Evaluator evaluator, Nat index, Value value)
    {
        if (index is not SmallNat at)
            return Nat.Zero;
        if (value is Bar bar)
            return ByteAt(bar, at);
        var bytes = ToNat(evaluator, value).ToBytes();
        return at.Word < (ulong)bytes.Length ? Nat.Of((ulong)bytes[(int)at.Word]) : Nat.Zero;
    }

    private static Value SizedBar(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var nat = Nat.Coerce(args[1]);
        var bits = NatJets.Mul(evaluator, Nat.Of(8), Nat.Coerce(args[0]));
        return Of(NatJets.Add(evaluator, NatJets.Bex(evaluator, bits), nat));
    }

    /// <param name="bars">In weak head normal form.</param>
    private static Value Weld(Evaluator evaluator, ReadOnlySpan<Value> bars)
    {
        long count = 0;
        foreach (var item in bars)
        {
            if (item is not Bar bar)
                return WeldPads(evaluator, bars);
            count += bar.Count;
        }
        SizeLimits.CheckBits(evaluator, (count + 1) * 8);
        var bytes = new byte[count];
        var at = 0;
        foreach (var item in bars)
        {
            ((Bar)item).Bytes.CopyTo(bytes.AsSpan(at));
            at += ((Bar)item).Count;
        }
        return Bar.Of(bytes);
    }

    private static Value WeldPads(Evaluator evaluator, ReadOnlySpan<Value> bars)
    {
        var builder = new PadBuilder(evaluator);
        foreach (var item in bars)
            builder.Append(PadBuilder.Coerce(AppParts.Body(item)));
        return Of(builder.ToNat());
    }

    private static Value Cat(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var bars = AppParts.Items(args[0]);
        for (var i = bars.Length - 1; i >= 0; i--)
            bars[i] = evaluator.Whnf(bars[i]);
        return Weld(evaluator, bars);
    }

    private static ReadOnlySpan<byte> Take(Value n, ReadOnlySpan<byte> bytes) =>
        n is SmallNat small && small.Word < (ulong)bytes.Length
            ? bytes[..(int)small.Word]
            : bytes;

    private static ReadOnlySpan<byte> Drop(Value n, ReadOnlySpan<byte> bytes) => n switch
    {
        SmallNat small when small.Word < (ulong)bytes.Length => bytes[(int)small.Word..],
        Nat => [],
        _ => bytes,
    };

    private static Value? LastIndexOf(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        if (args[1] is not Bar bar)
            return null;
        if (bar.Count == 0 || evaluator.Whnf(args[0]) is not SmallNat { Word: <= 255 } element)
            return Nat.Zero;
        var index = bar.Bytes.LastIndexOf((byte)element.Word);
        return index < 0 ? Nat.Zero : App.Make(Nat.Zero, Nat.Of((ulong)index));
    }

    private static Bar Flat(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        if (args[0] is Bar whole)
            return whole;
        var bytes = new List<byte>();
        foreach (var leaf in new FlattenedItems(evaluator, args[0]))
        {
            if (leaf is not Bar bar)
                continue;
            bytes.AddRange(bar.Bytes);
            SizeLimits.CheckBits(evaluator, (bytes.Count + 1) * 8L);
        }
        return Bar.Of([.. bytes]);
    }

    private static SmallNat IndexOf(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var bytes = Bytes(evaluator, args[2]);
        var length = Nat.Of((ulong)bytes.Length);
        if (args[1] is not SmallNat start || start.Word >= (ulong)bytes.Length
            || evaluator.Whnf(args[0]) is not SmallNat { Word: <= 255 } element)
            return length;
        var index = bytes[(int)start.Word..].IndexOf((byte)element.Word);
        return index < 0 ? length : Nat.Of(start.Word + (ulong)index);
    }
}
