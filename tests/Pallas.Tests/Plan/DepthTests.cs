using System.Diagnostics;
using Pallas.Eval;
using Pallas.Fuzz;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Plan;

/// <summary>Tests of time and memory run when no other test does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}

/// <summary>What bounds an evaluation: depth, memory, time; values that need themselves.</summary>
[Collection(AloneCollection.Name)]
public sealed class DepthTests
{
    /// <summary><c>count x = case x of 0 -> 0; m+1 -> inc (count m)</c>, not a tail call.</summary>
    private const string Count =
        "(0 1 1 (0 (0 (0 (2 2) 0) (0 (0 2 2 (0 (2 3) (0 1 2))) 0)) 1))";

    /// <summary><c>loop x = case x of 0 -> 7; m+1 -> loop m</c></summary>
    private const string Loop = "(0 1 1 (0 (0 (0 (2 2) (2 7)) 0) 1))";

    [Fact]
    public void A_million_deep_recursion_evaluates() =>
        Assert.Equal("1000000", PlanText.Print(Run(new(), $"({Count} 1000000)")));

    [Fact]
    public void A_loop_of_ten_million_steps_needs_neither_depth_nor_memory()
    {
        var options = TestEval.Plain with { DepthMax = 512 };
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Assert.Equal("7", PlanText.Print(Run(options, $"({Loop} 10000000)")));
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, -1L << 40, 8 << 20);
    }

    [Fact]
    public void Exceeding_the_depth_limit_is_a_fault_and_the_evaluator_stays_usable()
    {
        var evaluator = new Evaluator(TestEval.Plain with { DepthMax = 100_000 });
        var deep = Read(evaluator, $"({Count} 1000000)");
        var fault = Assert.Throws<MachineFault>(() => evaluator.Normalize(deep));
        Assert.Equal(FaultKind.Depth, fault.Kind);
        Assert.Equal("9", PlanText.Print(evaluator.Normalize(Read(evaluator, $"({Count} 9)"))));
    }

    [Theory]
    [InlineData("(0 1 1 (1 (0 (2 3) 2) 2) 0)")]
    [InlineData("(0 1 1 (1 2 2) 0)")]
    [InlineData("(0 1 1 (1 3 (1 2 3)) 0)")]
    [InlineData("(0 1 1 (1 (0 (0 (2 0) 1) 2) 2) 0)")]
    public void A_value_that_needs_itself_is_a_loop(string term)
    {
        var fault = Assert.Throws<MachineFault>(() => Run(new(), term));
        Assert.Equal(FaultKind.Loop, fault.Kind);
    }

    [Fact]
    public void An_endless_evaluation_is_stopped_from_outside_within_milliseconds()
    {
        var evaluator = new Evaluator(TestEval.Plain);
        var endless = Read(evaluator, "(0 1 1 (0 0 1) 0)");
        using var timer = new Timer(_ => evaluator.Interrupt(FaultKind.Timeout), null, 50, -1);
        var clock = Stopwatch.StartNew();
        var fault = Assert.Throws<MachineFault>(() => evaluator.Normalize(endless));
        Assert.Equal(FaultKind.Timeout, fault.Kind);
        Assert.InRange(clock.ElapsedMilliseconds, 0, 2_000);
    }

    [Fact]
    public void A_step_budget_ends_an_evaluation()
    {
        var evaluator = new Evaluator(TestEval.Plain with { StepsMax = 1_000_000 });
        var endless = Read(evaluator, "(0 1 1 (0 0 1) 0)");
        var fault = Assert.Throws<MachineFault>(() => evaluator.Normalize(endless));
        Assert.Equal(FaultKind.Timeout, fault.Kind);
    }

    [Fact]
    public void A_million_deep_value_is_normalized_compared_and_printed()
    {
        var evaluator = new Evaluator(TestEval.Plain);
        var (one, two) = (Nest(1_000_000), Nest(1_000_000));
        Assert.Same(one, evaluator.Normalize(one));
        Assert.True(Order.Equal(one, two));
        Assert.Equal(4_000_001, PlanText.Print(two).Length);
    }

    private static Value Nest(int depth)
    {
        Value value = 7;
        for (var i = 0; i < depth; i++)
            value = App.Make(0, value);
        return value;
    }

    private static Value Run(EvalOptions options, string term)
    {
        var evaluator = new Evaluator(options);
        return evaluator.Normalize(Read(evaluator, term));
    }

    private static Value Read(Evaluator evaluator, string term) =>
        PlanReader.Read(term, (head, args) => evaluator.Delay(head, args));
}
