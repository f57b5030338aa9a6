using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Pallas.Plan;

/// <summary>
/// Evaluates PLAN values. One evaluator serves one thread at a time and is used again and again.
/// </summary>
/// <remarks>
/// The machine is an interpreter of <see cref="Node"/> trees, made from law bodies on first call,
/// with a stack of its own on the heap, so that the depth of a program's recursion is bounded by
/// <see cref="EvalOptions.DepthMax"/> and never by the native stack. The stack has two parts:
/// <list type="bullet">
/// <item>slots: the activation of a law is a run of slots: the law itself, its arguments, its
/// lets, and scratch; an activation's base is handed from node to node. A call in tail position
/// writes the new activation over the old one.</item>
/// <item>frames: what waits for a value: a node to resume, with the base of its activation.</item>
/// </list>
/// A node either returns a value in weak head normal form or names the node to go on with, so
/// native recursion is needed only where a jet asks for a value (<see cref="Whnf"/>), and in
/// compiled code. Compiled code that has used up its part of the native stack leaves it: the call
/// that is to be made is noted, <see cref="IsUnwinding"/> is set, and everything returns no value
/// and writes its frame to <see cref="Leaving"/>, down to the native code that asked for the value
/// (<see cref="Settle"/>). That makes the call on the emptied stack, and then goes on with the
/// frames, one by one. A run of the interpreter in between leaves its frames where they are.
/// </remarks>
public sealed unsafe class Evaluator
{
    /// <summary>Calls between two polls for interruption.</summary>
    internal const int FuelPerPoll = 1 << 16;

    /// <summary>Rounds of a compiled loop that are counted together.</summary>
    internal const int RoundsPerCount = 64;

    private const int KeptLength = 1 << 14;

    // What compiled code may use of the native stack, and what it may use more where native code
    // that cannot leave stands on it. See docs/design/compiler.md for how this was measured.
    private const int NativeBytes = 1 << 20;
    private const int MoreNativeBytes = 64 << 10;
    private const int NativeBytesMin = 32 << 10;
    private const int NativeBytesPerFrame = 64;

    // Calls before a law is worth a millisecond of compiling: measured on the cold load of a large
    // library, which calls most laws only a few times.
    private const int HeatOfDefault = 2_000;

    // Entries before the native stack is left again: with less than a law's two, nothing goes on.
    private const int EntriesMin = 2;

    // What a law is heated by where a call that it makes uses up the fuel between two polls: eight
    // times as much, some milliseconds, and compiling the law would have paid.
    private const int HeatPerPoll = HeatOfDefault / 8;
    private const int HeatPerLeave = HeatOfDefault / 2;

    private readonly int heatMax;
    private Frame[] frames = new Frame[256];
    private int frameCount;
    private int free;
    private int dirtySlots;
    private long pollsLeft;
    private bool isActive;
    private LawCode? entered;

    // The interpreted law that called the compiled code which runs.
    private LawCode? caller;
    private volatile int interrupt;

    // The call that is to be made when the native stack is left: of a law, or of a thunk.
    private LawCode? leftCode;
    private Value[]? leftArgs;
    private Thunk? leftThunk;
    private int leftFree;

    // The frame of the innermost run of the interpreter, and of the one that was left last, which
    // is to become the frames of compiled code under it; -1 where there is none.
    private int stopAt = -1;
    private int leftStop = -1;

    // What thunks get that are evaluated, since the innermost mark: see Mark.
    private ThunkCode running = ThunkCode.NewRunning(null);

    private int queuedCount;
    private int entriesCount;
    private int entriesLeft;
    private nuint nativeLimit;

    /// <summary>How often compiled code has used up its part of the native stack.</summary>
    internal int DeepCount;

    /// <summary>Whether the native stack is being left; calls return no value then.</summary>
    internal bool IsUnwinding;

    /// <summary>The frames that leave the native stack.</summary>
    internal FrameQueue Leaving = null!;

    /// <summary>The frames that go on.</summary>
    internal FrameQueue Entering = null!;

    /// <summary>What a run of the interpreter returns when the native stack is left.</summary>
    internal static readonly Value Unwound =
        new PlainThunk(ThunkCode.NewRunning(null), null, null);

    /// <summary>The interpreted law that is about to call compiled code.</summary>
    internal LawCode? Caller;

    /// <summary>Calls left until the next poll; compiled code counts it down, too.</summary>
    internal int Fuel = FuelPerPoll;

