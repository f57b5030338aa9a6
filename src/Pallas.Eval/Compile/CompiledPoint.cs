using System.Runtime.CompilerServices;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>The instruction after a call in compiled code, where a spilled frame resumes.</summary>
/// <param name="number">The number of the call in its method.</param>
/// <param name="takesResult">Whether the call returns a <see cref="Result"/>.</param>
internal sealed unsafe class CompiledPoint(ResumeMethod method, int number, bool takesResult)
    : ResumePoint
{
    private readonly bool returnsResult = method.ReturnsResult;
    private object? target;
    private nint entry;

    public override string? LawName => method.LawName;

    /// <param name="boxed">The value of the call; null where it is the word.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Result Resume(Evaluator evaluator, Value? boxed, ulong word)
    {
        if (entry == 0)
            (target, entry) = (method.Target, method.Entry);
        if (takesResult && boxed is SmallNat small)
            (boxed, word) = (null, small.Word);
        if (returnsResult)
            return ((delegate*<object?, Evaluator, int, Value?, ulong, Result>)entry)(
                target, evaluator, number, boxed, word);
        var value = ((delegate*<object?, Evaluator, int, Value?, ulong, Value?>)entry)(
            target, evaluator, number, boxed, word);
        return new() { Boxed = value ?? Evaluator.Unwound };
    }

    public override Value? Resume(Evaluator evaluator, FrameQueue queue, Value value) =>
        throw new InvalidOperationException("a frame of compiled code resumes with a Result");
}
