using System.Runtime.CompilerServices;

namespace Pallas.Plan;

/// <summary>
/// A node of the tree that a long sequence is: a leaf of items or a branch of nodes.
/// <see cref="ItemSeq"/> says what the tree is for.
/// </summary>
/// <remarks>
/// Invariant: all leaves are equally deep; a node is at most <see cref="WidthMax"/> wide, and no
/// node but a root less than <see cref="WidthMin"/>. Every node is the root of a tree of its own,
/// so the parts of one tree may stand in others. A node never changes but for two things that
/// nobody can tell: an item that is a thunk is overwritten by its value, and
/// <see cref="IsNormal"/> becomes true. Depth is logarithmic, so methods recur freely.
/// <para>
/// A node that a <see cref="ValueSource"/> has may be without its content, which is then loaded by
/// who touches it. The ends of a branch are set before its kids are and never change.
/// </para>
/// </remarks>
internal sealed class ItemNode : IDroppable
{
    public const int WidthMax = 32;
    public const int WidthMin = 8;
    private const int WidthBits = 5;

    /// <summary>The items of a leaf, the kids of a branch, or null where they are not in memory.
    /// </summary>
    private object? content;

    /// <summary>By kid: how many items there are up to its end.</summary>
    private int[] ends;
    private readonly int height;
    private Value? first;
    private ulong[]? words;

    private ItemNode(Value[] items)
    {
        content = items;
        ends = [];
        Count = items.Length;
    }

    private ItemNode(ItemNode[] kids)
    {
        content = kids;
        ends = new int[kids.Length];
        for (var i = 0; i < kids.Length; i++)
            ends[i] = Count += kids[i].Count;
        height = kids[0].height + 1;
    }

    /// <param name="ends">Those of the kids; may be shared.</param>
    private ItemNode(ItemNode[] kids, int[] ends, int height)
    {
        content = kids;
        this.ends = ends;
        Count = ends[^1];
        this.height = height;
    }

    private ItemNode(int count, int height, StoredAt place)
    {
        ends = [];
        Count = count;
        this.height = height;
        Place = place;
        IsNormal = true;
    }

    /// <summary>A leaf of items in normal form, as it was read.</summary>
    public static ItemNode Leaf(Value[] items) => new(items) { IsNormal = true };

    public static ItemNode OfKids(ItemNode[] kids) => new(kids) { IsNormal = true };

    /// <summary>A node whose content is loaded when it is touched.</summary>
    public static ItemNode Stored(int count, int height, StoredAt place) =>
        new(count, height, place);

    /// <summary>The chunk that holds this node, if one does.</summary>
    public StoredAt? Place { get; set; }

    public int Height => height;

    public void Drop()
    {
        if (Place is null)
            return;
        content = null;
        words = null;
    }

    /// <summary>The number of items below.</summary>
    public int Count { get; }

    /// <summary>Whether all items are known to be in normal form.</summary>
    public bool IsNormal { get; set; }

    /// <summary>Null for a leaf.</summary>
    public ItemNode[]? Kids => height == 0 ? null : Unsafe.As<ItemNode[]>(Content);

    /// <summary>The items of a leaf.</summary>
    public Value[] Items => height == 0 ? Unsafe.As<Value[]>(Content) : [];

    private static bool IsMarked(ItemNode node) => node.IsNormal;

    private object Content => Volatile.Read(ref content) ?? Load();

    private int Width => height == 0 ? Items.Length : Unsafe.As<ItemNode[]>(Content).Length;

    /// <param name="items">At least one; copied.</param>
    public static ItemNode Build(ReadOnlySpan<Value> items)
    {
        var level = new ItemNode[ChunkCount(items.Length)];
        for (var i = 0; i < level.Length; i++)
        {
            level[i] = new ItemNode(
                items[ChunkStart(items.Length, i)..ChunkStart(items.Length, i + 1)].ToArray());
        }
        return Above(level);
    }

