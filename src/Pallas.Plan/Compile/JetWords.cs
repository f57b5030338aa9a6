namespace Pallas.Plan;

/// <summary>Jets as <see cref="CompiledCode.EagerWords"/>, for functions that are given on.
/// </summary>
internal static unsafe class JetWords
{
    private static readonly Result None = Result.Of(null);

    /// <summary>Zero where there is none.</summary>
    public static nint Of(Op op) => op switch
    {
        Op.Dec => (nint)(delegate*<object?, Evaluator, ulong, Result>)&Dec,
        Op.Add => (nint)(delegate*<object?, Evaluator, ulong, ulong, Result>)&Add,
        Op.Sub => (nint)(delegate*<object?, Evaluator, ulong, ulong, Result>)&Sub,
        Op.Mul => (nint)(delegate*<object?, Evaluator, ulong, ulong, Result>)&Mul,
        Op.Mod => (nint)(delegate*<object?, Evaluator, ulong, ulong, Result>)&Mod,
        _ => 0,
    };

    private static Result Dec(object? target, Evaluator evaluator, ulong x) =>
        Result.Of(x == 0 ? 0 : x - 1);

    private static Result Add(object? target, Evaluator evaluator, ulong x, ulong y) =>
        x + y < x ? None : Result.Of(x + y);

    private static Result Sub(object? target, Evaluator evaluator, ulong x, ulong y) =>
        Result.Of(x < y ? 0 : x - y);

    private static Result Mul(object? target, Evaluator evaluator, ulong x, ulong y) =>
        Math.BigMul(x, y, out var product) == 0 ? Result.Of(product) : None;

    private static Result Mod(object? target, Evaluator evaluator, ulong x, ulong y) =>
        Result.Of(y == 0 ? x : x % y);
}
