using Pallas.Eval;
using Pallas.Rex;
using Pallas.Sire.Print;
using Pallas.Values;

namespace Pallas.Sire.Expand;

/// <summary>
/// Converts Rex trees to forms and back, and reads the PLAN values that macros return. The table
/// remembers by reference which form a value was made from, so that a part which passes through a
/// macro unchanged keeps its place in the text.
/// </summary>
internal sealed class FormTable(Evaluator evaluator)
{
    /// <summary>A larger table is replaced, because the time to clear it grows with its size.
    /// </summary>
    private const int ReusedCountMax = 2048;

    private readonly Pin[] leafMakers = [.. QuotedRex.LeafNames.Select(name => Maker(name, 3))];
    private readonly Pin[] nodeMakers = [.. QuotedRex.NodeNames.Select(name => Maker(name, 4))];
    private readonly Pin embedMaker = Maker(QuotedRex.EmbedName, 2);
    private Dictionary<Value, Form> forms = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Nat, string> texts = [];
    private readonly Dictionary<string, Nat> nats = [];

    /// <summary>Forgets all forms; to be called between blocks.</summary>
    public void Forget()
    {
        if (forms.Count > ReusedCountMax)
            forms = new(ReferenceEqualityComparer.Instance);
        else
            forms.Clear();
    }

    public Form Of(RexTree tree)
    {
        if (!StackGuard.HasRoom)
            return OfDeeper(tree);
        var heir = tree.Heir is { } next ? Of(next) : null;
        switch (tree)
        {
            case RexNode node:
                var sons = new Form[node.Sons.Count];
                for (var i = 0; i < sons.Length; i++)
                    sons[i] = Of(node.Sons[i]);
                return Node(node.Shape, node.Rune, sons, heir, node.Span);
            case RexLeaf leaf:
                return Leaf(leaf.Shape, leaf.Text, heir, leaf.Span);
            default:
                return Embed((Value)((RexEmbed)tree).Value, tree.Span);
        }
    }

    private Form OfDeeper(RexTree tree) =>
        StackGuard.OnFreshStack(() => Of(tree));

    public Form Node(
        NodeShape shape, string rune, IReadOnlyList<Form> sons, Form? heir, Span span)
    {
        var sonRow = Row.Of([.. sons.Select(son => son.Noun)]);
        var heirNoun = heir?.Noun ?? Nat.Zero;
        var head = NatOf(rune);
        var noun = App.Make(nodeMakers[(int)shape], head, sonRow, heirNoun);
        return Remember(new Form(this, noun, shape, head, sonRow, heirNoun, span));
    }

    public Form Leaf(LeafShape shape, string text, Form? heir, Span span)
    {
        var heirNoun = heir?.Noun ?? Nat.Zero;
        var head = NatOf(text);
        var noun = App.Make(leafMakers[(int)shape], head, heirNoun);
        return Remember(new Form(this, noun, shape, head, heirNoun, span));
    }

    public Form Embed(Value value, Span span) =>
        Remember(new Form(this, App.Make(embedMaker, value), value, span));

    /// <summary>The form that a value encodes.</summary>
    /// <param name="span">The place of a form that the table does not remember.</param>
    /// <exception cref="PlanCrash">The value crashes when it is evaluated.</exception>
    public Form Read(Value noun, Span span)
    {
        noun = evaluator.Whnf(noun);
        return noun is App app
            ? forms.TryGetValue(noun, out var known) ? known : Remember(ReadApp(app, span))
            : new Form(this, noun, span);
    }

    public IReadOnlyList<Form> ReadSons(Row? sons, Span span)
    {
        if (sons is null)
            return [];
        var forms = new Form[sons.Count];
        for (var i = 0; i < forms.Length; i++)
            forms[i] = Read(sons[i], span);
        return forms;
    }

    public Form? ReadHeir(Value? heir, Span span)
    {
        if (heir is null || evaluator.Whnf(heir) is SmallNat { Word: 0 })
            return null;
        return Read(heir, span);
    }

    public string TextOf(Nat nat)
    {
        if (texts.TryGetValue(nat, out var known))
            return known;
        var text = nat.ToText() ?? nat.ToDecimal();
        if (nat.BitLength <= 256)
            texts[nat] = text;
        return text;
    }

    public Nat NatOf(string text)
    {
        if (nats.TryGetValue(text, out var known))
            return known;
        var nat = Nat.OfText(text);
        if (text.Length <= 32)
            nats[text] = nat;
        return nat;
    }

    /// <summary>The Rex tree of a form, for printing; embedded values stay embedded.</summary>
    public RexTree ToRex(Form form)
    {
        if (!StackGuard.HasRoom)
            return ToRexDeeper(form);
        var heir = form.Heir is { } next ? ToRex(next) : null;
        return form.Kind switch
        {
            FormKind.Node => new RexNode(
                form.NodeShape, form.Text, [.. form.Sons.Select(ToRex)], heir, form.Span),
            FormKind.Leaf => new RexLeaf(form.LeafShape, form.Text, heir, form.Span),
            _ => new RexEmbed(evaluator.Normalize(form.Embedded), form.Span),
        };
    }

    private RexTree ToRexDeeper(Form form) =>
        StackGuard.OnFreshStack(() => ToRex(form));

    /// <summary>Null for a form that crashes when it is decoded.</summary>
    public RexTree? TryToRex(Form form)
    {
        try
        {
            return ToRex(form);
        }
        catch (Exception failure) when (failure is PlanCrash or MachineFault)
        {
            return null;
        }
    }

    private Form ReadApp(App app, Span span)
    {
        if (app.Head is not Pin { Item: Law { Body: SmallNat { Word: 0 } } law })
            return new Form(this, app, span);
        var name = TextOf(law.Name);
        if (app.Count == 1 && law.Arity == 2 && name == QuotedRex.EmbedName)
            return new Form(this, app, app[0], span);
        if (app.Count == 2 && law.Arity == 3
            && Array.IndexOf(QuotedRex.LeafNames, name) is >= 0 and var leaf
            && ReadText(app[0]) is { } text)
            return new Form(this, app, (LeafShape)leaf, text, app[1], span);
        if (app.Count == 3 && law.Arity == 4
            && Array.IndexOf(QuotedRex.NodeNames, name) is >= 0 and var node
            && ReadText(app[0]) is { } rune
            && evaluator.Whnf(app[1]) is Row sons)
            return new Form(this, app, (NodeShape)node, rune, sons, app[2], span);
        return new Form(this, app, span);
    }

    private Nat? ReadText(Value value) =>
        evaluator.Whnf(value) is Nat nat && (texts.ContainsKey(nat) || nat.ToText() is not null)
            ? nat
            : null;

    private Form Remember(Form form)
    {
        forms[form.Noun] = form;
        return form;
    }

    private static Pin Maker(string name, ulong arity) =>
        Pin.Make(Law.Make(Nat.OfText(name), Nat.Of(arity), Nat.Zero));
}
