using Pallas.Eval;
using Pallas.Values;
using Xunit;
using static Pallas.Tests.Plan.LawTerms;

namespace Pallas.Tests.Plan;

/// <summary>Laws that are made for calls of which more is known are those calls, and faster.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class SpecialLawTests
{
    private const int ProgramsCount = 300;

    [Fact]
    public void Programs_of_list_functions_end_the_same_and_trace_the_same_in_both_tiers() =>
        Compare(ProgramsCount, seed => new ListPrograms(seed).Make());

    [Fact]
    public void Programs_of_loops_end_the_same_and_trace_the_same_in_both_tiers() =>
        Compare(ProgramsCount / 3, seed => new LoopPrograms(seed).Make());

    /// <summary>Also where items are skipped, and the law goes on to look for the next one.
    /// </summary>
    [Theory]
    [InlineData(Tier.Interpret)]
    [InlineData(Tier.Compile)]
    public void Effects_before_a_list_is_evaluated_happen_once_per_item(Tier tier)
    {
        // sumUntil f sum xs = if (f sum) sum (if (isNat xs) sum (sumUntil f (sum + head) tail))
        Value Item(int index) => Call(Lib("_Idx"), Quote(index), 3);
        var sumUntil = MakeLaw(3, If(
            Call(1, 2), 2, If(
                Call(Lib("_IsNat"), 3), 2,
                Call(0, 1, Call(Lib("_Add"), 2, Item(0)), Item(1)))));
        var tellAndGoOn = MakeLaw(1, Call(Lib("_Trace"), 1, Quote(0)));
        var law = MakeLaw(1, Call(
            Quote(sumUntil), Quote(tellAndGoOn), Quote(0),
            Call(
                Lib("listFilter"), Lib("odd"),
                Call(Lib("listGen"), 1, Lib("id")))));
        Assert.Equal(("9", "0 1 4 9"), TierRuns.Run(tier, law, _ => [Nat.Of(6)]));
    }

    private static void Compare(
        int count, Func<int, (Value Function, Func<Evaluator, Value[]> Args)> make)
    {
        var (comparedCount, crashedCount, writtenCount) = (0, 0, 0);
        for (var seed = 0; seed < count; seed++)
        {
            var (function, args) = make(seed);
            var outcome = TierRuns.CheckSame(seed, function, args, 0, 1 + (seed % 7));
            comparedCount += outcome == TierRuns.OutOfTime ? 0 : 1;
            crashedCount += outcome.StartsWith("crash", StringComparison.Ordinal) ? 1 : 0;
            if (seed % 4 == 0 && TierRuns.CheckAsWritten(seed, function, args))
                writtenCount++;
        }
        Assert.InRange(comparedCount, count * 9 / 10, count);
        Assert.InRange(crashedCount, 1, count / 2);
        Assert.InRange(writtenCount, count / 4 * 3 / 4, count);
    }

    /// <summary>What is asked of a list that is made and taken apart at once.</summary>
    [Theory]
    [InlineData("sum of mapped")]
    [InlineData("sum of filtered")]
    [InlineData("sum of taken")]
    [InlineData("length of joined")]
    public void Lists_that_are_consumed_at_once_are_not_allocated(string way)
    {
        const int Count = 100_000;
        var evaluator = new Evaluator(new EvalOptions { Jets = JetTable.All, Tier = Tier.Compile });
        var law = LawOf(way);
        var few = evaluator.Apply(law, Nat.Of(10));
        Assert.Equal(Expected(way, 10), PlanText.Print(few));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var many = evaluator.Apply(law, Nat.Of(Count));
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(Expected(way, Count), PlanText.Print(many));
        Assert.InRange(bytes, 0, Count);
    }

    [Fact]
    public void A_caller_of_a_long_loop_is_compiled()
    {
        var evaluator = new Evaluator(new EvalOptions { Jets = JetTable.All, Tier = Tier.Default });
        var law = (Pin)LawOf("sum of mapped");
        for (var run = 0; run < 4; run++)
            evaluator.Apply(law, Nat.Of(1_000_000));
        Assert.NotNull(JetMatch.CodeOf(law, JetTable.All).Compiled);
    }

    private static string Expected(string way, long count) => $"{way switch
    {
        "sum of mapped" => 3 * (count * (count - 1) / 2),
        "sum of filtered" => count / 2 * (count / 2),
        "sum of taken" => count * (count - 1) / 2,
        _ => 2 * count,
    }}";

    private static Value LawOf(string way)
    {
        var numbers = Call(Lib("listGen"), 1, Lib("id"));
        Value Sum(Value list) => Call(
            Lib("listFoldl"), Lib("_Add"), Quote(0), list);
        return MakeLaw(1, way switch
        {
            "sum of mapped" => Sum(Call(
                Lib("listMap"),
                Call(Lib("_Mul"), Quote(3)),
                numbers)),
            "sum of filtered" => Sum(Call(
                Lib("listFilter"), Lib("odd"), numbers)),
            "sum of taken" => Sum(Call(
                Lib("listTake"), 1,
                Call(Lib("listEnumFrom"), Quote(0)))),
            _ => Sum(Call(
                Lib("listMap"), Quote(MakeLaw(1, Quote(1))),
                Call(Lib("listWeld"), numbers, numbers))),
        });
    }
}
