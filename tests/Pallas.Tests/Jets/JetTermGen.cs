using System.Numerics;
using CsCheck;
using Pallas.Values;
using static Pallas.Tests.Jets.JetTerm;

namespace Pallas.Tests.Jets;

/// <summary>
/// Arguments for jets, by kind, mostly of the kind that is meant and now and then of any other;
/// evaluated or not; some crash.
/// </summary>
/// <remarks>
/// i a small nat, n any nat, r a row, R a row of rows, I of nats, A an ascending row, B a tree of
/// bars, P of pairs, S of sets; b a bar, s a set, t a tab, l a list, k a key, p a pin, q an odd
/// law, c a closure, f a function, m one for tabAlter, g one for unfoldr, C a call for try, o any.
/// </remarks>
internal static class JetTermGen
{
    private const int DepthMax = 2;
    private const string AnyKinds = "inrbstlkpqcf";

    private static readonly Dictionary<(char Kind, int Depth), Gen<JetTerm>> Known = [];
    public static readonly Value Symbol = Law.Make(Nat.OfText("k"), Nat.Of(9), Nat.Zero);
    private static readonly Gen<int> Number = Gen.Int[0, 999];
    private static readonly Lock Gate = new();

    /// <param name="kinds">A letter for each argument.</param>
    public static Gen<JetTerm[]> Of(string kinds)
    {
        lock (Gate)
            return All([.. kinds.Select(kind => Arg(kind, DepthMax))]);
    }

    private static Gen<JetTerm[]> All(Gen<JetTerm>[] gens) => gens.Aggregate(
        Gen.Const(Array.Empty<JetTerm>()),
        (all, next) => all.Select(next, (terms, term) => (JetTerm[])[.. terms, term]));

    /// <summary>A term of a kind, maybe lazy, maybe crashing, maybe of another kind.</summary>
    private static Gen<JetTerm> Arg(char kind, int depth)
    {
        if (Known.TryGetValue((kind, depth), out var known))
            return known;
        var right = Raw(kind, depth);
        var term = kind == 'o' || depth == 0
            ? right
            : Gen.Frequency((15, right), (1, Raw('o', depth - 1)));
        return Known[(kind, depth)] = Gen.Frequency(
            (12, term),
            (5, Gen.Select(Number, term, (number, inner) => (JetTerm)new Traced(number, inner))),
            (2, term.Select(inner => (JetTerm)new Delayed(inner))),
            (2, Number.Select(number => (JetTerm)new Crashing(number))));
    }

