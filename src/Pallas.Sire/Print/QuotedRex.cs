using Pallas.Rex;
using Pallas.Values;

namespace Pallas.Sire.Print;

/// <summary>
/// One level of a value that encodes Rex, in normal form. It is a pinned law of body 0, applied to
/// <c>text heir</c> (<c>##WORD ##TEXT ##LINE</c>), to <c>rune sons heir</c>
/// (<c>##OPEN ##NEST ##INFX ##PREF ##SHUT</c>), or to a value (<c>##EMBD</c>). No heir is 0.
/// </summary>
internal readonly record struct QuotedRex
{
    public const string EmbedName = "##EMBD";

    /// <summary>The names of the laws by <see cref="Pallas.Rex.LeafShape"/>.</summary>
    public static readonly string[] LeafNames = ["##WORD", "##TEXT", "##LINE"];

    /// <summary>The names of the laws by <see cref="Pallas.Rex.NodeShape"/>.</summary>
    public static readonly string[] NodeNames =
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

    /// <summary>The embedded value, else null.</summary>
    public Value? Embedded { get; private init; }

    /// <summary>The outermost level of a value; null for a value that encodes no Rex.</summary>
    public static QuotedRex? Match(Value value)
    {
        if (value.Resolved is not App { Head: Pin { Item: Law { Body: SmallNat { Word: 0 } } law } }
            app || law.Arity != app.Count + 1 || law.Name.ToText() is not { } name)
            return null;
        if (app.Count == 1)
            return name == EmbedName ? Of("", app[0], null) : null;
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

    /// <summary>The tree that a value encodes.</summary>
    /// <param name="show">Makes the tree of an embedded value (true), or of a value that encodes no
    /// Rex where Rex should be (false).</param>
    /// <param name="cut">Called before each part; returns a tree to put in its place, or null.
    /// </param>
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
