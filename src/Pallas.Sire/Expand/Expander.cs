using Pallas.Eval;
using Pallas.Rex;
using Pallas.Sire.Errors;
using Pallas.Sire.Lower;
using Pallas.Sire.Print;
using Pallas.Values;

namespace Pallas.Sire.Expand;

/// <summary>
/// The state of a load while its commands run: looks names up and calls macros.
/// </summary>
internal sealed class Expander(Evaluator evaluator, FormTable forms, BindingTable bindings)
{
    private static readonly Value Cow3 = Law.Make(Nat.Zero, Nat.Of(4), Nat.Zero);

    // A macro replies by calling one of the two: `[message rex 0]` or `[rex state 1]`.
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

    /// <summary>The value bound to a rune. Every such value is a macro.</summary>
    public Value? FindMacro(Nat rune) => Find(rune)?.Value;

    /// <summary>Calls macros until the form is no call of a macro.</summary>
    public Form ExpandAll(Form form)
    {
        while (form.Kind == FormKind.Node && FindMacro(form.Head) is { } macro)
            form = Expand(macro, form);
        return form;
    }

    /// <summary>Applies the <c>#</c> macro to a leaf that is neither a name nor a number.</summary>
    public Form ExpandLeaf(Form leaf)
    {
        var macro = FindMacro(forms.NatOf("#"));
        if (leaf.Heir is { } heir)
        {
            if (macro is null)
                throw leaf.Failure(
                    SireErrorKind.Form, "a leaf touches another form",
                    "put a space between them; only a # macro could give this a meaning");
            var alone = forms.Leaf(leaf.LeafShape, leaf.Text, null, leaf.Span);
            return Expand(macro, forms.Node(NodeShape.Infix, "#", [alone, heir], null, leaf.Span));
        }
        if (macro is null)
            throw leaf.Failure(
                SireErrorKind.Form, $"'{leaf.Text}' is neither a name nor a number",
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
            throw input.Crash(crash, $"the macro {input.Text} crashed");
        }
        catch (MachineFault fault)
        {
            throw input.Fault(fault, $"the macro {input.Text} did not end");
        }
    }

    private Form ReadReply(Form input, Value reply)
    {
        if (reply is not Row { Count: 3 } row || evaluator.Whnf(row[2]) is not SmallNat tag)
            throw BadReply(input, "is not a row of three", reply);
        switch (tag.Word)
        {
            case 0 when evaluator.Whnf(row[0]) is Nat message:
                throw forms.Read(row[1], input.Span).Failure(
                    SireErrorKind.Macro, NameText.Of(message));
            case 1:
                var state = evaluator.Whnf(row[1]);
                if (!ReferenceEquals(state, State.Noun))
                    State = SireState.Read(evaluator, state);
                return forms.Read(row[0], input.Span);
            default:
                throw BadReply(input, "has a wrong tag", reply);
        }
    }

    private SireFailure BadReply(Form input, string why, Value reply) => input.Failure(
        SireErrorKind.Macro,
        $"the reply of the macro {input.Text} {why}: {Loot.Brief(Normal(reply))}",
        "a macro receives a state, a form and two functions, and calls one of the functions");

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
}
