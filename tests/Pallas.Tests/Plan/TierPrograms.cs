using Pallas.Eval;
using Pallas.Tests.Library;
using Pallas.Values;

namespace Pallas.Tests.Plan;

/// <summary>
/// Generates programs that a compiler could get wrong: laws that call themselves and each other
/// with numbers at the edge of a word, arguments that crash or leave a trace when they are
/// evaluated, lets that are shared or need each other, closures, and calls with too many
/// arguments.
/// </summary>
internal sealed class TierPrograms(int seed)
{
    private const int LawsMax = 3;
    private const int DepthMax = 4;
    private const int SmallLawsCount = 3;

    private static readonly string[] Binary = Known(
        "_Add", "_Add", "_Sub", "_Mul", "_Div", "_Mod", "_Eql", "_Neq", "_Lth", "_Lte", "_Gth",
        "_Gte", "_Cmp", "_Min", "_Max", "_And", "_Or", "_Xor", "_Nand", "_Nor", "_Xnor", "_Con",
        "_Dis", "_Mix", "_Rsh", "_Idx", "_Get", "_Seq", "_Trunc", "_TestBit", "add64", "sub64",
        "mul64", "rol64", "ror64", "lsh64", "rsh64", "add32", "sub32", "mul32", "rol32", "_Pow");

    private static readonly string[] Unary = Known(
        "_Dec", "_Not", "_Bit", "_Eqz", "_ToNat", "_Len", "_IsNat", "_IsApp", "_IsRow", "_Met",
        "_PopCount", "_Last", "_Rev", "_PinItem", "w32");

    private static readonly ulong[] Edges =
    [
        0, 1, 2, 3, 7, 31, 32, 63, 64, uint.MaxValue, 1UL << 32, 1UL << 63, ulong.MaxValue - 1,
        ulong.MaxValue,
    ];

    private readonly Random random = new(seed);
    private readonly List<Pin> laws = [];
    private readonly List<Value> smallLaws = [];
    private int arity;
    private int variables;
    private int selfCallsLeft;
    private ulong tracesCount;

    /// <summary>A function and what to apply it to, fresh thunks included.</summary>
    public (Value Function, Func<Evaluator, Value[]> Args) Make()
    {
        for (var i = 0; i < SmallLawsCount; i++)
            smallLaws.Add(MakeSmallLaw());
        var count = 1 + random.Next(LawsMax);
        for (var i = 0; i < count; i++)
            laws.Add(MakeLaw());
        var kinds = Enumerable.Range(0, laws[^1].Arity).Select(_ => random.Next(10)).ToArray();
        var edges = kinds.Select(_ => Edge()).ToArray();
        var depth = (ulong)random.Next(7);
        return (laws[^1], evaluator => [.. kinds.Select((kind, i) =>
            i == 0 ? Nat.Of(depth) : Argument(evaluator, kind, edges[i], i))]);
    }

    /// <summary>The laws that the function is made of, to be run before it: then it calls code
    /// that is there already.</summary>
    public IEnumerable<Value> Parts => [.. smallLaws, .. laws.Take(laws.Count - 1)];

    private static Value Argument(Evaluator evaluator, int kind, Value edge, int index) =>
        kind switch
        {
            0 => evaluator.Delay(Nat.Of(9), Nat.Of((ulong)index)),
            1 => Row.Of(edge, evaluator.Delay(Nat.Of(8), edge), 3),
            2 => evaluator.Delay(Library("_Add"), edge, Nat.One),
            3 => evaluator.Delay(Library("_Trace"), Nat.Of(1000 + (ulong)index), edge),
            4 => App.Make(Library("_Add"), edge),
            5 => Library("_Dec"),
            _ => edge,
        };

    /// <summary>Those that the prelude has.</summary>
    private static string[] Known(params string[] names) =>
        [.. names.Where(name => LoadedLibrary.Shared.Find(name) is Pin)];

    private static Pin Library(string name) => (Pin)LoadedLibrary.Shared.Find(name)!;

    private Value Edge() => random.Next(8) == 0
        ? Nat.Of(System.Numerics.BigInteger.One << 64)
        : Nat.Of(Edges[random.Next(Edges.Length)]);

    /// <summary>(if n BODY END), so that calls of the law itself come to an end.</summary>
    private Pin MakeLaw()
    {
        arity = variables = 1 + random.Next(random.Next(4) == 0 ? 7 : 4);
        selfCallsLeft = 2;
        var letsCount = random.Next(3);
        variables += letsCount;
        var lets = Enumerable.Range(0, letsCount).Select(_ => Term(DepthMax - 1)).ToArray();
        var body = Call(Quote(Library("_If")), 1, Term(DepthMax), Term(DepthMax - 1));
        foreach (var let in lets.Reverse())
            body = App.Make(1, let, body);
        var name = Nat.OfText($"gen{laws.Count}");
        return Pin.Make(Law.Make(name, Nat.Of((ulong)arity), body));
    }

