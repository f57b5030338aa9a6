using Pallas.Eval;
using Pallas.Rex;
using Pallas.Sire.Errors;
using Pallas.Values;

namespace Pallas.Sire.Expand;

/// <summary>Runs the blocks of a source. A block in error leaves no trace in the state.</summary>
internal sealed class BlockRunner(Evaluator evaluator, Action<SireEvent> report)
{
    public FormTable Forms { get; } = new(evaluator);

    public BindingTable Bindings { get; } = new();

    /// <param name="file">The name of the source in messages.</param>
    /// <param name="loadModule">As <see cref="Commands"/> takes it.</param>
    public SireResult Run(
        SireState state, RexBlock block, string file,
        Func<SireState, string, SireState?> loadModule)
    {
        if (block.Tree is not { } tree)
            return SireResult.Bad(SireError.OfSyntax(block, file));
        var expander = new Expander(evaluator, Forms, Bindings) { State = state };
        try
        {
            Forms.Forget();
            new Commands(expander, loadModule, report).Run(Forms.Of(tree));
            var end = evaluator.Normalize(expander.State.Noun);
            return SireResult.Good(SireState.Read(evaluator, end));
        }
        catch (SireFailure failure)
        {
            return Bad(failure);
        }
        catch (PlanCrash crash)
        {
            return Bad(SireFailure.OfCrash(crash, "crash"));
        }
        catch (MachineFault fault)
        {
            return Bad(SireFailure.OfFault(fault, "the evaluation did not end"));
        }
        catch (ModuleFailure failure)
        {
            return SireResult.Bad(failure.Errors);
        }

        SireResult Bad(SireFailure failure) =>
            SireResult.Bad(SireError.Of(failure, block, file));
    }
}