    /// <summary>Native stack below this address is not for compiled code.</summary>
    internal nuint StackLimit;

    /// <summary>Whether compiled code may be called: not in the interpreted tier.</summary>
    internal readonly bool IsFast;

    public Evaluator(EvalOptions options)
    {
        Options = options;
        Jets = options.Jets;
        pollsLeft = options.StepsMax / FuelPerPoll + 1;
        options.Profile?.Attach(this);
        IsFast = options.Tier != Tier.Interpret;
        heatMax = options.Tier switch
        {
            Tier.Interpret => int.MaxValue,
            Tier.Default => HeatOfDefault,
            _ => 1,
        };
    }

    public EvalOptions Options { get; }

    internal readonly JetTable Jets;

    internal const string RunName = nameof(Run);

    internal const string SettleName = nameof(SettleUnwound);

    internal ReadOnlySpan<Frame> Frames => frames.AsSpan(0, frameCount);

    /// <summary>How many frames there were when each <see cref="SettleUnwound"/> began.</summary>
    internal readonly List<int> Floors = [];

    internal Value[] Slots { get; private set; } = new Value[1024];

    internal Node Next { get; private set; } = StopNode.Instance;

    internal int NextBase { get; private set; }

    /// <summary>Weak head normal form.</summary>
    /// <exception cref="PlanCrash">The program applied a nat of 5 or more.</exception>
    /// <exception cref="MachineFault">The machine could not finish.</exception>
    public Value Whnf(Value value)
    {
        value = value.Resolved;
        if (value.AsThunk is not { } thunk)
            return value;
        if (isActive)
            return Settle(Force(thunk));
        Begin();
        try
        {
            return Settle(Force(thunk));
        }
        catch (Exception exception)
        {
            Unwind(default, exception);
            throw;
        }
        finally
        {
            End();
        }
    }

    /// <summary>Normal form: no thunk anywhere, every data jet in its layout.</summary>
    /// <remarks>Throws as <see cref="Whnf"/>. A value known to be normal costs nothing.</remarks>
    public Value Normalize(Value value) => Normalizer.Of(this, value);

    /// <summary>The weak head normal form of an application.</summary>
    public Value Apply(Value function, params ReadOnlySpan<Value> args) =>
        isActive ? Settle(Calls.Apply(this, function, args)) : Whnf(Delay(function, args));

    /// <summary>An application that is evaluated when it is needed.</summary>
    public Value Delay(Value function, params ReadOnlySpan<Value> args)
    {
        var code = ThunkCode.Applying(args.Length);
        return args.Length switch
        {
            0 => function,
            1 => new PlainThunk(code, function, args[0]),
            _ => new PlainThunk(code, (Value[])[function, .. args], null),
        };
    }

    /// <summary>Where the evaluation stands, for <see cref="Unwind"/>, or else for
    /// <see cref="Pass"/>.</summary>
    internal EvalMark Mark()
    {
        var outer = running;
        running = ThunkCode.NewRunning(outer);
        return new(frameCount, outer, free, stopAt, Floors.Count, StackLimit, nativeLimit);
    }

    /// <summary>Forgets a mark: all that was begun since has its value.</summary>
    internal void Pass(EvalMark mark) => running = mark.Running!;

    /// <summary>
    /// Goes back to where a mark was taken, after an exception was caught there; thunks whose
    /// evaluation that ended repeat it.
    /// </summary>
    internal void Unwind(EvalMark mark, Exception exception)
    {
        while (frameCount > mark.FrameCount)
        {
            ref var frame = ref frames[--frameCount];
            if (frame.Extra is FrameQueue queue)
                queuedCount -= queue.Count;
            frame.Extra = null;
        }
        // Also those of marks in between, whose owners let the exception pass.
        for (var state = running; state != mark.Running; state = state.Outer)
            state!.Fault = exception;
        running = mark.Running ?? ThunkCode.NewRunning(null);
        if (IsUnwinding)
            Leaving = new FrameQueue();
        IsUnwinding = false;
        (leftCode, leftArgs, leftThunk, leftStop) = (null, null, null, -1);
        free = mark.Free;
        stopAt = mark.StopAt;
        Floors.RemoveRange(mark.FloorCount, Floors.Count - mark.FloorCount);
        StackLimit = mark.StackLimit;
        nativeLimit = mark.NativeLimit;
    }

