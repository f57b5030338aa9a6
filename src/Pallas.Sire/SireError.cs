using Pallas.Rex;
using Pallas.Values;

namespace Pallas.Sire;

/// <summary>What kind of thing went wrong. Up to <see cref="Assertion"/> it is the mistake of who
/// wrote the source; then that of the program it runs; then a limit of the machine.</summary>
public enum SireErrorKind
{
    /// <summary>The text is no Rex.</summary>
    Syntax,

    /// <summary>A name or rune that nothing binds.</summary>
    Unbound,

    /// <summary>A command or expression of the wrong form.</summary>
    Form,

    /// <summary>A module is missing, or depends on itself.</summary>
    Module,

    /// <summary>A macro answered with an error, or with what is no answer.</summary>
    Macro,

    /// <summary>The two sides of an assertion differ.</summary>
    Assertion,

    /// <summary>The evaluation of user code crashed.</summary>
    Crash,

    /// <summary>The machine could not finish an evaluation.</summary>
    Fault,
}

/// <summary>A mistake in a Sire source, or what came of one: what, where, and what would help.
/// </summary>
/// <param name="File">The file as the module source names it.</param>
/// <param name="SourceLine">The text of the line, where it is known.</param>
/// <param name="Block">The whole form at the outermost level in which it happened.</param>
/// <param name="Culprit">The form that is at fault; it may be made by a macro.</param>
public sealed record SireError(
    SireErrorKind Kind,
    string File,
    Diagnostic Diagnostic,
    string? SourceLine = null,
    RexTree? Block = null,
    RexTree? Culprit = null)
{
    /// <summary>Values to show below the message: both sides of an assertion, or what a crash was
    /// applied to.</summary>
    public IReadOnlyList<Value> Values { get; init; } = [];

    public string Message => Diagnostic.Message;

    /// <summary>For people: file, line, column, the line itself and the hint.</summary>
    public string Render() => Diagnostic.Render(File, SourceLine);
}

/// <summary>Unwinds to the command that is being run, which makes a <see cref="SireError"/> of it.
/// </summary>
internal sealed class SireFailure(
    SireErrorKind kind, Span span, string message, string? hint = null) : Exception(message)
{
    public SireErrorKind Kind { get; } = kind;

    public Span Span { get; } = span;

    public string? Hint { get; } = hint;

    public Form? Culprit { get; init; }

    public IReadOnlyList<Value> Values { get; init; } = [];

    public static SireFailure At(
        Form form, SireErrorKind kind, string message, string? hint = null) =>
        new(kind, form.Span, message, hint) { Culprit = form };
}
