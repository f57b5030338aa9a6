using Pallas.Rex;
using Pallas.Sire.Errors;
using Pallas.Values;

namespace Pallas.Sire.Expand;

/// <summary>A rune with sons, a leaf, a value that a macro embedded, or a value that is no Rex.
/// </summary>
public enum FormKind { Node, Leaf, Embed, Malformed }

/// <summary>
/// Rex as macros see it: a PLAN value, and the tree that it encodes.
/// </summary>
/// <remarks>
/// Macros take and return the PLAN value, tens of thousands of times in a load, so a form stores
/// it. A form decodes one level at a time, because a macro returns most of its input unchanged.
/// Instances come from a <see cref="FormTable"/>.
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

    /// <summary>The PLAN value that encodes this form, heir included.</summary>
    public Value Noun { get; }

    /// <summary>Its place in the text, or that of the nearest form around it that was read from a
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

    /// <summary>A failure at this form.</summary>
    internal SireFailure Failure(
        SireErrorKind kind, string message, string? hint = null, params IReadOnlyList<Value> values)
        => new(kind, Span, message, hint) { Culprit = Shown, Values = values };

    /// <param name="what">The evaluation that crashed.</param>
    internal SireFailure Crash(PlanCrash crash, string what) =>
        SireFailure.OfCrash(crash, what, Span, Shown);

    /// <param name="what">The evaluation that did not end.</param>
    internal SireFailure Fault(MachineFault fault, string what) =>
        SireFailure.OfFault(fault, what, Span, Shown);

    /// <summary>Null for a form that crashes when it is decoded.</summary>
    private RexTree? Shown => table.TryToRex(this);
}
