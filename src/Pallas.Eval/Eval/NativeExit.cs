using System.Runtime.CompilerServices;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// How an evaluation leaves the native stack, where compiled code has used up its part of it, and
/// goes on from the heap.
/// </summary>
/// <remarks>
/// The call that is to be made is noted, <see cref="Evaluator.IsUnwinding"/> is set, and everything
/// returns no value and writes its frame to <see cref="Evaluator.Leaving"/>, down to the native
/// code that asked for the value. That makes the call on the emptied stack (<see cref="Settle"/>),
/// and then goes on with the frames, one by one. A run of the interpreter in between leaves its
/// frames where they are, on the <see cref="HeapStack"/>. What compiled code looks at all the time
/// is in the evaluator itself.
/// </remarks>
internal sealed unsafe class NativeExit(Evaluator evaluator)
{
    // What compiled code may use of the native stack, and what it may use more where native code
    // that cannot leave stands on it. See docs/design/compiler.md for how this was measured.
    private const int NativeBytes = 1 << 20;
    private const int MoreNativeBytes = 64 << 10;
    private const int NativeBytesMin = 32 << 10;
    private const int NativeBytesPerFrame = 64;

    // Entries before the native stack is left again: with less than a law's two, nothing goes on.
    private const int EntriesMin = 2;

    internal const string SettleName = nameof(Settle);

    // The call that is to be made when the native stack is left: of a law, or of a thunk.
    private LawCode? code;
    private Value[]? args;
    private Thunk? thunk;
    private int free;

    // The frame of the run of the interpreter that was left last, which is to become the frames of
    // compiled code under it; -1 where there is none.
    private int leftStop = -1;

    private int entriesCount;
    private int entriesLeft;
    private nuint nativeLimit;

    /// <summary>How often compiled code has used up its part of the native stack.</summary>
    public int Count { get; private set; }

    /// <summary>How many frames there were when each <see cref="Settle"/> began.</summary>
    public List<int> Floors { get; } = [];

    /// <summary>Where the native stack is used up, whatever tests ask for.</summary>
    public nuint NativeLimit => nativeLimit;

    /// <summary>An evaluation begins, on this thread.</summary>
    public void Begin()
    {
        evaluator.IsUnwinding = false;
        leftStop = -1;
        int probe;
        SetLimit((nuint)(&probe), NativeBytes);
    }

    /// <summary>Goes back to a mark: nothing is being left any more.</summary>
    public void Unwind(EvalMark mark)
    {
        if (evaluator.IsUnwinding)
            evaluator.Leaving = new FrameQueue();
        evaluator.IsUnwinding = false;
        (code, args, thunk, leftStop) = (null, null, null, -1);
        Floors.RemoveRange(mark.FloorCount, Floors.Count - mark.FloorCount);
        (evaluator.StackLimit, nativeLimit) = (mark.StackLimit, mark.NativeLimit);
    }

    /// <summary>Whether compiled code may be entered though the address is past the limit: tests
    /// set limits that leave the stack now and then.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool MayEnter()
    {
        int probe;
        var every = evaluator.Options.UnwindEvery;
        if (every == 0 || (nuint)(&probe) < nativeLimit)
            return false;
        return entriesLeft-- > 0 || ++entriesCount % every != 0;
    }

