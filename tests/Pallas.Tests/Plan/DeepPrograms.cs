using Pallas.Values;

using static Pallas.Tests.Plan.LawTerms;

namespace Pallas.Tests.Plan;

/// <summary>
/// Generates laws that recur deeply in several ways that take turns: through calls, suspended
/// values, native code that asks for values, crashes that are caught, pins and traces that want
/// normal forms, laws that are interpreted between compiled ones; and that end in a value, a crash,
/// or never.
/// </summary>
internal sealed class DeepPrograms(int seed)
{
    private readonly Random random = new(seed);

    public enum End
    {
        Value,
        Crash,
        Loop,
        Endless,
    }

    /// <summary><c>f n = if n (switch (mod n WAYS) .. [ways]) END</c>, within a law that is called
    /// once and looks at its argument again afterwards.</summary>
    public Pin Make(End end)
    {
        var ways = new Value[2 + random.Next(4)];
        for (var i = 0; i < ways.Length; i++)
            ways[i] = Way();
        var bottom = end switch
        {
            End.Value => Quote(7),
            End.Crash => Call(Quote(9), RowOf(Quote(5), 1)),
            End.Loop => Call(Quote(MakeLaw(1, App.Make(1, Call(Quote(3), 2), 2))), 1),
            _ => Call(Quote(MakeLaw(1, Call(0, Call(Quote(3), 1)))), 1),
        };
        var way = Call(
            Lib("_Switch"), Call(Lib("_Mod"), 1, Quote(ways.Length)), Deeper, RowOf(ways));
        var deep = MakeLaw(1, If(1, way, bottom));
        return MakeLaw(1, Call(Lib("_Add"), 1, Call(Quote(deep), 1)));
    }

    private static Value Deeper => Call(0, Dec(1));

    private static Value Item(int index, Value row) => Call(Lib("_Idx"), Quote(index), row);

    private Value Way() => random.Next(16) switch
    {
        0 => Call(Lib("_Add"), 1, Deeper),
        1 => Call(Quote(3), Item(1, Call(Lib("_Try"), RowOf(Dec(1), 0)))),
        2 => Call(Lib("_PinItem"), Call(Quote(4), Deeper)),
        3 => Item(0, RowOf(Call(Quote(3), Deeper), 1)),
        4 => Call(Quote(MakeLaw(2, Call(Quote(3), Call(1, 2)))), 0, Dec(1)),
        5 => If(Call(Lib("_Mod"), 1, Quote(97)), Deeper, Call(Lib("_Trace"), Deeper, 1)),
        6 => Item(0, Call(Lib("_Map"), Quote(3), RowOf(Deeper, 1))),
        7 => Call(Lib("_Add"), 1, Call(Lib("_Eql"), RowOf(Deeper), RowOf(1))),
        8 => Call(Quote(2), Quote(1), Quote(3), Deeper),
        9 => Call(Lib("_Seq"), RowOf(Deeper), Deeper),
        10 => If(Deeper, Call(Quote(3), 1), 1),
        11 => Call(Quote(MakeLaw(2, Call(Lib("_Add"), 2, 1))), Deeper, 1),
        12 => Call(
            Lib("listSum"),
            Call(Lib("listTake"), Quote(2), RowOf(Deeper, RowOf(1, Quote(0))))),
        13 or 14 => If(
            Call(Lib("_Mod"), 1, Quote(97)), Call(Quote(3), Deeper),
            Call(Quote(Seldom), Quote(1), 0, 1)),
        _ => Call(Quote(3), Deeper),
    };

    /// <summary>Called too seldom to be compiled at first, and not put in the place of its call:
    /// <c>g k f n = if k (g (dec k) f n) (add n (f (dec n)))</c></summary>
    private static Pin Seldom => MakeLaw(3, If(
        1, Call(0, Dec(1), 2, 3), Call(Lib("_Add"), 3, Call(2, Dec(3)))));
}
