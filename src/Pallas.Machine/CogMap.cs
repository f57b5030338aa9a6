using System.Collections;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>An immutable map from the ids of cogs to their states, in ascending order. A changed
/// map shares the unchanged nodes.</summary>
/// <remarks>
/// A balanced binary tree in which the heights of two children differ by at most one.
/// <see cref="SlotItems"/> gives the reason why it is not the library's.
/// </remarks>
public sealed class CogMap : IReadOnlyCollection<KeyValuePair<CogId, CogState>>
{
    public static readonly CogMap Empty = new(null);

    private readonly Node? root;

    private CogMap(Node? root) => this.root = root;

    public int Count => root?.Count ?? 0;

    /// <summary>The number of steps of the longest search.</summary>
    internal int Height => HeightOf(root);

    public IEnumerable<CogId> Keys => this.Select(pair => pair.Key);

    public IEnumerable<CogState> Values => this.Select(pair => pair.Value);

    /// <param name="pairs">Ascending.</param>
    public static CogMap Of(ReadOnlySpan<KeyValuePair<CogId, CogState>> pairs)
    {
        for (var i = 1; i < pairs.Length; i++)
        {
            Invariant.Check(
                pairs[i - 1].Key.Number < pairs[i].Key.Number,
                $"cog {pairs[i].Key} comes after cog {pairs[i - 1].Key}");
        }
        return new CogMap(Build(pairs));
    }

    /// <summary>Null if the map has no such cog.</summary>
    public CogState? Find(CogId id)
    {
        var node = root;
        while (node is not null && node.Id.Number != id.Number)
            node = id.Number < node.Id.Number ? node.Left : node.Right;
        return node?.State;
    }

    public CogMap With(CogId id, CogState state)
    {
        var after = new CogMap(With(root, id, state));
        Invariant.Check(
            after.Count - Count is 0 or 1, $"{Count} cogs become {after.Count} with cog {id}");
        return after;
    }

    public CogMap Without(CogId id)
    {
        if (Find(id) is null)
            return this;
        var after = new CogMap(Without(root, id));
        Invariant.Check(
            after.Count == Count - 1, $"{Count} cogs become {after.Count} without cog {id}");
        return after;
    }

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

    /// <summary>A node with the entry of another node, over children whose heights differ by at
    /// most two.</summary>
    private static Node Balanced(Node node, Node? left, Node? right)
    {
        var balanced = Rotated(node, left, right);
        var lean = HeightOf(balanced.Left) - HeightOf(balanced.Right);
        Invariant.Check(lean is >= -1 and <= 1, $"the tree leans by {lean} at cog {balanced.Id}");
        Invariant.Check(
            balanced.Left is null || balanced.Left.Id.Number < balanced.Id.Number,
            $"the cogs left of cog {balanced.Id} have smaller ids");
        Invariant.Check(
            balanced.Right is null || balanced.Right.Id.Number > balanced.Id.Number,
            $"the cogs right of cog {balanced.Id} have larger ids");
        return balanced;
    }

    private static Node Rotated(Node node, Node? left, Node? right)
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
