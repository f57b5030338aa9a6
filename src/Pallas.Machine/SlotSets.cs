using Pallas.Values;

namespace Pallas.Machine;

/// <summary>The slots of an event as a set: one of one slot is made once, for they are most.
/// </summary>
internal static class SlotSets
{
    private static readonly Set[] OfOne =
        [.. Enumerable.Range(0, 64).Select(slot => Set.Of((Value)slot))];

    public static Set Of(SlotItems items)
    {
        if (items.Count == 1 && (uint)items.SlotAt(0) < (uint)OfOne.Length)
            return OfOne[items.SlotAt(0)];
        return Set.Of(items.Keys.Select(slot => (Value)slot));
    }
}
