using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Plan;

/// <summary>Compares a row with an array, and checks the shape of its layout.</summary>
internal static class RowShape
{
    public static void CheckSame(IEnumerable<Value> expected, Value row) =>
        CheckSame([.. expected], ((Row)row).Parts);

    public static void CheckSame(List<Value> expected, ItemSeq items)
    {
        CheckShape(items);
        Assert.Equal(expected.Count, items.Count);
        var array = items.ToArray();
        var cursor = new ItemCursor(items);
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.True(Order.Equal(expected[i], array[i]), $"array at {i}");
            CheckSame(array[i], items[i]);
            CheckSame(array[^(i + 1)], cursor[array.Length - i - 1]);
            var isWord = items.TryWord(i, out var word);
            Assert.Equal(isWord, cursor.TryWord(i, out var same));
            Assert.Equal(isWord, expected[i].Resolved is SmallNat small && small.Word == word);
            Assert.Equal(word, same);
        }
    }

    /// <summary>Two reads of an item give the same object, except for a number, which may be
    /// packed.</summary>
    private static void CheckSame(Value one, Value other)
    {
        if (one.Resolved is SmallNat && other.Resolved is SmallNat)
            Assert.True(Order.Equal(one, other));
        else
            Assert.Same(one.Resolved, other.Resolved);
    }

    /// <summary>Checks the invariants of the layouts.</summary>
    public static void CheckShape(ItemSeq items)
    {
        if (items.IsFlat)
        {
            Assert.InRange(items.Count, 0, ItemSeq.FlatMax);
            Assert.Equal(items.Flat.IsPacked, items.IsNormal);
            return;
        }
        Assert.True(items.Count > ItemSeq.FlatMin);
        CheckNode(items.Tree, isRoot: true, out var count);
        Assert.Equal(items.Count, count);
    }

    private static int CheckNode(ItemNode node, bool isRoot, out int count)
    {
        count = node.Run.Length;
        var width = node.Kids?.Length ?? count;
        Assert.InRange(width, isRoot ? 2 : ItemNode.WidthMin, ItemNode.WidthMax);
        var height = 0;
        Assert.True(node.IsNormal || !node.Run.IsPacked);
        foreach (var kid in node.Kids ?? [])
        {
            var below = CheckNode(kid, isRoot: false, out var part) + 1;
            Assert.True(height == 0 || height == below);
            height = below;
            count += part;
        }
        Assert.Equal(node.Count, count);
        return height;
    }

    /// <summary>How many nodes may hold items that are not normal.</summary>
    public static int CountOpen(ItemNode node) => node.IsNormal
        ? 0
        : 1 + (node.Kids ?? []).Sum(CountOpen);
}
