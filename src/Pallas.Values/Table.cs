namespace Pallas.Values;

/// <summary>
/// An ordered set: the law <c>{1 2 row}</c>, the row strictly ascending in <see cref="Order"/>.
/// </summary>
public sealed class Set : Value
{
    public static readonly Set Empty = new(new ItemSeq([]));

    private Set(ItemSeq keys) => Keys = keys;

    public int Count => Keys.Count;

    /// <summary>Key by rank from 0; in normal form.</summary>
    public Value this[int rank] => Keys[rank].Resolved;

    public override int Arity => 2;

    internal ItemSeq Keys { get; }

    /// <summary>Takes over an array of keys in normal form, strictly ascending.</summary>
    internal static Set OfAscending(Value[] keys) => OfAscending(ItemSeq.Of(keys));

    /// <param name="keys">In normal form, strictly ascending; may be shared.</param>
    internal static Set OfAscending(ItemSeq keys) => keys.Count == 0 ? Empty : new Set(keys);

    /// <summary>Sorts keys in normal form and drops repeated ones.</summary>
    public static Set Of(params IEnumerable<Value> keys)
    {
        var sorted = keys.Select(key => key.Resolved).ToArray();
        Array.Sort(sorted, Order.Compare);
        var count = 0;
        foreach (var key in sorted)
        {
            if (count == 0 || Order.Compare(sorted[count - 1], key) < 0)
                sorted[count++] = key;
        }
        return OfAscending(sorted[..count]);
    }

    /// <summary>The rank of a key, or the complement of the rank where it would stand.</summary>
    public int Rank(Value key) => Keys.Rank(key);

    public bool Contains(Value key) => Rank(key) >= 0;

    public Row ToRow() => Row.Of(Keys, isNormal: true);

    public Set With(Value key)
    {
        var rank = Rank(key);
        return rank >= 0 ? this : new Set(Keys.Insert(~rank, key));
    }

    public Set Without(Value key)
    {
        var rank = Rank(key);
        return rank < 0 ? this : OfAscending(Keys.RemoveAt(rank));
    }

    /// <summary>The keys of the ranks from start up to and without end.</summary>
    internal Set Slice(int start, int end) => OfAscending(Keys.Slice(start, end));
}

/// <summary>An ordered map: a set applied to the row of its values.</summary>
public sealed class Tab : Compound
{
    public static readonly Tab Empty = new(Set.Empty, new ItemSeq([]));

    private Tab(Set keys, ItemSeq values)
        : base(values) => Keys = keys;

    public int Count => PartCount;

    public Set Keys { get; }

    public override int Arity => 1;

    /// <summary>Takes over an array of values, one for each key by rank.</summary>
    public static Tab Of(Set keys, params Value[] values) => Of(keys, ItemSeq.Of(values));

    /// <param name="values">One for each key by rank.</param>
    internal static Tab Of(Set keys, Row values)
    {
        var tab = Of(keys, values.Parts);
        if (values.Normality == NormalState.Normal)
            tab.Normality = NormalState.Normal;
        return tab;
    }

    /// <param name="values">One for each key by rank; may be shared with other values.</param>
    internal static Tab Of(Set keys, ItemSeq values)
    {
        if (keys.Count != values.Count)
            throw new ArgumentException("a tab has one value for each key", nameof(values));
        var tab = new Tab(keys, values);
        if (values.IsNormal)
            tab.Normality = NormalState.Normal;
        return tab;
    }

    /// <summary>Key by rank from 0; in normal form.</summary>
    public Value KeyAt(int rank) => Keys[rank];

    /// <summary>Value by rank from 0; may be a pending thunk.</summary>
    public Value ValueAt(int rank) => Part(rank);

    /// <summary>The value of a key in normal form, or null.</summary>
    public Value? Find(Value key) => Keys.Rank(key) is >= 0 and var rank ? ValueAt(rank) : null;

    /// <summary>The values by rank of their keys.</summary>
    public Row ToValueRow() => Row.Of(Parts, Normality == NormalState.Normal);

    public Tab With(Value key, Value value)
    {
        var rank = Keys.Rank(key);
        return rank >= 0
            ? WithAt(rank, value)
            : new Tab(
                Set.OfAscending(Keys.Keys.Insert(~rank, key)), Parts.Insert(~rank, value));
    }

    public Tab Without(Value key)
    {
        var rank = Keys.Rank(key);
        return rank < 0 ? this : WithoutAt(rank);
    }

    internal Tab WithAt(int rank, Value value) => new(Keys, Parts.With(rank, value));

    internal Tab WithoutAt(int rank) =>
        Of(Set.OfAscending(Keys.Keys.RemoveAt(rank)), Parts.RemoveAt(rank));

    /// <summary>The entries of the ranks from start up to and without end.</summary>
    internal Tab Slice(int start, int end) =>
        Of(Keys.Slice(start, end), Parts.Slice(start, end));
}
