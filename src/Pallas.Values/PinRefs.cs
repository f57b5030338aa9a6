using Pallas.Values.Hashing;

namespace Pallas.Values;

/// <summary>
/// The pins that an item holds directly, each hash once, in the order of their first occurrence:
/// the order of <see cref="ValueWalk"/>. It numbers the holes of the item's germ.
/// </summary>
public static class PinRefs
{
    /// <summary>
    /// So many parts are walked before it is remembered which were: remembering costs some
    /// twenty times as much as walking, and only sharing beyond counting needs it.
    /// </summary>
    private const int MemoryAfterParts = 1 << 20;

    /// <param name="item">In normal form.</param>
    public static Pin[] Of(Value item)
    {
        var pins = new List<Pin>();
        var hashes = new HashSet<Hash256>();
        var seen = new HashSet<Value>(ReferenceEqualityComparer.Instance);
        var walk = new ValueWalk();
        var value = item.Resolved;
        long parts = 0;
        do
        {
            if (value is Pin pin)
            {
                if (hashes.Add(pin.Hash))
                    pins.Add(pin);
            }
            else if (value is Compound or Law or Set
                && (++parts <= MemoryAfterParts || seen.Add(value)))
            {
                walk.Enter(value);
            }
        }
        while (walk.MoveNext(out value));
        return pins.Count == 0 ? [] : [.. pins];
    }
}
