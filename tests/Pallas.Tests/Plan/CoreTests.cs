using Pallas.Eval;
using Pallas.Tests.Library;
using Pallas.Values;
using Pallas.Values.Hashing;
using Xunit;
using static Pallas.Tests.Plan.LawTerms;

namespace Pallas.Tests.Plan;

/// <summary>Core: its text form, its laws, and the examples of the passes.</summary>
public sealed class CoreTests
{
    private const int ProgramsCount = 150;

    /// <summary>Also after each pass: the passes keep ids unique and variables in scope.</summary>
    [Fact]
    public void Every_law_of_the_library_prints_and_reads_back_and_encodes()
    {
        var seen = new HashSet<Hash256>();
        var todo = new Stack<Pin>(PinRefs.Of(LoadedLibrary.Shared.Prelude.State!.Scope));
        var count = 0;
        while (todo.TryPop(out var pin))
        {
            if (!seen.Add(pin.Hash))
                continue;
            foreach (var part in pin.Refs)
                todo.Push(part);
            count += CheckLaw(pin) ? 1 : 0;
        }
        Assert.InRange(count, 1_000, int.MaxValue);
    }

    [Fact]
    public void Generated_laws_print_and_read_back_and_encode()
    {
        for (var seed = 0; seed < ProgramsCount; seed++)
        {
            var programs = new TierPrograms(seed);
            var (function, _) = programs.Make();
            foreach (var law in programs.Parts.Append(function))
                Assert.True(CheckLaw(law) || law is not (Law or Pin { Item: Law }));
            CheckLaw(new ListPrograms(seed).Make().Function);
            CheckLaw(new LoopPrograms(seed).Make().Function);
        }
    }

    [Fact]
    public void Stages_list_the_decoded_Core_and_each_pass_that_changes_it()
    {
        for (var seed = 0; seed < ProgramsCount; seed++)
        {
            var stages = CoreStages.Of(new TierPrograms(seed).Make().Function, JetTable.All);
            Assert.Equal("decode", stages[0].Stage);
            for (var i = 1; i < stages.Count; i++)
            {
                Assert.Contains(CorePasses.All, pass => pass.Name == stages[i].Stage);
                Assert.NotEqual(stages[i - 1].Text, stages[i].Text);
            }
        }

        Assert.Empty(CoreStages.Of(7, JetTable.All));
    }

    /// <summary>Compares the law with the law that is encoded from its Core after all passes.
    /// </summary>
    [Fact]
    public void Passes_keep_what_a_generated_law_does()
    {
        for (var seed = 0; seed < ProgramsCount; seed++)
        {
            var (function, args) = new TierPrograms(seed).Make();
            var law = (Law)((Pin)function).Item;
            var code = new LawCode(JetTable.All, function, law.Arity) { Source = law };
            var build = new CoreBuilder(code);
            var core = CorePasses.Run(LawDecoder.Decode(build), build);
            var encoded = Pin.Make(LawEncoder.Encode(law.Name, law.Arity, core));
            var expected = TierRuns.Run(Tier.Interpret, function, args);
            var actual = TierRuns.Run(Tier.Interpret, encoded, args);
            if (expected.Outcome != TierRuns.OutOfTime && actual.Outcome != TierRuns.OutOfTime)
                Assert.Equal(expected, actual);
        }
    }

    [Theory]
    [InlineData("let x2 = (f x1); (_If self (g x2) x1)", "(_If self (g (f x1)) x1)")]
    [InlineData("let x2 = (f x1); x1", "x1")]
    [InlineData("(g let x2 = (f x1); [x2 x2])", "(g (let x2 = (f x1); [x2 x2]))")]
    [InlineData(
        "let x2 = (f x1); (_If x1 (g x2 x2) x1)", "(_If x1 (let x2 = (f x1); (g x2 x2)) x1)")]
    [InlineData(
        "rec x2 = (f x3), x3 = (f x2), x4 = (f x1); (g x4 x2)",
        "(g (f x1) (rec x2 = (f x3), x3 = (f x2); x2))")]
    [InlineData("let x2 = _Add; (x2 x1 1)", "(_Add x1 1)")]
    public void Lets_float_to_where_they_are_used(string before, string after) =>
        Check(FloatLets.Run, before, after);

    [Theory]
    [InlineData("(_And x1 self)", "(if x1 (bit law) 0)")]
    [InlineData("(_Nor x1 (_Or 1 x1))", "(if x1 0 (not (if 1 1 (bit x1))))")]
    [InlineData("(2 x1 f (f 1))", "let x2 = (f 1); (if x2 (f (dec x2)) x1)")]
    [InlineData("(self self)", "(self law)")]
    public void Operations_lower_to_branches(string before, string after) =>
        Check(Lower.Run, before, after);

    [Theory]
    [InlineData("(_Add (double x1) 1)", "(_Add (_Mul 2 x1) 1)")]
    [InlineData("(_Idx 1 [x1 (f x1) 3])", "(f x1)")]
    [InlineData(
        "let x2 = [(f x1)]; (g x2 (_Idx 0 x2))",
        "let x3 = (f x1); let x2 = [x3]; (g x2 x3)")]
    [InlineData("(f (double (f x1)))", "(f (double (f x1)))")]
    [InlineData("(f (double x1))", "(f (_Mul 2 x1))")]
    public void Small_laws_replace_their_calls(string before, string after) =>
        Check(Inline.Run, before, after);

