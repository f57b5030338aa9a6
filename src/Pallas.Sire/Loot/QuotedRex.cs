using Pallas.Rex;
using Pallas.Values;

namespace Pallas.Sire;

/// <summary>
/// One level of a value in normal form that says Rex, as macros see it: a pinned law of body 0
/// named <c>##WORD ##TEXT ##LINE ##OPEN ##NEST ##INFX ##PREF ##SHUT</c> or <c>##EMBD</c>, applied
/// to <c>text heir</c>, to <c>rune sons heir</c>, or to a value. No heir is 0.
/// </summary>
internal readonly record struct QuotedRex
{
    private static readonly string[] LeafNames = ["##WORD", "##TEXT", "##LINE"];
    private static readonly string[] NodeNames =
        ["##OPEN", "##NEST", "##INFX", "##PREF", "##SHUT"];

    /// <summary>The shape of a node, else null.</summary>
    public NodeShape? NodeShape { get; private init; }

    /// <summary>The shape of a leaf, else null; null with no shape of a node is an embedded value.
    /// </summary>
    public LeafShape? LeafShape { get; private init; }

    /// <summary>The rune or the text; empty for an embedded value.</summary>
    public string Text { get; private init; }

    /// <summary>The sons of a node, else empty.</summary>
    public Row Sons { get; private init; }

    public Value? Heir { get; private init; }

    /// <summary>The value where one is embedded, else null.</summary>
    public Value? Embedded { get; private init; }

    /// <summary>What the value says, or null where it says no Rex.</summary>
    public static QuotedRex? Match(Value value)
    {
        if (value.Resolved is not App { Head: Pin { Item: Law { Body: SmallNat { Word: 0 } } law } }
            app || law.Arity != app.Count + 1 || law.Name.ToText() is not { } name)
            return null;
        if (app.Count == 1)
            return name == "##EMBD" ? Of("", app[0], null) : null;
        if (app[0] is not Nat head || head.ToText() is not { } text)
            return null;
        var heir = app[app.Count - 1];
        if (app.Count == 2)
            return Array.IndexOf(LeafNames, name) is >= 0 and var leaf
                ? Of(text, null, heir) with { LeafShape = (LeafShape)leaf }
                : null;
        return app.Count == 3 && app[1] is Row sons
            && Array.IndexOf(NodeNames, name) is >= 0 and var node
            ? Of(text, null, heir) with { NodeShape = (NodeShape)node, Sons = sons }
            : null;
    }

    private static QuotedRex Of(string text, Value? embedded, Value? heir) => new()
    {
        Text = text,
        Embedded = embedded,
        Heir = heir is null or SmallNat { Word: 0 } ? null : heir,
        Sons = Row.Empty,
    };

    /// <summary>The tree that a value says; what is embedded, or says no Rex where Rex should be,
    /// is what <paramref name="show"/> makes of it, told whether it is embedded.</summary>
    /// <param name="cut">Asked before each part: what to put in its place, or null.</param>
    public static RexTree ToTree(
        Value value, Func<Value, bool, RexTree> show, Func<RexTree?>? cut = null)
    {
        if (!StackGuard.HasRoom)
            return StackGuard.OnFreshStack(() => ToTree(value, show, cut));
        if (cut?.Invoke() is { } instead)
            return instead;
        if (Match(value) is not { } rex)
            return show(value.Resolved, false);
        if (rex.Embedded is { } embedded)
            return show(embedded, true);
        var sons = new RexTree[rex.Sons.Count];
        for (var i = 0; i < sons.Length; i++)
            sons[i] = ToTree(rex.Sons[i], show, cut);
        var heir = rex.Heir is { } next ? ToTree(next, show, cut) : null;
        return rex.NodeShape is { } shape
            ? new RexNode(shape, rex.Text, sons, heir)
            : new RexLeaf(rex.LeafShape!.Value, rex.Text, heir);
    }
}
