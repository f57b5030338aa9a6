using Pallas.Eval;
using Pallas.Values;

using static Pallas.Tests.Plan.LawTerms;

namespace Pallas.Tests.Plan;

/// <summary>
/// Generates programs of recursive laws given to each other that no library has: laws that make,
/// change and take apart lists, and do something else before they look at one, between its items,
/// or instead: they leave traces, crash, skip items, ask again, let go of a list or keep it, hand
/// on other functions, call themselves with too few or too many arguments.
/// </summary>
internal sealed class LoopPrograms
{
    private const int MainArity = 3;
    private const int DepthMax = 3;

    private static readonly Value[] Lists =
    [
        Nat.Zero, List(Nat.Zero, 1, 2, 3), List(Nat.Of(9), 5, 0), List(Named("_Dec"), 2, 0, 7),
        Row.Of(1, Row.Of(2)), Row.Of(1, 2, 3), Row.Of(5, Nat.Zero, 6), Named("_Add"),
        App.Make(Nat.One, Nat.Zero), new Cow(Nat.Of(2)),
    ];

    private readonly Random random;
    private readonly List<Loop> loops = [];
    private ulong tracesCount;

    /// <summary>The values that the body can use: numbers, functions and lists.</summary>
    private List<Value> numbers = [];
    private List<Value> functions = [];
    private List<Value> lists = [];
    private Loop? current;

    public LoopPrograms(int seed) => random = new Random(seed);

    /// <summary>A law: where its arguments are, and what they are for.</summary>
    private sealed record Loop(Role[] Roles)
    {
        public Value Law { get; set; } = Nat.Zero;

        public bool Makes { get; init; }

        public bool Takes => Roles.Contains(Role.List);
    }

    private enum Role
    {
        /// <summary>Counts down to the end.</summary>
        Count,
        Number,
        Function,
        List,
    }

    /// <summary>A function and what to apply it to.</summary>
    public (Value Function, Func<Evaluator, Value[]> Args) Make()
    {
        // At least one that makes lists, one that changes them, and one that takes them.
        loops.Add(MakeLoop(takes: false, makes: true));
        loops.Add(MakeLoop(takes: true, makes: true));
        loops.Add(MakeLoop(takes: true, makes: false));
        for (var i = random.Next(3); i > 0; i--)
            loops.Add(MakeLoop(random.Next(3) > 0, random.Next(2) == 0));
        var law = MakeMain();
        var (number, odd) = ((ulong)random.Next(6), Lists[random.Next(Lists.Length)]);
        var (list, kind) = (Lists[random.Next(Lists.Length)], random.Next(5));
        return (law, evaluator =>
        [
            kind == 3
                ? evaluator.Delay(Named("_Trace"), Nat.Of(776), Nat.Of(number))
                : Nat.Of(number),
            odd,
            kind switch
            {
                0 => evaluator.Delay(Named("_Trace"), Nat.Of(777), list),
                1 => Row.Of(1, evaluator.Delay(Nat.Of(9), Nat.Of(5))),
                2 => Row.Of(evaluator.Delay(Named("_Trace"), Nat.Of(778), Nat.Of(6)), list),
                _ => list,
            },
        ]);
    }

    private static Value List(Value end, params ulong[] items) =>
        items.Reverse().Aggregate(end, (rest, item) => Row.Of(Nat.Of(item), rest));

    private static Value Item(int index, Value row) => Call(Lib("_Idx"), Quote(index), row);

    private Value Trace(Value value) => Call(Lib("_Trace"), Quote(++tracesCount), value);

