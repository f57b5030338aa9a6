using Pallas.Eval;
using Pallas.Rex;
using Pallas.Values;

namespace Pallas.Sire;

/// <summary>
/// The state of a load while its commands run, and what both commands and expressions do with it:
/// look names up, call macros, evaluate.
/// </summary>
internal sealed class Expander(Evaluator evaluator, FormTable forms, BindingTable bindings)
{
    private static readonly Value Cow3 = Law.Make(Nat.Zero, Nat.Of(4), Nat.Zero);

    // A macro answers by calling one of the two: `[message rex 0]` or `[rex state 1]`.
    private readonly Value onError = App.Make(Cow3, Nat.Zero);
    private readonly Value onOk = App.Make(Cow3, Nat.One);

    public Evaluator Evaluator => evaluator;

    public FormTable Forms => forms;

    public BindingTable Bindings => bindings;

    public SireState State { get; set; } = SireState.Initial;

    public Binding? Find(Nat name) =>
        State.Scope.Find(name) is { } noun ? bindings.Read(evaluator.Whnf(noun)) : null;

    public Binding? FindIn(Nat module, Nat name) =>
        State.FindModule(module)?.Find(name) is { } noun
            ? bindings.Read(evaluator.Whnf(noun))
            : null;

    /// <summary>The value bound to a rune: whatever it is, it is called as a macro.</summary>
    public Value? FindMacro(Nat rune) => Find(rune)?.Value;

    /// <summary>The first form that is no call of a macro, in place of one that may be.</summary>
    public Form ExpandAll(Form form)
    {
        while (form.Kind == FormKind.Node && FindMacro(form.Head) is { } macro)
            form = Expand(macro, form);
        return form;
    }

    /// <summary>The <c>#</c> macro applied to a leaf that means nothing by itself.</summary>
    public Form ExpandLeaf(Form leaf)
    {
        var macro = FindMacro(forms.NatOf("#"));
        if (leaf.Heir is { } heir)
        {
            if (macro is null)
                throw SireFailure.At(
                    leaf, SireErrorKind.Form, "a leaf stands against another form",
                    "put a space between them; only a # macro could give this a meaning");
            var alone = forms.Leaf(leaf.LeafShape, leaf.Text, null, leaf.Span);
            return Expand(macro, forms.Node(NodeShape.Infix, "#", [alone, heir], null, leaf.Span));
        }
        if (macro is null)
            throw SireFailure.At(
                leaf, SireErrorKind.Form, $"'{leaf.Text}' is neither a name nor a number",
                "a name does not begin with a digit; only a # macro could read other literals");
        return Expand(macro, forms.Node(NodeShape.Prefix, "#", [leaf], null, leaf.Span));
    }

    public Form Expand(Value macro, Form input)
    {
        try
        {
            return ReadReply(
                input, evaluator.Apply(macro, State.Noun, input.Noun, onError, onOk));
        }
        catch (PlanCrash crash)
        {
            throw Crashed(crash, input, $"the macro {input.Text} crashed");
        }
        catch (MachineFault fault)
        {
            throw Faulted(fault, input, $"the macro {input.Text} did not end");
        }
    }

    private Form ReadReply(Form input, Value reply)
    {
        if (reply is not Row { Count: 3 } row || evaluator.Whnf(row[2]) is not SmallNat tag)
            throw BadReply(input, "is no row of three", reply);
        switch (tag.Word)
        {
            case 0 when evaluator.Whnf(row[0]) is Nat message:
                throw SireFailure.At(
                    forms.Read(row[1], input.Span), SireErrorKind.Macro, KeyText.Of(message));
            case 1:
                var state = evaluator.Whnf(row[1]);
                if (!ReferenceEquals(state, State.Noun))
                    State = SireState.Read(evaluator, state);
                return forms.Read(row[0], input.Span);
            default:
                throw BadReply(input, "has a wrong tag", reply);
        }
    }

    private SireFailure BadReply(Form input, string why, Value reply) => SireFailure.At(
        input, SireErrorKind.Macro,
        $"the answer of the macro {input.Text} {why}: {LootText.Line(Normal(reply))}",
        "a macro is called with a state, a form and two functions, and calls one of these");

    private Value Normal(Value value)
    {
        try
        {
            return evaluator.Normalize(value);
        }
        catch (Exception failure) when (failure is PlanCrash or MachineFault)
        {
            return value;
        }
    }

    /// <summary>The value of a closed expression, in normal form.</summary>
    public Value Evaluate(Expr expr, Form place)
    {
        var value = LawBuilder.Build(Inliner.Inline(expr), out var isConstant);
        if (isConstant)
            return value;
        try
        {
            return evaluator.Normalize(evaluator.Apply(value, Nat.Zero));
        }
        catch (PlanCrash crash)
        {
            throw Crashed(crash, place, "crash");
        }
        catch (MachineFault fault)
        {
            throw Faulted(fault, place, "the evaluation did not end");
        }
    }

    /// <param name="place">Null where it is not known.</param>
    public static SireFailure Crashed(PlanCrash crash, Form? place, string what) => new(
        SireErrorKind.Crash, place?.Span ?? default,
        $"{what}: {KeyText.Of(crash.Op)} was applied to a value")
    {
        Culprit = place,
        Values = [crash.Argument],
    };

    /// <param name="place">Null where it is not known.</param>
    public static SireFailure Faulted(MachineFault fault, Form? place, string what) => new(
        SireErrorKind.Fault, place?.Span ?? default, $"{what}: {fault.Message}")
    {
        Culprit = place,
    };
}