    /// <summary>As <see cref="ItemSeq.Make"/>.</summary>
    public static ItemNode Make(int count, Func<int, Value[], bool> fill)
    {
        var level = new ItemNode[ChunkCount(count)];
        for (var i = 0; i < level.Length; i++)
        {
            var start = ChunkStart(count, i);
            var items = new Value[ChunkStart(count, i + 1) - start];
            var isNormal = fill(start, items);
            level[i] = new ItemNode(items) { IsNormal = isNormal };
        }
        return Above(level);
    }

    private static ItemNode Above(ItemNode[] level)
    {
        while (level.Length > 1)
        {
            var above = new ItemNode[ChunkCount(level.Length)];
            for (var i = 0; i < above.Length; i++)
            {
                var kids = level[ChunkStart(level.Length, i)..ChunkStart(level.Length, i + 1)];
                above[i] = new ItemNode(kids) { IsNormal = Array.TrueForAll(kids, IsMarked) };
            }
            level = above;
        }
        return level[0];
    }

    public static ItemNode Concat(ItemNode a, ItemNode b) => Root(Join(a, b, out var c), c);

    /// <summary>The leaf of an item, and the index of the leaf's first item.</summary>
    public Value[] FindLeaf(int index, out int start)
    {
        var (node, rest) = (this, index);
        while (node.Kids is { } below)
            node = below[node.FindKid(ref rest)];
        start = index - rest;
        return node.Items;
    }

    /// <summary>The rank of a key among ascending ones, or its complement.</summary>
    public int Rank(Value key)
    {
        var (node, start) = (this, 0);
        while (node.Kids is { } below)
        {
            var kid = Math.Max(node.CountUpTo(key) - 1, 0);
            start += kid == 0 ? 0 : node.ends[kid - 1];
            node = below[kid];
        }
        if (key is not SmallNat { Word: var word } || node.Words is not { Length: > 0 } words)
        {
            var rank = ItemSeq.Rank(node.Items, key);
            return rank < 0 ? ~(~rank + start) : rank + start;
        }
        var count = CountUpTo(words, word);
        return count > 0 && words[count - 1] == word ? start + count - 1 : ~(start + count);
    }

    /// <summary>How many kids have a least key up to this one.</summary>
    private int CountUpTo(Value key)
    {
        if (key is SmallNat { Word: var word } && Words is { Length: > 0 } words)
            return CountUpTo(words, word);
        var kids = Kids!;
        var (low, end) = (0, kids.Length);
        while (low < end)
        {
            var middle = (low + end) >> 1;
            if (Order.Compare(kids[middle].First, key) <= 0)
                low = middle + 1;
            else
                end = middle;
        }
        return low;
    }

    private static int CountUpTo(ulong[] words, ulong word)
    {
        var (low, end) = (0, words.Length);
        while (low < end)
        {
            var middle = (low + end) >> 1;
            if (words[middle] <= word)
                low = middle + 1;
            else
                end = middle;
        }
        return low;
    }

    /// <summary>
    /// The keys of a leaf or the least keys of the kids of a branch, where all are small numbers;
    /// else empty. Beside each other they are found without a look at an object for each.
    /// </summary>
    private ulong[] Words
    {
        get
        {
            return words ??= Find();

            ulong[] Find()
            {
                var found = new ulong[Width];
                for (var i = 0; i < found.Length; i++)
                {
                    if ((Kids is { } kids ? kids[i].First : Items[i]) is not SmallNat small)
                        return [];
                    found[i] = small.Word;
                }
                return found;
            }
        }
    }

    public ItemNode With(int index, Value item)
    {
        if (Kids is not { } kids)
        {
            var changed = (Value[])Items.Clone();
            changed[index] = item;
            return new ItemNode(changed);
        }
        var at = FindKid(ref index);
        var changedKids = (ItemNode[])kids.Clone();
        changedKids[at] = kids[at].With(index, item);
        return new ItemNode(changedKids, ends, height);
    }