    private static Gen<JetTerm> Raw(char kind, int depth)
    {
        var below = Math.Max(depth - 1, 0);
        return kind switch
        {
            'i' => Const(Gen.Int[0, 6].Select(number => (Value)number)),
            'n' => Const(Nats),
            'r' => Gen.Frequency(
                (4, Rows(Gen.OneOf(Arg('i', below), Arg(depth == 0 ? 'i' : 'o', below)))),
                (1, Const(Numbers))),
            'R' => Rows(Arg('r', below)),
            'I' => Gen.Frequency((4, Rows(Arg('n', below))), (1, Const(Numbers))),
            'P' => Rows(RowOfKinds(below, 'k', 'o')),
            'S' => Rows(Arg('s', below)),
            'A' => Const(Keys.Select(keys => (Value)Set.Of(keys).ToRow())),
            'B' => Rows(depth == 0 ? Arg('b', 0) : Gen.OneOf(Arg('b', below), Arg('B', below))),
            'b' => Const(Gen.Byte.Array[0, 9].Select(bytes => (Value)Bar.Of(bytes))),
            's' => Const(Keys.Select(keys => (Value)Set.Of(keys))),
            't' => Tabs(below),
            'l' => Lists(below),
            'k' => Gen.Frequency((3, Const(Key)), (1, RowOfKinds(below, 'i', 'i'))),
            'p' => Const(Pick(Pins)),
            'q' => Const(Pick(OddLaws)),
            'c' => Gen.Select(Pick<JetTerm>(new Plain(Symbol), new Plain(1)),
                Arg(depth == 0 ? 'i' : 'o', below).Array[1, 3],
                (head, args) => (JetTerm)new AppOf(head, args)),
            'f' => Pick(Functions),
            'm' => Pick(Changes),
            'g' => Gen.Const(Step),
            'C' => Gen.Select(Arg('f', below), Arg('i', below).Array[0, 3],
                (f, args) => (JetTerm)new RowOf([f, .. args])),
            'o' => depth == 0
                ? Raw('n', 0)
                : Gen.OneOf([.. AnyKinds.Select(any => Raw(any, below))]),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
    }

    private static Gen<T> Pick<T>(params T[] values) =>
        Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static Gen<JetTerm> Const(Gen<Value> values) =>
        values.Select(value => (JetTerm)new Plain(value));

    private static Gen<JetTerm> Rows(Gen<JetTerm> items) =>
        items.Array[0, 4].Select(array => (JetTerm)new RowOf(array));

    private static Gen<JetTerm> RowOfKinds(int depth, params char[] kinds) =>
        All([.. kinds.Select(kind => Arg(kind, depth))]).Select(all => (JetTerm)new RowOf(all));

    /// <summary>A set applied to a row, mostly of its length, which may be lazy.</summary>
    private static Gen<JetTerm> Tabs(int depth) => Gen.Select(
        Keys, Arg(depth == 0 ? 'i' : 'o', depth).Array[5], Gen.Int[0, 12], Number,
        (keys, values, odd, number) =>
        {
            var set = Set.Of(keys);
            var row = new RowOf(values[..(odd == 0 ? 1 : set.Count)]);
            return (JetTerm)new AppOf(
                new Plain(set), [odd is 1 or 2 ? new Traced(number, row) : row]);
        });

    private static Gen<JetTerm> Lists(int depth) => Gen.Select(
        Arg('i', depth).Array[0, 4], Gen.Int[0, 9].Array[4], Number,
        (items, lazy, number) => items.Index().Aggregate(
            (JetTerm)new Plain(0),
            (rest, item) => new RowOf(
                [item.Item, lazy[item.Index] < 3 ? new Traced(number + item.Index, rest) : rest])));

    private static Gen<Value> Nats { get; } = Gen.OneOf(
        Gen.Int[0, 6].Select(number => (Value)number),
        Gen.Int[0, 300].Select(number => (Value)number),
        Pick<ulong>(31, 32, 33, 48, 57, 63, 64, 65, 255, 256, 1UL << 32, uint.MaxValue)
            .Select(number => (Value)number),
        Gen.Select(Gen.Int[0, 70], Gen.Int[0, 200], (shift, less) =>
            (Value)Nat.Of(BigInteger.Max(0, (BigInteger.One << 2 * shift) - less))),
        Gen.ULong.Select(number => (Value)number));

    /// <summary>Rows that are packed, as bytes or as words.</summary>
    private static Gen<Value> Numbers { get; } = Gen.OneOf(
        Gen.Int[0, 9].Select(number => (Value)number).Array[3, 6],
        Gen.OneOf(Gen.ULong[0, 9], Gen.ULong).Select(number => (Value)number).Array[3, 6])
        .Select(items => (Value)Row.Of(items));

    private static Gen<Value> Key { get; } = Gen.OneOf(
        Gen.Int[0, 6].Select(number => (Value)number),
        Gen.Byte[0, 1].Array[0, 2].Select(bytes => (Value)Bar.Of(bytes)),
        Gen.Int[0, 1].Array[1, 2].Select(items =>
            (Value)Row.Of([.. items.Select(item => (Value)item)])),
        Gen.Int[0, 1].Select(number => (Value)Pin.Make(number)));

    private static Gen<Value[]> Keys { get; } = Gen.Frequency(
        (3, Key.Array[0, 4]), (1, Gen.Int[0, 6].Select(number => (Value)number).Array[2, 5]));

    private static Value[] Pins =>
    [
        Pin.Make(5), Pin.Make(0), Pin.Make(Row.Of(1, 2)), Pin.Make(Row.Empty),
        Pin.Make(Set.Of(1, 2)), Pin.Make(Law.Make(Nat.Of(3), Nat.Of(2), 1)), Pin.Make(Pin.Make(3)),
        Pin.Make(Row.Of(Pin.Make(1), Pin.Make(2), Pin.Make(1))),
    ];

    private static Value[] OddLaws =>
    [
        Law.Make(Nat.Of(9), Nat.Of(9), 600), Law.Make(Nat.One, Nat.One, 5),
        Law.Make(Nat.One, Nat.Of(2), 5), Law.Make(Nat.One, Nat.Of(2), Row.Of(2, 1)),
        Law.Make(Nat.Zero, Nat.Of(4), 0), Law.Make(Nat.Of(3), Nat.One, 7), Row.Empty,
        Law.Make(Nat.Zero, Nat.Of(BigInteger.One << 70), 0),
        Law.Make(Nat.Of(5), Nat.Of(BigInteger.One << 70), 3),
    ];

    private static JetTerm[] Functions =>
    [
        new Known("_Add"), new Known("_Sub"), new Known("_And"), new Known("_Or"),
        new Known("_Len"), new Known("_Eqz"), new Known("_Weld"), new Plain(Symbol), new Plain(0),
        new Plain(3), new Plain(9), new AppOf(new Known("_Add"), [new Plain(3)]),
        new Plain(Law.Make(Nat.OfText("id"), Nat.One, 1)),
        new Plain(Law.Make(Nat.OfText("fst"), Nat.Of(2), 1)),
        new Plain(Law.Make(Nat.OfText("thr"), Nat.Of(3), 3)),
    ];

    private static JetTerm[] Changes =>
    [
        new Plain(Law.Make(Nat.OfText("drop"), Nat.One, Quote(0))),
        new Plain(Law.Make(Nat.OfText("five"), Nat.One, Quote(App.Make(Nat.Zero, 5)))),
        new Plain(Law.Make(Nat.OfText("keep"), Nat.One, 1)), new Plain(Symbol),
    ];

    /// <summary>(if (lth x 3) (0 [x x+1]) 0)</summary>
    private static JetTerm Step => new Stepping();

    private static Value Quote(Value value) => App.Make(Nat.Of(2), value);

    private sealed record Stepping : JetTerm
    {
        public override Value Build(JetBench bench)
        {
            var isLess = Call(Call(Quote(bench.Laws["_Lth"]), 1), Quote(3));
            var pair = Call(Call(Quote(Law.Make(Nat.Zero, Nat.Of(3), 0)), Call(Quote(3), 1)), 1);
            var choice = Call(Call(Quote(bench.Laws["_If"]), isLess), Call(Quote(0), pair));
            return Law.Make(Nat.OfText("step"), Nat.One, Call(choice, Quote(0)));
        }

        private static Value Call(Value function, Value argument) =>
            App.Make(Nat.Zero, function, argument);
    }
}
