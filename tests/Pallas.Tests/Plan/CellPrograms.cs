using Pallas.Eval;
using Pallas.Values;

using static Pallas.Tests.Plan.LawTerms;

namespace Pallas.Tests.Plan;

/// <summary>
/// Generates programs that make rows of one item and of two and take them apart: first items that
/// are numbers at the edge of what a cell holds without an object, large numbers, no numbers at
/// all, not evaluated, crashing; used as numbers, compared, put into other cells, given to
/// functions, suspended, kept while the law calls itself, or not looked at.
/// </summary>
internal sealed class CellPrograms(int seed)
{
    private const ulong N = 1;
    private const ulong Item = 2;
    private const ulong Cell = 3;
    private const int Arity = 3;

    private static readonly Value[] Items =
    [
        Nat.Zero, 1, 1023, 1024, uint.MaxValue, 1UL << 32, ulong.MaxValue,
        Nat.Of(System.Numerics.BigInteger.One << 64), Row.Of(1, 2), Row.Of(1UL << 31),
        App.Make(Named("_Add"), Nat.One), Named("_Dec"), Bar.Of(1, 2),
    ];

    private readonly Random random = new(seed);
    private readonly List<ulong> variables = [N, Item, Cell];
    private ulong tracesCount;

    /// <summary>A function and what to apply it to.</summary>
    public (Value Function, Func<Evaluator, Value[]> Args) Make()
    {
        var bounds = new List<Value>();
        for (var count = 2 + random.Next(6); count > 0; count--)
        {
            bounds.Add(Bound());
            variables.Add((ulong)(Arity + bounds.Count));
        }
        var answer = RowOf(Answer(), Answer(), MakeCell());
        var again = Call(0, Dec(N), Any(), MakeCell());
        var body = random.Next(4) == 0 ? answer : If(Condition(), again, answer);
        foreach (var bound in Enumerable.Reverse(bounds))
            body = App.Make(1, bound, body);
        var (number, item) = ((ulong)random.Next(4), Items[random.Next(Items.Length)]);
        var kind = random.Next(7);
        return (MakeLaw(Arity, body), evaluator => [number, item, kind switch
        {
            0 => evaluator.Delay(Named("_Trace"), Nat.Of(777), Row.Of(item, 5)),
            1 => Row.Of(evaluator.Delay(Nat.Of(9), Nat.Of(5)), 6),
            2 => Row.Of(evaluator.Delay(Named("_Add"), item, Nat.One), item),
            3 => Row.Of(item),
            4 => item,
            _ => Row.Of(item, Row.Of(7, 0)),
        }]);
    }

    /// <summary>True as long as the number is not 0; evaluates something else first, which so is
    /// evaluated at the head of each round.</summary>
    private Value Condition() => random.Next(5) switch
    {
        0 => N,
        1 => Call(Lib("_Seq"), Any(), N),
        2 => Call(Lib("_Lth"), Call(Lib("_Mod"), Call(Lib("_Idx"), Quote(0), Cell), Quote(1)), N),
        _ => Call(Lib("_Lth"), Call(Lib("_Mod"), Any(), Quote(1)), N),
    };

    private Value Bound() => random.Next(10) switch
    {
        0 or 1 => Take(0),
        2 or 9 => Call(Lib("_Idx"), Quote(0), Cell),
        3 => Take(1),
        4 => Number(),
        5 => Call(Quote(1 + random.Next(2)), Any()),
        6 => Call(Any(), Any()),
        _ => MakeCell(),
    };

    /// <summary>An item of what is a cell more often than not.</summary>
    private Value Take(int index) => random.Next(4) == 0
        ? Call(Lib("_Get"), Any(), Quote(index))
        : Call(Lib("_Idx"), Quote(index), random.Next(4) == 0 ? MakeCell() : Any());

    private Value MakeCell() => random.Next(5) == 0
        ? RowOf(First())
        : RowOf(First(), Any());

    private Value First() => random.Next(8) switch
    {
        6 => Call(Lib("_Trace"), Quote(Nat.Of(300 + tracesCount++)), Any()),
        7 => Call(Any(), Any()),
        0 => Take(0),
        1 => Any(),
        2 => Quote(Items[random.Next(Items.Length)]),
        _ => Number(),
    };

    private Value Number() => random.Next(9) switch
    {
        0 => Call(Lib("_Add"), Any(), Quote(uint.MaxValue)),
        1 => Call(Lib("_Add"), Take(0), Take(0)),
        2 => Call(Lib("_Mul"), Any(), Quote(1UL << 31)),
        3 => Call(Lib("_Lte"), Any(), Take(0)),
        4 => Call(Lib("_Min"), Take(0), Any()),
        5 => Dec(Take(0)),
        6 => Call(Quote(3), Any()),
        7 => N,
        _ => Dec(N),
    };

    private Value Answer() => random.Next(9) switch
    {
        0 => Call(Lib("_Trace"), Quote(Nat.Of(100 + tracesCount++)), Take(0)),
        1 => If(Take(0), Any(), Take(0)),
        2 => Call(Lib("_Seq"), Take(0), Any()),
        3 => Call(Quote(MakeLaw(2, RowOf(2, 1))), Take(0), Any()),
        4 => Call(Quote(MakeLaw(1, Call(Lib("_Idx"), Quote(0), 1))), Any()),
        5 => Call(Lib("_Switch"), Take(0), Any(), RowOf(Any(), Take(0))),
        6 => Call(Lib("_Cmp"), MakeCell(), MakeCell()),
        7 => Number(),
        _ => Any(),
    };

    private Value Any() => random.Next(3) == 0
        ? variables[^1]
        : variables[random.Next(variables.Count)];
}