    public ItemNode Insert(int index, Value item) =>
        Root(InsertBelow(index, item, out var second), second);

    /// <summary>Null where nothing is left.</summary>
    public ItemNode? RemoveAt(int index)
    {
        var node = RemoveBelow(index);
        while (node.Kids is { Length: 1 } only)
            node = only[0];
        return node.Count == 0 ? null : node;
    }

    /// <param name="count">From 1 to the number of items.</param>
    public ItemNode Take(int count)
    {
        if (count == Count)
            return this;
        if (Kids is not { } kids)
            return new ItemNode(Items[..count]);
        var at = FindKid(ref count);
        if (count == 0)
            return Branch(kids[..at]);
        var last = kids[at].Take(count);
        return at == 0 ? last : Concat(Branch(kids[..at]), last);
    }

    /// <param name="count">From 0 to one less than the number of items.</param>
    public ItemNode Drop(int count)
    {
        if (count == 0)
            return this;
        if (Kids is not { } kids)
            return new ItemNode(Items[count..]);
        var at = FindKid(ref count);
        var first = kids[at].Drop(count);
        return at == kids.Length - 1 ? first : Concat(first, Branch(kids[(at + 1)..]));
    }

    public void CopyTo(Span<Value> target)
    {
        if (Kids is not { } kids)
        {
            Items.CopyTo(target);
            return;
        }
        foreach (var kid in kids)
        {
            kid.CopyTo(target);
            target = target[kid.Count..];
        }
    }

    /// <summary>The least key; kept in the node, because a search asks for it on each level.
    /// </summary>
    private Value First
    {
        get
        {
            return first ??= FindFirst();

            Value FindFirst() => Kids is { } kids ? kids[0].First : Items[0];
        }
    }

    private static int ChunkCount(int count) => (count + WidthMax - 1) / WidthMax;

    /// <summary>Chunks are full; only the last two share what they have if there is need.</summary>
    private static int ChunkStart(int count, int chunk)
    {
        var start = chunk * WidthMax;
        if (start >= count)
            return count;
        return chunk > 0 && count - start < WidthMin ? count - WidthMin : start;
    }

    private static ItemNode Branch(ItemNode[] kids) =>
        kids.Length == 1 ? kids[0] : new ItemNode(kids);

    private static ItemNode Root(ItemNode first, ItemNode? second) =>
        second is null ? first : new ItemNode([first, second]);

    /// <summary>The kid that an index falls into; the index becomes one of that kid.</summary>
    private int FindKid(ref int index)
    {
        // A kid has at most WidthMax to the power of its height items, so no kid before this one
        // can be meant; in a tree that was built at once this is the one.
        var at = index >> Math.Min(WidthBits * height, 31);
        while (index >= ends[at])
            at++;
        if (at > 0)
            index -= ends[at - 1];
        return at;
    }

    /// <summary>Nodes of the same height as the higher one of the two.</summary>
    private static ItemNode Join(ItemNode a, ItemNode b, out ItemNode? second)
    {
        if (a.height == b.height)
            return Fuse(a, b, out second);
        if (a.height > b.height)
        {
            var left = a.Kids!;
            var last = Join(left[^1], b, out var extra);
            return Split(Replace(left, left.Length - 1, 1, last, extra), out second);
        }
        var right = b.Kids!;
        var first = Join(a, right[0], out var next);
        return Split(Replace(right, 0, 1, first, next), out second);
    }

    /// <summary>One node or two out of two of the same height.</summary>
    private static ItemNode Fuse(ItemNode a, ItemNode b, out ItemNode? second)
    {
        second = b;
        var total = a.Width + b.Width;
        if (total > WidthMax && a.Width >= WidthMin && b.Width >= WidthMin)
            return a;
        // The side that has more stays nearly full: it is the one that grows no more.
        var keep = a.Width >= b.Width ? total - WidthMin : WidthMin;
        return a.height == 0
            ? Split([.. a.Items, .. b.Items], keep, out second)
            : Split([.. a.Kids!, .. b.Kids!], keep, out second);
    }

