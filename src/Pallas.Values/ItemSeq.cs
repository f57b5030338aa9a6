using System.Runtime.CompilerServices;

namespace Pallas.Values;

/// <summary>
/// The parts of an application by index: the items of a row, the keys of a set, the values of a
/// tab by rank, the arguments of a closure.
/// </summary>
/// <remarks>
/// Layout. A short sequence is an array, an <see cref="ItemRun"/>, which knows how to keep numbers
/// without an object for each. One of more than <see cref="FlatMax"/> items is a tree
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

    /// <summary>More items than an application has in itself are packed where they are
    /// numbers.</summary>
    private const int PackedMin = Compound.InlineMax + 1;

    /// <summary>The array of a run, or the root of a tree.</summary>
    private readonly object body;

    /// <param name="body">As <see cref="Body"/> gave it.</param>
    public ItemSeq(object body) => this.body = body;

    /// <param name="items">Stays an array, however long; taken over.</param>
    public ItemSeq(Value[] items) => body = items;

    public ItemSeq(ItemRun items) => body = items.Body;

    public ItemSeq(ItemNode root) => body = root;

    /// <summary>All that a sequence is, as an object.</summary>
    public object Body => body;

    public bool IsFlat => body.GetType() != typeof(ItemNode);

    /// <summary>The run that a flat sequence is.</summary>
    public ItemRun Flat => new(body);

    /// <summary>The root of the tree that a sequence which is not flat is.</summary>
    public ItemNode Tree => Unsafe.As<ItemNode>(body);

    public int Count => IsFlat ? Flat.Length : Tree.Count;

    /// <summary>Whether all items are known to be in normal form; false for an array of values.
    /// </summary>
    public bool IsNormal => IsFlat ? Flat.IsPacked : Tree.IsNormal;

    /// <summary>The item as it stands there, which may be an evaluated thunk.</summary>
    public Value this[int index]
    {
        get
        {
            var run = FindLeaf(index, out var start);
            return run[index - start];
        }
    }

    /// <summary>The item as a word, where it is an evaluated small number.</summary>
    public bool TryWord(int index, out ulong word)
    {
        var run = FindLeaf(index, out var start);
        return run.TryWord(index - start, out word);
    }

    /// <summary>The run that an item stands in, and where in it; false where there is none.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFind(ulong index, out ItemRun run, out int at)
    {
        at = (int)index;
        run = Flat;
        if (IsFlat)
            return index < (ulong)run.Length;
        if (index >= (ulong)Tree.Count)
            return false;
        run = Tree.FindLeaf(at, out var start);
        at -= start;
        return true;
    }

    /// <summary>The run that an item stands in, and the index of its first item.</summary>
    public ItemRun FindLeaf(int index, out int start)
    {
        start = 0;
        if (IsFlat)
            return Flat;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Tree.Count);
        return Tree.FindLeaf(index, out start);
    }

    /// <param name="items">Taken over.</param>
    public static ItemSeq Of(Value[] items) =>
        items.Length > FlatMax ? new(ItemNode.Build(items))
        : items.Length < PackedMin ? new(items)
        : new(ItemRun.Of(items));

    /// <param name="items">Make one run, however many; taken over.</param>
    public static ItemSeq OfFlat(Value[] items) =>
        items.Length < PackedMin ? new(items) : new(ItemRun.Of(items));

    /// <summary>A sequence that is made in runs, without an array of all of it.</summary>
    /// <param name="make">Makes the items from an index on, so many; tells whether all are in
    /// normal form.</param>
    public static ItemSeq Make(int count, RunMaker make) => count > FlatMax
        ? new(ItemNode.Make(count, make))
        : new(make(0, count, out _));

    /// <summary>
    /// The rank of a key in an ascending sequence, or the complement of where it would stand.
    /// </summary>
    public int Rank(Value key) => IsFlat ? Flat.Rank(key) : Tree.Rank(key);

    public ItemSeq With(int index, Value item) => IsFlat
        ? new(Flat.With(index, item))
        : new(Tree.With(index, item));

    public ItemSeq Insert(int index, Value item)
    {
        if (!IsFlat)
            return new(Tree.Insert(index, item));
        var run = Flat.Insert(index, item);
        return run.Length > FlatMax ? new(ItemNode.Build(run))
            : run.Length == PackedMin ? Of(run)
            : new(run);
    }

    public ItemSeq RemoveAt(int index) =>
        IsFlat ? new(Flat.RemoveAt(index)) : Cut(Tree.RemoveAt(index)!);

    /// <summary>The items from start up to and without end.</summary>
    public ItemSeq Slice(int start, int end)
    {
        if (IsFlat)
            return new(Flat.Slice(start, end));
        return start == end ? new([]) : Cut(Tree.Take(end).Drop(start));
    }

    public static ItemSeq Concat(ItemSeq a, ItemSeq b)
    {
        if (a.Count == 0 || b.Count == 0)
            return a.Count == 0 ? b : a;
        if (a.IsFlat && b.IsFlat)
        {
            var both = ItemRun.Concat(a.Flat, b.Flat);
            return both.Length > FlatMax ? new(ItemNode.Build(both))
                : a.Count < PackedMin && b.Count < PackedMin ? Of(both)
                : new(both);
        }
        return new(ItemNode.Concat(a.AsTree(), b.AsTree()));
    }

    /// <summary>The items from the last to the first.</summary>
    public ItemSeq Reverse() => IsFlat ? new(Flat.Reverse()) : new(Tree.Reverse());

    /// <summary>A new array.</summary>
    public Value[] ToArray()
    {
        var items = new Value[Count];
        CopyTo(items);
        return items;
    }

    public void CopyTo(Span<Value> target)
    {
        if (IsFlat)
            Flat.CopyTo(target);
        else
            Tree.CopyTo(target);
    }

    /// <param name="run">A short one that has become long enough to be packed, or not yet.
    /// </param>
    private static ItemSeq Of(ItemRun run) => new(run.Length < PackedMin ? run : run.Packed());

    private static ItemSeq Cut(ItemNode tree)
    {
        if (tree.Count > FlatMin)
            return new(tree);
        return new(tree.Flatten());
    }

    private ItemNode AsTree() => IsFlat ? ItemNode.Build(Flat) : Tree;
}

/// <summary>Reads items at indices near each other, in either direction.</summary>
internal struct ItemCursor
{
    private readonly ItemSeq items;
    private ItemRun leaf;
    private int start;

    public ItemCursor(ItemSeq items)
    {
        this.items = items;
        leaf = items.IsFlat ? items.Flat : ItemRun.Empty;
    }

    /// <summary>Item by index; may be a pending thunk.</summary>
    public Value this[int index]
    {
        get
        {
            if ((uint)(index - start) >= (uint)leaf.Length)
                leaf = items.FindLeaf(index, out start);
            if (leaf.Values is not { } values)
                return leaf[index - start];
            ref var item = ref values[index - start];
            return item.AsThunk is { } thunk ? item = thunk.Follow() : item;
        }
    }

    /// <summary>The item as a word, where it is an evaluated small number.</summary>
    public bool TryWord(int index, out ulong word)
    {
        if ((uint)(index - start) >= (uint)leaf.Length)
            leaf = items.FindLeaf(index, out start);
        return leaf.TryWord(index - start, out word);
    }
}

/// <summary>Makes some items of a sequence: see <see cref="ItemSeq.Make"/>.</summary>
internal delegate ItemRun RunMaker(int start, int count, out bool isNormal);
