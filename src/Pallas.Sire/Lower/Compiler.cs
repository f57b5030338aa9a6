using Pallas.Eval;
using Pallas.Values;

namespace Pallas.Sire.Lower;

/// <summary>A closed expression to its value: inline, build the law, run it.</summary>
internal sealed class Compiler(Evaluator evaluator)
{
    /// <returns>The value in normal form.</returns>
    /// <exception cref="PlanCrash">The expression crashes.</exception>
    /// <exception cref="MachineFault">The evaluation does not end.</exception>
    public Value Evaluate(Expr expr)
    {
        var law = LawBuilder.Build(Inliner.Inline(expr), out var isConstant);
        return isConstant ? law : evaluator.Normalize(evaluator.Apply(law, Nat.Zero));
    }
}
