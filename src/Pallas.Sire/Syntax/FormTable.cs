using Pallas.Eval;
using Pallas.Rex;
using Pallas.Values;

namespace Pallas.Sire;

/// <summary>
/// Between Rex trees, the PLAN values that macros take for Rex, and forms. Remembers by reference
/// which form a value was made from, so that a part which passes through a macro untouched keeps
/// its place in the text.
/// </summary>
internal sealed class FormTable(Evaluator evaluator)
{
    private static readonly string[] LeafNames = ["##WORD", "##TEXT", "##LINE"];
    private static readonly string[] NodeNames =
        ["##OPEN", "##NEST", "##INFX", "##PREF", "##SHUT"];

    /// <summary>A larger table is dropped, not emptied: emptying takes time in its size.</summary>
    private const int KeptMax = 2048;

    private readonly Pin[] leafMakers = [.. LeafNames.Select(name => Maker(name, 3))];
    private readonly Pin[] nodeMakers = [.. NodeNames.Select(name => Maker(name, 4))];
    private readonly Pin embedMaker = Maker("##EMBD", 2);
    private Dictionary<Value, Form> forms = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Nat, string> texts = [];
    private readonly Dictionary<string, Nat> nats = [];

    /// <summary>Forgets which forms were met; to be called between blocks.</summary>
    public void Forget()
    {
        if (forms.Count > KeptMax)
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

    /// <summary>The form that a value stands for.</summary>
    /// <param name="span">The place to give it, where it is none that is remembered.</param>
    /// <exception cref="PlanCrash">The value crashes when it is looked at.</exception>
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

    private Form ReadApp(App app, Span span)
    {
        if (app.Head is not Pin { Item: Law { Body: SmallNat { Word: 0 } } law })
            return new Form(this, app, span);
        var name = TextOf(law.Name);
        if (app.Count == 1 && law.Arity == 2 && name == "##EMBD")
            return new Form(this, app, app[0], span);
        if (app.Count == 2 && law.Arity == 3
            && Array.IndexOf(LeafNames, name) is >= 0 and var leaf
            && ReadText(app[0]) is { } text)
            return new Form(this, app, (LeafShape)leaf, text, app[1], span);
        if (app.Count == 3 && law.Arity == 4
            && Array.IndexOf(NodeNames, name) is >= 0 and var node
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