    /// <summary>Makes the running evaluation end with a machine fault; from any thread.</summary>
    public void Interrupt(FaultKind kind) => interrupt = (int)kind + 1;

    /// <summary>Forgets an interruption, and gives the full step budget again.</summary>
    public void Reset()
    {
        interrupt = 0;
        Fuel = FuelPerPoll;
        pollsLeft = Options.StepsMax / FuelPerPoll + 1;
    }

    /// <summary>Whether something is being evaluated; a guess when another thread asks.</summary>
    public bool IsRunning => isActive;

    /// <summary>Makes the running evaluation give its <see cref="EvalProfile"/> a sample at the
    /// next call; from any thread.</summary>
    public void RequestSample() => Fuel = 0;

    /// <summary>The laws under evaluation, the outermost first, at most so many of the innermost;
    /// while a sample is taken.</summary>
    public IReadOnlyList<string> LawStack(int countMax) =>
        Plan.LawStack.Of(this, entered, countMax);

    /// <summary>Throws the machine fault that was asked for; long native code calls it.</summary>
    public void CheckInterrupt()
    {
        if (interrupt == 0)
            return;
        var kind = (FaultKind)(interrupt - 1);
        throw new MachineFault(
            kind, kind == FaultKind.Timeout ? "the time limit has passed" : "interrupted");
    }

    /// <summary>Names the node to go on with; for a node to return the result of.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Value? GoOn(Node node, int activation)
    {
        Next = node;
        NextBase = activation;
        return null;
    }

    /// <summary>Goes on with the node, and then resumes the waiting one with its value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Value? Await(Node node, Node waiting, int activation, int state = 0)
    {
        Push(waiting, activation, state, null);
        return GoOn(node, activation);
    }

    internal void Push(Node node, int activation, int state, object? extra)
    {
        if (frameCount == frames.Length)
            GrowFrames();
        ref var frame = ref frames[frameCount++];
        frame.Node = node;
        frame.Base = activation;
        frame.State = state;
        frame.Extra = extra;
    }

    /// <summary>Starts evaluating a thunk in the slots from <paramref name="start"/>.</summary>
    internal Value? EnterThunk(Thunk thunk, int start)
    {
        var code = thunk.Code!;
        if (code.IsState)
            throw thunk.Blocked();
        if (IsFast && code.Compiled is not null)
        {
            free = start;
            return Force(thunk);
        }
        Push(UpdateNode.Instance, start, 0, thunk);
        EnsureSlots(start + code.Reach);
        thunk.Enter(Slots.AsSpan(start), running);
        return GoOn(code.Body, start);
    }

    /// <summary>Brings a value that may be a thunk to weak head normal form.</summary>
    internal Value? Continue(Value value, int start)
    {
        value = value.Resolved;
        return value.AsThunk is { } thunk ? EnterThunk(thunk, start) : value;
    }

    /// <summary>Starts a law whose activation is written from <paramref name="start"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Value? EnterCode(LawCode code, int start)
    {
        if (--Fuel < 0)
            Poll(start + code.Arity + 1, code);
        if (IsFast && (code.Compiled is not null || (++code.Heat >= heatMax && Heat(code))))
        {
            entered = code;
            return GoOn(CompiledNode.Instance, start);
        }
        if (start + code.Reach > Slots.Length)
            GrowSlots(start + code.Reach);
        return GoOn(code.Body, start);
    }

    /// <summary>Tells where nested evaluations may start, before native code runs.</summary>
    internal void ReserveSlots(int end) => free = end;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void EnsureSlots(int length)
    {
        if (length > Slots.Length)
            GrowSlots(length);
    }

