using System.Runtime.CompilerServices;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>A jet that waits for an argument.</summary>
/// <param name="next">The position of the argument in the jet's order.</param>
/// <param name="index">The index of the argument.</param>
internal sealed class JetPoint(JetStub stub, Jet jet, int next, int index) : ResumePoint
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public Value? Leave(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var queue = evaluator.Leaving;
        queue.Begin(this);
        for (var i = 0; i < args.Length; i++)
        {
            if (i != index)
                queue.Write(args[i]);
        }
        return null;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override Value? Resume(Evaluator evaluator, FrameQueue queue, Value value)
    {
        Span<Value> args = [value, value, value];
        args = args[..jet.Arity];
        for (var i = 0; i < args.Length; i++)
        {
            if (i != index)
                args[i] = Unsafe.As<Value>(queue.TakeRef()!);
        }
        return stub.Run(evaluator, args, next + 1);
    }
}
