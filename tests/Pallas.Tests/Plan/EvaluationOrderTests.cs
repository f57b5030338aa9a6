using Pallas.Eval;
using Pallas.Fuzz;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Plan;

/// <summary>Of two crashes, the one that the application reaches first wins.</summary>
public sealed class EvaluationOrderTests
{
    [Theory]
    [InlineData("(4 (0 (5 1) (6 2)))", 5)]
    [InlineData("(4 (0 0 3 0 (5 1) (6 2)))", 5)]
    [InlineData("(4 (0 1 2 (0 0 3 0 9 8) (0 0 3 0 (5 1) (6 2))))", 5)]
    [InlineData("(0 (5 1) (6 2) (7 3))", 6)]
    public void The_first_crash_of_an_application_wins(string term, int op)
    {
        var evaluator = new Evaluator(TestEval.Plain);
        var value = PlanReader.Read(term, (head, args) => evaluator.Delay(head, args));
        var crash = Assert.Throws<PlanCrash>(() => evaluator.Normalize(value));
        Assert.Equal(Nat.Of((ulong)op), crash.Op);
    }

    [Fact]
    public void The_first_item_applied_wins_in_a_long_row_too()
    {
        var evaluator = new Evaluator(TestEval.Plain);
        Value[] items = [.. Enumerable.Repeat<Value>(7, 1000)];
        items[3] = evaluator.Delay(6, 2);
        items[900] = evaluator.Delay(5, 1);
        var crash = Assert.Throws<PlanCrash>(() => evaluator.Normalize(Row.Of(items)));
        Assert.Equal(Nat.Of(5), crash.Op);
    }
}
