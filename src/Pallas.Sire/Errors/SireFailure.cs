using Pallas.Rex;
using Pallas.Values;

namespace Pallas.Sire.Errors;

/// <summary>Unwinds to the command that runs, which becomes a <see cref="SireError"/>.</summary>
internal sealed class SireFailure(
    SireErrorKind kind, Span span, string message, string? hint = null) : Exception(message)
{
    public SireErrorKind Kind { get; } = kind;

    public Span Span { get; } = span;

    public string? Hint { get; } = hint;

    public RexTree? Culprit { get; init; }

    public IReadOnlyList<Value> Values { get; init; } = [];

    /// <param name="what">The evaluation that crashed.</param>
    public static SireFailure OfCrash(
        PlanCrash crash, string what, Span span = default, RexTree? culprit = null) => new(
        SireErrorKind.Crash, span, $"{what}: {NameText.Of(crash.Op)} was applied to a value")
        {
            Culprit = culprit,
            Values = [crash.Argument],
        };

    /// <param name="what">The evaluation that did not end.</param>
    public static SireFailure OfFault(
        MachineFault fault, string what, Span span = default, RexTree? culprit = null) => new(
        SireErrorKind.Fault, span, $"{what}: {fault.Message}")
        {
            Culprit = culprit,
        };
}
