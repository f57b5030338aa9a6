using System.Runtime.CompilerServices;

namespace Pallas.Values;

/// <summary>
/// The total order on values in normal form, which is that of set and tab keys.
/// </summary>
/// <remarks>
/// Nats, then pins, then the rest. Pins: equal by hash, else by item. Bars: by length, then by
/// bytes from the last one down. Everything else: by number of arguments (a tab has 1, a law 0);
/// laws by name, arity, body; applications part by part from the head.
/// </remarks>
public static class Order
{
    public static bool Equal(Value a, Value b) => Compare(a, b) == 0;

    /// <returns>Negative, zero or positive.</returns>
    public static int Compare(Value a, Value b)
    {
        a = a.Resolved;
        b = b.Resolved;
        if (ReferenceEquals(a, b))
            return 0;
        if (a is Nat x)
            return b is Nat y ? x.CompareTo(y) : -1;
        if (b is Nat)
            return 1;
        if (a is Pin p)
            return b is Pin q ? ComparePins(p, q) : -1;
        if (b is Pin)
            return 1;
        if (a is Bar s && b is Bar t)
            return CompareBars(s.Bytes, t.Bytes);
        return StackGuard.HasRoom ? CompareParts(a, b) : CompareOnFreshStack(a, b);
    }

    /// <summary>The same, in line where both are small numbers, as keys are more often than not.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int CompareKeys(Value a, Value b) =>
        a is SmallNat x && b is SmallNat y ? x.Word.CompareTo(y.Word) : Compare(a, b);

    private static int ComparePins(Pin a, Pin b) =>
        a.Hash == b.Hash ? 0 : StackGuard.HasRoom
            ? Compare(a.Item, b.Item)
            : CompareOnFreshStack(a.Item, b.Item);

    /// <summary>Apart, because a lambda here would allocate on every comparison.</summary>
    private static int CompareOnFreshStack(Value a, Value b) =>
        StackGuard.OnFreshStack(() => Compare(a, b));

    private static int CompareBars(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        if (a.Length != b.Length)
            return a.Length.CompareTo(b.Length);
        for (var i = a.Length - 1; i >= 0; i--)
        {
            if (a[i] != b[i])
                return a[i].CompareTo(b[i]);
        }
        return 0;
    }

    private static int CompareParts(Value a, Value b)
    {
        var (aCount, bCount) = (ArgCount(a), ArgCount(b));
        if (aCount != bCount)
            return aCount.CompareTo(bCount);
        if (aCount == 0)
            return CompareLaws(LawParts.Of(a), LawParts.Of(b));
        var heads = Compare(Head(a), Head(b));
        if (heads != 0)
            return heads;
        if (a is Row { InlineCount: 0 } x && b is Row y)
            return CompareRows(x, y);
        for (var i = 0; i < aCount; i++)
        {
            // The first item, which is the last argument, may be a number without an object.
            var order = a is Row one && b is Row two && i == aCount - 1
                && one.TryWord(0, out var left) && two.TryWord(0, out var right)
                ? left.CompareTo(right)
                : Compare(Arg(a, i), Arg(b, i));
            if (order != 0)
                return order;
        }
        return 0;
    }

    /// <summary>Rows of the same length, from the last item on; numbers as words.</summary>
    private static int CompareRows(Row a, Row b)
    {
        var (left, right) = (new ItemCursor(a.Parts), new ItemCursor(b.Parts));
        for (var i = a.Count - 1; i >= 0; i--)
        {
            var order = left.TryWord(i, out var x) && right.TryWord(i, out var y)
                ? x.CompareTo(y)
                : Compare(left[i], right[i]);
            if (order != 0)
                return order;
        }
        return 0;
    }

    private static int CompareLaws(LawParts a, LawParts b)
    {
        var order = a.Name.CompareTo(b.Name);
        if (order == 0)
            order = a.ArgCount.CompareTo(b.ArgCount);
        return order == 0 ? Compare(a.Body, b.Body) : order;
    }

    private static int ArgCount(Value value) => value switch
    {
        Row row => row.Count,
        Tab => 1,
        App app => app.Count,
        _ => 0,
    };

    private static Value Head(Value value) => value switch
    {
        Row row => new Cow(Nat.Of((ulong)row.Count)),
        Tab tab => tab.Keys,
        _ => ((App)value).Head,
    };

    /// <summary>Argument by position from the head: a row's come from its last element.</summary>
    private static Value Arg(Value value, int index) => value switch
    {
        Row row => row[row.Count - 1 - index],
        Tab tab => tab.ToValueRow(),
        _ => ((App)value)[index],
    };
}

/// <summary>What reflection shows of a law or of a data jet that is one.</summary>
public readonly record struct LawParts(Nat Name, Nat ArgCount, Value Body)
{
    /// <summary>Name, number of arguments and body; zeros for a value that is no law.</summary>
    public static LawParts Of(Value value) => value switch
    {
        Law law => new(law.Name, law.ArgCount, law.Body),
        Bar bar => new(Nat.One, Nat.One, bar.BodyNat),
        Set set => new(Nat.One, Nat.Of(2), set.ToRow()),
        Cow cow => new(Nat.Zero, Nat.Of(cow.Size.Big + 1), Nat.Zero),
        Row { Count: 0 } => new(Nat.Zero, Nat.One, Nat.Zero),
        _ => new(Nat.Zero, Nat.Zero, Nat.Zero),
    };

    /// <summary>Whether the value is a law, whatever its layout.</summary>
    public static bool IsLaw(Value value) => value is Law or Bar or Set or Cow or Row { Count: 0 };
}
