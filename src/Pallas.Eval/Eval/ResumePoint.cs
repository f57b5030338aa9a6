using System.Runtime.CompilerServices;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Where a frame that left the native stack goes on.</summary>
internal abstract class ResumePoint
{
    /// <summary>The law that waits, for profiles.</summary>
    public virtual string? LawName => null;

    /// <summary>Takes the slots of the frame and goes on with the value of its call.</summary>
    /// <returns>The value of the frame; null where the evaluator is unwinding.</returns>
    public abstract Value? Resume(Evaluator evaluator, FrameQueue queue, Value value);
}

/// <summary>Overwrites a thunk with its value.</summary>
internal sealed class UpdatePoint : ResumePoint
{
    public static readonly UpdatePoint Instance = new();

    /// <summary>Leaves the native stack while the thunk waits for its value.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Value? Leave(Evaluator evaluator, Thunk thunk)
    {
        evaluator.Leaving.Begin(Instance);
        evaluator.Leaving.Write(thunk);
        return null;
    }

    public override Value? Resume(Evaluator evaluator, FrameQueue queue, Value value)
    {
        ((Thunk)queue.TakeRef()!).Finish(value);
        return value;
    }
}

/// <summary>Applies the value to arguments that waited.</summary>
internal sealed class ApplyPoint : ResumePoint
{
    public static readonly ApplyPoint Instance = new();

    /// <summary>Leaves the native stack before an application.</summary>
    public static Value? Leave(Evaluator evaluator, Value[] args)
    {
        evaluator.Leaving.Begin(Instance);
        evaluator.Leaving.Write(args);
        return null;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override Value? Resume(Evaluator evaluator, FrameQueue queue, Value value) =>
        CallStubs.ApplyMany(evaluator, value, (Value[])queue.TakeRef()!);
}

/// <summary>Goes on with the frames of a <see cref="FrameQueue"/>.</summary>
/// <remarks>Optimized at once, as everything is that stands under compiled code: code that is not
/// would hold the value to its end.</remarks>
internal sealed class ResumeNode : Node
{
    public static readonly ResumeNode Instance = new();

    public override Value? Eval(Evaluator evaluator, int activation) =>
        throw new InvalidOperationException("a queue of frames is not evaluated");

    /// <summary>Goes on as long as the frames return values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override Value? Resume(Evaluator evaluator, in Frame frame, Value value)
    {
        ref var stack = ref evaluator.Stack;
        stack.Free = frame.Base;
        if (frame.Extra is not FrameQueue queue)
            return value;
        stack.PutBack(queue);
        var boxed = value;
        ulong word = 0;
        while (true)
        {
            if (!ReferenceEquals(evaluator.Entering, queue))
                evaluator.Entering = queue;
            var point = queue.Take();
            stack.QueuedCount--;
            var isLast = queue.Count == 0;
            if (isLast)
                stack.Drop();
            bool isLeft;
            if (point is not CompiledPoint compiled)
            {
                boxed = point.Resume(evaluator, queue, boxed ?? Nat.Of(word));
                isLeft = boxed is null;
            }
            else
            {
                var result = compiled.Resume(evaluator, boxed, word);
                (boxed, word) = (result.Boxed, result.Word);
                isLeft = boxed is not null && evaluator.IsUnwinding;
            }
            if (isLast)
                queue.Free();
            if (isLeft)
                return null;
            if (isLast)
                return boxed ?? Nat.Of(word);
        }
    }
}

/// <summary>What a run of the interpreter goes on with while the native stack is left.</summary>
internal sealed class UnwindNode : Node
{
    public static readonly UnwindNode Instance = new();

    public override Value? Eval(Evaluator evaluator, int activation) =>
        evaluator.Exit.LeaveRun();
}
