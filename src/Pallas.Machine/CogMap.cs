using System.Collections;

namespace Pallas.Machine;

/// <summary>The states of cogs by their ids, ascending. Immutable: a change shares the rest.
/// </summary>
/// <remarks>
/// A balanced binary tree in which the heights of two kids differ by at most one. Why not the
/// library's: see <see cref="SlotItems"/>.
/// </remarks>
public sealed class CogMap : IReadOnlyCollection<KeyValuePair<CogId, CogState>>
{
    public static readonly CogMap Empty = new(null);

    private readonly Node? root;

    private CogMap(Node? root) => this.root = root;

    public int Count => root?.Count ?? 0;

    /// <summary>How many steps the longest search takes.</summary>
    internal int Height => HeightOf(root);

    public IEnumerable<CogId> Keys => this.Select(pair => pair.Key);

    public IEnumerable<CogState> Values => this.Select(pair => pair.Value);

    /// <param name="pairs">Ascending.</param>
    public static CogMap Of(ReadOnlySpan<KeyValuePair<CogId, CogState>> pairs) =>
        new(Build(pairs));

    /// <summary>Null for a cog that is not there.</summary>
    public CogState? Find(CogId id)
    {
        var node = root;
        while (node is not null && node.Id.Number != id.Number)
            node = id.Number < node.Id.Number ? node.Left : node.Right;
        return node?.State;
    }

    public CogMap With(CogId id, CogState state) => new(With(root, id, state));

    public CogMap Without(CogId id) => Find(id) is null ? this : new(Without(root, id));

    public IEnumerator<KeyValuePair<CogId, CogState>> GetEnumerator()
    {
        var waiting = new Stack<Node>();
        for (var node = root; node is not null || waiting.Count > 0;)
        {
            for (; node is not null; node = node.Left)
                waiting.Push(node);
            node = waiting.Pop();
            yield return new(node.Id, node.State);
            node = node.Right;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static Node? Build(ReadOnlySpan<KeyValuePair<CogId, CogState>> pairs)
    {
        if (pairs.IsEmpty)
            return null;
        var middle = pairs.Length / 2;
        var (id, state) = pairs[middle];
        return new Node(id, state, Build(pairs[..middle]), Build(pairs[(middle + 1)..]));
    }

    private static Node With(Node? node, CogId id, CogState state) =>
        node is null ? new Node(id, state, null, null)
        : id.Number == node.Id.Number ? new Node(id, state, node.Left, node.Right)
        : id.Number < node.Id.Number
            ? Balanced(node, With(node.Left, id, state), node.Right)
            : Balanced(node, node.Left, With(node.Right, id, state));

    private static Node? Without(Node? node, CogId id)
    {
        if (node is null)
            return null;
        if (id.Number < node.Id.Number)
            return Balanced(node, Without(node.Left, id), node.Right);
        if (id.Number > node.Id.Number)
            return Balanced(node, node.Left, Without(node.Right, id));
        if (node.Left is null || node.Right is null)
            return node.Left ?? node.Right;
        var next = node.Right;
        while (next.Left is not null)
            next = next.Left;
        return Balanced(next, node.Left, Without(node.Right, next.Id));
    }

    /// <summary>A node of what another holds, over kids whose heights differ by at most two.
    /// </summary>
    private static Node Balanced(Node node, Node? left, Node? right)
    {
        var lean = HeightOf(left) - HeightOf(right);
        if (lean > 1)
        {
            var up = left!;
            if (HeightOf(up.Left) < HeightOf(up.Right))
                up = up.Right!.Over(up.Over(up.Left, up.Right.Left), up.Right.Right);
            return up.Over(up.Left, node.Over(up.Right, right));
        }
        if (lean < -1)
        {
            var up = right!;
            if (HeightOf(up.Right) < HeightOf(up.Left))
                up = up.Left!.Over(up.Left.Left, up.Over(up.Left.Right, up.Right));
            return up.Over(node.Over(left, up.Left), up.Right);
        }
        return node.Over(left, right);
    }

    private static int HeightOf(Node? node) => node?.Height ?? 0;

    private sealed class Node(CogId id, CogState state, Node? left, Node? right)
    {
        public readonly CogId Id = id;
        public readonly CogState State = state;
        public readonly Node? Left = left;
        public readonly Node? Right = right;
        public readonly int Height = 1 + Math.Max(HeightOf(left), HeightOf(right));
        public readonly int Count = 1 + (left?.Count ?? 0) + (right?.Count ?? 0);

        public Node Over(Node? newLeft, Node? newRight) => new(Id, State, newLeft, newRight);
    }
}
