using System.Numerics;
using System.Runtime.CompilerServices;

namespace Pallas.Values;

/// <summary>
/// Items beside each other in one array: of values or, where all are small numbers, of words or
/// of bytes.
/// </summary>
/// <remarks>
/// A number as an object takes 32 bytes with the reference to it, packed 8 or 1, and the collector
/// has nothing to look at. What is packed is in normal form and never changes; only an array of
/// values is ever written to, when a thunk in it gives way to its value.
/// <para>
/// Nobody can tell how a run is kept. It is packed where it is made of numbers alone, or found to
/// consist of them when it is brought to normal form; a packed run that gets an item which it
/// cannot hold becomes a run of words or of values. An item of a packed run is made into an object
/// for who asks for one, which costs an allocation from 1024 on; who wants a number asks for that:
/// <see cref="TryWord"/>.
/// </para>
/// </remarks>
internal readonly struct ItemRun
{
    public static readonly ItemRun Empty = new(Array.Empty<Value>());

    /// <summary>A <c>Value[]</c>, a <c>ulong[]</c> or a <c>byte[]</c>.</summary>
    private readonly object array;

    /// <param name="array">As <see cref="Body"/> gave it, or an array of one of these types that
    /// is taken over.</param>
    public ItemRun(object array) => this.array = array;

    /// <summary>The array.</summary>
    public object Body => array;

    // All arrays have their length in the same place.
    public int Length => Unsafe.As<byte[]>(array).Length;

    // An array of values may have been made as one of a narrower type.
    public bool IsPacked => array.GetType() != typeof(Value[])
        && (array.GetType() == typeof(ulong[]) || array.GetType() == typeof(byte[]));

    /// <summary>The items themselves; null where they are packed.</summary>
    public Value[]? Values => IsPacked ? null : Unsafe.As<Value[]>(array);

    private ulong[]? Words =>
        array.GetType() == typeof(ulong[]) ? Unsafe.As<ulong[]>(array) : null;

    private byte[] Bytes => Unsafe.As<byte[]>(array);

    /// <summary>The item as it stands there, which may be an evaluated thunk.</summary>
    public Value this[int index] =>
        Values is { } values ? values[index]
        : Words is { } words ? Nat.Of(words[index])
        : Nat.Of((ulong)Bytes[index]);

    /// <summary>The item as a word, where it is an evaluated small number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryWord(int index, out ulong word)
    {
        if (Words is { } words)
        {
            word = words[index];
            return true;
        }
        return TryWordSlowly(index, out word);
    }

    private bool TryWordSlowly(int index, out ulong word)
    {
        word = 0;
        if (Values is { } values)
        {
            if (values[index].Resolved is not SmallNat small)
                return false;
            word = small.Word;
            return true;
        }
        word = Bytes[index];
        return true;
    }

    /// <summary>Packed where all items are small numbers that are evaluated.</summary>
    /// <param name="items">Copied.</param>
    public static ItemRun Of(ReadOnlySpan<Value> items) =>
        TryPack(items, out var packed) ? packed : new(items.ToArray());

    /// <param name="items">Taken over.</param>
    public static ItemRun Of(Value[] items) =>
        TryPack(items, out var packed) ? packed : new(items);

    /// <param name="words">Taken over.</param>
    public static ItemRun Of(ulong[] words)
    {
        if (words.Length == 0)
            return Empty;
        var all = 0UL;
        foreach (var word in words)
            all |= word;
        if (all > byte.MaxValue)
            return new(words);
        var bytes = new byte[words.Length];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)words[i];
        return new(bytes);
    }

    public static bool TryPack(ReadOnlySpan<Value> items, out ItemRun packed)
    {
        packed = Empty;
        var all = 0UL;
        foreach (var item in items)
        {
            if ((item as SmallNat ?? item.Resolved as SmallNat) is not { } small)
                return false;
            all |= small.Word;
        }
        if (items.Length == 0)
            return false;
        packed = all <= byte.MaxValue
            ? new(Pack<byte>(items))
            : new(Pack<ulong>(items));
        return true;
    }

    /// <summary>The rank of a key in normal form among ascending ones, or its complement.
    /// </summary>
    public int Rank(Value key)
    {
        if (Values is { } values)
            return Rank(values, key);
        if (key.Resolved is not SmallNat small)
            return ~Length;
        if (Words is { } words)
            return Rank(words, small.Word);
        return small.Word > byte.MaxValue ? ~Length : Rank(Bytes, (byte)small.Word);
    }

    public ItemRun With(int index, Value item)
    {
        switch (Holding(ref item).array)
        {
            case byte[] bytes:
                return With(bytes, index, (byte)((SmallNat)item).Word);
            case ulong[] words:
                return With(words, index, ((SmallNat)item).Word);
            case var values:
                return With(Unsafe.As<Value[]>(values), index, item);
        }
    }

    public ItemRun Insert(int index, Value item)
    {
        switch (Holding(ref item).array)
        {
            case byte[] bytes:
                return Insert(bytes, index, (byte)((SmallNat)item).Word);
            case ulong[] words:
                return Insert(words, index, ((SmallNat)item).Word);
            case var values:
                return Insert(Unsafe.As<Value[]>(values), index, item);
        }
    }

    public ItemRun RemoveAt(int index) =>
        Values is { } values ? RemoveAt(values, index)
        : Words is { } words ? RemoveAt(words, index)
        : RemoveAt(Bytes, index);

    /// <summary>The items from start up to and without end.</summary>
    public ItemRun Slice(int start, int end)
    {
        if (start == end)
            return Empty;
        if (start == 0 && end == Length)
            return this;
        return Values is { } values ? new(values[start..end])
            : Words is { } words ? new(words[start..end])
            : new(Bytes[start..end]);
    }

    public static ItemRun Concat(ItemRun a, ItemRun b)
    {
        if (a.Length == 0 || b.Length == 0)
            return a.Length == 0 ? b : a;
        if (a.array.GetType() != b.array.GetType())
        {
            (a, b) = (a.Packed(), b.Packed());
            if (!a.IsPacked || !b.IsPacked)
                (a, b) = (a.ToValues(), b.ToValues());
            else if (a.array.GetType() != b.array.GetType())
                (a, b) = (a.ToWords(), b.ToWords());
        }
        return a.Values is { } values ? Concat(values, Unsafe.As<Value[]>(b.array))
            : a.Words is { } words ? Concat(words, Unsafe.As<ulong[]>(b.array))
            : Concat(a.Bytes, b.Bytes);
    }

    /// <summary>The same items, packed where that can be.</summary>
    public ItemRun Packed() =>
        Values is { } values && TryPack(values, out var packed) ? packed : this;

    /// <summary>The items from the last to the first.</summary>
    public ItemRun Reverse()
    {
        var reversed = (Array)((Array)array).Clone();
        Array.Reverse(reversed);
        return new(reversed);
    }

    public void CopyTo(Span<Value> target)
    {
        if (Values is { } values)
        {
            values.CopyTo(target);
            return;
        }
        for (var i = 0; i < Length; i++)
            target[i] = this[i];
    }

    private ItemRun ToValues()
    {
        if (!IsPacked)
            return this;
        var values = new Value[Length];
        CopyTo(values);
        return new(values);
    }

    private ItemRun ToWords() =>
        array.GetType() == typeof(byte[]) ? new(Array.ConvertAll(Bytes, b => (ulong)b)) : this;

    /// <summary>The same items in a run that can hold one more.</summary>
    /// <param name="item">Becomes what it was evaluated to, where the run is packed.</param>
    private ItemRun Holding(ref Value item)
    {
        if (!IsPacked)
            return this;
        item = item.Resolved;
        return item is not SmallNat small ? ToValues()
            : small.Word <= byte.MaxValue ? this
            : ToWords();
    }

    private static T[] Pack<T>(ReadOnlySpan<Value> items)
        where T : struct, IBinaryInteger<T>
    {
        var packed = GC.AllocateUninitializedArray<T>(items.Length);
        for (var i = 0; i < packed.Length; i++)
            packed[i] = T.CreateTruncating(Unsafe.As<SmallNat>(items[i].Resolved).Word);
        return packed;
    }

    private static ItemRun With<T>(T[] items, int index, T item)
    {
        var changed = (T[])items.Clone();
        changed[index] = item;
        return new(changed);
    }

    private static ItemRun Insert<T>(T[] items, int index, T item) =>
        new((T[])[.. items.AsSpan(0, index), item, .. items.AsSpan(index)]);

    private static ItemRun RemoveAt<T>(T[] items, int index) =>
        new((T[])[.. items.AsSpan(0, index), .. items.AsSpan(index + 1)]);

    private static ItemRun Concat<T>(T[] a, T[] b) => new((T[])[.. a, .. b]);

    private static int Rank(Value[] keys, Value key)
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

    private static int Rank<T>(T[] keys, T key)
        where T : struct, IBinaryInteger<T>
    {
        var count = CountUpTo(keys, key);
        return count > 0 && keys[count - 1] == key ? count - 1 : ~count;
    }

    /// <summary>How many of ascending keys are not greater.</summary>
    public static int CountUpTo<T>(T[] keys, T key)
        where T : struct, IBinaryInteger<T>
    {
        var (low, end) = (0, keys.Length);
        while (low < end)
        {
            var middle = (low + end) >> 1;
            if (keys[middle] <= key)
                low = middle + 1;
            else
                end = middle;
        }
        return low;
    }
}
