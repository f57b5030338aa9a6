using System.Runtime.CompilerServices;

namespace Pallas.Values;

/// <summary>
/// A node of the tree that a long sequence is: a leaf of items or a branch of nodes.
/// <see cref="ItemSeq"/> says what the tree is for.
/// </summary>
/// <remarks>
/// Invariant: all leaves are equally deep; a node is at most <see cref="WidthMax"/> wide, and no
/// node but a root less than <see cref="WidthMin"/>. Every node is the root of a tree of its own,
/// so the parts of one tree may stand in others. A node never changes but for three things that
/// nobody can tell: an item that is a thunk is overwritten by its value, a leaf that turns out to
/// be all numbers is packed, and <see cref="IsNormal"/> becomes true. Threads may read a node
/// while one of them packs it, so who reads a leaf looks for its run once. Depth is logarithmic,
/// so methods recur freely.
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

    /// <summary>More than any sequence needs, whose nodes are not too narrow.</summary>
    private const int HeightMax = 11;

    /// <summary>The array of a leaf's run, the kids of a branch, or null where they are not in
    /// memory.</summary>
    private object? content;

    /// <summary>By kid: how many items there are up to its end.</summary>
    private int[] ends;
    private readonly byte height;

    /// <summary>Tells the leaf that was read last from most others.</summary>
    private byte lastRead;

    /// <summary>The leaf that is being read, where items are read one after the other. Threads
    /// may overwrite each other's: every hint is right.</summary>
    private Hint? hint;

    /// <summary>Whether all kids but the last have as many items as they can, so that where an
    /// item is can be told from its index alone.</summary>
    private bool isFull;

    /// <summary>The least keys of the kids of a branch as a <c>ulong[]</c>, or where they are not
    /// all small numbers, the least one; null until somebody searches.</summary>
    private object? keys;

    private ItemNode(ItemRun items)
    {
        content = items.Body;
        ends = [];
        Count = items.Length;
        IsNormal = items.IsPacked;
    }

    private ItemNode(ItemNode[] kids)
    {
        content = kids;
        ends = new int[kids.Length];
        IsNormal = true;
        for (var i = 0; i < kids.Length; i++)
        {
            ends[i] = Count += kids[i].Count;
            IsNormal &= kids[i].IsNormal;
        }
        height = (byte)(kids[0].height + 1);
        isFull = IsFull(kids, height);
    }

    /// <param name="ends">Those of the kids; may be shared.</param>
    private ItemNode(ItemNode[] kids, int[] ends, byte height)
    {
        isFull = IsFull(kids, height);
        content = kids;
        this.ends = ends;
        Count = ends[^1];
        this.height = height;
    }

    private ItemNode(int count, int height, StoredAt place)
    {
        ends = [];
        Count = count;
        this.height = (byte)height;
        Place = place;
        IsNormal = true;
    }

    /// <summary>A leaf of items in normal form, as it was read.</summary>
    public static ItemNode Leaf(Value[] items) => new(ItemRun.Of(items)) { IsNormal = true };

    /// <summary>A branch of nodes in normal form, as they were read; null where they make none.
    /// </summary>
    public static ItemNode? TryOfKids(ItemNode[] kids)
    {
        if (kids.Length is < 2 or > WidthMax || kids.Any(kid => kid.height != kids[0].height))
            return null;
        return MayHold(kids.Sum(kid => (long)kid.Count), kids[0].height + 1)
            ? new(kids) { IsNormal = true }
            : null;
    }

    /// <summary>Whether a node of a height may have so many items.</summary>
    public static bool MayHold(long count, int height) =>
        height <= HeightMax && count is > 0 and <= int.MaxValue
        && count <= 1L << (WidthBits * (height + 1));

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
        keys = null;
        hint = null;
    }

    /// <summary>The number of items below.</summary>
    public int Count { get; }

    /// <summary>Whether all items are known to be in normal form.</summary>
    public bool IsNormal { get; set; }

    /// <summary>Null for a leaf.</summary>
    public ItemNode[]? Kids => height == 0 ? null : Unsafe.As<ItemNode[]>(Content);

    /// <summary>The items of a leaf.</summary>
    public ItemRun Run => height == 0 ? new(Content) : ItemRun.Empty;

    private object Content => Volatile.Read(ref content) ?? Load();

    private int Width => height == 0 ? Count : Unsafe.As<ItemNode[]>(Content).Length;

    /// <param name="items">At least one; copied.</param>
    public static ItemNode Build(ReadOnlySpan<Value> items)
    {
        var level = new ItemNode[ChunkCount(items.Length)];
        for (var i = 0; i < level.Length; i++)
        {
            level[i] = new ItemNode(ItemRun.Of(
                items[ChunkStart(items.Length, i)..ChunkStart(items.Length, i + 1)]));
        }
        return Above(level);
    }

    /// <param name="items">At least one; copied.</param>
    public static ItemNode Build(ItemRun items)
    {
        if (items.Values is { } values)
            return Build(values);
        var level = new ItemNode[ChunkCount(items.Length)];
        for (var i = 0; i < level.Length; i++)
        {
            level[i] = new ItemNode(
                items.Slice(ChunkStart(items.Length, i), ChunkStart(items.Length, i + 1)));
        }
        return Above(level);
    }

    /// <summary>As <see cref="ItemSeq.Make"/>.</summary>
    public static ItemNode Make(int count, RunMaker make)
    {
        var level = new ItemNode[ChunkCount(count)];
        for (var i = 0; i < level.Length; i++)
        {
            var start = ChunkStart(count, i);
            var run = make(start, ChunkStart(count, i + 1) - start, out var isNormal);
            level[i] = new ItemNode(run) { IsNormal = isNormal };
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
                above[i] = new ItemNode(
                    level[ChunkStart(level.Length, i)..ChunkStart(level.Length, i + 1)]);
            }
            level = above;
        }
        return level[0];
    }

    public static ItemNode Concat(ItemNode a, ItemNode b) => Root(Join(a, b, out var c), c);

    /// <summary>The leaf of an item, and the index of the leaf's first item.</summary>
    /// <remarks>
    /// Most rows are read by loops over the index, and going down the tree is a chain of loads
    /// that wait for each other, 18 ns an item in a row of a million; so the second reading in one
    /// leaf leaves a hint for the others.
    /// </remarks>
    public ItemRun FindLeaf(int index, out int start)
    {
        if (hint is { } known && (uint)(index - known.Start) < (uint)known.Run.Length)
        {
            start = known.Start;
            return known.Run;
        }
        var run = Descend(index, out start);
        var mark = (byte)(start / WidthMin);
        if (lastRead == mark && height != 0)
            hint = new Hint(run, start);
        lastRead = mark;
        return run;
    }

    private ItemRun Descend(int index, out int start)
    {
        var (node, rest) = (this, index);
        while (node.height != 0)
        {
            var kids = Unsafe.As<ItemNode[]>(node.Content);
            if (node.isFull)
            {
                var shift = WidthBits * node.height;
                node = kids[rest >> shift];
                rest &= (1 << shift) - 1;
            }
            else
            {
                node = kids[node.FindKid(ref rest)];
            }
        }
        start = index - rest;
        return new ItemRun(node.Content);
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
        var rank = node.Run.Rank(key);
        return rank < 0 ? ~(~rank + start) : rank + start;
    }

    /// <summary>How many kids have a least key up to this one.</summary>
    private int CountUpTo(Value key)
    {
        if (key is SmallNat { Word: var word } && KnownKeys() is ulong[] words)
            return ItemRun.CountUpTo(words, word);
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

    /// <summary>
    /// What is kept of the keys of a branch. Numbers beside each other are found without a look at
    /// an object for each, and a search asks for the least key on each level.
    /// </summary>
    private object KnownKeys()
    {
        return keys ??= Find();

        object Find()
        {
            var kids = Kids!;
            var words = new ulong[kids.Length];
            for (var i = 0; i < words.Length; i++)
            {
                if (!kids[i].TryFirstWord(out words[i]))
                    return kids[0].First;
            }
            return words;
        }
    }

    /// <summary>The least key.</summary>
    private Value First => height == 0
        ? Run[0]
        : KnownKeys() is var known && known is ulong[] words
        ? Nat.Of(words[0])
        : Unsafe.As<Value>(known);

    private bool TryFirstWord(out ulong word)
    {
        if (height == 0)
            return Run.TryWord(0, out word);
        var known = KnownKeys();
        word = known switch
        {
            ulong[] words => words[0],
            SmallNat small => small.Word,
            _ => 0,
        };
        return known is ulong[] or SmallNat;
    }

    public ItemNode With(int index, Value item)
    {
        if (Kids is not { } kids)
            return new ItemNode(Run.With(index, item));
        var at = FindKid(ref index);
        var changedKids = (ItemNode[])kids.Clone();
        changedKids[at] = kids[at].With(index, item);
        return new ItemNode(changedKids, ends, height)
        {
            IsNormal = IsNormal && changedKids[at].IsNormal,
        };
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
            return new ItemNode(Run.Slice(0, count)) { IsNormal = IsNormal };
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
            return new ItemNode(Run.Slice(count, Count)) { IsNormal = IsNormal };
        var at = FindKid(ref count);
        var first = kids[at].Drop(count);
        return at == kids.Length - 1 ? first : Concat(first, Branch(kids[(at + 1)..]));
    }

    public void CopyTo(Span<Value> target)
    {
        if (Kids is not { } kids)
        {
            Run.CopyTo(target);
            return;
        }
        foreach (var kid in kids)
        {
            kid.CopyTo(target);
            target = target[kid.Count..];
        }
    }

    /// <summary>All items in one run.</summary>
    public ItemRun Flatten()
    {
        if (Kids is not { } kids)
            return Run;
        var all = kids[0].Flatten();
        for (var i = 1; i < kids.Length; i++)
            all = ItemRun.Concat(all, kids[i].Flatten());
        return all;
    }

    /// <summary>The items from the last to the first.</summary>
    public ItemNode Reverse()
    {
        if (Kids is not { } kids)
            return new ItemNode(Run.Reverse()) { IsNormal = IsNormal };
        var reversed = new ItemNode[kids.Length];
        for (var i = 0; i < reversed.Length; i++)
            reversed[i] = kids[^(i + 1)].Reverse();
        return new ItemNode(reversed);
    }

    /// <summary>Packs a leaf that is all numbers, and says that all items are normal.</summary>
    public void MarkNormal()
    {
        if (height == 0)
        {
            var run = Run;
            var packed = run.Packed();
            if (packed.Body != run.Body)
                Volatile.Write(ref content, packed.Body);
        }
        IsNormal = true;
    }

    private static bool IsFull(ItemNode[] kids, int height)
    {
        if (WidthBits * height > 30)
            return false;
        foreach (var kid in kids.AsSpan(0, kids.Length - 1))
        {
            if (kid.Count != 1 << (WidthBits * height))
                return false;
        }
        return true;
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
            ? Split(ItemRun.Concat(a.Run, b.Run), keep, out second)
            : Split([.. a.Kids!, .. b.Kids!], keep, out second);
    }

    private static ItemNode Split(ItemRun items, int keep, out ItemNode? second)
    {
        second = null;
        if (items.Length <= WidthMax)
            return new ItemNode(items);
        second = new ItemNode(items.Slice(keep, items.Length));
        return new ItemNode(items.Slice(0, keep));
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
            // Keys that come in order leave nearly full nodes behind.
            var keep = index == Count ? WidthMax + 1 - WidthMin
                : index == 0 ? WidthMin : WidthMax >> 1;
            return Split(Run.Insert(index, item), keep, out second);
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
        return new ItemNode(changed, changedEnds, height)
        {
            keys = isFirst ? null : keys,
            IsNormal = IsNormal && inserted.IsNormal,
        };
    }

    /// <summary>May be too narrow, empty even, or have one kid only.</summary>
    private ItemNode RemoveBelow(int index)
    {
        if (Kids is not { } kids)
            return new ItemNode(Run.RemoveAt(index)) { IsNormal = IsNormal };
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

    private sealed class Hint(ItemRun run, int start)
    {
        public readonly ItemRun Run = run;
        public readonly int Start = start;
    }

    private object Load()
    {
        var place = Place!;
        var node = place.Source.LoadNode(place, out var memoryBytes);
        if (node.Count != Count || node.height != height)
            throw place.Source.Unreadable(place.Chunk);
        ends = node.ends;
        isFull = node.isFull;
        var loaded = node.Content;
        Volatile.Write(ref content, loaded);
        place.Source.Loaded(this, memoryBytes);
        return loaded;
    }
}