    /// <summary>A law that a compiler may put in place of its calls: small, pinned or not, that
    /// uses an argument never, once or often, now and then as a function or as the items of a
    /// row.</summary>
    private Value MakeSmallLaw()
    {
        arity = variables = 1 + random.Next(3);
        selfCallsLeft = 0;
        var isLet = random.Next(3) == 0;
        variables += isLet ? 1 : 0;
        var body = random.Next(3) switch
        {
            0 => Call(Quote(new Cow(Nat.Of(2))), Terms(2, 2)),
            1 => Call(Nat.Of(1), Terms(2, 1)),
            _ => Term(2),
        };
        if (isLet)
            body = App.Make(1, Term(2), body);
        var law = Law.Make(Nat.OfText($"small{smallLaws.Count}"), Nat.Of((ulong)arity), body);
        return law is Law && random.Next(4) > 0 ? Pin.Make(law) : law;
    }

    /// <summary>A small law given its arguments, or one less, or one more.</summary>
    private Value SmallCall(int depth)
    {
        var law = smallLaws[random.Next(smallLaws.Count)];
        var count = law.Arity + random.Next(6) switch { 0 => -1, 1 => 1, _ => 0 };
        return Call(Quote(law), Terms(depth, count));
    }

    private Value Term(int depth)
    {
        if (depth == 0 || random.Next(6) == 0)
            return Leaf();
        switch (random.Next(22))
        {
            case 19:
                // A row of an item that is often a number, used as one.
                return Call(
                    Quote(Library("_Add")), Leaf(),
                    Call(Quote(Library("_Idx")), Quote(random.Next(5)), Items(depth)));
            case 20:
                return Call(Quote(Library("_Map")), Given(depth), Items(depth));
            case 21:
                var length = Call(Quote(Library("_Min")), Quote(random.Next(50)), Term(depth - 1));
                return Call(Quote(Library("_Gen")), length, Given(depth));
            case 18 when selfCallsLeft-- > 0:
                var self = Call(
                    0, [Call(Quote(Library("_Dec")), 1), .. Terms(depth, arity - 1)]);
                return Call((ulong)(1 + random.Next(variables)), Term(depth - 1), self);
            case 15 or 16 when smallLaws.Count > 0:
                return SmallCall(depth);
            case 17 when smallLaws.Count > 0:
                return Call(
                    Quote(Library("_Idx")), Quote(random.Next(3)), SmallCall(depth));
            case 0 when selfCallsLeft-- > 0:
            case 1 when selfCallsLeft-- > 0:
            case 2 when selfCallsLeft-- > 0:
                return Call(0, [Call(Quote(Library("_Dec")), 1), .. Terms(depth, arity - 1)]);
            case 3 when laws.Count > 0:
                var law = laws[random.Next(laws.Count)];
                var few = Call(Quote(Library("_Min")), Quote(3), Term(depth - 1));
                return Call(Quote(law), [few, .. Terms(depth, law.Arity - 1)]);
            case 4:
                return Call(Quote(Library("_If")), Terms(depth, 3));
            case 5:
                return Call(Quote(Library("_Ifz")), Terms(depth, 3));
            case 6:
                return Call(Quote(Library("_Trace")), Quote(++tracesCount), Term(depth - 1));
            case 7:
                return Call(Quote(3), Term(depth - 1));
            case 8:
                return Call(Quote(new Cow(Nat.Of(2))), Terms(depth, 2));
            case 9:
                return Call(Quote(Library("_Switch")), Term(depth - 1), Term(depth - 1),
                    Call(Quote(new Cow(Nat.Of(3))), Terms(depth, 3)));
            case 10:
                return Call(Term(depth - 1), Term(depth - 1));
            case 11:
                return Call(Quote(2), Terms(depth, 3));
            case 12:
                return Call(Quote(Library(Unary[random.Next(Unary.Length)])), Term(depth - 1));
            default:
                return Call(
                    Quote(Library(Binary[random.Next(Binary.Length)])), Terms(depth, 2));
        }
    }

    /// <summary>A row of more items than an object has fields, most of them numbers.</summary>
    private Value Items(int depth)
    {
        var count = 3 + random.Next(3);
        var items = Enumerable.Range(0, count)
            .Select(_ => random.Next(3) == 0 ? Term(depth - 1) : Leaf());
        return Call(Quote(new Cow(Nat.Of((ulong)count))), [.. items]);
    }

    /// <summary>A function to pass on.</summary>
    private Value Given(int depth) => random.Next(4) switch
    {
        0 => Call(Quote(Library(Binary[random.Next(Binary.Length)])), Leaf()),
        1 => Quote(Library(Unary[random.Next(Unary.Length)])),
        2 when smallLaws.Count > 0 => SmallCall(depth),
        _ => Term(depth - 1),
    };

    private Value[] Terms(int depth, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Term(depth - 1))];

    private Value Leaf() => random.Next(10) switch
    {
        < 6 => Nat.Of((ulong)(1 + random.Next(variables))),
        6 => Call(Quote(9), Quote(Nat.Of((ulong)random.Next(3)))),
        7 => Call(Quote(Library("_Add")), Leaf()),
        _ => Quote(Edge()),
    };

    private static Value Quote(Value value) => App.Make(Nat.Of(2), value);

    private static Value Call(Value function, params Value[] args) =>
        args.Aggregate(function, (head, arg) => App.Make(Nat.Zero, head, arg));
}
