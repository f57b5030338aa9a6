using Pallas.Rex;
using Pallas.Sire.Errors;
using Pallas.Sire.Expand;
using Pallas.Sire.Lower;
using Pallas.Sire.Modules;
using Pallas.Values;

namespace Pallas.Sire;

/// <summary>
/// Loads modules and runs single blocks. A mistake in a source is a result, never an exception. A
/// session has one evaluator, so only one thread may use it at a time.
/// </summary>
public sealed class SireSession
{
    private readonly BlockRunner runner;
    private readonly ModuleLoader loader;

    public SireSession(SireOptions options)
    {
        var report = options.Report ?? (_ => { });
        runner = new BlockRunner(options.Evaluator, report);
        loader = new ModuleLoader(
            options.Modules, options.Cache, options.Evaluator, runner, report);
    }

    /// <summary>The state at the end of a module, after its predecessors.</summary>
    public SireResult Load(string module)
    {
        try
        {
            return SireResult.Good(loader.Load(module, ImportStack.Empty).State);
        }
        catch (ModuleFailure failure)
        {
            return SireResult.Bad(failure.Errors);
        }
    }

    /// <summary>The first state of a prompt: in the context REPL, with the exports of the module if
    /// one is given.</summary>
    public SireResult StartRepl(string? module = null)
    {
        if (module is null)
            return SireResult.Good(SireState.Initial.EnterRepl());
        var loaded = Load(module);
        if (loaded.State is not { } end)
            return loaded;
        var state = end.EnterRepl();
        return SireResult.Good(state.With(end.Scope));
    }

    /// <summary>The state after one more block. A block in error leaves no trace in it.</summary>
    /// <param name="file">The name of the text in messages.</param>
    public SireResult Run(SireState state, RexBlock block, string file = "REPL") => runner.Run(
        state, block, file, (from, module) => loader.Join(from, module, ImportStack.Empty));

    /// <summary>The value that a name has in a state's scope, or null.</summary>
    public Value? Find(SireState state, string name) => FindBinding(state, name)?.Value;

    /// <summary>The binding of a name in a state's scope. Null also where a macro put a value there
    /// that is no binding.</summary>
    public Binding? FindBinding(SireState state, string name)
    {
        try
        {
            return state.Scope.Find(Nat.OfText(name)) is { } noun
                ? runner.Bindings.Read(noun)
                : null;
        }
        catch (SireFailure)
        {
            return null;
        }
    }

    /// <summary>
    /// The tab whose hash shows whether two implementations agree on a module: from the names of it
    /// and its predecessors to rows of the chain hash, as a bar, and the state that is cached.
    /// </summary>
    /// <param name="errors">The reasons why there is no value; else empty.</param>
    public Tab? CacheValue(string module, out IReadOnlyList<SireError> errors)
    {
        try
        {
            errors = [];
            return loader.CacheValue(module);
        }
        catch (ModuleFailure failure)
        {
            errors = failure.Errors;
            return null;
        }
    }
}