    /// <summary>Evaluates a thunk, in machine code where there is some.</summary>
    /// <returns>Null where the native stack is left.</returns>
    [Unwinds]
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    internal Value? Force(Thunk thunk)
    {
        var code = thunk.Code;
        if (code is null)
            return ForceDone(thunk);
        if (!IsFast || code.Compiled is not { } compiled)
            return Drive(thunk);
        int probe;
        if ((nuint)(&probe) < StackLimit && !MayEnter())
            return Leave(thunk);
        var (target, entry) = (compiled.Target, compiled.Entry);
        var (a, b, w, v) = (thunk.A, thunk.B, 0UL, 0UL);
        if (thunk is WordThunk words)
            (w, v) = (words.W, words.V);

        // The code would wait for these objects one after the other: a merge sort of lazy lists
        // that are larger than the caches takes a tenth less time so.
        Fetch(ref thunk.B);
        Fetch(ref thunk.A);
        thunk.Run(running);
        if (b is Row second)
            Fetch(ref second.First!);
        if (a is Row first)
            Fetch(ref first.First!);

        // Every form of code takes the first of these, and what it does not take it does not see:
        // no branch on the form.
        var value = ((delegate*<object?, Evaluator, object?, object?, ulong, ulong, Value?>)entry)(
            target, this, a, b, w, v);
        if (value is null)
        {
            LeaveUpdate(thunk);
            return null;
        }
        thunk.Finish(value);
        return value;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private Value? ForceDone(Thunk thunk)
    {
        var value = thunk.Follow();
        return value.AsThunk is { } pending ? Force(pending) : value;
    }

    /// <summary>Asks the processor for the object that a field holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch(ref object? field)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0((void*)Unsafe.As<object?, nuint>(ref field));
    }

    // ---- Leaving the native stack, and going on

    /// <summary>Whether compiled code may be entered though the address is past the limit: tests
    /// set limits that leave the stack now and then.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal bool MayEnter()
    {
        int probe;
        if (Options.UnwindEvery == 0 || (nuint)(&probe) < nativeLimit)
            return false;
        return entriesLeft-- > 0 || ++entriesCount % Options.UnwindEvery != 0;
    }

