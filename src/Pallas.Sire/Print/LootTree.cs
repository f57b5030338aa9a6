using Pallas.Rex;
using Pallas.Values;

namespace Pallas.Sire.Print;

/// <summary>
/// A value as loot shows it: a pin is a number in <see cref="LootClosure.Pins"/>, and a value that
/// encodes Rex is a tree. Trees are as deep as the value.
/// </summary>
internal abstract record LootTree
{
    private LootTree()
    {
    }

    internal sealed record Number(Nat Nat) : LootTree;

    internal sealed record Ref(int Index) : LootTree;

    /// <param name="Parts">The head, which is no application, and the arguments.</param>
    internal sealed record Apply(LootTree[] Parts) : LootTree;

    /// <param name="ArgsShown">The number of arguments to show; the others are cut.</param>
    internal sealed record Function(
        Nat Name, Nat ArgCount, int ArgsShown, LootTree Body, RefSpan Refs) : LootTree;

    internal sealed record Items(LootTree[] All) : LootTree;

    internal sealed record Keys(LootTree[] All) : LootTree;

    /// <param name="All">Keys and values, alternating.</param>
    internal sealed record Pairs(LootTree[] All) : LootTree;

    internal sealed record Bytes(Bar Bar) : LootTree;

    internal sealed record Maker(Nat Size) : LootTree;

    /// <param name="Tree">Its embedded values are <see cref="Embedded"/>.</param>
    internal sealed record Quoted(RexTree Tree) : LootTree;

    /// <summary>A part that a size limit left out.</summary>
    internal sealed record Cut : LootTree
    {
        public static readonly Cut Instance = new();
    }
}

/// <summary>A value within a Rex tree.</summary>
/// <param name="IsRex">Whether it was embedded; else it is in a place where Rex should be.</param>
internal sealed record Embedded(LootTree Tree, bool IsRex);

/// <summary>The pins that occur in a law's body: a range of a log of all occurrences.</summary>
internal readonly record struct RefSpan(RefLog Log, int Start, int End)
{
    public bool Contains(int pin) => Log.Occurs(pin, Start, End);
}

/// <summary>The order in which pins occur in one value; pins in pins have logs of their own.
/// </summary>
internal sealed class RefLog
{
    private readonly Dictionary<int, List<int>> positions = [];

    public int Count { get; private set; }

    public void Add(int pin)
    {
        if (!positions.TryGetValue(pin, out var list))
            positions[pin] = list = [];
        list.Add(Count++);
    }

    /// <summary>Whether the pin occurs from one position to another, the latter excluded.</summary>
    public bool Occurs(int pin, int start, int end)
    {
        if (!positions.TryGetValue(pin, out var list))
            return false;
        var found = list.BinarySearch(start);
        if (found < 0)
            found = ~found;
        return found < list.Count && list[found] < end;
    }
}
