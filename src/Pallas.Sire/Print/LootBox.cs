using Pallas.Rex;

namespace Pallas.Sire.Print;

/// <summary>
/// A part of loot in its two layouts: wide (closed, on one line) and tall. The wide layout is used
/// where its estimated width is small enough. The estimate is part of the format, because it
/// decides every layout; the printed text may be somewhat wider or narrower.
/// </summary>
internal sealed class LootBox
{
    /// <summary>A box of at least this width is tall.</summary>
    private const int WideMax = 55;

    /// <summary>A box of this width is tall, whatever the error of the estimate.</summary>
    private const int HugeMin = 10_000;

    private const int WidthMax = 1_000_000;

    private readonly RexTree? wide;
    private readonly IReadOnlyList<LootBox>? applied;

    private LootBox(
        int? width,
        RexTree? wide,
        RexTree tall,
        bool isHuge,
        IReadOnlyList<LootBox>? applied = null) =>
        (Width, this.wide, Tall, IsHuge, this.applied) = (width, wide, tall, isHuge, applied);

    /// <summary>The width of the wide layout, up to a bound; null without a wide layout.</summary>
    public int? Width { get; }

    public RexTree Tall { get; }

    public bool IsHuge { get; }

    /// <summary>The head and arguments of an application; else the box itself.</summary>
    public IReadOnlyList<LootBox> Parts => applied ?? [this];

    /// <summary>The tree in the layout that fits its width.</summary>
    public RexTree Tree => IsWide ? wide! : Tall;

    /// <summary>The same, made to begin a line: a closed form is opened.</summary>
    public RexTree OpenTree => IsWide ? Opened(wide!) : Tall;

    /// <summary>The wide layout. Use it only for a leaf, or where the width is known to be small.
    /// </summary>
    public RexTree Wide =>
        wide ?? throw new InvalidOperationException("the wide layout does not exist");

    /// <summary>Whether the wide layout is a word.</summary>
    public bool IsWord => wide is RexLeaf { Shape: LeafShape.Word };

    /// <summary>Whether the wide layout is the number of an opcode that makes closures.</summary>
    public bool IsOpcode => wide is RexLeaf { Shape: LeafShape.Word, Text: "0" or "1" or "2" };

    public LootBox WithTall(RexTree tall) => new(Width, wide, tall, IsHuge);

    private bool IsWide => Width < WideMax && wide is not null;

    /// <summary>One layout for both.</summary>
    public static LootBox Leaf(long width, RexTree tree) => Leaf(width, tree, tree);

    /// <summary>A box that has its wide layout at any width.</summary>
    public static LootBox Leaf(long width, RexTree wide, RexTree tall) =>
        new(Bounded(width), wide, tall, width >= HugeMin);

    /// <summary>A box that is always tall.</summary>
    /// <param name="length">Approximate, in code points.</param>
    public static LootBox OnlyTall(RexTree tall, long length) =>
        new(null, null, tall, length >= HugeMin);

    /// <summary>A box that is much too wide for its wide layout, which is not made.</summary>
    public static LootBox FarTooWide(RexTree tall) => new(WidthMax, null, tall, isHuge: true);

    /// <summary>A box made of others.</summary>
    /// <param name="extra">The width beside that of the parts.</param>
    /// <param name="wide">Called only if the width is small enough.</param>
    public static LootBox Of(
        IReadOnlyList<LootBox> parts,
        long extra,
        Func<RexTree> wide,
        RexTree tall,
        bool isApplication = false)
    {
        var width = WidthOf(parts) + extra;
        var isHuge = width >= HugeMin || parts.Any(part => part.IsHuge);
        return new LootBox(
            width is { } known ? Bounded(known) : null,
            width < WideMax ? wide() : null,
            tall,
            isHuge,
            isApplication ? parts : null);
    }

    /// <summary>The sum of the widths; null if a part is always tall.</summary>
    public static long? WidthOf(IReadOnlyList<LootBox> parts)
    {
        var sum = 0L;
        foreach (var part in parts)
        {
            if (part.Width is not { } width)
                return null;
            sum += width;
        }
        return sum;
    }

    private static int Bounded(long width) => (int)Math.Min(width, WidthMax);

    private static RexNode Opened(RexTree tree) => tree switch
    {
        RexNode { Shape: NodeShape.Open } open => open,
        RexNode { Rune: "|" } bar => new RexNode(NodeShape.Open, "|", bar.Sons, bar.Heir),
        _ => new RexNode(NodeShape.Open, "|", [tree]),
    };
}