    /// <summary>Leaves the native stack, to call a law when it is empty.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public Value? Leave(LawCode law, Value[] arguments)
    {
        (code, args) = (law, arguments);
        return Leave();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public Value? Leave(Thunk pending)
    {
        thunk = pending;
        return Leave();
    }

    private Value? Leave()
    {
        Count++;
        free = evaluator.Stack.Free;
        evaluator.IsUnwinding = true;
        evaluator.Leaving = new FrameQueue();
        return evaluator.GoOn(UnwindNode.Instance, 0);
    }

    /// <summary>Ends a run of the interpreter: its frames stay.</summary>
    public Value LeaveRun()
    {
        ref var stack = ref evaluator.Stack;
        TakeLeaving(ref stack);
        leftStop = stack.StopAt;
        var stop = stack[leftStop];
        stack.Push(StopNode.Instance, stop.Base, stop.State, null);
        return Evaluator.Unwound;
    }

    /// <summary>Puts the frames that left onto the stack: beneath those of the run of the
    /// interpreter that they had called, or on top.</summary>
    private void TakeLeaving(ref HeapStack stack)
    {
        var queue = evaluator.Leaving.Count > 0 ? evaluator.Leaving : null;
        evaluator.Leaving = new FrameQueue();
        stack.QueuedCount += queue?.Count ?? 0;
        if (leftStop < 0)
        {
            if (queue is not null)
                stack.Push(ResumeNode.Instance, stack.Free, 0, queue);
            return;
        }
        ref var stop = ref stack[leftStop];
        (stop.Node, stop.Base, stop.State, stop.Extra) =
            (ResumeNode.Instance, stack.Free, 0, queue);
        // What stands in tail position leaves nothing, so that a chain of tail calls through both
        // tiers needs no stack.
        if (queue is null && stack.Count <= leftStop + 2)
        {
            if (stack.Count == leftStop + 2)
                stop = stack[leftStop + 1];
            stack.Drop();
        }
        leftStop = -1;
    }

    /// <summary>Makes the call for which the native stack was left, and goes on with the frames
    /// that left it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public Value Settle()
    {
        int probe;
        if ((nuint)(&probe) < StackGuard.Low + NativeBytesMin)
            return SettleOnFreshStack();
        ref var stack = ref evaluator.Stack;
        var (outerFree, outerLimit, outerNativeLimit) =
            (stack.Free, evaluator.StackLimit, nativeLimit);
        var floor = leftStop < 0 ? stack.Count : leftStop;
        if ((nuint)(&probe) < nativeLimit + MoreNativeBytes)
            SetLimit((nuint)(&probe), MoreNativeBytes);
        Floors.Add(floor);
        while (true)
        {
            var value = evaluator.IsUnwinding
                ? CallLeft()
                : evaluator.Next.Eval(evaluator, evaluator.NextBase);
            while (value is not null)
            {
                if (stack.Count == floor)
                {
                    Floors.RemoveAt(Floors.Count - 1);
                    (stack.Free, evaluator.StackLimit, nativeLimit) =
                        (outerFree, outerLimit, outerNativeLimit);
                    return value;
                }
                var frame = stack.Pop();
                value = frame.Node.Resume(evaluator, frame, value);
            }
        }
    }

    private Value SettleOnFreshStack() => OnFreshStack(static () => null);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Value? CallLeft()
    {
        ref var stack = ref evaluator.Stack;
        TakeLeaving(ref stack);
        evaluator.IsUnwinding = false;
        if (stack.IsTooDeep)
            throw stack.TooDeep();
        entriesLeft = EntriesMin;
        stack.Free = free;
        var (law, arguments, pending) = (code, args, thunk);
        (code, args, thunk) = (null, null, null);
        return pending is not null
            ? evaluator.Force(pending)
            : CallStubs.CallMany(evaluator, law!, arguments!);
    }

    /// <summary>Evaluates on a stack of its own; the limit of the native stack is for that one
    /// then.</summary>
    public Value OnFreshStack(Func<Value?> action)
    {
        var (outerLimit, outerNativeLimit) = (evaluator.StackLimit, nativeLimit);
        var value = StackGuard.OnFreshStack(() =>
        {
            int probe;
            SetLimit((nuint)(&probe), NativeBytes);
            return evaluator.Settle(action());
        });
        (evaluator.StackLimit, nativeLimit) = (outerLimit, outerNativeLimit);
        return value;
    }

    /// <summary>Gives compiled code so much of the native stack from here on.</summary>
    private void SetLimit(nuint here, long bytesMax)
    {
        var options = evaluator.Options;
        var bytes = (nuint)Math.Min(bytesMax, (long)options.DepthMax * NativeBytesPerFrame);
        nativeLimit = Math.Max(StackGuard.Low, here > bytes ? here - bytes : 0);
        evaluator.StackLimit = options.UnwindEvery == 0 ? nativeLimit : nuint.MaxValue;
    }
}
