namespace Pallas.Rex;

// A Rex tree keeps the layout of its text: the same rune and sons may be laid out openly by
// indentation or closed in parentheses, and macros may tell the difference.
//
// Trees are immutable, except that the parser links an heir to a tree that it has not yet returned.
// A heir chain is as long as the text makes it: walk it with a loop, never by recursion. Sons of a
// tree that was read nest at most RexReader.DepthMax deep; a macro may build deeper trees.

/// <summary>How a node was laid out: by indentation, <c>(- a b)</c>, <c>(a - b)</c>, <c>-a</c>,
/// <c>a-b</c>.</summary>
public enum NodeShape { Open, Nest, Infix, Prefix, Shut }

/// <summary>How a leaf was written: <c>foo</c>, <c>{foo}</c> or <c>} foo</c>.</summary>
public enum LeafShape { Word, Text, Line }

/// <summary>The place of a tree in its text, without its heir. Lines and columns count from 1,
/// columns in Unicode code points; the end column is the one after the last. The default means
/// "unknown", for trees made by macros.</summary>
public readonly record struct Span(int Line, int Column, int EndLine, int EndColumn)
{
    public bool IsKnown => Line > 0;

    /// <summary>From the start of this span to the end of the other.</summary>
    public Span To(Span last) => new(Line, Column, last.EndLine, last.EndColumn);
}

/// <summary>A node, a leaf or an embedded value.</summary>
public abstract class RexTree
{
    private protected RexTree(Span span, RexTree? heir)
    {
        Span = span;
        Heir = heir;
    }

    /// <summary>The tree that continues this one: <c>b</c> in <c>a(b)</c>, or the next item at the
    /// same column in an open layout.</summary>
    public RexTree? Heir { get; internal set; }

    public Span Span { get; }

    /// <summary>This tree with another heir, or with none for null.</summary>
    /// <exception cref="InvalidOperationException">An embed cannot carry an heir.</exception>
    public RexTree WithHeir(RexTree? heir) => this switch
    {
        RexNode n => new RexNode(n.Shape, n.Rune, n.Sons, heir, n.Span),
        RexLeaf l => new RexLeaf(l.Shape, l.Text, heir, l.Span),
        _ when heir is null => this,
        _ => throw new InvalidOperationException("an embedded value carries no heir"),
    };
}

/// <summary>A rune applied to sons.</summary>
public sealed class RexNode(
    NodeShape shape,
    string rune,
    IReadOnlyList<RexTree> sons,
    RexTree? heir = null,
    Span span = default)
    : RexTree(span, heir)
{
    public NodeShape Shape { get; } = shape;
    public string Rune { get; } = rune;
    public IReadOnlyList<RexTree> Sons { get; } = sons;
}

/// <summary>A word or a string. A multi-line string is a chain of <see cref="LeafShape.Line"/>
/// leaves, each the heir of the one before.</summary>
public sealed class RexLeaf(
    LeafShape shape, string text, RexTree? heir = null, Span span = default)
    : RexTree(span, heir)
{
    public LeafShape Shape { get; } = shape;
    public string Text { get; } = text;
}

/// <summary>A value that a macro put into the tree; opaque to Rex. It carries no heir.</summary>
public sealed class RexEmbed(object value, Span span = default) : RexTree(span, null)
{
    public object Value { get; } = value;
}
