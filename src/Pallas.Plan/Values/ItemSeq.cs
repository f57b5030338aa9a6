using System.Runtime.CompilerServices;

namespace Pallas.Plan;

/// <summary>
/// The parts of an application by index: the items of a row, the keys of a set, the values of a
/// tab by rank, the arguments of a closure.
/// </summary>
/// <remarks>
/// Layout. A short sequence is an array. One of more than <see cref="FlatMax"/> items is a tree
/// of chunks, <see cref="ItemNode"/>, all of whose operations copy one path and share the rest:
/// reading and replacing an item, inserting, removing, cutting and joining take time in the
/// logarithm of the length, with a base of some twenty. One structure serves all: a set is a
/// sequence of ascending keys, found by bisection on the way down, and a tab is such a set beside
/// the sequence of its values, so its keys are a set and its values a row at no cost.
/// <para>
/// Nobody can tell one layout from the other. A sequence that grows turns into a tree above
/// <see cref="FlatMax"/>, and one that shrinks back into an array at <see cref="FlatMin"/>: the
/// gap keeps a length that swings about the bound from being copied each time.
/// </para>
/// <para>
/// What is cut out of a tree shares only nodes that lie in it as a whole, so a short cut never
/// keeps a long row alive.
/// </para>
/// <para>
/// Items may be thunks, which are overwritten in place by their values; the rest never changes.
/// Nodes bear the mark of normal form (<see cref="ItemNode.IsNormal"/>): a row made out of a
/// normal one is walked where it is new and nowhere else.
/// </para>
/// <para>
/// The bounds are reasoned, not swept: copying a hundred words in one run costs about as much as
/// copying a path of chunks. <c>bench/</c> shows how the whole grows.
/// </para>
/// </remarks>
internal readonly struct ItemSeq
{
    public const int FlatMax = 128;
    public const int FlatMin = 64;

    /// <summary>A <c>Value[]</c>, or the root of a tree.</summary>
    private readonly object body;

    /// <param name="body">As <see cref="Body"/> gave it.</param>
    public ItemSeq(object body) => this.body = body;

    /// <param name="items">Stays an array, however long; taken over.</param>
    public ItemSeq(Value[] items) => body = items;

    public ItemSeq(ItemNode root) => body = root;

    /// <summary>All that a sequence is, as an object.</summary>
    public object Body => body;

    public bool IsFlat => body.GetType() != typeof(ItemNode);

    /// <summary>The array that a flat sequence is.</summary>
    public Value[] Flat => Unsafe.As<Value[]>(body);

    /// <summary>The root of the tree that a sequence which is not flat is.</summary>
    public ItemNode Tree => Unsafe.As<ItemNode>(body);

    public int Count => IsFlat ? Flat.Length : Tree.Count;

    /// <summary>Whether all items are known to be in normal form; false for an array.</summary>
    public bool IsNormal => !IsFlat && Tree.IsNormal;

    /// <summary>The item as it stands there, which may be an evaluated thunk.</summary>
    public Value this[int index]
    {
        get
        {
            if (IsFlat)
                return Flat[index];
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Tree.Count);
            return Tree.FindLeaf(index, out var start)[index - start];
        }
    }

    /// <summary>The array that an item stands in, and the index of its first item.</summary>
    public Value[] FindLeaf(int index, out int start)
    {
        if (!IsFlat)
            return Tree.FindLeaf(index, out start);
        start = 0;
        return Flat;
    }

    /// <param name="items">Taken over.</param>
    public static ItemSeq Of(Value[] items) =>
        items.Length <= FlatMax ? new(items) : new(ItemNode.Build(items));

    /// <summary>A sequence that is written in runs, without an array of all of it.</summary>
    /// <param name="fill">Writes the items from an index on; tells whether all that it wrote are
    /// in normal form.</param>
    public static ItemSeq Make(int count, Func<int, Value[], bool> fill)
    {
        if (count > FlatMax)
            return new(ItemNode.Make(count, fill));
        var items = new Value[count];
        fill(0, items);
        return new(items);
    }

    /// <summary>The rank of a key in an ascending array, or its complement.</summary>
    public static int Rank(Value[] keys, Value key)
    {
        var (low, high) = (0, keys.Length - 1);
        while (low <= high)
        {
            var middle = (int)(((uint)low + (uint)high) >> 1);
            var order = Order.CompareKeys(keys[middle], key);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return ~low;
    }

    /// <summary>
    /// The rank of a key in an ascending sequence, or the complement of where it would stand.
    /// </summary>
    public int Rank(Value key) => IsFlat ? Rank(Flat, key) : Tree.Rank(key);

    public ItemSeq With(int index, Value item)
    {
        if (!IsFlat)
            return new(Tree.With(index, item));
        var changed = (Value[])Flat.Clone();
        changed[index] = item;
        return new(changed);
    }

    public ItemSeq Insert(int index, Value item) => IsFlat
        ? Of([.. Flat.AsSpan(0, index), item, .. Flat.AsSpan(index)])
        : new(Tree.Insert(index, item));

    public ItemSeq RemoveAt(int index) => IsFlat
        ? new([.. Flat.AsSpan(0, index), .. Flat.AsSpan(index + 1)])
        : Cut(Tree.RemoveAt(index)!);

    /// <summary>The items from start up to and without end.</summary>
    public ItemSeq Slice(int start, int end)
    {
        if (IsFlat)
            return start == 0 && end == Flat.Length ? this : new(Flat[start..end]);
        return start == end ? new([]) : Cut(Tree.Take(end).Drop(start));
    }

    public static ItemSeq Concat(ItemSeq a, ItemSeq b)
    {
        if (a.Count == 0 || b.Count == 0)
            return a.Count == 0 ? b : a;
        if (a.IsFlat && b.IsFlat)
            return Of([.. a.Flat, .. b.Flat]);
        return new(ItemNode.Concat(a.AsTree(), b.AsTree()));
    }

    /// <summary>A new array.</summary>
    public Value[] ToArray()
    {
        if (IsFlat)
            return (Value[])Flat.Clone();
        var items = new Value[Tree.Count];
        Tree.CopyTo(items);
        return items;
    }

    public void CopyTo(Span<Value> target)
    {
        if (IsFlat)
            Flat.CopyTo(target);
        else
            Tree.CopyTo(target);
    }

    private static ItemSeq Cut(ItemNode tree)
    {
        if (tree.Count > FlatMin)
            return new(tree);
        var items = new Value[tree.Count];
        tree.CopyTo(items);
        return new(items);
    }

    private ItemNode AsTree() => IsFlat ? ItemNode.Build(Flat) : Tree;
}

/// <summary>Reads items at indices near each other, in either direction.</summary>
internal struct ItemCursor
{
    private readonly ItemSeq items;
    private Value[] leaf;
    private int start;

    public ItemCursor(ItemSeq items)
    {
        this.items = items;
        leaf = items.IsFlat ? items.Flat : [];
    }

    /// <summary>Item by index; may be a pending thunk.</summary>
    public Value this[int index]
    {
        get
        {
            if ((uint)(index - start) >= (uint)leaf.Length)
                leaf = items.FindLeaf(index, out start);
            ref var item = ref leaf[index - start];
            return item.AsThunk is { } thunk ? item = thunk.Follow() : item;
        }
    }
}
