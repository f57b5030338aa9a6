using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Bit strings written as nats; see <see cref="PadBuilder"/>.</summary>
internal static class PadJets
{
    public static readonly Jet[] All =
    [
        // (padWeld x y) = the bits of x, then those of y
        new()
        {
            Name = "padWeld", Arity = 2, Force = [2, 1],
            Code = static (evaluator, args) => Weld(evaluator, args[0], args[1]),
            Hashes = ["3HYdLDt6xEBvr4sgd1NKBGt8fudaJsF7NeBAfifYdJ1x"],
        },

        // (padCat x) = the bits of all items of x
        new()
        {
            Name = "padCat", Arity = 1, Force = [1], Code = Cat,
            Hashes = ["7oSvLzBPe2YutqfME1KZRT4Bey5NgTVjKhbRxeTVgMBw"],
        },

        // (padFlat x) = x for a nat, else the bits of all nats in the tree x, from left to right
        new()
        {
            Name = "padFlat", Arity = 1, Force = [1], Code = Flat,
            Hashes = ["9cU96nmmqDUvNvped7BHg5G6WE9xCwukSyvqyQgD1TDu"],
        },
    ];

    public static Nat Weld(Evaluator evaluator, Value x, Value y)
    {
        var builder = new PadBuilder(evaluator);
        builder.Append(PadBuilder.Coerce(x));
        builder.Append(PadBuilder.Coerce(y));
        return builder.ToNat();
    }

    private static Nat Cat(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var builder = new PadBuilder(evaluator);
        foreach (var item in AppParts.Items(args[0]))
            builder.Append(PadBuilder.Coerce(evaluator.Whnf(item)));
        return builder.ToNat();
    }

    private static Nat Flat(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        if (args[0] is Nat whole)
            return whole;
        var builder = new PadBuilder(evaluator);
        foreach (var leaf in new FlattenedItems(evaluator, args[0]))
            builder.Append(PadBuilder.Coerce(leaf));
        return builder.ToNat();
    }
}
