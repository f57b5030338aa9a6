using System.Globalization;
using Pallas.Eval;
using Pallas.Formats.Seeds;
using Pallas.Fuzz;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Jets;

/// <summary>One evaluator with the library's laws, and what was traced in it.</summary>
internal sealed class JetBench
{
    private readonly List<ulong> forced = [];

    /// <param name="laws">The seed of a row of pinned laws.</param>
    public JetBench(JetTable jets, byte[] laws)
    {
        Evaluator = new Evaluator(TestEval.Plain with
        {
            Jets = jets,
            Trace = Note,
            StepsMax = 1,
            NatBitsMax = 1 << 16,
            DepthMax = 1 << 18,
        });
        Assert.True(SeedReader.TryRead(laws, out var row, out _));
        Laws = ((Row)row).ToArray().Cast<Pin>().ToDictionary(pin => ((Law)pin.Item).Name.ToText()!);
    }

    public Evaluator Evaluator { get; }

    public Dictionary<string, Pin> Laws { get; }

    /// <summary>The result, and which arguments and parts were evaluated for it.</summary>
    public JetRun Run(string law, JetTerm[] args, JetCallStyle style)
    {
        Evaluator.Reset();
        forced.Clear();
        var (outer, forcedOuter, value) = ("", "", (Value?)null);
        var whole = JetCalls.Outcome(() =>
        {
            Value[] built = [.. args.Select(arg => arg.Build(this))];
            outer = JetCalls.Outcome(() =>
            {
                value = Evaluator.Apply(Caller(law, args.Length, style), built);
                return "ok";
            });
            forcedOuter = Forced();
            return value is null ? outer : PlanText.Print(Evaluator.Normalize(value));
        });
        return new JetRun(outer, whole, forcedOuter, Forced());
    }

    private Value Caller(string law, int count, JetCallStyle style)
    {
        var call = App.Make(Nat.Of(2), Laws[law]);
        var refs = Enumerable.Range(1, count).Select(number => (Value)number).ToArray();
        if (style == JetCallStyle.Row)
        {
            var row = App.Make(Nat.Of(2), Law.Make(Nat.Zero, Nat.Of(3), 0));
            refs[^1] = Call(Call(row, 1), refs[^1]);
        }
        call = refs.Aggregate(call, Call);
        if (style == JetCallStyle.Lazy)
            call = Call(App.Make(Nat.Of(2), JetTermGen.Symbol), call);
        return style == JetCallStyle.Direct
            ? Laws[law]
            : Law.Make(Nat.OfText("caller"), Nat.Of((ulong)count), call);
    }

    private static Value Call(Value function, Value argument) =>
        App.Make(Nat.Zero, function, argument);

    private string Forced() => string.Join(' ', forced.Distinct().Order());

    private void Note(Value value)
    {
        if (value is SmallNat { Word: >= JetTerm.FirstMark } mark)
            forced.Add(mark.Word);
    }
}

/// <summary>The ways to call a law.</summary>
internal enum JetCallStyle
{
    /// <summary>As a value that is applied.</summary>
    Direct,

    /// <summary>By the body of another law.</summary>
    Law,

    /// <summary>As an argument in the body of another law.</summary>
    Lazy,

    /// <summary>By the body of another law, which makes the last argument a row.</summary>
    Row,
}

/// <param name="Outer">Whether weak head normal form was reached.</param>
/// <param name="Whole">The normal form, or how the evaluation ended.</param>
internal sealed record JetRun(string Outer, string Whole, string ForcedOuter, string Forced);

/// <summary>An argument that can be built anew in each bench, as thunks belong to one.</summary>
internal abstract record JetTerm
{
    public const ulong FirstMark = 1_000_000;

    public abstract Value Build(JetBench bench);

    public sealed record Plain(Value Value) : JetTerm
    {
        public override Value Build(JetBench bench) => Value;

        public override string ToString() => PlanText.Print(Value, lengthMax: 200);
    }

    public sealed record Known(string Law) : JetTerm
    {
        public override Value Build(JetBench bench) => bench.Laws[Law];

        public override string ToString() => Law;
    }

    public sealed record RowOf(JetTerm[] Items) : JetTerm
    {
        public override Value Build(JetBench bench) =>
            Row.Of([.. Items.Select(item => item.Build(bench))]);

        public override string ToString() => $"[{string.Join<JetTerm>(' ', Items)}]";
    }

    /// <summary>A closure: fewer arguments than its head takes.</summary>
    public sealed record AppOf(JetTerm Head, JetTerm[] Args) : JetTerm
    {
        public override Value Build(JetBench bench) =>
            App.Make(Head.Build(bench), [.. Args.Select(arg => arg.Build(bench))]);

        public override string ToString() => $"({Head} {string.Join<JetTerm>(' ', Args)})";
    }

    /// <summary>A thunk which notes that it was evaluated.</summary>
    public sealed record Traced(int Number, JetTerm Term) : JetTerm
    {
        public override Value Build(JetBench bench) => bench.Evaluator.Delay(
            bench.Laws["_Trace"], Nat.Of(FirstMark + (ulong)Number), Term.Build(bench));

        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"~{Number}:{Term}");
    }

    /// <summary>A thunk.</summary>
    public sealed record Delayed(JetTerm Term) : JetTerm
    {
        public override Value Build(JetBench bench) => bench.Evaluator.Delay(
            bench.Laws["_If"], Nat.One, Term.Build(bench), Nat.Zero);

        public override string ToString() => $"~{Term}";
    }

    /// <summary>A thunk that crashes.</summary>
    public sealed record Crashing(int Number) : JetTerm
    {
        public override Value Build(JetBench bench) =>
            bench.Evaluator.Delay(Nat.Of(9), Nat.Of((ulong)Number));

        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"!{Number}");
    }
}