    private static ItemNode Split(Value[] items, int keep, out ItemNode? second)
    {
        second = items.Length <= WidthMax ? null : new ItemNode(items[keep..]);
        return new ItemNode(second is null ? items : items[..keep]);
    }

    private static ItemNode Split(ItemNode[] kids, int keep, out ItemNode? second)
    {
        second = kids.Length <= WidthMax ? null : new ItemNode(kids[keep..]);
        return new ItemNode(second is null ? kids : kids[..keep]);
    }

    private static ItemNode Split(ItemNode[] kids, out ItemNode? second) =>
        Split(kids, kids.Length >> 1, out second);

    /// <summary>The kids with some of them replaced by one or two nodes.</summary>
    private static ItemNode[] Replace(
        ItemNode[] kids, int at, int count, ItemNode first, ItemNode? second)
    {
        var changed = new ItemNode[kids.Length - count + (second is null ? 1 : 2)];
        Array.Copy(kids, changed, at);
        changed[at++] = first;
        if (second is not null)
            changed[at++] = second;
        Array.Copy(kids, kids.Length - changed.Length + at, changed, at, changed.Length - at);
        return changed;
    }

    private ItemNode InsertBelow(int index, Value item, out ItemNode? second)
    {
        if (Kids is not { } kids)
        {
            var items = Items;
            // Keys that come in order leave nearly full nodes behind.
            var keep = index == items.Length ? WidthMax + 1 - WidthMin
                : index == 0 ? WidthMin : WidthMax >> 1;
            var leaf = Split(
                [.. items.AsSpan(0, index), item, .. items.AsSpan(index)], keep, out second);
            if (second is null && words is { Length: > 0 } && item is SmallNat { Word: var word })
                leaf.words = [.. words.AsSpan(0, index), word, .. words.AsSpan(index)];
            return leaf;
        }
        var at = kids.Length - 1;
        if (index == Count)
            index = kids[at].Count;
        else
            at = FindKid(ref index);
        var isFirst = index == 0;
        var inserted = kids[at].InsertBelow(index, item, out var extra);
        if (extra is not null)
            return Split(Replace(kids, at, 1, inserted, extra), out second);
        second = null;
        var (changed, changedEnds) = ((ItemNode[])kids.Clone(), (int[])ends.Clone());
        changed[at] = inserted;
        for (; at < changedEnds.Length; at++)
            changedEnds[at]++;
        return new ItemNode(changed, changedEnds, height) { words = isFirst ? null : words };
    }

    /// <summary>May be too narrow, empty even, or have one kid only.</summary>
    private ItemNode RemoveBelow(int index)
    {
        if (Kids is not { } kids)
            return new ItemNode([.. Items.AsSpan(0, index), .. Items.AsSpan(index + 1)]);
        var at = FindKid(ref index);
        var changed = kids[at].RemoveBelow(index);
        if (changed.Width >= WidthMin)
            return new ItemNode(Replace(kids, at, 1, changed, null));
        var left = Math.Max(at - 1, 0);
        var first = at == 0
            ? Fuse(changed, kids[1], out var second)
            : Fuse(kids[left], changed, out second);
        return new ItemNode(Replace(kids, left, 2, first, second));
    }

    private object Load()
    {
        var place = Place!;
        var node = ChunkReader.ReadNode(place, out var memoryBytes);
        if (node.Count != Count || node.height != height)
            throw new InvalidOperationException("a chunk is not the node that it stands for");
        ends = node.ends;
        var loaded = node.Content;
        Volatile.Write(ref content, loaded);
        place.Source.Loaded(this, memoryBytes);
        return loaded;
    }
}
