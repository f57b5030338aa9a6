using Pallas.Rex;
using Pallas.Values;

namespace Pallas.Sire.Print;

/// <summary>
/// Lays out loot trees of one closure. Boxes are made bottom up, each in both layouts, so the time
/// is linear in the size of the tree.
/// </summary>
internal sealed class LootPrinter(LootClosure closure)
{
    /// <summary>Replaces parts that were cut.</summary>
    private static readonly RexNode Ellipsis = new(NodeShape.Nest, "…", []);

    private readonly LootLawPrinter laws = new(closure);

    /// <summary>A value on its own: <c>(f x)</c>, not <c>f-x</c>.</summary>
    public RexTree Value(LootTree tree) => Unhyphened(Quoted(tree));

    /// <summary>A value as part of something else.</summary>
    public RexTree Quoted(LootTree tree) => Box(tree, LootScope.Outermost).Tree;

    /// <summary>A definition: <c>foo=value</c>, or an open value below the name.</summary>
    public RexTree Definition(Nat name, LootTree tree) =>
        Define(LootLeaf.KeyTree(name), Quoted(tree));

    /// <summary>A definition of a pin by its content: <c>(foo a b)=body</c> or <c>(| foo)=..</c>.
    /// </summary>
    public RexTree PinDefinition(int pin)
    {
        var name = closure.NameOf(pin);
        var content = closure.Pins[pin].Content!;
        if (content is LootTree.Function law)
        {
            var (head, body) = laws.Definition(this, name, law);
            return Define(head, body);
        }
        var key = new RexNode(NodeShape.Nest, "|", [LootLeaf.KeyTree(name)]);
        return Define(key, Quoted(content));
    }

    /// <summary>A value within a law's scope. Variables of laws inside it avoid the names of the
    /// scope.</summary>
    public LootBox Box(LootTree tree, LootScope scope)
    {
        if (!StackGuard.HasRoom)
            return StackGuard.OnFreshStack(() => Box(tree, scope));
        var frames = new Stack<Frame>();
        var done = Enter(tree, isKey: false, scope, frames);
        while (frames.TryPeek(out var frame))
        {
            if (done is not null)
                frame.Boxes[frame.Next++] = done;
            if (frame.Next < frame.Boxes.Length)
            {
                done = Enter(frame.Part, frame.IsAtKey, scope, frames);
            }
            else
            {
                frames.Pop();
                done = Finish(frame);
            }
        }
        return done!;
    }

    /// <summary>A tree some of whose parts are laid out.</summary>
    private sealed class Frame(LootTree tree, LootTree[] parts)
    {
        public LootTree Tree => tree;

        public LootBox[] Boxes { get; } = new LootBox[parts.Length];

        public int Next { get; set; }

        public LootTree Part => parts[Next];

        public bool IsAtKey => tree is LootTree.Keys || (tree is LootTree.Pairs && Next % 2 == 0);
    }

    /// <summary>The box of a tree; or null after pushing a frame for its parts.</summary>
    private LootBox? Enter(LootTree tree, bool isKey, LootScope scope, Stack<Frame> frames)
    {
        switch (tree)
        {
            case LootTree.Number number:
                return isKey ? LootLeaf.KeyBox(number.Nat) : LootLeaf.NumberBox(number.Nat);
            case LootTree.Ref pin:
                return LootLeaf.NameBox(closure.NameOf(pin.Index));
            case LootTree.Function law:
                return laws.Box(this, law, scope);
            case LootTree.Bytes bytes:
                return LootLeaf.BytesBox(bytes.Bar);
            case LootTree.Maker maker:
                return LootLeaf.WordBox($"C{LootLeaf.Decimal(maker.Size)}");
            case LootTree.Quoted quoted:
                return QuotedBox(quoted.Tree, scope);
            case LootTree.Cut:
                return EllipsisBox;
        }
        frames.Push(new Frame(tree, tree switch
        {
            LootTree.Apply apply => apply.Parts,
            LootTree.Items items => items.All,
            LootTree.Keys keys => keys.All,
            _ => ((LootTree.Pairs)tree).All,
        }));
        return null;
    }

    private LootBox Finish(Frame frame) => frame.Tree switch
    {
        LootTree.Apply => Applied(frame.Boxes),
        LootTree.Items => RowBox(frame.Boxes),
        LootTree.Keys => SetBox(frame.Boxes),
        _ => TabBox(((LootTree.Pairs)frame.Tree).All, frame.Boxes),
    };

    public static LootBox EllipsisBox => LootBox.Leaf(3, Ellipsis);

    /// <summary>An application: <c>f-x-y</c> of words, else <c>(f x y)</c>; tall with the last part
    /// at the column of the rune.</summary>
    public static LootBox Applied(IReadOnlyList<LootBox> parts)
    {
        if (parts.Count == 1)
            return parts[0];
        var last = parts.Count - 1;
        var tall = new RexNode(
            NodeShape.Open, "|", [.. Trees(parts.Take(last))], parts[last].OpenTree);

        var isHyphened = parts.All(part => part.IsWord)
            || (parts.Count == 2 && parts[0].IsOpcode);
        return isHyphened
            ? LootBox.Of(
                parts, last, () => Wide(NodeShape.Shut, "-", parts), tall, isApplication: true)
            : LootBox.Of(
                parts,
                parts.Count + 1,
                () => Wide(NodeShape.Nest, "|", parts),
                tall,
                isApplication: true);
    }

    /// <summary><c>a!b!c</c>; tall as a chain of <c>! a</c>.</summary>
    public static LootBox ShutInfix(string rune, IReadOnlyList<LootBox> parts) => LootBox.Of(
        parts,
        rune.Length * (parts.Count - 1),
        () => Wide(NodeShape.Shut, rune, parts),
        Chain(rune, [.. parts.Select(part => new[] { part.Tree })]));