    [Theory]
    [InlineData("(x1 2", "expected an expression at character 5 of the Core text")]
    [InlineData("(x1 y)", "expected a name that is known, not y at character 5 of the Core text")]
    [InlineData("let x2 = 1 x2", "expected ; at character 11 of the Core text")]
    public void Text_that_is_no_Core_is_refused(string text, string message)
    {
        var failure = Assert.Throws<FormatException>(() => Read(text, Builder()));
        Assert.Equal(message, failure.Message);
    }

    // ---- Helpers

    /// <summary>The law that the texts of examples are the body of; it takes one argument.
    /// </summary>
    private static CoreBuilder Builder()
    {
        var law = Law.Make(Nat.OfText("law"), Nat.One, Nat.One);
        return new CoreBuilder(LawCode.Of((Law)law, JetTable.All));
    }

    /// <summary>Two unknown functions, a small law, and the jets.</summary>
    private static Core Read(string text, CoreBuilder build)
    {
        var large = Enumerable.Range(0, 20).Aggregate(
            (Value)1, (body, _) => Call(Lib("_Add"), body, 1));
        var names = new Dictionary<string, Value>
        {
            ["f"] = Pin.Make(Law.Make(Nat.OfText("f"), Nat.One, Call(0, large))),
            ["g"] = Pin.Make(Law.Make(Nat.OfText("g"), Nat.Of(2), Call(0, large, 2))),
            ["double"] = Pin.Make(Law.Make(
                Nat.OfText("double"), Nat.One, Call(Lib("_Mul"), Quote(2), 1))),
        };
        foreach (var name in new[] { "_If", "_Add", "_Mul", "_Idx", "_And", "_Or", "_Nor" })
            names[name] = Named(name);
        return CoreReader.Read(text, build, names);
    }

    private static void Check(
        Func<Core, CoreBuilder, Core> pass, string before, string after)
    {
        var build = Builder();
        for (var i = 0; i < before.Count(character => character == '='); i++)
            build.NewVariable();
        var result = pass(Read(before, build), build);
        Assert.Equal(after, CorePrinter.Print(result).Text.ReplaceLineEndings(" "));
    }

    /// <returns>False for what is no law.</returns>
    private static bool CheckLaw(Value value)
    {
        if ((value as Law ?? (value as Pin)?.Item as Law) is not { } law)
            return false;
        var code = new LawCode(JetTable.All, value, law.Arity) { Source = law };
        var build = new CoreBuilder(code);
        var core = LawDecoder.Decode(build);
        CheckText(core, code);
        CheckEncoding(core, code);
        if (CoreQueries.SizeOf(core, 2_000) <= 2_000)
            CorePasses.Run(core, build, (_, _, after) => CheckText(after, code));
        return true;
    }

    private static void CheckText(Core core, LawCode code)
    {
        var bound = new HashSet<int>();
        CheckScopes(core, [.. Enumerable.Range(0, code.Arity + 1)], bound);
        var printed = CorePrinter.Print(core);
        var read = CoreReader.Read(printed.Text, new CoreBuilder(code), printed.Constants);
        Assert.True(AreSame(core, read), $"{code.Self}\n{printed.Text}");
    }

    private static void CheckScopes(Core core, HashSet<int> scope, HashSet<int> bound)
    {
        int[] ids = core switch
        {
            Core.Let let => [let.Id],
            Core.LetRec rec => [.. rec.Bindings.Select(binding => binding.Id)],
            _ => [],
        };
        Assert.True(core is not Core.Var variable || scope.Contains(variable.Id));
        if (core is Core.Let { Bound: var value })
            CheckScopes(value, scope, bound);
        foreach (var id in ids)
            Assert.True(bound.Add(id) && scope.Add(id));
        foreach (var part in core is Core.Let { Body: var body } ? [body] : core.Parts)
            CheckScopes(part, scope, bound);
        scope.ExceptWith(ids);
    }

    private static bool AreSame(Core a, Core b) => (a, b) switch
    {
        (Core.Const one, Core.Const two) => ReferenceEquals(one.Value, two.Value)
            || (one.Value is Nat nat && nat.Equals(two.Value))
            || (one.Value is Cow row && two.Value is Cow other && row.Arity == other.Arity),
        (Core.Var one, Core.Var two) => one.Id == two.Id,
        _ => a.GetType() == b.GetType() && a.Parts.Length == b.Parts.Length
            && a.Parts.Zip(b.Parts).All(pair => AreSame(pair.First, pair.Second)),
    };

    /// <summary>A law that is decoded and encoded once is the same after a second time.</summary>
    private static void CheckEncoding(Core core, LawCode code)
    {
        var law = LawEncoder.Encode(code.Source!.Name, code.Arity, core);
        if (law is not Law once)
            return;
        var again = new LawCode(JetTable.All, once, code.Arity) { Source = once };
        var decoded = LawDecoder.Decode(new CoreBuilder(again));
        var twice = LawEncoder.Encode(once.Name, code.Arity, decoded);
        Assert.Equal(Pin.Make(law).Hash, Pin.Make(twice).Hash);
    }
}
