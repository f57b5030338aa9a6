namespace Pallas.Values;

/// <summary>About how much there is of a value, not counting what is in pins.</summary>
public static class ValueSize
{
    private const int PartBytes = 8;

    /// <summary>Eight bytes for each part, and the bytes of bars and of large naturals.</summary>
    /// <param name="item">In normal form.</param>
    public static long Of(Value item)
    {
        var seen = new HashSet<Value>(ReferenceEqualityComparer.Instance);
        var walk = new ValueWalk();
        var (value, bytes) = (item.Resolved, 0L);
        do
        {
            bytes += PartBytes + value switch
            {
                Bar bar => bar.Count,
                Nat and not SmallNat => ((Nat)value).Big.GetByteCount(isUnsigned: true),
                _ => 0,
            };
            if (value is Compound or Law or Set && seen.Add(value))
                walk.Enter(value);
        }
        while (walk.MoveNext(out value));
        return bytes;
    }
}