    /// <summary>Leaves the native stack, to call a law when it is empty.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal Value? Leave(LawCode code, Value[] args)
    {
        (leftCode, leftArgs) = (code, args);
        return Leave();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Value? Leave(Thunk thunk)
    {
        leftThunk = thunk;
        return Leave();
    }

    private Value? Leave()
    {
        DeepCount++;
        leftFree = free;
        IsUnwinding = true;
        Leaving = new FrameQueue();
        Next = UnwindNode.Instance;
        return null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LeaveUpdate(Thunk thunk)
    {
        Leaving.Begin(UpdatePoint.Instance);
        Leaving.Write(thunk);
    }

    /// <summary>Ends a run of the interpreter: its frames stay.</summary>
    internal Value LeaveRun()
    {
        TakeLeaving();
        leftStop = stopAt;
        var stop = frames[stopAt];
        Push(StopNode.Instance, stop.Base, stop.State, null);
        return Unwound;
    }

    /// <summary>Puts the frames that left onto the stack: beneath those of the run of the
    /// interpreter that they had called, or on top.</summary>
    private void TakeLeaving()
    {
        var queue = Leaving.Count > 0 ? Leaving : null;
        Leaving = new FrameQueue();
        queuedCount += queue?.Count ?? 0;
        if (leftStop < 0)
        {
            if (queue is not null)
                Push(ResumeNode.Instance, free, 0, queue);
            return;
        }
        ref var stop = ref frames[leftStop];
        (stop.Node, stop.Base, stop.State, stop.Extra) = (ResumeNode.Instance, free, 0, queue);
        // What stands in tail position leaves nothing, so that a chain of tail calls through both
        // tiers needs no stack.
        if (queue is null && frameCount <= leftStop + 2)
        {
            if (frameCount == leftStop + 2)
                stop = frames[leftStop + 1];
            frames[--frameCount].Extra = null;
        }
        leftStop = -1;
    }

    /// <summary>The value of a call by native code that cannot leave the native stack.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Value Settle(Value? value) => value ?? SettleUnwound();

    /// <summary>Makes the call for which the native stack was left, and goes on with the frames
    /// that left it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private Value SettleUnwound()
    {
        int probe;
        if ((nuint)(&probe) < StackGuard.Low + NativeBytesMin)
            return SettleOnFreshStack();
        var (outerFree, outerLimit, outerNativeLimit) = (free, StackLimit, nativeLimit);
        var floor = leftStop < 0 ? frameCount : leftStop;
        if ((nuint)(&probe) < nativeLimit + MoreNativeBytes)
            SetLimit((nuint)(&probe), MoreNativeBytes);
        Floors.Add(floor);
        for (;;)
        {
            var value = IsUnwinding ? CallLeft() : Next.Eval(this, NextBase);
            while (value is not null)
            {
                if (frameCount == floor)
                {
                    Floors.RemoveAt(Floors.Count - 1);
                    (free, StackLimit, nativeLimit) = (outerFree, outerLimit, outerNativeLimit);
                    return value;
                }
                ref var top = ref frames[--frameCount];
                var frame = top;
                top.Extra = null;
                value = frame.Node.Resume(this, frame, value);
            }
        }
    }

    private Value SettleOnFreshStack() => OnFreshStack(static () => null)!;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Value? CallLeft()
    {
        TakeLeaving();
        if (queuedCount + frameCount > Options.DepthMax)
        {
            IsUnwinding = false;
            throw TooDeep();
        }
        IsUnwinding = false;
        entriesLeft = EntriesMin;
        free = leftFree;
        var (code, args, thunk) = (leftCode, leftArgs, leftThunk);
        (leftCode, leftArgs, leftThunk) = (null, null, null);
        if (thunk is not null)
            return Force(thunk);
        return Calls.CallMany(this, code!, args!);
    }

    /// <summary>Goes on with the frames of a queue, as long as they return values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal Value? ResumeQueue(in Frame frame, Value value)
    {
        free = frame.Base;
        if (frame.Extra is not FrameQueue queue)
            return value;
        // The frame stays on the stack as long as others are in the queue.
        frames[frameCount++].Extra = queue;
        Value? boxed = value;
        ulong word = 0;
        for (;;)
        {
            if (!ReferenceEquals(Entering, queue))
                Entering = queue;
            var point = queue.Take();
            queuedCount--;
            var isLast = queue.Count == 0;
            if (isLast)
                frames[--frameCount].Extra = null;
            if (point is not CompiledPoint compiled)
            {
                boxed = point.Resume(this, queue, boxed ?? Nat.Of(word));
                if (boxed is null)
                    return null;
            }
            else
            {
                var result = compiled.Resume(this, boxed, word);
                (boxed, word) = (result.Boxed, result.Word);
                if (boxed is not null && IsUnwinding)
                    return null;
            }
            if (isLast)
                return boxed ?? Nat.Of(word);
        }
    }

    // ---- The interpreter

    /// <summary>Runs a law in the interpreter, whatever machine code there is of it.</summary>
    /// <returns>Null where the native stack is left.</returns>
    internal Value? Interpret(LawCode code, params ReadOnlySpan<Value> args)
    {
        if (!StackGuard.HasRoom)
            return InterpretOnFreshStack(code, args.ToArray());
        var start = free;
        EnsureSlots(start + args.Length + code.Reach);
        Slots[start] = code.Self;
        args.CopyTo(Slots.AsSpan(start + 1));
        PushStop(start);
        if (--Fuel < 0)
            Poll(start + code.Arity + 1, code);
        return Run(code.Body, start);
    }

    /// <summary>Notes a call by compiled code; whether there is machine code of the law now.
    /// </summary>
    internal bool Warm(LawCode code) => ++code.Heat >= heatMax && Heat(code);

    /// <summary>Makes machine code of a law that is called often; false where there is none.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Heat(LawCode code) => Compiler.TryCompile(code, Options.Tier);

    /// <summary>The applications of the interpreter, without machine code in between.</summary>
    internal Value? ApplySlowly(Value function, params ReadOnlySpan<Value> args)
    {
        if (!StackGuard.HasRoom)
            return ApplyOnFreshStack(function, args.ToArray());
        var code = ThunkCode.Applying(args.Length);
        EnsureSlots(free + code.Reach);
        Slots[free] = function;
        args.CopyTo(Slots.AsSpan(free + 1));
        return Drive(code.Body);
    }

    /// <summary>Polls for interruption; for compiled code that has used up its fuel.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void PollCompiled() => Poll(free);

    /// <summary>Counts the rounds of a compiled loop.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void CountRounds()
    {
        Fuel -= RoundsPerCount;
        if (Fuel < 0)
            Poll(free);
    }

    /// <summary>Calls the compiled law that was just entered.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal Value? CallEntered(int start)
    {
        var code = entered!;
        free = start;
        var outer = caller;
        (caller, Caller) = (Caller, null);
        var value = Calls.Call(this, code.Compiled!, Slots.AsSpan(start + 1, code.Arity));

        // Recursion that leaves the native stack goes on without a caller.
        if (value is null && caller is not null)
            caller.Heat += HeatPerLeave;
        caller = outer;
        return value;
    }

    private Value? Drive(Thunk thunk)
    {
        if (!StackGuard.HasRoom)
            return DriveOnFreshStack(thunk);
        EnsureSlots(free + 1);
        Slots[free] = thunk;
        return Drive(LocalNode.First);
    }

    private Value DriveOnFreshStack(Thunk thunk) => OnFreshStack(() => Drive(thunk));

    private Value ApplyOnFreshStack(Value function, Value[] args) =>
        OnFreshStack(() => ApplySlowly(function, args));

    private Value InterpretOnFreshStack(LawCode code, Value[] args) =>
        OnFreshStack(() => Interpret(code, args));

    /// <summary>The limit of the native stack is for another stack then.</summary>
    private Value OnFreshStack(Func<Value?> action)
    {
        var (outerLimit, outerNativeLimit) = (StackLimit, nativeLimit);
        var value = StackGuard.OnFreshStack(() =>
        {
            int probe;
            SetLimit((nuint)(&probe), NativeBytes);
            return Settle(action());
        });
        (StackLimit, nativeLimit) = (outerLimit, outerNativeLimit);
        return value;
    }

    private void Begin()
    {
        isActive = true;
        IsUnwinding = false;
        (stopAt, leftStop, queuedCount) = (-1, -1, 0);
        int probe;
        SetLimit((nuint)(&probe), NativeBytes);
    }

    /// <summary>Gives compiled code so much of the native stack from here on.</summary>
    private void SetLimit(nuint here, long bytesMax)
    {
        var bytes = (nuint)Math.Min(bytesMax, (long)Options.DepthMax * NativeBytesPerFrame);
        nativeLimit = Math.Max(StackGuard.Low, here > bytes ? here - bytes : 0);
        StackLimit = Options.UnwindEvery == 0 ? nativeLimit : nuint.MaxValue;
    }

    private void End()
    {
        isActive = false;
        (Leaving, Entering) = (null!, null!);
        Shrink();
    }

    private Value? Drive(Node node)
    {
        var start = free;
        PushStop(start);
        return Run(node, start);
    }

    private void PushStop(int start)
    {
        Push(StopNode.Instance, start, stopAt, null);
        stopAt = frameCount - 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Value? Run(Node node, int activation)
    {
        for (;;)
        {
            var value = node.Eval(this, activation);
            while (value is not null)
            {
                ref var top = ref frames[--frameCount];
                var frame = top;
                top.Extra = null;
                if (ReferenceEquals(frame.Node, StopNode.Instance))
                {
                    free = frame.Base;
                    stopAt = frame.State;
                    return ReferenceEquals(value, Unwound) ? null : value;
                }
                value = frame.Node.Resume(this, frame, value);
            }
            node = Next;
            activation = NextBase;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Poll(int liveSlots, LawCode? code = null)
    {
        Fuel = FuelPerPoll;
        if (code is null && caller is not null)
            caller.Heat += HeatPerPoll;
        CheckInterrupt();
        Options.Watch?.Invoke();
        if (Options.Profile is { } profile)
            TakeSample(profile, code);
        else if (--pollsLeft < 0)
            throw new MachineFault(FaultKind.Timeout, "the step budget is spent");
        var end = Math.Min(dirtySlots, Slots.Length);
        if (end > liveSlots)
            Array.Clear(Slots, liveSlots, end - liveSlots);
        dirtySlots = liveSlots + KeptLength;
    }

    private void TakeSample(EvalProfile profile, LawCode? code)
    {
        var before = entered;
        entered = code;
        profile.Sample(this);
        entered = before;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GrowSlots(int length)
    {
        if (length > Options.DepthMax * 4L)
            throw TooDeep();
        var slots = Slots;
        Array.Resize(ref slots, Math.Max(length, 2 * slots.Length));
        Slots = slots;
        dirtySlots = slots.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GrowFrames()
    {
        if (frameCount >= Options.DepthMax)
            throw TooDeep();
        Array.Resize(ref frames, Math.Min(frames.Length * 2, Options.DepthMax));
    }

    private MachineFault TooDeep() =>
        new(FaultKind.Depth, $"the evaluation is deeper than {Options.DepthMax:N0} frames");

    /// <summary>Gives the memory of a deep evaluation back, and lets go of what it held.</summary>
    private void Shrink()
    {
        if (frames.Length > KeptLength)
            frames = new Frame[256];
        if (Slots.Length > KeptLength)
            Slots = new Value[1024];
        else
            Array.Clear(Slots);
    }
}
