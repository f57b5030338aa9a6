using Pallas.Eval;
using Pallas.Values;
using Xunit;
using static Pallas.Tests.Plan.LawTerms;

namespace Pallas.Tests.Plan;

/// <summary>Compiled code that recurses deeper than the native stack is to serve.</summary>
[Collection(AloneCollection.Name)]
public sealed class DeepRecursionTests
{
    private const int Depth = 300_000;

    [Theory]
    [InlineData("a law", 300_007)]
    [InlineData("a law of two arguments", 300_007)]
    [InlineData("two laws", 300_007)]
    [InlineData("a function that is given", 300_007)]
    [InlineData("a jet that is given", 300_007)]
    [InlineData("suspended calls", 300_007)]
    [InlineData("more arguments than a call takes", 300_007)]
    [InlineData("an interpreted opcode", 300_007)]
    public void Recursion_goes_as_deep_as_memory_allows(string way, int expected)
    {
        foreach (var tier in new[] { Tier.Compile, Tier.Default })
        {
            var evaluator = Evaluator(tier);
            var value = evaluator.Apply(LawOf(way), Nat.Of(Depth));
            Assert.Equal(expected.ToString(), PlanText.Print(value));
            Assert.InRange(evaluator.Exit.Count, 1, int.MaxValue);
        }
    }

    [Fact]
    public void Recursion_through_native_code_continues_on_fresh_stacks()
    {
        // f n = if n (inc (idx 1 (try [f (dec n)]))) 7
        var call = Call(Quote(new Cow(Nat.Of(2))), Dec(1), 0);
        var law = MakeLaw(1, If(
            1,
            Call(Quote(3), Call(
                Quote(Named("_Idx")), Quote(1), Call(Quote(Named("_Try")), call))),
            Quote(7)));
        var evaluator = Evaluator(Tier.Compile);
        Assert.Equal("30007", PlanText.Print(evaluator.Apply(law, Nat.Of(30_000))));
    }

    [Fact]
    public void A_crash_at_the_bottom_fails_every_waiting_thunk()
    {
        // f n = if n (inc (f (dec n))) (9 n)
        var law = MakeLaw(1, If(1, Call(Quote(3), Call(0, Dec(1))), Call(Quote(9), 1)));
        var evaluator = Evaluator(Tier.Compile);
        var thunk = evaluator.Delay(Chain(law), Nat.Of(Depth));
        Assert.Throws<PlanCrash>(() => evaluator.Whnf(thunk));
        Assert.Throws<PlanCrash>(() => evaluator.Whnf(thunk));
        Assert.Equal(PlanText.Print(Row.Of(0, Row.Of(9, 0))), Shown(evaluator, law));
        Assert.InRange(evaluator.Exit.Count, 1, int.MaxValue);
    }

    [Theory]
    [InlineData(Tier.Interpret)]
    [InlineData(Tier.Compile)]
    public void A_crash_that_shows_a_crash_may_be_nested_deeply(Tier tier)
    {
        // f n = if n (9 [(f (dec n))]) (8 n)
        var shown = Call(Quote(new Cow(Nat.Of(1))), Call(0, Dec(1)));
        var law = MakeLaw(1, If(1, Call(Quote(9), shown), Call(Quote(8), 1)));
        var evaluator = Evaluator(tier);
        var crash = Assert.Throws<PlanCrash>(() => evaluator.Apply(law, Nat.Of(50_000)));
        Assert.Equal(Nat.Of(8), crash.Op);
    }

    [Fact]
    public void A_value_that_needs_itself_far_below_is_a_loop()
    {
        // f n x = if n (inc (f (dec n) x)) x;  (@ x (f DEPTH x) x)
        var law = MakeLaw(2, If(1, Call(Quote(3), Call(0, Dec(1), 2)), 2));
        var loop = MakeLaw(1, App.Make(1, Call(Quote(law), Quote(Depth), 2), 2));
        var evaluator = Evaluator(Tier.Compile);
        var fault = Assert.Throws<MachineFault>(() => evaluator.Apply(loop, Nat.Zero));
        Assert.Equal(FaultKind.Loop, fault.Kind);
        Assert.Equal("300007", PlanText.Print(evaluator.Apply(LawOf("a law"), Nat.Of(Depth))));
    }

    [Theory]
    [InlineData("a law")]
    [InlineData("suspended calls")]
    public void Exceeding_the_depth_limit_is_a_fault_and_the_evaluator_stays_usable(string way)
    {
        var evaluator = new Evaluator(new EvalOptions
        {
            Jets = JetTable.All, Tier = Tier.Compile, DepthMax = 100_000,
        });
        var law = LawOf(way);
        var fault = Assert.Throws<MachineFault>(() => evaluator.Apply(law, Nat.Of(Depth)));
        Assert.Equal(FaultKind.Depth, fault.Kind);
        Assert.Equal("16", PlanText.Print(evaluator.Apply(law, Nat.Of(9))));
    }

