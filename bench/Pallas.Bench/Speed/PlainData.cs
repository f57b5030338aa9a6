using System.Collections.Immutable;

namespace Pallas.Bench;

/// <summary>Lists, arrays and trees as a programmer writes them in C#.</summary>
internal static class PlainData
{
    private sealed class Node(ulong value)
    {
        public readonly ulong Value = value;
        public Node? Next;
    }

    private sealed class Placing(Node? queens)
    {
        public readonly Node? Queens = queens;
        public Placing? Next;
    }

    public static ulong Scatter(ulong i) => checked(i * 2654435761) % (1UL << 32);

    public static ulong ListSum(int n) => Sum(Numbers(n));

    public static ulong ListTwice(int n)
    {
        var numbers = Numbers(n);
        ulong largest = 0;
        for (var node = numbers; node is not null; node = node.Next)
            largest = Math.Max(largest, node.Value);
        return checked(Sum(numbers) + largest);
    }

    public static ulong ListPipe(int n)
    {
        var source = Numbers(n);
        Node? first = null, last = null;
        for (var node = source; node is not null; node = node.Next)
            Append(ref first, ref last, checked(node.Value * 3));
        return Sum(first);
    }

    public static ulong Queens(int size)
    {
        ulong count = 0;
        for (var placing = Place((ulong)size, size); placing is not null; placing = placing.Next)
            count = checked(count + 1);
        return count;
    }

    public static ulong SortScattered(int n)
    {
        Node? first = null, last = null;
        for (var i = 0; i < n; i++)
            Append(ref first, ref last, Scatter((ulong)i));
        ulong mark = 0;
        for (var node = MergeSort(n, first); node is not null; node = node.Next)
            mark = checked(31 * mark + node.Value) % (1UL << 32);
        return mark;
    }

    public static ulong RowPipe(int n)
    {
        var numbers = new object[n];
        for (var i = 0; i < n; i++)
            numbers[i] = (ulong)i;
        var tripled = new object[n];
        for (var i = 0; i < n; i++)
            tripled[i] = checked((ulong)numbers[i] * 3);
        ulong sum = 0;
        foreach (var item in tripled)
            sum = checked(sum + (ulong)item);
        return sum;
    }

    public static ulong TabFillSum(int n)
    {
        var tab = ImmutableSortedDictionary<ulong, ulong>.Empty;
        for (var i = 0; i < n; i++)
            tab = tab.SetItem(Scatter((ulong)i), (ulong)i);
        ulong sum = 0;
        for (var i = 0; i < n; i++)
            sum = checked(sum + tab[Scatter((ulong)i)]);
        return sum;
    }

    private static void Append(ref Node? first, ref Node? last, ulong value)
    {
        var node = new Node(value);
        if (last is null)
            first = node;
        else
            last.Next = node;
        last = node;
    }

    private static Node? Numbers(int n)
    {
        Node? first = null, last = null;
        for (var i = 0; i < n; i++)
            Append(ref first, ref last, (ulong)i);
        return first;
    }

    private static ulong Sum(Node? list)
    {
        ulong sum = 0;
        for (var node = list; node is not null; node = node.Next)
            sum = checked(sum + node.Value);
        return sum;
    }

    private static Placing? Place(ulong size, int left)
    {
        if (left == 0)
            return new Placing(null);
        Placing? first = null, last = null;
        for (var placing = Place(size, left - 1); placing is not null; placing = placing.Next)
        {
            for (ulong column = 0; column < size; column++)
            {
                if (!IsSafe(column, placing.Queens))
                    continue;
                var more = new Placing(new Node(column) { Next = placing.Queens });
                if (last is null)
                    first = more;
                else
                    last.Next = more;
                last = more;
            }
        }
        return first;
    }

    private static bool IsSafe(ulong column, Node? placed)
    {
        ulong distance = 1;
        for (; placed is not null; placed = placed.Next)
        {
            var queen = placed.Value;
            if (queen == column || queen == checked(column + distance)
                || column == checked(queen + distance))
            {
                return false;
            }
            distance = checked(distance + 1);
        }
        return true;
    }

    private static Node? MergeSort(int count, Node? list)
    {
        if (count == 0)
            return null;
        if (count == 1)
            return new Node(list!.Value);
        var half = count / 2;
        var rest = list;
        for (var i = 0; i < half; i++)
            rest = rest!.Next;
        return Merge(MergeSort(half, list), MergeSort(count - half, rest));
    }

    private static Node? Merge(Node? left, Node? right)
    {
        Node? first = null, last = null;
        while (left is not null && right is not null)
        {
            if (left.Value <= right.Value)
            {
                Append(ref first, ref last, left.Value);
                left = left.Next;
            }
            else
            {
                Append(ref first, ref last, right.Value);
                right = right.Next;
            }
        }
        if (last is null)
            return left ?? right;
        last.Next = left ?? right;
        return first;
    }
}
