using System.Runtime.InteropServices;

namespace Pallas.Rex;

/// <summary>
/// Indentation: the clusters of a block to one tree. A lone rune opens a node at its position. A
/// cluster further right is a son of the node, one at the same position its heir, and one further
/// left closes the node first. When a node already has an heir, the old heir becomes the last son.
/// </summary>
internal sealed class Layout(Grouping grouping)
{
    /// <summary>An open node that still takes sons or an heir.</summary>
    private sealed class Item(string rune, int position, Span where)
    {
        public string Rune { get; } = rune;
        public int Position { get; } = position;
        public List<Chain> Sons { get; } = [];
        public Chain? Heir { get; set; }

        /// <summary>The rune to the last son.</summary>
        public Span Where { get; set; } = where;

        /// <summary>The rune to the heir.</summary>
        public Span Whole { get; set; } = where;
    }

    /// <summary>The tree of a block; null when there are no clusters.</summary>
    public RexTree? Tree(List<Cluster> clusters)
    {
        var roots = new List<Chain>();
        var at = 0;
        while (at < clusters.Count && clusters[at].Rune is null)
            roots.Add(clusters[at++].Value);
        if (at < clusters.Count)
            roots.Add(Open(CollectionsMarshal.AsSpan(clusters)[at..]));
        return roots.Count switch
        {
            0 => null,
            1 => roots[0].Head,
            _ => grouping.Node(NodeShape.Open, "|", roots, clusters[0].SpanTo(clusters[^1])).Head,
        };
    }

    /// <summary>Clusters that begin with a rune, none further left than it.</summary>
    private Chain Open(ReadOnlySpan<Cluster> clusters)
    {
        var open = new Stack<Item>();
        foreach (var cluster in clusters)
        {
            while (open.TryPeek(out var top) && top.Position > cluster.Position)
                CloseTop(open);
            if (cluster.Rune is { } rune)
                open.Push(new Item(rune, cluster.Position, cluster.Span));
            else
                Take(open.Peek(), cluster.Position, cluster.Value, cluster.Span);
        }
        while (open.Count > 1)
            CloseTop(open);
        return Close(open.Pop());
    }

    private void CloseTop(Stack<Item> open)
    {
        var item = open.Pop();
        Take(open.Peek(), item.Position, Close(item), item.Whole);
    }

    private Chain Close(Item item)
    {
        var node = grouping.Node(NodeShape.Open, item.Rune, item.Sons, item.Where);
        return item.Heir is { } heir ? node.Append(heir) : node;
    }

    private static void Take(Item item, int position, Chain value, Span whole)
    {
        if (item.Heir is { } heir)
        {
            item.Sons.Add(heir);
            item.Where = item.Whole;
            item.Heir = value;
        }
        else if (position == item.Position)
        {
            item.Heir = value;
        }
        else
        {
            item.Sons.Add(value);
            item.Where = item.Where.To(whole);
        }
        item.Whole = item.Whole.To(whole);
    }
}
