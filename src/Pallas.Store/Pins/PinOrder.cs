using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Store.Pins;

/// <summary>Lists pins so that each comes after all that it refers to.</summary>
internal static class PinOrder
{
    /// <param name="isStored">Called once for each pin. All that a stored pin refers to is stored.
    /// </param>
    /// <returns>The pins that are reachable from the roots and not stored.</returns>
    public static List<Pin> Missing(IEnumerable<Pin> roots, Func<Pin, bool> isStored)
    {
        var missing = new List<Pin>();
        var seen = new HashSet<Hash256>();
        var pending = new Stack<(Pin Pin, bool RefsDone)>();
        foreach (var root in roots)
            pending.Push((root, false));
        while (pending.TryPop(out var next))
        {
            var (pin, refsDone) = next;
            if (refsDone)
            {
                CheckRefs(pin, seen);
                missing.Add(pin);
            }
            else if (seen.Add(pin.Hash) && !isStored(pin))
            {
                pending.Push((pin, true));
                foreach (var inner in pin.Refs)
                    pending.Push((inner, false));
            }
        }
        Invariant.Check(missing.Count <= seen.Count, "each pin is listed once");
        return missing;
    }

    private static void CheckRefs(Pin pin, HashSet<Hash256> seen)
    {
        for (var i = 0; i < pin.Refs.Count; i++)
        {
            Invariant.Check(
                seen.Contains(pin.Refs[i].Hash), "a pin is listed after all that it refers to");
        }
    }
}
