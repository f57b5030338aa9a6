namespace Pallas.Rex;

/// <summary>Pieces without space between them, or a lone rune.</summary>
/// <param name="Rune">The lone rune, or null when the cluster has a value.</param>
/// <param name="Position">The byte offset that counts for layout: the first byte, or the last one
/// of a lone rune, so that runes of different widths line up on the right.</param>
/// <param name="Span">The whole cluster, heirs included.</param>
internal readonly record struct Cluster(string? Rune, int Position, Span Span, Chain Value)
{
    public Span SpanTo(Cluster last) => Span.To(last.Span);
}

/// <summary>Juxtaposition and runes: pieces to clusters, and those of a nest to a tree.</summary>
internal sealed class Grouping(DiagnosticList diagnostics)
{
    private readonly List<Piece> run = [];

    /// <summary>Cuts pieces into clusters. A rune followed by space leaves the cluster it touches:
    /// <c>x- y</c> is <c>x - y</c>. Line strings at the same offset in consecutive lines become
    /// one.</summary>
    public List<Cluster> Clusters(ReadOnlySpan<Piece> pieces)
    {
        var clusters = new List<Cluster>();
        for (var i = 0; i < pieces.Length;)
        {
            if (pieces[i].Token.Separates)
            {
                i++;
                continue;
            }
            run.Clear();
            do
            {
                run.Add(Joined(pieces, ref i));
            }
            while (!EndsCluster(pieces, i));
            clusters.Add(ToCluster());
        }
        return clusters;
    }

    /// <summary><c>(...)</c>: prefix when a rune comes first, infix when one comes later; one item
    /// alone is itself and several without a rune are a <c>|</c>.</summary>
    public Chain Paren(List<Cluster> clusters, Span span)
    {
        if (clusters.Count > 0 && clusters[0].Rune is not null)
            return Prefixed(clusters, 0, span);

        var at = 0;
        var sons = new List<Chain> { Sequence(clusters, ref at, span) };
        if (at == clusters.Count)
            return sons[0];
        string? rune = null;
        while (at < clusters.Count)
        {
            var next = clusters[at].Rune!;
            if (rune is not null && next != rune)
            {
                var soFar = clusters[0].SpanTo(clusters[at - 1]);
                sons = [Node(NodeShape.Infix, rune, sons, soFar)];
            }
            rune = next;
            at++;
            if (at < clusters.Count && clusters[at].Rune is not null)
            {
                sons.Add(Prefixed(clusters, at, clusters[at].SpanTo(clusters[^1])));
                break;
            }
            sons.Add(Sequence(clusters, ref at, span));
        }
        return Node(NodeShape.Infix, rune!, sons, span);
    }

    /// <summary><c>[...]</c>: items only.</summary>
    public Chain Bracket(List<Cluster> clusters, Span span)
    {
        var sons = new List<Chain>();
        foreach (var cluster in clusters)
        {
            if (cluster.Rune is null)
                sons.Add(cluster.Value);
            else
                diagnostics.Add(cluster.SpanTo(cluster), "a lone rune inside brackets",
                    cluster.Rune == ","
                        ? "write the items side by side: [a b]"
                        : "write (a + b) or join the rune to its operands: [a+b]");
        }
        return Node(NodeShape.Nest, ",", sons, span);
    }

    public Chain Node(NodeShape shape, string rune, List<Chain> sons, Span span)
    {
        var trees = new RexTree[sons.Count];
        var depth = 0;
        for (var i = 0; i < trees.Length; i++)
        {
            trees[i] = sons[i].Head;
            depth = Math.Max(depth, sons[i].Depth);
        }
        diagnostics.CheckDepth(depth + 1, span);
        return Chain.Of(new RexNode(shape, rune, trees, null, span), depth + 1);
    }

