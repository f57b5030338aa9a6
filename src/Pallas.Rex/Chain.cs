namespace Pallas.Rex;

/// <summary>A tree under construction. Juxtaposition appends to the end of its heir chain, so the
/// end is stored: appending costs the same for a chain of any length.</summary>
/// <param name="Depth">How deep sons nest, over the whole chain.</param>
internal readonly record struct Chain(RexTree Head, RexTree Tail, int Depth)
{
    public static Chain Of(RexTree tree, int depth) => new(tree, tree, depth);

    public Chain Append(Chain next)
    {
        Tail.Heir = next.Head;
        return new Chain(Head, next.Tail, Math.Max(Depth, next.Depth));
    }
}

/// <summary>A token and the tree that the parser made of it. A closed nest is one piece; its token
/// spans both brackets.</summary>
/// <param name="Value">Default for a rune and for tokens that separate.</param>
internal readonly record struct Piece(Token Token, Chain Value = default)
{
    public TokenKind Kind => Token.Kind;

    /// <summary>A line string includes the lines that were joined to it.</summary>
    public Span Span => Kind == TokenKind.Line
        ? Value.Head.Span.To(Value.Tail.Span)
        : Token.Span;
}
