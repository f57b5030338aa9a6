using Pallas.Eval;
using Pallas.Rex;
using Pallas.Values;

namespace Pallas.Sire;

/// <summary>What a session stands on.</summary>
public sealed record SireOptions
{
    public required Evaluator Evaluator { get; init; }

    public required IModuleSource Modules { get; init; }

    public IModuleCache? Cache { get; init; }

    /// <summary>Gets what happens, while it happens.</summary>
    public Action<SireEvent>? Report { get; init; }
}

/// <summary>
/// Loads modules and runs single blocks. No mistake in a source comes out as an exception. Not for
/// several threads at a time: it evaluates on its one evaluator.
/// </summary>
public sealed class SireSession
{
    private readonly SireOptions options;
    private readonly FormTable forms;
    private readonly BindingTable bindings = new();
    private readonly ModuleLoader loader;

    public SireSession(SireOptions options)
    {
        this.options = options;
        forms = new FormTable(options.Evaluator);
        loader = new ModuleLoader(this, options);
    }

    internal Action<SireEvent> Report => options.Report ?? (_ => { });

    internal FormTable Forms => forms;

    /// <summary>The state at the end of a module, after all those before it.</summary>
    public SireResult Load(string module)
    {
        try
        {
            return SireResult.Good(loader.Load(module, Via.Nothing).State);
        }
        catch (ModuleFailure failure)
        {
            return SireResult.Bad(failure.Errors);
        }
    }

    /// <summary>A state to go on from at a prompt: in the context REPL, with the exports of a
    /// module if one is given.</summary>
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

    /// <summary>The state after one more block; a block in error leaves no trace in it.</summary>
    /// <param name="file">The name of the text in messages.</param>
    public SireResult Run(SireState state, RexBlock block, string file = "REPL") =>
        RunBlock(state, block, file, Via.Nothing);

    /// <summary>The value that a name has in a state's scope, or null.</summary>
    public Value? Find(SireState state, string name) => FindBinding(state, name)?.Value;

    /// <summary>What a name is bound to in a state's scope; null too where a macro put there what
    /// is no binding.</summary>
    public Binding? FindBinding(SireState state, string name)
    {
        try
        {
            return state.Scope.Find(Nat.OfText(name)) is { } noun ? bindings.Read(noun) : null;
        }
        catch (SireFailure)
        {
            return null;
        }
    }

    /// <summary>
    /// The tab whose hash tells whether two implementations agree on a module: from the names of
    /// it and its predecessors to rows of the chain hash, as a bar, and the state that is cached.
    /// </summary>
    /// <param name="errors">What was wrong, where there is no value.</param>
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

    /// <summary>The tree that a value stands for, if it stands for Rex, as traced forms do;
    /// embedded values stay embedded.</summary>
    public RexTree? ReadRex(Value value)
    {
        try
        {
            var form = forms.Read(value, default);
            return form.Kind == FormKind.Malformed ? null : forms.ToRex(form);
        }
        catch (Exception failure) when (failure is PlanCrash or MachineFault)
        {
            return null;
        }
    }

    internal SireResult RunBlock(SireState state, RexBlock block, string file, Via via)
    {
        if (block.Tree is not { } tree)
            return SireResult.Bad([.. block.Diagnostics.Select(diagnostic => new SireError(
                SireErrorKind.Syntax, file, diagnostic, LineOf(block, diagnostic.Span)))]);
        var expander = new Expander(options.Evaluator, forms, bindings) { State = state };
        var commands = new Commands(
            expander, (from, module, _) => loader.Join(from, module, via), Report);
        try
        {
            forms.Forget();
            commands.Run(forms.Of(tree));
            return SireResult.Good(
                SireState.Read(
                    options.Evaluator, options.Evaluator.Normalize(expander.State.Noun)));
        }
        catch (SireFailure failure)
        {
            return SireResult.Bad(ToError(failure, block, file));
        }
        catch (PlanCrash crash)
        {
            return SireResult.Bad(
                ToError(Expander.Crashed(crash, null, "crash"), block, file));
        }
        catch (MachineFault fault)
        {
            var failure = Expander.Faulted(fault, null, "the evaluation did not end");
            return SireResult.Bad(ToError(failure, block, file));
        }
        catch (ModuleFailure failure)
        {
            return SireResult.Bad(failure.Errors);
        }
    }

    private SireError ToError(SireFailure failure, RexBlock block, string file)
    {
        var span = SpanOf(failure.Culprit, block.Tree) is { IsKnown: true } exact ? exact
            : failure.Span.IsKnown ? failure.Span
            : block.Tree is { Span.IsKnown: true } tree ? tree.Span
            : new Span(block.Line, 1, block.Line, 1);
        return new SireError(
            failure.Kind, file, new Diagnostic(span, failure.Message, failure.Hint),
            LineOf(block, span), block.Tree, ToRex(failure.Culprit))
        {
            Values = failure.Values,
        };
    }

    /// <summary>Where a leaf that a macro copied stood first, in what the macro was given: macros
    /// make new leaves of the names that they find.</summary>
    private static Span SpanOf(Form? culprit, RexTree? block)
    {
        if (culprit is not { Kind: FormKind.Leaf, Span: { IsKnown: true } around })
            return default;
        var trees = new Stack<RexTree?>([block]);
        while (trees.TryPop(out var tree))
        {
            if (tree is null)
                continue;
            if (tree is RexLeaf leaf && leaf.Text == culprit.Text
                && (leaf.Span.Line, leaf.Span.Column).CompareTo((around.Line, around.Column)) >= 0)
                return leaf.Span;
            trees.Push(tree.Heir);
            for (var i = tree is RexNode node ? node.Sons.Count - 1 : -1; i >= 0; i--)
                trees.Push(((RexNode)tree).Sons[i]);
        }
        return default;
    }

    /// <summary>Null also for a form that crashes when it is looked at.</summary>
    private RexTree? ToRex(Form? form)
    {
        try
        {
            return form is null ? null : forms.ToRex(form);
        }
        catch (Exception failure) when (failure is PlanCrash or MachineFault)
        {
            return null;
        }
    }

    private static string? LineOf(RexBlock block, Span span)
    {
        var index = span.Line - block.Line;
        return index >= 0 && index < block.Lines.Count ? block.Lines[index] : null;
    }
}
