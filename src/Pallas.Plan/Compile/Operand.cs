using System.Reflection.Emit;

namespace Pallas.Plan;

/// <summary>Where a value of a compiled body is: in one or more locals, or in the code itself.
/// </summary>
/// <remarks>
/// Either a constant; or an object in <see cref="Boxed"/>; or a number in <see cref="Word"/>,
/// where <see cref="Ref"/>, if there is one, is null at run time: if it is not, it is the value.
/// <see cref="Boxed"/> beside a word is the same value as an object, if there is one yet: see
/// <see cref="IsOpen"/>.
/// </remarks>
internal sealed record Operand
{
    public Value? Const { get; init; }

    public LocalBuilder? Boxed { get; init; }

    public LocalBuilder? Ref { get; init; }

    public LocalBuilder? Word { get; init; }

    /// <summary>Whether <see cref="Boxed"/> may be null at run time, where the word is the value
    /// and has no object.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Whether it is in weak head normal form whatever the program does.</summary>
    public bool IsWhnf { get; init; }

    /// <summary>Whether it is a small natural whatever the program does.</summary>
    public bool IsWord => Const is SmallNat || (Word is not null && Ref is null);

    public bool HasWord => Const is SmallNat || Word is not null;

    public static Operand Of(Value constant) => new() { Const = constant, IsWhnf = true };

    public static Operand OfWord(LocalBuilder word) => new() { Word = word, IsWhnf = true };

    public static Operand OfBoxed(LocalBuilder boxed, bool isWhnf) =>
        new() { Boxed = boxed, IsWhnf = isWhnf };
}
