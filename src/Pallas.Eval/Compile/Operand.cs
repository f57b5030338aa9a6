using System.Reflection.Emit;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>The place of a value in a method that is emitted: locals, or a constant of the code.
/// </summary>
/// <remarks>
/// One of three forms. A constant. An object in <see cref="Boxed"/>. A number in <see cref="Word"/>
/// with, perhaps, an <see cref="Overflow"/>: where that is not null at run time, it is the value,
/// and no small number. A word may have <see cref="Boxed"/>, too: the same value as an object.
/// </remarks>
internal sealed record Operand
{
    public Value? Const { get; init; }

    public LocalBuilder? Boxed { get; init; }

    public LocalBuilder? Overflow { get; init; }

    public LocalBuilder? Word { get; init; }

    /// <summary>Whether <see cref="Boxed"/> may be null at run time: the value is then the word
    /// and has no object.</summary>
    public bool MayBeUnboxed { get; init; }

    /// <summary>Whether the value is surely in weak head normal form.</summary>
    public bool IsWhnf { get; init; }

    /// <summary>Whether the value is surely a small natural.</summary>
    public bool IsWord => Const is SmallNat || (Word is not null && Overflow is null);

    public bool HasWord => Const is SmallNat || Word is not null;

    public static Operand Of(Value constant) => new() { Const = constant, IsWhnf = true };

    public static Operand OfWord(LocalBuilder word) => new() { Word = word, IsWhnf = true };

    public static Operand OfBoxed(LocalBuilder boxed, bool isWhnf) =>
        new() { Boxed = boxed, IsWhnf = isWhnf };
}
