using System.Collections;

namespace Pallas.Machine;

/// <summary>How the requests of an event were answered, by slot, ascending; mostly it is one.
/// </summary>
/// <remarks>
/// Arrays of our own: replaying makes one of these for each event, also in the first tenth of a
/// second of a start, when the generic collections are not compiled well yet.
/// </remarks>
public sealed class SlotItems : IReadOnlyCollection<KeyValuePair<int, ReceiptItem>>
{
    public static readonly SlotItems Empty = new([], []);

    private readonly int[] slots;
    private readonly ReceiptItem[] items;

    private SlotItems(int[] slots, ReceiptItem[] items)
    {
        this.slots = slots;
        this.items = items;
    }

    /// <summary>Takes the arrays over.</summary>
    /// <param name="slots">Ascending.</param>
    public static SlotItems Of(int[] slots, ReceiptItem[] items)
    {
        for (var i = 1; i < slots.Length; i++)
        {
            if (slots[i - 1] >= slots[i])
                throw new ArgumentException("slots ascend", nameof(slots));
        }
        return new SlotItems(slots, items);
    }

    public static SlotItems Of(int slot, ReceiptItem item) => new([slot], [item]);

    public int Count => slots.Length;

    public IReadOnlyList<int> Keys => slots;

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
