using Pallas.Plan;

namespace Pallas.Tests.Plan;

/// <summary>Runs a program in a tier, for what it comes to and what it traces.</summary>
internal static class TierRuns
{
    public static (string Outcome, string Traces) Run(
        Tier tier, Value function, Func<Evaluator, Value[]> args, int unwindEvery = 0)
    {
        var traces = new List<string>();
        var evaluator = new Evaluator(new EvalOptions
        {
            Jets = JetTable.All, Tier = tier, StepsMax = 1, NatBitsMax = 1 << 16,
            UnwindEvery = unwindEvery,
            Trace = value => traces.Add(PlanText.Print(value)),
        });
        var outcome = Jets.JetCalls.Outcome(() => PlanText.Print(
            evaluator.Normalize(evaluator.Apply(function, args(evaluator)))));
        return (outcome, string.Join(' ', traces));
    }
}
