namespace Pallas.Eval;

/// <summary>Machine code: a method that takes a target, the evaluator and the arguments.
/// </summary>
/// <param name="Target">Keeps the code alive.</param>
/// <param name="Entry">
/// A function of the target, the evaluator and each argument, or an array of the arguments if there
/// are more than <see cref="ArgsMax"/>.
/// </param>
internal sealed record CompiledCode(object? Target, nint Entry)
{
    /// <summary>
    /// A function of the same arguments for lazy position: returns the value if that is total and
    /// takes a few instructions, otherwise null. Zero if there is no such function.
    /// </summary>
    public nint Eager { get; init; }

    /// <summary>The same function on words; its <see cref="Result"/> is a word if it has the value.
    /// Zero if there is no such function.</summary>
    public nint EagerWords { get; init; }

    /// <summary>The generic method of a law, which takes each argument by itself. Zero for a thunk
    /// or a jet.</summary>
    public nint Generic { get; init; }

    /// <summary>The <see cref="LawMethods.Worker"/> of a law. Zero if there is none.</summary>
    public nint Worker { get; init; }

    /// <summary>The argument, counted from 1, that is evaluated before anything else; 0 if none is
    /// known.</summary>
    public int First { get; init; }

    public const int ArgsMax = 4;
}
