using System.Runtime.CompilerServices;
using Pallas.Eval;
using Pallas.Fuzz;
using Pallas.Values;
using Xunit;
using static Pallas.Tests.Plan.LawTerms;

namespace Pallas.Tests.Plan;

/// <summary>Interpreted and compiled, a program differs in nothing but its speed.</summary>
[Collection(AloneCollection.Name)]
public sealed class TierTests
{
    private const int ProgramsCount = 250;

    [Fact]
    public void Generated_programs_end_the_same_and_trace_the_same_in_both_tiers()
    {
        var (comparedCount, valuesCount) = (0, 0);
        for (var seed = 0; seed < ProgramsCount; seed++)
        {
            var programs = new TierPrograms(seed);
            var (function, args) = programs.Make();
            foreach (var part in programs.Parts.Where(_ => seed % 2 == 1))
                TierRuns.Run(Tier.Compile, part, _ => [.. Enumerable.Repeat(Nat.Zero, part.Arity)]);
            var outcome = TierRuns.CheckSame(seed, function, args, 0, 1, 2 + (seed % 6));
            comparedCount += outcome == TierRuns.OutOfTime ? 0 : 1;
            valuesCount += outcome.StartsWith("fault", StringComparison.Ordinal)
                || outcome.StartsWith("crash", StringComparison.Ordinal) ? 0 : 1;
        }
        Assert.InRange(comparedCount, ProgramsCount * 9 / 10, ProgramsCount);
        Assert.InRange(valuesCount, ProgramsCount / 3, ProgramsCount);
    }

    /// <summary><c>f n = if n (g (dec n)) 7; g n = f n</c> and longer ways around.</summary>
    [Theory]
    [InlineData("two laws that call each other")]
    [InlineData("a function that is passed on")]
    [InlineData("calls that grow from three arguments to eight")]
    public void Tail_calls_need_no_stack(string way)
    {
        var evaluator = new Evaluator(new EvalOptions { Jets = JetTable.All, Tier = Tier.Compile });
        var value = evaluator.Apply(LawOf(way), Nat.Of(1_000_000));
        Assert.Equal("7", PlanText.Print(value));
        Assert.Equal(0, evaluator.Exit.Count);
    }

    [Fact]
    public void A_million_nested_calls_spill_to_the_heap()
    {
        // f n = if n (inc (f (dec n))) 7
        var law = MakeLaw(1, If(1, Call(Quote(3), Call(0, Dec(1))), Quote(7)));
        var evaluator = new Evaluator(new EvalOptions { Jets = JetTable.All, Tier = Tier.Compile });
        Assert.Equal("1000007", PlanText.Print(evaluator.Apply(law, Nat.Of(1_000_000))));
        Assert.InRange(evaluator.Exit.Count, 1, int.MaxValue);
        Assert.Equal("9", PlanText.Print(evaluator.Apply(law, Nat.Of(2))));
    }

    [Fact]
    public void A_compiled_loop_is_stopped_from_outside()
    {
        var law = MakeLaw(1, Call(0, Call(Quote(3), 1)));
        var evaluator = new Evaluator(new EvalOptions { Jets = JetTable.All, Tier = Tier.Compile });
        using var timer = new Timer(_ => evaluator.Interrupt(FaultKind.Timeout), null, 50, -1);
        var fault = Assert.Throws<MachineFault>(() => evaluator.Apply(law, Nat.Zero));
        Assert.Equal(FaultKind.Timeout, fault.Kind);
    }

    [Fact]
    public void A_thunk_that_crashed_crashes_again_and_one_that_needs_itself_is_a_loop()
    {
        var evaluator = new Evaluator(new EvalOptions { Jets = JetTable.All, Tier = Tier.Compile });
        var law = MakeLaw(1, Call(Quote(9), 1));
        var thunk = evaluator.Delay(law, Nat.Of(4));
        Assert.Throws<PlanCrash>(() => evaluator.Whnf(thunk));
        Assert.Throws<PlanCrash>(() => evaluator.Whnf(thunk));

        // (@ x (inc y) @ y (inc x) x), x and y needing each other
        var loop = MakeLaw(
            1, App.Make(1, Call(Quote(3), 3), App.Make(1, Call(Quote(3), 2), 2)));
        var fault = Assert.Throws<MachineFault>(() => evaluator.Apply(loop, Nat.Zero));
        Assert.Equal(FaultKind.Loop, fault.Kind);
    }

    [Theory]
    [InlineData(Tier.Interpret)]
    [InlineData(Tier.Compile)]
    public void A_crash_fails_the_thunks_that_were_begun_since_it_is_caught(Tier tier)
    {
        Evaluator evaluator = null!;
        Value outer = null!;
        var bad = new Exception?[2];
        var loop = new Exception?[2];
        void Watch(Value shown)
        {
            var crashing = evaluator.Delay(MakeLaw(1, Call(Quote(9), 1)), shown);
            for (var i = 0; i < 2; i++)
            {
                var mark = evaluator.Mark();
                evaluator.Mark();
                bad[i] = Assert.Throws<PlanCrash>(() => evaluator.Whnf(crashing));
                evaluator.Unwind(mark, bad[i]!);
                mark = evaluator.Mark();
                loop[i] = Assert.Throws<MachineFault>(() => evaluator.Whnf(outer));
                evaluator.Unwind(mark, loop[i]!);
                mark = evaluator.Mark();
                Assert.Equal(Nat.One, evaluator.Apply(MakeLaw(1, Call(Quote(3), 1)), Nat.Zero));
                evaluator.Pass(mark);
            }
        }
        evaluator = new Evaluator(
            new EvalOptions { Jets = JetTable.All, Tier = tier, Trace = Watch });
        var trace = Call(Quote(Named("_Trace")), 1, Quote(6));
        outer = evaluator.Delay(MakeLaw(1, Call(Quote(3), trace)), Nat.Of(5));

        Assert.Equal("7", PlanText.Print(evaluator.Whnf(outer)));
        Assert.Same(bad[0], bad[1]);
        Assert.NotSame(loop[0], loop[1]);
    }