    private T Pick<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];

    private bool Chance(int outOf) => random.Next(outOf) == 0;

    // ---- The program

    private Pin MakeMain()
    {
        current = null;
        numbers = [1, 1, 2];
        functions = [];
        lists = [3, 3, 2];
        var lets = new List<Value>();
        for (var i = random.Next(3); i > 0; i--)
        {
            lets.Add(Made(2));
            lists.Add((ulong)(MainArity + lets.Count));
        }
        var body = random.Next(5) switch
        {
            0 => RowOf(Result(), Result()),
            1 => Call(Lib("_Add"), Result(), Result()),
            _ => Result(),
        };
        return MakeLaw(MainArity, Around(lets, body));
    }

    private static Value Around(List<Value> lets, Value body)
    {
        for (var i = lets.Count - 1; i >= 0; i--)
            body = App.Make(1, lets[i], body);
        return body;
    }

    private Value Result() => CallOf(Pick([.. loops.Where(loop => loop.Takes)]), DepthMax);

    /// <summary>A list, mostly one that a loop makes of others.</summary>
    private Value Made(int depth)
    {
        if (depth == 0 || loops.Count == 0 || Chance(6))
            return lists.Count == 0 || Chance(3) ? Quote(Pick(Lists)) : Pick(lists);
        var made = CallOf(Pick([.. loops.Where(loop => loop.Makes)]), depth);
        return random.Next(12) switch
        {
            0 => RowOf(Number(1), made),
            1 => Trace(made),
            2 => Call(Lib("listTake"), Number(1), made),
            3 => Call(Lib("listMap"), Function(1), made),
            4 => Call(Lib("listFilter"), Function(1), made),
            _ => made,
        };
    }

    /// <param name="list">Its lists; null makes lists for it.</param>
    private Value CallOf(Loop loop, int depth, Value? list = null)
    {
        var args = loop.Roles.Select(role => role switch
        {
            Role.Count => Chance(4) ? Number(1) : Quote(random.Next(6)),
            Role.Number => Number(1),
            Role.Function => Function(1),
            _ => list ?? Made(depth - 1),
        }).ToArray();
        if (Chance(8))
        {
            // By way of a law that is no loop, large enough to be called or not.
            var big = Chance(2) ? Call(Lib("_Mul"), Quote(0), 1) : Quote(7);
            for (var i = random.Next(2) * 12; i > 0; i--)
                big = Call(Lib("_Add"), big, 1);
            var around = Enumerable.Range(1, args.Length).Select(i => (Value)Nat.Of((ulong)i));
            var arity = (ulong)args.Length + 1;
            var way = MakeLaw(arity, If(arity, big, Call(Quote(loop.Law), [.. around])));
            return Call(Quote(way), [.. args, Quote(0)]);
        }
        return Call(Quote(loop.Law), args);
    }

    // ---- Laws

    private Loop MakeLoop(bool takes, bool makes)
    {
        var roles = new List<Role> { Role.Number };
        if (!takes)
            roles.Add(Role.Count);
        else
            roles.Add(Role.List);
        if (takes && Chance(5))
            roles.Add(Role.List);
        if (!Chance(3))
            roles.Add(Role.Function);
        var loop = new Loop([.. roles.OrderBy(_ => random.Next())]) { Makes = makes };
        current = loop;
        numbers = [.. Places(loop, Role.Number), .. Places(loop, Role.Count)];
        functions = [.. Places(loop, Role.Function)];
        lists = [.. Places(loop, Role.List)];
        var arity = loop.Roles.Length;
        var lets = new List<Value>();
        for (var i = random.Next(3); i > 0; i--)
        {
            lets.Add(random.Next(3) switch
            {
                0 when lists.Count > 0 => Item(random.Next(3), Pick(lists)),
                1 => Trace(Number(2)),
                _ => Number(2),
            });
            numbers.Add((ulong)(arity + lets.Count));
        }
        var body = Around(lets, Before(random.Next(3)));
        var name = Nat.OfText(Chance(2) ? "loop" : $"loop{loops.Count}");
        var law = Law.Make(name, Nat.Of((ulong)arity), body);
        loop.Law = random.Next(6) switch
        {
            0 => law,
            1 => Pin.Make(Pin.Make(law)),
            _ => Pin.Make(law),
        };
        return loop;
    }

    private static IEnumerable<Value> Places(Loop loop, Role role) => loop.Roles.Index()
        .Where(place => place.Item == role)
        .Select(place => (Value)Nat.Of((ulong)place.Index + 1));

    /// <summary>The steps before the law asks for its list, or for the end of its count.</summary>
    private Value Before(int steps)
    {
        if (steps > 0)
            return Step(rest => Before(rest), End, steps);
        var (list, count) = (Places(current!, Role.List).ToArray(), Places(current!, Role.Count));
        if (list.Length == 0)
        {
            return Chance(6)
                ? After(2)
                : Call(Lib("_Ifz"), count.First(), End(), After(random.Next(3)));
        }
        var test = Call(Lib("_IsNat"), Pick(list));
        return Chance(8)
            ? Call(Lib("_Ifz"), test, After(random.Next(3)), End())
            : If(test, End(), After(random.Next(3)));
    }

    /// <summary>The steps for an item.</summary>
    private Value After(int steps) => steps > 0
        ? Step(rest => After(rest), () => Chance(2) ? Leaf() : End(), steps)
        : Leaf();

    private Value Step(Func<int, Value> next, Func<Value> aside, int steps)
    {
        var rest = next(steps - 1);
        var other = aside();
        return random.Next(6) switch
        {
            0 => Call(Lib("_Seq"), Number(2), rest),
            1 => Call(Lib("_Ifz"), Number(2), other, rest),
            2 => If(Number(2), other, rest),
            3 when lists.Count > 0 => If(Call(Lib("_IsNat"), Pick(lists)), other, rest),
            4 => Call(Lib("_Switch"), Number(1), rest, RowOf(other, rest)),
            _ => If(Number(2), rest, other),
        };
    }

    private Value End() => random.Next(8) switch
    {
        0 when lists.Count > 0 => Pick(lists),
        1 => Number(2),
        2 => Pick(numbers),
        3 => Quote(Pick(Lists)),
        4 when lists.Count > 0 => Item(1, Pick(lists)),
        _ => Quote(0),
    };

    private Value Leaf()
    {
        if (current!.Makes && !Chance(3))
        {
            return random.Next(8) switch
            {
                0 => RowOf(Number(2), Again(), Number(1)),
                1 => RowOf(Again(), Again()),
                2 => RowOf(Number(2), RowOf(Number(2), Again())),
                _ => RowOf(Number(2), Again()),
            };
        }
        var changing = loops.Where(loop => loop.Takes && loop.Makes).ToArray();
        return random.Next(6) switch
        {
            0 => Call(Lib("_Add"), Number(2), Again()),
            1 => Call(Lib("_Add"), Again(), Number(2)),
            2 when changing.Length > 0 => CallOf(Pick(changing), 1, Again()),
            _ => Again(),
        };
    }

    /// <summary>The law's call of itself.</summary>
    private Value Again()
    {
        var args = current!.Roles.Index().Select(place =>
        {
            Value same = Nat.Of((ulong)place.Index + 1);
            return place.Item switch
            {
                Role.Count => Dec(same),
                Role.Number => Chance(3) ? same : Number(2),
                Role.Function => Chance(6) ? Function(1) : same,
                _ => Chance(30) ? same : Item(1, Chance(12) ? Pick(lists) : same),
            };
        }).ToArray();
        return random.Next(20) switch
        {
            0 => Call(0, [.. args, Number(1)]),
            1 => Call(Lib("_Seq"), Call(0, args[..^1]), Call(0, args)),
            _ => Call(0, args),
        };
    }

    // ---- What is no list

    private Value Number(int depth)
    {
        if (depth == 0 || Chance(4))
        {
            return !Chance(4) ? Pick(numbers)
                : Quote(Chance(8) ? Nat.Of(ulong.MaxValue) : random.Next(4));
        }
        return random.Next(16) switch
        {
            14 when current is not null && loops.Count > 0 && Chance(2) =>
                CallOf(Pick(loops), 1),
            15 when functions.Count > 0 =>
                Call(Pick(functions), Number(depth - 1), Number(depth - 1)),
            0 => Call(Lib("_Add"), Number(depth - 1), Number(depth - 1)),
            1 => Call(Lib("_Mul"), Number(depth - 1), Number(depth - 1)),
            2 => Call(Lib("_Lth"), Number(depth - 1), Number(depth - 1)),
            3 or 4 when functions.Count > 0 => Call(Pick(functions), Number(depth - 1)),
            5 or 6 when lists.Count > 0 => Item(Chance(5) ? 2 : 0, Pick(lists)),
            7 or 8 => Trace(Number(depth - 1)),
            9 when Chance(4) => Call(Quote(9), Number(depth - 1)),
            10 => Call(Lib("_Eqz"), Number(depth - 1)),
            11 => Call(Lib("_Mod"), Number(depth - 1), Quote(2)),
            12 => Dec(Number(depth - 1)),
            _ => Pick(numbers),
        };
    }

    /// <summary>A function of one argument; what it holds may be evaluated once only.</summary>
    private Value Function(int depth) => random.Next(11) switch
    {
        0 when functions.Count > 0 => Pick(functions),
        1 => Call(Lib("_Mul"), Number(depth)),
        2 or 3 => Call(Lib("_Add"), Number(depth)),
        4 or 5 => Call(Lib("_Trace"), Quote(Nat.Of(100 + tracesCount++))),
        6 => Quote(MakeLaw(1, If(Call(Lib("_Eql"), 1, Quote(2)), Call(Quote(9), 1), 1))),
        7 => Call(Quote(MakeLaw(2, Call(Lib("_Add"), 1, 2))), Trace(Number(depth))),
        8 => Quote(MakeLaw(1, Call(Lib("_Trace"), Quote(Nat.Of(200 + tracesCount++)), 1))),
        9 => Quote(MakeLaw(1, Call(Lib("_Mod"), 1, Quote(2)))),
        _ => Lib("_Dec"),
    };
}
