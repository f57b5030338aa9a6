using System.Runtime.InteropServices;

namespace Pallas.Rex;

/// <summary>
/// The tokens of one block to its tree. A nest closes on the line where it opens, so brackets are
/// resolved line by line: a closed nest becomes one piece. Open nests wait on a stack, which makes
/// their depth cost no recursion. <see cref="Layout"/> then reads the indentation of the block.
/// </summary>
internal sealed class Parser
{
    private readonly DiagnosticList diagnostics;
    private readonly Grouping grouping;
    private readonly List<Piece> pieces = [];
    private readonly Stack<Nest> nests = new();

    private Parser(DiagnosticList diagnostics)
    {
        this.diagnostics = diagnostics;
        grouping = new Grouping(diagnostics);
    }

    /// <param name="First">Index of the nest's first piece.</param>
    private readonly record struct Nest(int First, Token Open)
    {
        public char Close => Open.Line.Bytes[Open.Offset] == '(' ? ')' : ']';
    }

    /// <summary>Always returns; mistakes go to <paramref name="diagnostics"/>, and the tree is not
    /// to be used when there are any.</summary>
    /// <returns>Null for a block without items.</returns>
    public static RexTree? Parse(IEnumerable<Token[]> lines, DiagnosticList diagnostics)
    {
        var parser = new Parser(diagnostics);
        foreach (var line in lines)
            foreach (var token in line)
                parser.Take(token);
        var clusters = parser.grouping.Clusters(CollectionsMarshal.AsSpan(parser.pieces));
        return new Layout(parser.grouping).Tree(clusters);
    }

    private void Take(Token token)
    {
        if (token.Problem is { } problem)
            diagnostics.Add(problem);
        switch (token.Kind)
        {
            case TokenKind.Open:
                nests.Push(new Nest(pieces.Count, token));
                break;
            case TokenKind.Close when nests.TryPeek(out var nest)
                && nest.Close == token.Line.Bytes[token.Offset]:
                CloseNest(token);
                break;
            case TokenKind.Close:
                ReportClosing(token);
                AddLeaf(LeafShape.Word, token);
                break;
            case TokenKind.Word:
                AddLeaf(LeafShape.Word, token);
                break;
            case TokenKind.Text:
                AddLeaf(LeafShape.Text, token);
                break;
            case TokenKind.Line:
                AddLeaf(LeafShape.Line, token);
                break;
            case TokenKind.End:
                while (nests.Count > 0)
                    CloseNest(token);
                goto default;
            default:
                pieces.Add(new Piece(token));
                break;
        }
    }

    private void AddLeaf(LeafShape shape, Token token) => pieces.Add(new Piece(
        token, Chain.Of(new RexLeaf(shape, token.Text, null, token.Span), 0)));

    /// <param name="close">The closing bracket or the end of the line.</param>
    private void CloseNest(Token close)
    {
        var nest = nests.Pop();
        var (line, end) = (close.Line, close.End);
        var inner = CollectionsMarshal.AsSpan(pieces)[nest.First..];

        // The nest must end in its bracket, and the bracket must not belong to the last item. A
        // bracket that ends a comment counts, as in the definition of the syntax.
        var last = inner.Length - 1;
        while (last >= 0 && inner[last].Token.Separates)
            last--;
        if (line.Bytes[end - 1] != nest.Close || (last >= 0 && inner[last].Token.End == end))
            diagnostics.Add(
                nest.Open.Span, "unterminated nest",
                $"close it with {nest.Close} on the same line");

        var span = line.SpanOf(nest.Open.Offset, end);
        var clusters = grouping.Clusters(inner);
        var value = nest.Close == ')'
            ? grouping.Paren(clusters, span)
            : grouping.Bracket(clusters, span);
        CollectionsMarshal.SetCount(pieces, nest.First);
        pieces.Add(new Piece(nest.Open with { End = end }, value));
    }

    private void ReportClosing(Token token) => diagnostics.Add(
        token.Span, $"unexpected {(char)token.Line.Bytes[token.Offset]}",
        nests.TryPeek(out var nest)
            ? $"the open bracket is closed by {nest.Close}"
            : "no bracket is open here");
}
