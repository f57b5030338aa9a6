namespace Pallas.Sire.Errors;

/// <summary>The cause of an error. Up to <see cref="Assertion"/> it is a mistake in the source;
/// then one of the program that runs; then a limit of the machine.</summary>
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

    /// <summary>A macro returned an error, or a value that is no reply.</summary>
    Macro,

    /// <summary>The two sides of an assertion differ.</summary>
    Assertion,

    /// <summary>The evaluation of user code crashed.</summary>
    Crash,

    /// <summary>The machine could not finish an evaluation.</summary>
    Fault,
}