    /// <summary><c>| a | b | c</c>: each further rune opens a node that takes all that follows.
    /// </summary>
    private Chain Prefixed(List<Cluster> clusters, int start, Span span)
    {
        Chain? inner = null;
        var end = clusters.Count;
        for (var at = end - 1; at >= start; at--)
        {
            if (clusters[at].Rune is not { } rune)
                continue;
            var sons = new List<Chain>();
            for (var i = at + 1; i < end; i++)
                sons.Add(clusters[i].Value);
            if (inner is { } last)
                sons.Add(last);
            var where = at == start ? span : clusters[at].SpanTo(clusters[^1]);
            inner = Node(NodeShape.Nest, rune, sons, where);
            end = at;
        }
        return inner!.Value;
    }

    /// <summary>The items up to the next rune; moves <paramref name="at"/> there.</summary>
    private Chain Sequence(List<Cluster> clusters, ref int at, Span whole)
    {
        var start = at;
        while (at < clusters.Count && clusters[at].Rune is null)
            at++;
        if (at - start == 1)
            return clusters[start].Value;
        var sons = clusters.GetRange(start, at - start).ConvertAll(static c => c.Value);
        var span = sons.Count == 0 || sons.Count == clusters.Count
            ? whole
            : clusters[start].SpanTo(clusters[at - 1]);
        return Node(NodeShape.Nest, "|", sons, span);
    }

    /// <summary>The piece at <paramref name="i"/> with the lines that continue it; moves past them.
    /// </summary>
    private static Piece Joined(ReadOnlySpan<Piece> pieces, ref int i)
    {
        var piece = pieces[i++];
        while (piece.Kind == TokenKind.Line && i < pieces.Length && pieces[i].Kind == TokenKind.End)
        {
            var next = i + 1;
            if (next < pieces.Length && pieces[next].Kind == TokenKind.Space)
                next++;
            if (next >= pieces.Length || pieces[next].Kind != TokenKind.Line
                || pieces[next].Token.Offset != piece.Token.Offset)
                break;
            piece = piece with { Value = piece.Value.Append(pieces[next].Value) };
            i = next + 1;
        }
        return piece;
    }

    private static bool EndsCluster(ReadOnlySpan<Piece> pieces, int i) =>
        i >= pieces.Length
        || pieces[i].Token.Separates
        || (pieces[i].Kind == TokenKind.Rune
            && (i + 1 >= pieces.Length || pieces[i + 1].Token.Separates));

    private Cluster ToCluster()
    {
        var first = run[0].Token;
        var span = SpanOf(0, run.Count - 1);
        return run.Count == 1 && first.Kind == TokenKind.Rune
            ? new Cluster(first.Text, first.End - 1, span, default)
            : new Cluster(null, first.Offset, span, Tight());
    }

    /// <summary><c>-a+b-c</c>: a leading rune applies to all the rest, the others associate to the
    /// left, and neighbours without a rune between are heirs.</summary>
    private Chain Tight()
    {
        var start = run[0].Kind == TokenKind.Rune ? 1 : 0;
        var at = start;
        var sons = new List<Chain> { Heirs(ref at) };
        string? rune = null;
        while (at < run.Count)
        {
            var next = run[at].Token.Text;
            if (rune is not null && next != rune)
                sons = [Node(NodeShape.Shut, rune, sons, SpanOf(start, at - 1))];
            rune = next;
            at++;
            sons.Add(Heirs(ref at));
        }
        var all = rune is null
            ? sons[0]
            : Node(NodeShape.Shut, rune, sons, SpanOf(start, run.Count - 1));
        return start == 0
            ? all
            : Node(NodeShape.Prefix, run[0].Token.Text, [all], SpanOf(0, run.Count - 1));
    }

    private Chain Heirs(ref int at)
    {
        var chain = run[at++].Value;
        for (; at < run.Count && run[at].Kind != TokenKind.Rune; at++)
            chain = chain.Append(run[at].Value);
        return chain;
    }

    private Span SpanOf(int first, int last) => run[first].Span.To(run[last].Span);
}
