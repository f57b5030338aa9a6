using Pallas.Rex;
using Pallas.Values;

namespace Pallas.Sire;

/// <summary>What a form is: a rune with sons, a leaf, a value that a macro put there, or a value
/// that is no Rex at all.</summary>
public enum FormKind { Node, Leaf, Embed, Malformed }

/// <summary>
/// Rex as macros see it: the PLAN value that stands for it, and what that value says.
/// </summary>
/// <remarks>
/// Macros take and return the PLAN value, tens of thousands of times in a load, so it is kept and
/// not made anew; and it is read one level at a time, because most of it comes back from a macro
/// as it went in. Instances come from a <see cref="FormTable"/>.
/// </remarks>
public sealed class Form
{
    private readonly FormTable table;
    private readonly Row? sonNouns;
    private readonly Value? heirNoun;
    private IReadOnlyList<Form>? sons;
    private Form? heir;
    private string? text;

    internal Form(FormTable table, Value noun, Span span)
    {
        this.table = table;
        (Noun, Span, Kind, Embedded) = (noun, span, FormKind.Malformed, noun);
        Head = Nat.Zero;
    }

    internal Form(FormTable table, Value noun, Value embedded, Span span)
        : this(table, noun, span) => (Kind, Embedded) = (FormKind.Embed, embedded);

    internal Form(
        FormTable table, Value noun, LeafShape shape, Nat text, Value heir, Span span)
        : this(table, noun, span) =>
        (Kind, LeafShape, Head, heirNoun) = (FormKind.Leaf, shape, text, heir);

    internal Form(
        FormTable table, Value noun, NodeShape shape, Nat rune, Row sons, Value heir, Span span)
        : this(table, noun, span) =>
        (Kind, NodeShape, Head, sonNouns, heirNoun) = (FormKind.Node, shape, rune, sons, heir);

    public FormKind Kind { get; }

    /// <summary>The PLAN value that stands for this form, heir included.</summary>
    public Value Noun { get; }

    /// <summary>Where it stands, or where the nearest form around it does that was read from a
    /// text.</summary>
    public Span Span { get; }

    public NodeShape NodeShape { get; }

    public LeafShape LeafShape { get; }

    /// <summary>The rune of a node or the text of a leaf, as a nat.</summary>
    public Nat Head { get; }

    /// <summary>The rune of a node or the text of a leaf.</summary>
    public string Text => text ??= table.TextOf(Head);

    /// <summary>The embedded value; for a malformed form, the value itself.</summary>
    public Value Embedded { get; }

    public IReadOnlyList<Form> Sons => sons ??= table.ReadSons(sonNouns, Span);

    public Form? Heir => heir ??= table.ReadHeir(heirNoun, Span);

    /// <summary>The sons and then the heir.</summary>
    public IReadOnlyList<Form> Kids => Heir is { } last ? [.. Sons, last] : Sons;

    public bool IsNode(string rune) => Kind == FormKind.Node && Text == rune;
}
