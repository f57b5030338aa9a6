using System.Collections.Immutable;
using Pallas.Plan;

namespace Pallas.Machine;

/// <summary>The slots of an event as a set: one of one slot is made once, for they are most.
/// </summary>
internal static class SlotSets
{
    private static readonly Set[] OfOne =
        [.. Enumerable.Range(0, 64).Select(slot => Set.Of((Value)slot))];

    public static Set Of(ImmutableSortedDictionary<int, ReceiptItem> items)
    {
        if (items.Count == 1)
        {
            foreach (var slot in items.Keys)
            {
                if ((uint)slot < (uint)OfOne.Length)
                    return OfOne[slot];
            }
        }
        return Set.Of(items.Keys.Select(slot => (Value)slot));
    }
}
