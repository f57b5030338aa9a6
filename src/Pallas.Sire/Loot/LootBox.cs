using Pallas.Rex;

namespace Pallas.Sire;

/// <summary>
/// A piece of loot in its two layouts: wide, closed and on one line, and tall. The wide one is
/// taken where it is narrow enough by a rough count, which is part of the format: it decides how
/// everything is laid out, though the printed text may be somewhat wider or narrower.
/// </summary>
internal sealed class LootBox
{
    /// <summary>Wide layout is for what counts less than this.</summary>
    private const int WideMax = 55;

    /// <summary>What counts this much is never wide, however roughly it was counted.</summary>
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

    /// <summary>The width of the wide layout, up to a bound; null where there is none.</summary>
    public int? Width { get; }

    public RexTree Tall { get; }

    public bool IsHuge { get; }

    /// <summary>What an application was made of: head and arguments; else the box itself.</summary>
    public IReadOnlyList<LootBox> Parts => applied ?? [this];

    /// <summary>The tree in the layout that suits its width.</summary>
    public RexTree Tree => IsWide ? wide! : Tall;

    /// <summary>The same, made to begin a line: a closed form is opened.</summary>
    public RexTree OpenTree => IsWide ? Opened(wide!) : Tall;

    /// <summary>The wide layout; to be asked for only where it is known to be narrow, or of a leaf.
    /// </summary>
    public RexTree Wide =>
        wide ?? throw new InvalidOperationException("the wide layout was not kept");

    /// <summary>Whether the wide layout is a word.</summary>
    public bool IsWord => wide is RexLeaf { Shape: LeafShape.Word };

    /// <summary>Whether the wide layout is the number of an opcode that makes closures.</summary>
    public bool IsOpcode => wide is RexLeaf { Shape: LeafShape.Word, Text: "0" or "1" or "2" };

    public LootBox WithTall(RexTree tall) => new(Width, wide, tall, IsHuge);

    private bool IsWide => Width < WideMax && wide is not null;

    /// <summary>One layout for both.</summary>
    public static LootBox Leaf(long width, RexTree tree) => Leaf(width, tree, tree);

    /// <summary>A box whose wide layout is kept whatever its width.</summary>
    public static LootBox Leaf(long width, RexTree wide, RexTree tall) =>
        new(Bounded(width), wide, tall, width >= HugeMin);

    /// <summary>A box that is always tall.</summary>
    /// <param name="length">In code points, about.</param>
    public static LootBox OnlyTall(RexTree tall, long length) =>
        new(null, null, tall, length >= HugeMin);

    /// <summary>A box that has a wide layout, which nobody needs: it is far too wide.</summary>
    public static LootBox FarTooWide(RexTree tall) => new(WidthMax, null, tall, isHuge: true);

    /// <summary>A box made of others.</summary>
    /// <param name="extra">The width, besides that of the parts.</param>
    /// <param name="wide">Asked for only where it is narrow.</param>
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

    /// <summary>The sum of the widths, or null where a part is always tall.</summary>
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
