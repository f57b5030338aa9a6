using System.Collections.Frozen;
using Pallas.Sire.Errors;
using Pallas.Sire.Lower;
using Pallas.Values;

namespace Pallas.Sire.Expand;

/// <summary>Runs forms as commands: each changes the state, or reports an event.</summary>
/// <param name="loadModule">Adds a module and its predecessors to the modules of a state; returns
/// null when there is no such module.</param>
/// <param name="report">Receives each definition, value and assertion.</param>
internal sealed class Commands(
    Expander expander, Func<SireState, string, SireState?> loadModule, Action<SireEvent> report)
{
    private delegate void RuneRunner(Commands commands, Form form);

    // Each rune has a second name with # before it, which stays when a macro takes the first.
    private static readonly FrozenDictionary<string, RuneRunner> Runes =
        new (string Rune, RuneRunner Run)[]
        {
            ("=", (commands, form) => commands.Define(form)),
            ("*", (commands, form) => commands.RunEach(form)),
            ("=?=", (commands, form) => commands.Assert(form)),
            (":|", (commands, form) => commands.Import(form)),
            ("^-^", (commands, form) => commands.Export(form)),
        }
        .SelectMany(row => new[] { row, row with { Rune = "#" + row.Rune } })
        .Append(("####", (commands, form) => commands.Enter(form)))
        .ToFrozenDictionary(row => row.Rune, row => row.Run);

    private readonly ExprReader reader = new(expander);
    private readonly Compiler compiler = new(expander.Evaluator);

    private SireState State
    {
        get => expander.State;
        set => expander.State = value;
    }

    public static bool IsCommandRune(string rune) => Runes.ContainsKey(rune);

    public void Run(Form form)
    {
        if (!StackGuard.HasRoom)
        {
            RunDeeper(form);
            return;
        }
        form = expander.ExpandAll(form);
        if (form.Kind == FormKind.Node && Runes.TryGetValue(form.Text, out var run))
            run(this, form);
        else if (form.Kind == FormKind.Node && !ExprReader.IsExpressionRune(form.Text))
            throw NameErrors.Rune(State, form);
        else
            report(new SireEvent.Evaluated(Evaluate(reader.Read(null, form), form)));
    }

    private void RunDeeper(Form form) => StackGuard.OnFreshStack(() =>
    {
        Run(form);
        return true;
    });

    private void RunEach(Form form)
    {
        foreach (var kid in form.Kids)
            Run(kid);
    }

    /// <summary>The form, and its heirs as long as they have the same rune.</summary>
    private static IEnumerable<(Form Form, bool IsLast)> Chain(Form form)
    {
        var rune = form.Text;
        while (form.Heir is { } heir && heir.IsNode(rune))
        {
            yield return (form, false);
            form = heir;
        }
        yield return (form, true);
    }

    private void Define(Form form)
    {
        foreach (var (one, isLast) in Chain(form))
            DefineOne(one, isLast ? one.Kids : one.Sons);
    }

    private void DefineOne(Form form, IReadOnlyList<Form> parts)
    {
        if (parts.Count is < 2 or > 4)
            throw form.Failure(
                SireErrorKind.Form, "a definition takes a name and an expression",
                "write it like = name value, or = (f x y) body");
        var key = parts.Count > 2 ? reader.ReadKey(parts[0]) : Nat.Zero;
        var props = parts.Count > 3 ? reader.Read(null, parts[1]) : null;
        var binder = parts[^2];
        Nat name;
        Expr code;
        if (FormKey.Read(binder) is { } plain)
        {
            name = plain.Nat;
            code = reader.Read(null, parts[^1]);
        }
        else
        {
            var signature = ReadBinder(binder);
            name = signature.Name;
            code = reader.MakeLambda(null, signature, parts[^1], name, isPinned: true);
        }
        Bind(form, key, name, props, code);
    }

    private static ExprReader.Signature ReadBinder(Form form)
    {
        var kids = form.IsNode("|") ? form.Kids : [];
        if (kids.Count > 0)
        {
            var isMarked = kids[0].IsNode("**") && kids[0].Heir is null && kids[0].Sons.Count == 1;
            var keys = kids.Skip(1).Prepend(isMarked ? kids[0].Sons[0] : kids[0])
                .Select(FormKey.Read).ToList();
            if (keys.TrueForAll(key => key is not null))
            {
                var names = keys.ConvertAll(key => key!.Value.Nat);
                return new ExprReader.Signature(isMarked, names[0], names[1..]);
            }
        }
        throw form.Failure(
            SireErrorKind.Form, "expected a name or a signature to define",
            "write name, (f x y), or (**f x y) for a function that is inlined");
    }

    private void Bind(Form form, Nat key, Nat name, Expr? props, Expr code)
    {
        var value = Evaluate(code, form);
        var properties = props is null ? Nat.Zero : Evaluate(props, form);
        var state = State;
        var nextKey = state.NextKey;
        if (key.IsZero)
            (key, nextKey) = (nextKey, Nat.Of(nextKey.Big + 1));
        var binding = expander.Bindings.Make(
            key, value, code, state.Context, name, properties);
        State = SireState.Make(
            nextKey, state.Context, state.Scope.With(name, binding.Noun), state.Modules);
        report(new SireEvent.Bound(name, value));
    }

    private Value Evaluate(Expr expr, Form form)
    {
        try
        {
            return compiler.Evaluate(expr);
        }
        catch (PlanCrash crash)
        {
            throw form.Crash(crash, "crash");
        }
        catch (MachineFault fault)
        {
            throw form.Fault(fault, "the evaluation did not end");
        }
    }

    private void Assert(Form form)
    {
        foreach (var (one, isLast) in Chain(form))
        {
            var single = isLast
                ? one
                : expander.Forms.Node(one.NodeShape, one.Text, one.Sons, null, one.Span);
            report(new SireEvent.Asserting(expander.Evaluator.Normalize(single.Noun)));
            if (single.Kids is not [var left, var right])
                throw single.Failure(
                    SireErrorKind.Form, "an assertion takes two expressions",
                    "write it like =?= expected actual");
            var leftCode = reader.Read(null, left);
            var rightCode = reader.Read(null, right);
            var leftValue = Evaluate(leftCode, left);
            var rightValue = Evaluate(rightCode, right);
            if (!Order.Equal(leftValue, rightValue))
                throw single.Failure(
                    SireErrorKind.Assertion, "assertion failed: the two sides differ", null,
                    leftValue, rightValue);
        }
    }

    private void Import(Form form)
    {
        var rune = form.Text;
        for (var one = form; one is not null; one = one.Heir)
        {
            if (!one.IsNode(rune) || one.Sons.Count is not (1 or 2)
                || (one.Sons.Count == 2 && !(one.Sons[1].IsNode(",") && one.Sons[1].Heir is null)))
                throw one.Failure(
                    SireErrorKind.Form, "expected an import",
                    "write it like :| module, or :| module ,(foo bar)");
            var names = one.Sons.Count == 2
                ? one.Sons[1].Sons.Select(reader.ReadKey).ToHashSet()
                : null;
            ImportOne(one, reader.ReadKey(one.Sons[0]), names);
        }
    }

    private void ImportOne(Form form, Nat module, HashSet<Nat>? names)
    {
        if (State.FindModule(module) is null
            && loadModule(State, NameText.Of(module)) is { } wider)
            State = wider;
        var exports = State.FindModule(module)
            ?? throw NameErrors.Module(State, form, module);
        if (names is not null)
        {
            var missing = names.Where(name => exports.Find(name) is null).ToList();
            if (missing.Count > 0)
                throw NameErrors.Missing(
                    exports, form, missing, $"exported by {NameText.Of(module)}");
            exports = Scopes.Only(exports, names);
        }
        State = State.With(Scopes.Union(exports, State.Scope));
    }

    private void Export(Form form)
    {
        var rune = form.Text;
        var names = new HashSet<Nat>();
        for (var one = form; one is not null; one = one.Heir)
        {
            if (!one.IsNode(rune))
                throw one.Failure(
                    SireErrorKind.Form, "expected a list of exports",
                    $"begin every line of the list with {rune}");
            names.UnionWith(one.Sons.Select(reader.ReadKey));
        }
        var missing = names.Where(name => State.Scope.Find(name) is null).ToList();
        if (missing.Count > 0)
            throw NameErrors.Missing(State.Scope, form, missing, "bound here");
        State = State.With(Scopes.Only(State.Scope, names));
    }

    private void Enter(Form form)
    {
        if (ModuleHeader.Read(form) is not { } header)
            throw form.Failure(
                SireErrorKind.Form, "expected a module declaration", ModuleHeader.Example);
        if (header.Predecessor is { } predecessor)
        {
            if (!predecessor.Equals(State.Context))
                throw form.Failure(
                    SireErrorKind.Module,
                    $"the module before this one is not {NameText.Of(predecessor)}");
        }
        else if (!State.Context.IsZero || State.Scope.Count > 0)
        {
            throw form.Failure(
                SireErrorKind.Module,
                "a module without a predecessor must be at the start of a file");
        }
        State = State.Enter(header.Name);
    }
}
