using Pallas.Eval;
using Pallas.Values;

using static Pallas.Tests.Plan.LawTerms;

namespace Pallas.Tests.Plan;

/// <summary>
/// Generates programs of list functions given to each other: lists that are made and taken apart
/// at once, shared, endless, cut off, or no lists at all, and functions that leave a trace, crash,
/// hold values or build lists.
/// </summary>
internal sealed class ListPrograms(int seed)
{
    private const ulong N = 1;
    private const ulong Odd = 2;
    private const ulong List = 3;
    private const int Arity = 3;

    /// <summary>Arguments of a program beside its number and its list.</summary>
    private static readonly Value[] OddValues =
    [
        Nat.Zero, Nat.Of(3), Nat.Of(ulong.MaxValue), Nat.OfText("a longer text"), Row.Of(1, 2),
        App.Make(Named("_Add"), Nat.One), Named("_Dec"),
    ];

    /// <summary>Its lists: proper, ended by something else, and values that are none.</summary>
    private static readonly Value[] Lists =
    [
        Nat.Zero, ListOf(Nat.Zero, 1, 2, 3), ListOf(Nat.Of(9), 5), ListOf(Named("_Dec"), 0, 7),
        ListOf(App.Make(Named("_Add"), Nat.One), 4), Row.Of(1, Row.Of(2)), Row.Of(1, 2, 3),
        Named("_Add"),
    ];

    private readonly Random random = new(seed);
    private ulong variables = Arity;
    private ulong tracesCount;

    /// <summary>A function and what to apply it to.</summary>
    public (Value Function, Func<Evaluator, Value[]> Args) Make()
    {
        // One list of the program is used twice.
        var shared = Lazily(3);
        variables++;
        var body = App.Make(1, shared, Answer());
        var law = MakeLaw(Arity, body);
        var (number, odd) = ((ulong)random.Next(6), OddValues[random.Next(OddValues.Length)]);
        var list = Lists[random.Next(Lists.Length)];
        var kind = random.Next(6);
        return (law, evaluator => [number, odd, kind switch
        {
            0 => evaluator.Delay(Named("_Trace"), Nat.Of(777), list),
            1 => Row.Of(1, evaluator.Delay(Nat.Of(9), Nat.Of(5))),
            2 => Row.Of(evaluator.Delay(Named("_Trace"), Nat.Of(778), Nat.Of(6)), list),
            _ => list,
        }]);
    }

    private static Value ListOf(Value end, params ulong[] items) =>
        items.Reverse().Aggregate(end, (rest, item) => Row.Of(Nat.Of(item), rest));

    /// <summary>The result made of lists: a number, a list that is cut off, or a pair.</summary>
    private Value Answer() => random.Next(8) switch
    {
        0 => Call(Lib("listFoldl"), Function2(), Number(), Finite(3)),
        1 => Call(Lib("listFoldr"), Function2(), Number(), Finite(3)),
        2 => Call(Lib("listSum"), Finite(3)),
        3 => Call(Lib("listLen"), Finite(3)),
        4 => Call(Lib("listAny"), Test(), Lazily(3)),
        5 => Call(Quote(new Cow(Nat.Of(2))), Finite(3), Call(Lib("listSum"), Finite(2))),
        _ => Finite(4),
    };

    private Value Finite(int depth) => Call(Lib("listTake"), Number(), Lazily(depth));

    private Value Lazily(int depth)
    {
        if (depth == 0)
            return Leaf();
        var rest = depth - 1;
        return random.Next(16) switch
        {
            0 => Call(Lib("listGen"), Number(), Function1()),
            1 => Call(Lib("listEnumFrom"), Number()),
            2 => Call(Lib("listIterate"), Function1(), Number()),
            3 or 4 => Call(Lib("listMap"), Function1(), Lazily(rest)),
            5 or 6 => Call(Lib("listFilter"), Test(), Finite(rest)),
            7 => Call(Lib("listTake"), Number(), Lazily(rest)),
            8 => Call(Lib("listTakeWhile"), Test(), Lazily(rest)),
            9 => Call(Lib("listDropWhile"), Test(), Finite(rest)),
            10 => Call(Lib("listWeld"), Lazily(rest), Lazily(rest)),
            11 => Call(Lib("listZipWith"), Function2(), Lazily(rest), Lazily(rest)),
            12 => Call(Lib("listCatMap"), Lister(), Lazily(rest)),
            13 => Call(Lib("listDrop"), Number(), Finite(rest)),
            14 => Call(Quote(new Cow(Nat.Of(2))), Lazily(rest), Number()),
            _ => Leaf(),
        };
    }

    private Value Leaf() => random.Next(5) switch
    {
        0 => Quote(Lists[random.Next(Lists.Length)]),
        1 => Call(Lib("listGen"), N, Lib("id")),
        2 or 3 when variables > Arity => variables,
        _ => List,
    };

    private Value Number() => random.Next(6) switch
    {
        0 => Odd,
        1 => Quote(Nat.Of((ulong)random.Next(5))),
        2 => Call(Lib("_Add"), N, Quote(2)),
        _ => N,
    };

    /// <summary>A function of one argument, a crash or a trace among them.</summary>
    private Value Function1() => random.Next(9) switch
    {
        0 => Lib("id"),
        1 => Call(Lib("_Mul"), Quote(3)),
        2 => Call(Lib("_Add"), Number()),
        3 => Call(Lib("_Trace"), Quote(Nat.Of(100 + tracesCount++))),
        4 => Quote(MakeLaw(1, If(Call(Lib("_Eql"), 1, Quote(2)), Call(Quote(9), 1), 1))),
        5 => Call(Quote(MakeLaw(2, Call(Lib("_Add"), 1, 2))), Odd),
        6 => Odd,
        7 => Quote(Nat.Of(3)),
        _ => Lib("_Dec"),
    };

    private Value Function2() => random.Next(7) switch
    {
        0 => Lib("_Sub"),
        1 => Lib("_Trace"),
        2 => Quote(MakeLaw(2, 2)),
        3 => Call(Quote(MakeLaw(3, Call(Lib("_Add"), 1, Call(Lib("_Mul"), 2, 3)))), N),
        4 => Quote(MakeLaw(2, If(1, Call(Lib("_Add"), 1, 2), 1))),
        5 => Quote(new Cow(Nat.Of(2))),
        _ => Lib("_Add"),
    };

    private Value Test() => random.Next(5) switch
    {
        0 => Call(Lib("_Lth"), N),
        1 => Lib("odd"),
        2 => Call(Lib("_Trace"), Quote(Nat.Of(200 + tracesCount++))),
        3 => Quote(MakeLaw(1, Quote(1))),
        _ => Call(Lib("_Neq"), Number()),
    };

    /// <summary>A function that answers a list.</summary>
    private Value Lister() => random.Next(4) switch
    {
        0 => Lib("listEnumFrom"),
        1 => Call(Lib("listMap"), Function1()),
        2 => Call(
            Quote(MakeLaw(2, Call(Lib("listTake"), 1, Call(Lib("listEnumFrom"), 2)))), N),
        _ => Call(
            Quote(MakeLaw(2, Call(Lib("listMap"), Call(Lib("_Add"), 2), 1))), List),
    };
}