    [Fact]
    public void Endless_recursion_is_stopped_from_outside()
    {
        var law = MakeLaw(1, Call(Quote(3), Call(0, Call(Quote(3), 1))));
        var evaluator = Evaluator(Tier.Compile);
        using var timer = new Timer(_ => evaluator.Interrupt(FaultKind.Timeout), null, 50, -1);
        var fault = Assert.Throws<MachineFault>(() => evaluator.Apply(law, Nat.Zero));
        Assert.Equal(FaultKind.Timeout, fault.Kind);
    }

    /// <summary>Frames that wait for a walk along a list hold the list only where it is read again
    /// afterwards.</summary>
    [Theory]
    [InlineData(false, "420000", 0)]
    [InlineData(true, "1", 7)]
    public void Frames_hold_only_live_values(
        bool isReadAgain, string expected, int heldCount)
    {
        // The list is made as it is walked: of numbers, and rows [n] here and there.
        var row = Call(Quote(new Cow(Nat.One)), 1);
        var item = If(Call(Quote(Named("_Mod")), 1, Quote(50_000)), 1, row);
        var count = MakeLaw(
            2,
            If(
                Call(Quote(Named("_Eql")), 1, Quote(400_000)), Quote(0),
                Call(Quote(new Cow(Nat.Of(2))), Call(0, Call(Quote(3), 1), 2), item)));
        var first = Call(Quote(Named("_Idx")), Quote(0), 2);
        var rest = Call(Quote(Named("_Idx")), Quote(1), 2);
        var shown = If(IsNat(first), Quote(0), Call(Quote(Named("_Trace")), first, Quote(0)));
        var walk = MakeLaw(
            2, If(IsNat(2), 1, If(shown, Quote(0), Call(0, Call(Quote(3), 1), rest))));
        // f n xs = if n (inc (f (dec n) xs)) (walk 0 xs)
        // f n xs = if n (if (f (dec n) xs) (inc (isNat xs)) 9) (walk 0 xs)
        var deeper = Call(0, Dec(1), 2);
        var law = MakeLaw(2, If(
            1,
            isReadAgain ? If(deeper, Call(Quote(3), IsNat(2)), Quote(9)) : Call(Quote(3), deeper),
            Call(Quote(walk), Quote(0), 2)));
        var outer = MakeLaw(1, Call(Quote(law), 1, Call(Quote(count), Quote(0), 1)));
        var (rows, held) = (new List<WeakReference>(), -1);
        void Show(Value value)
        {
            GC.Collect();
            held = rows.Count(row => row.IsAlive);
            rows.Add(new WeakReference(value));
        }
        var evaluator = new Evaluator(
            new EvalOptions { Jets = JetTable.All, Tier = Tier.Compile, Trace = Show });
        Assert.Equal(expected, PlanText.Print(evaluator.Apply(outer, Nat.Of(20_000))));
        Assert.InRange(evaluator.Exit.Count, 1, int.MaxValue);
        Assert.Equal(8, rows.Count);
        Assert.Equal(heldCount, held);
    }

    [Fact]
    public void Memory_returns_after_deep_recursion()
    {
        const int FrameBytesMin = 40;
        var held = 0L;
        var evaluator = new Evaluator(new EvalOptions
        {
            Jets = JetTable.All,
            Tier = Tier.Compile,
            Trace = _ => held = GC.GetTotalMemory(forceFullCollection: true),
        });
        // At the bottom it traces.
        var law = LawOf("suspended calls", Call(Quote(Named("_Trace")), 1, Quote(7)));
        evaluator.Apply(law, Nat.Of(Depth));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        evaluator.Apply(law, Nat.Of(4 * Depth));
        var (taken, left) = (held - before, GC.GetTotalMemory(forceFullCollection: true) - before);
        Assert.True(taken > 4 * Depth * FrameBytesMin, $"{taken:N0} bytes were taken");
        Assert.True(left < 4 << 20, $"{left:N0} bytes of {taken:N0} are left");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Words_of_spilled_frames_are_freed(bool crashes)
    {
        const int WordsPerBlock = 2_048;
        var held = 0;
        var evaluator = new Evaluator(new EvalOptions
        {
            Jets = JetTable.All,
            Tier = Tier.Compile,
            Trace = _ => held = WordChain.BlocksInUse,
        });
        // f n = if n (add n (f (dec n))) END, which traces and then may crash
        var end = Call(Quote(Named("_Trace")), 1, crashes ? Call(Quote(9), 1) : Quote(7));
        var law = MakeLaw(1, If(1, Call(Quote(Named("_Add")), 1, Call(0, Dec(1))), end));
        var before = Settled();
        if (crashes)
            Assert.Throws<PlanCrash>(() => evaluator.Apply(law, Nat.Of(Depth)));
        else
            Assert.IsType<SmallNat>(evaluator.Apply(law, Nat.Of(Depth)));
        Assert.InRange(held - before, Depth / WordsPerBlock * 9 / 10, Depth / WordsPerBlock * 2);
        Assert.Equal(before, Settled());

        static int Settled()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return WordChain.BlocksInUse;
        }
    }

