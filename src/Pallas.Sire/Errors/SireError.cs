using Pallas.Rex;
using Pallas.Values;

namespace Pallas.Sire.Errors;

/// <summary>A mistake in a Sire source, or its consequence: what happened, where, and what to do
/// next.</summary>
/// <param name="File">The file as the module source names it.</param>
/// <param name="SourceLine">The text of the line, where it is known.</param>
/// <param name="Block">The outermost form in which it happened.</param>
/// <param name="Culprit">The form that is at fault; a macro may have made it.</param>
public sealed record SireError(
    SireErrorKind Kind,
    string File,
    Diagnostic Diagnostic,
    string? SourceLine = null,
    RexTree? Block = null,
    RexTree? Culprit = null)
{
    /// <summary>Values to show below the message: both sides of an assertion, or the argument of a
    /// crash.</summary>
    public IReadOnlyList<Value> Values { get; init; } = [];

    public string Message => Diagnostic.Message;

    /// <summary>The error as text: file, line, column, the line itself and the hint.</summary>
    public string Render() => Diagnostic.Render(File, SourceLine);

    /// <summary>The errors of a block that could not be read.</summary>
    internal static SireError[] OfSyntax(RexBlock block, string file) =>
    [
        .. block.Diagnostics.Select(diagnostic => new SireError(
            SireErrorKind.Syntax, file, diagnostic, LineOf(block, diagnostic.Span))),
    ];

    internal static SireError Of(SireFailure failure, RexBlock block, string file)
    {
        var span = OriginOf(failure.Culprit, block.Tree) is { IsKnown: true } exact ? exact
            : failure.Span.IsKnown ? failure.Span
            : block.Tree is { Span.IsKnown: true } tree ? tree.Span
            : new Span(block.Line, 1, block.Line, 1);
        return new SireError(
            failure.Kind, file, new Diagnostic(span, failure.Message, failure.Hint),
            LineOf(block, span), block.Tree, failure.Culprit)
        {
            Values = failure.Values,
        };
    }

    /// <summary>The place in the source of a leaf that a macro copied. Macros make new leaves for
    /// the names that they find, so the leaf itself only has the place of the macro's input.
    /// </summary>
    private static Span OriginOf(RexTree? culprit, RexTree? block)
    {
        if (culprit is not RexLeaf { Span: { IsKnown: true } around } copy)
            return default;
        var trees = new Stack<RexTree?>([block]);
        while (trees.TryPop(out var tree))
        {
            if (tree is null)
                continue;
            if (tree is RexLeaf leaf && leaf.Text == copy.Text
                && (leaf.Span.Line, leaf.Span.Column).CompareTo((around.Line, around.Column)) >= 0)
                return leaf.Span;
            trees.Push(tree.Heir);
            for (var i = tree is RexNode node ? node.Sons.Count - 1 : -1; i >= 0; i--)
                trees.Push(((RexNode)tree).Sons[i]);
        }
        return default;
    }

    private static string? LineOf(RexBlock block, Span span)
    {
        var index = span.Line - block.Line;
        return index >= 0 && index < block.Lines.Count ? block.Lines[index] : null;
    }
}
