using System.Reflection.Emit;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>The methods that a law is compiled to.</summary>
internal sealed class LawMethods
{
    public required LawCode Code { get; init; }

    public required LawFacts Facts { get; init; }

    /// <summary>Takes and returns objects.</summary>
    public required MethodBuilder Generic { get; init; }

    /// <summary>
    /// Takes numbers as words, and returns a number in a <see cref="Result"/>; null where the law
    /// has no numbers.
    /// </summary>
    public MethodBuilder? Worker { get; init; }

    /// <summary>See <see cref="CompiledCode.Eager"/>; null where there is none.</summary>
    public MethodBuilder? Eager { get; init; }

    /// <summary>See <see cref="CompiledCode.EagerWords"/>; null where there is none.</summary>
    public MethodBuilder? EagerWords { get; init; }

    /// <summary>Takes the arguments in an array; null where there are at most
    /// <see cref="CompiledCode.ArgsMax"/>.</summary>
    public MethodBuilder? Spread { get; init; }

    public static Type WorkerResult(LawFacts facts) =>
        facts.ReturnsNat ? typeof(Result) : typeof(Value);

    public static Type[] WorkerArgs(LawFacts facts) =>
        [.. facts.IsWord.Select(isWord => isWord ? typeof(ulong) : typeof(Value))];
}
