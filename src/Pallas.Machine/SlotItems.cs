using System.Collections;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>The answers of an event by slot, ascending; most events have one.</summary>
/// <remarks>
/// Plain arrays: replay makes one of these for each event, also in the first 100 ms of a start, in
/// which .NET has not optimised its generic collections yet.
/// </remarks>
public sealed class SlotItems : IReadOnlyCollection<KeyValuePair<int, ReceiptItem>>
{
    /// <summary>The sets of one slot, made once: most events answer one slot.</summary>
    private static readonly Set[] SetsOfOne =
        [.. Enumerable.Range(0, 64).Select(slot => Set.Of((Value)slot))];

    private readonly int[] slots;
    private readonly ReceiptItem[] items;

    private SlotItems(int[] slots, ReceiptItem[] items)
    {
        this.slots = slots;
        this.items = items;
    }

    /// <summary>Takes ownership of the arrays.</summary>
    /// <param name="slots">Ascending.</param>
    public static SlotItems Of(int[] slots, ReceiptItem[] items)
    {
        Invariant.Check(
            slots.Length == items.Length, $"{slots.Length} slots have {items.Length} items");
        for (var i = 1; i < slots.Length; i++)
        {
            Invariant.Check(
                slots[i - 1] < slots[i], $"slot {slots[i]} comes after slot {slots[i - 1]}");
        }
        return new SlotItems(slots, items);
    }

    public static SlotItems Of(int slot, ReceiptItem item) => new([slot], [item]);

    public int Count => slots.Length;

    public IReadOnlyList<int> Keys => slots;

    /// <summary>The slots as a value.</summary>
    public Set ToSet() => slots is [var slot] && (uint)slot < (uint)SetsOfOne.Length
        ? SetsOfOne[slot]
        : Set.Of(slots.Select(each => (Value)each));

    public IReadOnlyList<ReceiptItem> Values => items;

    internal int SlotAt(int index) => slots[index];

    internal ReceiptItem ItemAt(int index) => items[index];

    public IEnumerator<KeyValuePair<int, ReceiptItem>> GetEnumerator()
    {
        for (var i = 0; i < slots.Length; i++)
            yield return new(slots[i], items[i]);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