    [Fact]
    public void A_profile_names_the_laws_that_wait_on_the_heap()
    {
        var profile = new Deepest();
        var evaluator = new Evaluator(new EvalOptions
        {
            Jets = JetTable.All, Tier = Tier.Compile, Profile = profile,
        });
        evaluator.Apply(LawOf("a law"), Nat.Of(Depth));
        Assert.InRange(profile.Count, 100_000, Depth + 10);
    }

    private sealed class Deepest : EvalProfile
    {
        public int Count { get; private set; }

        protected internal override void Attach(Evaluator evaluator)
        {
        }

        protected internal override void Sample(Evaluator evaluator)
        {
            var names = evaluator.LawStack(2 * Depth);
            Count = Math.Max(Count, names.Count(name => name == "law"));
        }
    }

    private static Value IsNat(Value term) => Call(Quote(Named("_IsNat")), term);

    private static Evaluator Evaluator(Tier tier) =>
        new(new EvalOptions { Jets = JetTable.All, Tier = tier });

    /// <summary>What a program sees of a crash that it catches.</summary>
    private static string Shown(Evaluator evaluator, Value law) => PlanText.Print(
        evaluator.Normalize(evaluator.Apply(Named("_Try"), Row.Of(law, Nat.Of(Depth)))));

    /// <summary><c>g n = id (f n)</c>, through a suspended call.</summary>
    private static Pin Chain(Value law) =>
        MakeLaw(1, Call(Quote(Named("_Idx")), Quote(0), Call(
            Quote(new Cow(Nat.One)), Call(Quote(law), 1))));

    /// <summary>A law that adds its argument to 7, in so many levels.</summary>
    /// <param name="bottom">Says 7 in another way; for suspended calls.</param>
    private static Value LawOf(string way, Value? bottom = null)
    {
        switch (way)
        {
            case "a law":
                return MakeLaw(1, If(1, Call(Quote(3), Call(0, Dec(1))), Quote(7)));
            case "a law of two arguments":
                // f x n = if n (add x (f x (dec n))) 7
                return App.Make(
                    MakeLaw(2, If(2, Call(Quote(Named("_Add")), 1, Call(0, 1, Dec(2))), Quote(7))),
                    Nat.One);
            case "two laws":
                // g f n = inc (f f n); f f n = if n (g f (dec n)) 7
                var back = MakeLaw(2, Call(Quote(3), Call(1, 1, 2)));
                var ahead = MakeLaw(2, If(2, Call(Quote(back), 1, Dec(2)), Quote(7)));
                return App.Make(ahead, ahead);
            case "a function that is given":
                // f f n = if n (inc (f f (dec n))) 7
                var given = MakeLaw(2, If(2, Call(Quote(3), Call(1, 1, Dec(2))), Quote(7)));
                return App.Make(given, given);
            case "a jet that is given":
                // f k n = if n (k 1 (f k (dec n))) 7
                return App.Make(
                    MakeLaw(2, If(2, Call(1, Quote(1), Call(0, 1, Dec(2))), Quote(7))),
                    Named("_Add"));
            case "suspended calls":
                // f n = if n (inc (idx 0 [(f (dec n)) n])) 7
                return MakeLaw(1, If(
                    1,
                    Call(Quote(3), Call(
                        Quote(Named("_Idx")), Call(Quote(Named("_Mod")), 1, Quote(1)),
                        Call(Quote(new Cow(Nat.Of(2))), 1, Call(0, Dec(1))))),
                    bottom ?? Quote(7)));
            case "more arguments than a call takes":
                // f n = if n (g n (f (dec n))) 7;  g n = inc, taking one argument
                var taken = MakeLaw(1, Quote(3));
                return MakeLaw(1, If(1, Call(Quote(taken), 1, Call(0, Dec(1))), Quote(7)));
            default:
                // f n = case n of 0 -> 7; m+1 -> inc (f m)
                return MakeLaw(1, Call(
                    Quote(2), Quote(7),
                    Call(Quote(MakeLaw(2, Call(Quote(3), Call(1, 2)))), 0), 1));
        }
    }
}
