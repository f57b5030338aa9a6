using Pallas.Values;

namespace Pallas.Eval;

/// <summary>A value that is most often a small natural.</summary>
/// <remarks>It is returned in two registers, so that a number needs no object.</remarks>
internal struct Result
{
    /// <summary>
    /// A value in weak head normal form other than a <see cref="SmallNat"/>; null where
    /// <see cref="Word"/> is the value; <see cref="Evaluator.Unwound"/> where there is no value,
    /// because the native stack is spilled.
    /// </summary>
    public Value? Boxed;

    public ulong Word;

    public static Result Of(ulong word) => new() { Word = word };

    /// <param name="value">Null while the native stack is spilled.</param>
    public static Result Of(Value? value) => value is SmallNat small
        ? new() { Word = small.Word }
        : new() { Boxed = value ?? Evaluator.Unwound };
}
