using System.Buffers.Binary;
using Pallas.Values;

namespace Pallas.Formats.Seeds;

/// <summary>
/// A value as cells and leaves, equal ones made once. A node is a number: a leaf is a hole or a
/// nat, a cell is the application of its head node to its tail node.
///
/// What the writer needs to know of sharing is whether a cell has more than one user. It stands
/// for the comparison that the format is defined by (how often a cell occurs in the tree written
/// out, against how often the user does that leads to it first): a cell occurs as often as all
/// its users together, each of which occurs at least once.
/// </summary>
internal sealed class SeedGraph
{
    private const int NatLeaf = -1;
    private const int HoleLeaf = -2;

    private readonly Dictionary<ulong, int> words = new(new WordComparer());
    private readonly Dictionary<byte[], int> bigs = new(new BytesComparer());
    private readonly List<Leaf> nats = [];
    private int[] heads = new int[64];
    private int[] tails = new int[64];
    private byte[] users = new byte[64];

    // Finds equal cells: nodes plus one at the place of their hash or the next free one.
    private int[] slots = new int[256];
    private int cellCount;

    /// <summary>A nat: bigs are whole words, least significant byte first.</summary>
    public readonly record struct Leaf(ulong Word, byte[]? Big)
    {
        public int WordCount => Big is null ? 1 : Big.Length / 8;
    }

    public int NodeCount { get; private set; }

    public int HoleCount { get; private set; }

    /// <summary>Nats by the order in which they were met.</summary>
    public IReadOnlyList<Leaf> Nats => nats;

    public int AddHole() => AddNode(HoleCount++, HoleLeaf);

    public int AddNat(ulong word)
    {
        if (words.TryGetValue(word, out var node))
            return node;
        node = AddNode(nats.Count, NatLeaf);
        nats.Add(new Leaf(word, null));
        words.Add(word, node);
        return node;
    }

    /// <param name="bytes">Little-endian, the last one not zero. Taken over.</param>
    public int AddNat(byte[] bytes)
    {
        if (bytes.Length <= 8)
        {
            Span<byte> word = stackalloc byte[8];
            word.Clear();
            bytes.CopyTo(word);
            return AddNat(BinaryPrimitives.ReadUInt64LittleEndian(word));
        }

        Array.Resize(ref bytes, (bytes.Length + 7) & ~7);
        if (bigs.TryGetValue(bytes, out var node))
            return node;
        node = AddNode(nats.Count, NatLeaf);
        nats.Add(new Leaf(BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(^8..)), bytes));
        bigs.Add(bytes, node);
        return node;
    }

    public int AddNat(Nat nat) =>
        nat is SmallNat small ? AddNat(small.Word) : AddNat(nat.ToBytes());

    public int AddCell(int head, int tail)
    {
        var slot = FindSlot(head, tail);
        if (slots[slot] > 0)
            return slots[slot] - 1;
        var node = AddNode(head, tail);
        AddUser(head);
        AddUser(tail);
        slots[slot] = node + 1;
        if (++cellCount > slots.Length / 2)
            GrowSlots();
        return node;
    }

    public bool IsCell(int node) => tails[node] >= 0;

    public bool IsShared(int node) => users[node] > 1;

    public int Head(int cell) => heads[cell];

    public int Tail(int cell) => tails[cell];

    /// <summary>Where a leaf stands in a table of the holes and then the nats by rank.</summary>
    public int TableIndex(int leaf, int[] rankOfNat) =>
        tails[leaf] == HoleLeaf ? heads[leaf] : HoleCount + rankOfNat[heads[leaf]];

    private int AddNode(int head, int tail)
    {
        if (NodeCount == heads.Length)
        {
            Array.Resize(ref heads, 2 * NodeCount);
            Array.Resize(ref tails, 2 * NodeCount);
            Array.Resize(ref users, 2 * NodeCount);
        }

        heads[NodeCount] = head;
        tails[NodeCount] = tail;
        return NodeCount++;
    }

    private void AddUser(int node) => users[node] = (byte)Math.Min(users[node] + 1, 2);

    private int FindSlot(int head, int tail)
    {
        var mask = slots.Length - 1;
        var slot = HashCode.Combine(head, tail) & mask;
        while (slots[slot] > 0)
        {
            var node = slots[slot] - 1;
            if (heads[node] == head && tails[node] == tail)
                break;
            slot = (slot + 1) & mask;
        }

        return slot;
    }

    private void GrowSlots()
    {
        slots = new int[4 * slots.Length];
        for (var node = 0; node < NodeCount; node++)
        {
            if (IsCell(node))
                slots[FindSlot(heads[node], tails[node])] = node + 1;
        }
    }

    /// <summary>Programs choose the words, so their hash must not be foreseeable.</summary>
    private sealed class WordComparer : IEqualityComparer<ulong>
    {
        public bool Equals(ulong x, ulong y) => x == y;

        public int GetHashCode(ulong word) => HashCode.Combine(word);
    }

    private sealed class BytesComparer : IEqualityComparer<byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] bytes)
        {
            var hash = new HashCode();
            hash.AddBytes(bytes);
            return hash.ToHashCode();
        }
    }
}