    [Fact]
    public void Code_of_unreachable_laws_is_collected()
    {
        var codes = CompileMany(2_000);
        Collect();
        Assert.InRange(codes.Count(code => code.IsAlive), 0, 4);
    }

    [Fact]
    public void Laws_are_interpreted_while_the_code_cache_is_full()
    {
        var cache = new CodeCache { BatchesMax = 0 };
        var jets = JetTable.All.WithCode(cache);
        var law = MakeLaw(1, If(1, Call(0, Dec(1)), Quote(7)));
        var code = JetMatch.CodeOf(law, jets);
        var evaluator = new Evaluator(new EvalOptions { Jets = jets, Tier = Tier.Compile });
        Assert.Equal("7", PlanText.Print(evaluator.Apply(law, Nat.Of(5))));
        Assert.Null(code.Compiled);
        cache.BatchesMax = 1;
        Assert.Equal("7", PlanText.Print(evaluator.Apply(law, Nat.Of(5))));
        Assert.NotNull(code.Compiled);
    }

    [Fact]
    public void Code_in_use_is_counted_until_it_is_collected()
    {
        var cache = new CodeCache();
        HoldCodeOf100Laws(cache);
        Collect();
        Assert.InRange(cache.LiveCount, 0, 5);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void HoldCodeOf100Laws(CodeCache cache)
    {
        var evaluator = new Evaluator(new EvalOptions
        {
            Jets = JetTable.All.WithCode(cache), Tier = Tier.Compile,
        });
        var laws = Enumerable.Range(0, 100)
            .Select(number => MakeLaw(1, If(1, Call(0, Dec(1)), Quote(number)))).ToArray();
        foreach (var law in laws)
            evaluator.Apply(law, Nat.Of(5));
        Collect();
        Assert.InRange(cache.LiveCount, 95, 105);
        GC.KeepAlive(laws);
    }

    private static void Collect()
    {
        for (var i = 0; i < 4; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    [Fact]
    public void A_machine_that_drops_100_000_laws_returns_to_its_memory()
    {
        const int Count = 100_000;
        var evaluator = new Evaluator(TestEval.WithJets);
        BytesWithLaws(evaluator, 1_000);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var taken = BytesWithLaws(evaluator, Count) - before;
        var left = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(taken > Count * 200L, $"{taken:N0} bytes were taken");
        Assert.True(left < 4 << 20, $"{left:N0} bytes of {taken:N0} are left");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference[] CompileMany(int count)
    {
        var evaluator = new Evaluator(new EvalOptions { Jets = JetTable.All, Tier = Tier.Compile });
        return
        [
            .. Enumerable.Range(0, count / 2).SelectMany(number => CompileTwo(evaluator, number)),
        ];
    }

    /// <summary>A loop, and then a law that calls the loop's code.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference[] CompileTwo(Evaluator evaluator, int number)
    {
        var loop = MakeLaw(1, If(1, Call(0, Dec(1)), Quote(number)));
        var caller = MakeLaw(1, Call(Quote(3), Call(Quote(loop), 1)));
        Assert.Equal($"{number}", PlanText.Print(evaluator.Apply(loop, Nat.Of(5))));
        Assert.Equal($"{number + 1}", PlanText.Print(evaluator.Apply(caller, Nat.Of(5))));
        return [.. new[] { loop, caller }.Select(pin =>
            new WeakReference(JetMatch.CodeOf(pin, JetTable.All).Compiled!.Target))];
    }

    /// <summary>The memory in use while <paramref name="count"/> laws that ran are reachable.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long BytesWithLaws(Evaluator evaluator, int count)
    {
        var laws = new Value[count];
        for (var number = 0; number < count; number++)
        {
            laws[number] = MakeLaw(1, Call(Quote(Named("_Add")), 1, Quote(number)));
            evaluator.Apply(laws[number], Nat.Of(5));
        }
        var held = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(laws);
        return held;
    }

    private static Value LawOf(string way)
    {
        switch (way)
        {
            case "two laws that call each other":
                // g f n = f f n; f f n = if n (g f (dec n)) 7
                var back = MakeLaw(2, Call(1, 1, 2));
                var ahead = MakeLaw(2, If(2, Call(Quote(back), 1, Dec(2)), Quote(7)));
                return App.Make(ahead, ahead);
            case "a function that is passed on":
                // f k n = if n (f (k' k) (dec n)) (k n), k' k x = 7
                var next = MakeLaw(2, Quote(7));
                var given = MakeLaw(
                    2, If(2, Call(0, Call(Quote(next), 1), Dec(2)), Call(1, 2)));
                return App.Make(given, App.Make(next, 0));
            default:
                // h a b c d e f g n = g3 n a b; g3 n a b = if n (h a b a b a b a (dec n)) 7
                var few = MakeLaw(
                    4, If(2, Call(1, 1, 3, 4, 3, 4, 3, 4, Dec(2)), Quote(7)));
                var many = MakeLaw(8, Call(Quote(few), 1, 8, 2, 3));
                return App.Make(MakeLaw(2, Call(Quote(few), 1, 2, Quote(1), Quote(2))), many);
        }
    }
}
