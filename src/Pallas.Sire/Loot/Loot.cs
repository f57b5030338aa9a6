using System.Text;
using Pallas.Rex;
using Pallas.Values;

namespace Pallas.Sire;

/// <summary>
/// PLAN values as text for people. Pins are shown by the names of the laws that they hold; the
/// text depends on the value alone. Values are to be in normal form: printing evaluates nothing.
/// </summary>
/// <remarks>
/// The layout is frozen: what the reference prints, this prints. Where a limit is given, about so
/// many parts are shown and <c>(…)</c> stands for the others.
/// </remarks>
public static class Loot
{
    /// <summary>A value; pins in it by name only, even where it is a pin itself.</summary>
    public static RexTree ToRex(Value value, int partsMax = int.MaxValue)
    {
        var closure = LootClosure.Load(value, deep: false, partsMax);
        return new LootPrinter(closure).Value(closure.Top);
    }

    /// <summary>What is shown when a name is bound to a value: <c>foo=7</c>, or where the value is
    /// a pin of a law, <c>(foo a b)=body</c>.</summary>
    public static RexTree Definition(Nat name, Value value, int partsMax = int.MaxValue) =>
        Itemized(Trees(LootClosure.Load(value, deep: false, partsMax), name));

    /// <summary>A value with the definitions of all pins that it stands on.</summary>
    public static RexTree ToFullRex(Value value, int partsMax = int.MaxValue) =>
        Itemized(Trees(LootClosure.Load(value, deep: true, partsMax), null));

    /// <summary>The Rex that a value says, as macros see it, or null where it says none. Values
    /// in it stand after <c>▣</c>, or after <c>�</c> where Rex should stand.</summary>
    public static RexTree? ToQuotedRex(Value value, int partsMax = int.MaxValue) =>
        QuotedRex.Match(value) is null ? null : Render(value, tree => Quoted(tree, partsMax));

    /// <summary>What the prompt shows of a value: the value, or where it is a pin, its definition;
    /// lines end in a line feed.</summary>
    public static string Show(
        Value value, int partsMax = int.MaxValue, RexColors colors = RexColors.None)
    {
        var closure = LootClosure.Load(value, deep: false, partsMax);
        return Spaced(Trees(closure, null), new RexPrinter(colors));
    }

    /// <summary>What a trace prints: Rex for a value that says Rex, else as <see cref="Show"/>.
    /// An empty line follows it on the terminal.</summary>
    public static string Trace(
        Value value, int partsMax = int.MaxValue, RexColors colors = RexColors.None) =>
        ToQuotedRex(value, partsMax) is { } tree
            ? new RexPrinter(colors).File(tree)
            : Show(value, partsMax, colors);

    /// <summary>A tree with values in it, as messages show it: after <c>↓</c>.</summary>
    /// <param name="embedded">The value: a <see cref="Value"/> in normal form.</param>
    public static RexTree ToEmbeddedRex(object embedded, int partsMax = int.MaxValue) =>
        Marked("↓", ToRex((Value)embedded, partsMax));

    private static RexTree Quoted(Value value, int partsMax)
    {
        var closure = LootClosure.Load(value, deep: false, partsMax);
        return new LootPrinter(closure).Quoted(closure.Top);
    }

    private static RexTree Render(Value value, Func<Value, RexTree> render) =>
        QuotedRex.ToTree(value, (inner, isRex) => Marked(isRex ? "▣" : "�", render(inner)));

    private static RexNode Marked(string rune, RexTree tree) =>
        new(IsOpen(tree) ? NodeShape.Open : NodeShape.Prefix, rune, [tree]);

    private static bool IsOpen(RexTree tree) =>
        tree is RexNode { Shape: NodeShape.Open } or RexLeaf { Shape: LeafShape.Line };

    /// <summary>Definitions of the pins that are shown, then the value, unless that is one of them.
    /// </summary>
    private static List<RexTree> Trees(LootClosure closure, Nat? name)
    {
        var printer = new LootPrinter(closure);
        var trees = new List<RexTree>();
        for (var i = 0; i < closure.Pins.Count; i++)
        {
            if (closure.Pins[i].Content is not null)
                trees.Add(printer.PinDefinition(i));
        }
        if (closure.Top is LootTree.Ref pin
            && (name is null || name.Equals(closure.NameOf(pin.Index))))
            return trees;
        if (name is null && trees.Count > 0)
            name = Nat.OfText("_");
        trees.Add(name is null
            ? printer.Value(closure.Top)
            : printer.Definition(name, closure.Top));
        return trees;
    }

    /// <summary>One tree as it is; several as sons of a chain of <c>*</c>.</summary>
    private static RexTree Itemized(List<RexTree> trees)
    {
        if (trees.Count == 1)
            return trees[0];
        RexNode? chain = null;
        for (var i = trees.Count - 1; i >= 0; i--)
            chain = new RexNode(NodeShape.Open, "*", [trees[i]], chain);
        return chain ?? new RexNode(NodeShape.Open, "*", []);
    }

    /// <summary>Texts of one line follow each other; around others are empty lines.</summary>
    private static string Spaced(List<RexTree> trees, RexPrinter printer)
    {
        var text = new StringBuilder();
        var wasShort = true;
        foreach (var tree in trees)
        {
            var block = printer.File(tree).TrimEnd();
            var isShort = !block.Contains('\n');
            if (!wasShort || !isShort)
                text.Append('\n');
            text.Append(block).Append('\n');
            wasShort = isShort;
        }
        return text.ToString();
    }
}
