using Pallas.Eval;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Plan;

/// <summary>Runs a program in a tier, for its outcome and its traces.</summary>
internal static class TierRuns
{
    public const string OutOfTime = "fault Timeout";

    /// <summary>Every law runs as it is written, except that traces are reported.</summary>
    private static readonly JetTable TracesOnly = JetTable.All.Only("_Trace", "_DeepTrace");

    public static (string Outcome, string Traces) Run(
        Tier tier, Value function, Func<Evaluator, Value[]> args, int unwindEvery = 0,
        JetTable? jets = null)
    {
        var traces = new List<string>();
        var evaluator = new Evaluator(new EvalOptions
        {
            Jets = jets ?? JetTable.All, Tier = tier, StepsMax = 1, NatBitsMax = 1 << 16,
            UnwindEvery = unwindEvery,
            Trace = value => traces.Add(PlanText.Print(value)),
        });
        try
        {
            var outcome = Jets.JetCalls.Outcome(() => PlanText.Print(
                evaluator.Normalize(evaluator.Apply(function, args(evaluator)))));
            return (outcome, string.Join(' ', traces));
        }
        catch (Exception bug)
        {
            throw new InvalidOperationException(
                $"{tier}, spilling at every entry number {unwindEvery}: {function}", bug);
        }
    }

    /// <summary>Checks that a program has the same outcome and the same traces compiled as it has
    /// interpreted, however often it spills. A program that times out is not compared; code
    /// makes no more calls than the interpreter, so it has to end where that does.</summary>
    /// <param name="unwinds">For each run, the entries between two spills; 0 for none.</param>
    /// <returns>The outcome of the interpreted program.</returns>
    public static string CheckSame(
        int seed, Value function, Func<Evaluator, Value[]> args, params int[] unwinds)
    {
        var interpreted = Run(Tier.Interpret, function, args);
        if (interpreted.Outcome == OutOfTime)
            return OutOfTime;
        foreach (var unwindEvery in unwinds)
        {
            var compiled = Run(Tier.Compile, function, args, unwindEvery);
            Assert.True(
                interpreted == compiled,
                $"seed {seed}, spilling at every entry number {unwindEvery}: {function}\n"
                    + $"interpreted {interpreted}\ncompiled {compiled}");
        }
        return interpreted.Outcome;
    }

    /// <summary>Checks that a program has the same outcome and traces with fewer jets.</summary>
    /// <param name="jets">By default only those that trace.</param>
    /// <returns>Whether the program ends with those in time: many laws count in unary.</returns>
    public static bool CheckAsWritten(
        int seed, Value function, Func<Evaluator, Value[]> args, JetTable? jets = null)
    {
        var written = Run(Tier.Interpret, function, args, jets: jets ?? TracesOnly);
        if (written.Outcome == OutOfTime)
            return false;

        // A law may build a huge number with another jet, where its own jet builds none.
        if (jets is not null && written.Outcome.StartsWith("fault", StringComparison.Ordinal))
            return false;
        var interpreted = Run(Tier.Interpret, function, args);
        Assert.True(
            written == interpreted,
            $"seed {seed}: {function}\nas written {written}\nwith jets {interpreted}");
        return true;
    }
}
