using System.Text;
using Pallas.Rex;
using Pallas.Values;

namespace Pallas.Sire.Print;

/// <summary>
/// PLAN values as text for people. A pin is shown by the name of the law that it holds; the text
/// depends on the value alone. Values must be in normal form: printing evaluates nothing.
/// </summary>
/// <remarks>
/// The layout is frozen: it equals that of the reference implementation. A limit <c>partsMax</c> is
/// approximate; <c>(…)</c> replaces the parts beyond it.
/// </remarks>
public static class Loot
{
    private const int BriefPartsMax = 30;
    private const int BriefLengthMax = 200;

    /// <summary>A value; pins in it by name only, even where it is a pin itself.</summary>
    public static RexTree ToRex(Value value, int partsMax = int.MaxValue)
    {
        var closure = LootClosure.Load(value, deep: false, partsMax);
        return new LootPrinter(closure).Value(closure.Top);
    }

    /// <summary>A binding of a name to a value: <c>foo=7</c>, or for a pin of a law,
    /// <c>(foo a b)=body</c>.</summary>
    public static RexTree Definition(Nat name, Value value, int partsMax = int.MaxValue) =>
        Itemized(Trees(LootClosure.Load(value, deep: false, partsMax), name));

    /// <summary>A value with the definitions of all pins that it refers to.</summary>
    public static RexTree ToFullRex(Value value, int partsMax = int.MaxValue) =>
        Itemized(Trees(LootClosure.Load(value, deep: true, partsMax), null));

    /// <summary>The Rex that a value encodes; null for a value that encodes none. An embedded value
    /// follows <c>▣</c>; a value where Rex should be follows <c>�</c>.</summary>
    public static RexTree? ToQuotedRex(Value value, int partsMax = int.MaxValue) =>
        QuotedRex.Match(value) is null ? null : Render(value, tree => Quoted(tree, partsMax));

    /// <summary>A value as the prompt shows it: the value, or for a pin, its definition. Lines end
    /// in a line feed.</summary>
    public static string Show(
        Value value, int partsMax = int.MaxValue, RexColors colors = RexColors.None)
    {
        var closure = LootClosure.Load(value, deep: false, partsMax);
        return Spaced(Trees(closure, null), new RexPrinter(colors));
    }

    /// <summary>A value as a trace prints it: as Rex if it encodes Rex, else as <see cref="Show"/>.
    /// An empty line follows it on the terminal.</summary>
    public static string Trace(
        Value value, int partsMax = int.MaxValue, RexColors colors = RexColors.None) =>
        ToQuotedRex(value, partsMax) is { } tree
            ? new RexPrinter(colors).File(tree)
            : Show(value, partsMax, colors);

    /// <summary>A value that is embedded in a tree, as messages show it: after <c>↓</c>.</summary>
    /// <param name="embedded">A <see cref="Value"/> in normal form.</param>
    public static RexTree ToEmbeddedRex(object embedded, int partsMax = int.MaxValue) =>
        Marked("↓", ToRex((Value)embedded, partsMax));

    /// <summary>A value on one line of bounded length, for messages.</summary>
    internal static string Brief(Value value)
    {
        var text = new RexPrinter().Line(ToRex(value, BriefPartsMax));
        return text.Length <= BriefLengthMax ? text : text[..BriefLengthMax] + "…";
    }

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

    /// <summary>Definitions of the pins that are shown, then the value, unless it is one of those
    /// pins.</summary>
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

    /// <summary>One tree unchanged; several as sons of a chain of <c>*</c>.</summary>
    private static RexTree Itemized(List<RexTree> trees)
    {
        if (trees.Count == 1)
            return trees[0];
        RexNode? chain = null;
        for (var i = trees.Count - 1; i >= 0; i--)
            chain = new RexNode(NodeShape.Open, "*", [trees[i]], chain);
        return chain ?? new RexNode(NodeShape.Open, "*", []);
    }

    /// <summary>Texts of one line follow each other; empty lines surround longer ones.</summary>
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