    public static LootBox Prefix(string rune, LootBox part) => LootBox.Of(
        [part],
        rune.Length,
        () => Wide(NodeShape.Prefix, rune, [part]),
        new RexNode(NodeShape.Open, rune, [part.Tree]));

    public static RexNode Wide(NodeShape shape, string rune, IReadOnlyList<LootBox> parts) =>
        new(shape, rune, [.. parts.Select(part => part.Wide)]);

    private static LootBox RowBox(LootBox[] items) => LootBox.Of(
        items,
        items.Length + 1,
        () => Wide(NodeShape.Nest, ",", items),
        items.Length == 0
            ? new RexNode(NodeShape.Nest, ",", [])
            : Chain("++", [.. items.Select(item => Trees(item.Parts))]));

    private static LootBox SetBox(LootBox[] keys) => LootBox.Of(
        keys,
        2,
        () => new RexNode(NodeShape.Prefix, "%", [Wide(NodeShape.Nest, ",", keys)]),
        Chain("%%", [.. keys.Select(key => new[] { key.Tree })]));

    private LootBox TabBox(LootTree[] trees, LootBox[] boxes)
    {
        if (trees.Length == 0)
        {
            var none = new RexNode(NodeShape.Nest, ",", []);
            return LootBox.Leaf(2, new RexNode(NodeShape.Prefix, "#", [none]));
        }
        var wides = new LootBox[trees.Length / 2];
        var talls = new RexTree[trees.Length / 2][];
        for (var i = 0; i < wides.Length; i++)
        {
            var (key, value) = (boxes[2 * i], boxes[2 * i + 1]);
            var head = new RexNode(NodeShape.Prefix, "=", [key.Tree]);
            var isNamed = IsNamedByKey(trees[2 * i], trees[2 * i + 1]);
            wides[i] = isNamed ? Prefix("=", key) : ShutInfix("=", [key, value]);
            talls[i] = isNamed ? [head] : [head, .. Trees(value.Parts)];
        }
        return LootBox.Of(
            wides,
            wides.Length + 1,
            () => Wide(NodeShape.Nest, ",", wides),
            Chain("##", talls));
    }

    /// <summary><c>=foo</c> in place of <c>foo=foo</c>.</summary>
    private bool IsNamedByKey(LootTree key, LootTree value) =>
        key is LootTree.Number number && value is LootTree.Ref pin
        && number.Nat.Equals(closure.NameOf(pin.Index));

    /// <summary>Rex as value: <c>`foo</c>. Its width is the printed width.</summary>
    private LootBox QuotedBox(RexTree quoted, LootScope scope)
    {
        var isHuge = false;
        var tree = Fill(quoted, scope, ref isHuge);
        var wide = new RexNode(NodeShape.Prefix, "`", [tree]);
        var tall = new RexNode(NodeShape.Open, "`", [tree]);
        return isHuge
            ? LootBox.FarTooWide(tall)
            : LootBox.Leaf(RexText.WidthOf(new RexPrinter().Line(wide)), wide, tall);
    }

    /// <summary>A Rex tree with its embedded values laid out: after <c>▣</c>, or after <c>�</c>
    /// where Rex should be.</summary>
    private RexTree Fill(RexTree tree, LootScope scope, ref bool isHuge)
    {
        if (!StackGuard.HasRoom)
        {
            var (filled, huge) = StackGuard.OnFreshStack(() =>
            {
                var inner = false;
                return (Fill(tree, scope, ref inner), inner);
            });
            isHuge |= huge;
            return filled;
        }
        if (tree is RexEmbed { Value: Embedded embedded })
        {
            var box = Box(embedded.Tree, scope);
            isHuge |= box.IsHuge;
            var isClosed = embedded.Tree is LootTree.Number or LootTree.Bytes
                or LootTree.Maker or LootTree.Ref or LootTree.Cut;
            return new RexNode(
                isClosed ? NodeShape.Prefix : NodeShape.Open,
                embedded.IsRex ? "▣" : "�",
                [box.Tree]);
        }
        var heir = tree.Heir is { } next ? Fill(next, scope, ref isHuge) : null;
        if (tree is not RexNode node)
            return tree.WithHeir(heir);
        var sons = new RexTree[node.Sons.Count];
        for (var i = 0; i < sons.Length; i++)
            sons[i] = Fill(node.Sons[i], scope, ref isHuge);
        return new RexNode(node.Shape, node.Rune, sons, heir);
    }

    private static RexNode Define(RexTree head, RexTree body) =>
        body is RexNode { Shape: NodeShape.Open } or RexLeaf { Shape: LeafShape.Line }
            ? new RexNode(NodeShape.Open, "=", [head], body)
            : new RexNode(NodeShape.Shut, "=", [head, Unhyphened(body)]);

    private static RexTree Unhyphened(RexTree tree) =>
        tree is RexNode { Shape: NodeShape.Shut, Rune: "-" } hyphened
            ? new RexNode(NodeShape.Nest, "|", hyphened.Sons, hyphened.Heir)
            : tree;

    private static RexTree[] Trees(IEnumerable<LootBox> boxes) =>
        [.. boxes.Select(box => box.Tree)];

    /// <summary>Open nodes of one rune, each the heir of the one before.</summary>
    private static RexNode Chain(string rune, RexTree[][] links)
    {
        RexNode? chain = null;
        for (var i = links.Length - 1; i >= 0; i--)
            chain = new RexNode(NodeShape.Open, rune, links[i], chain);
        return chain ?? new RexNode(NodeShape.Open, rune, []);
    }
}
