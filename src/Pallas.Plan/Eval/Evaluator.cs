using System.Runtime.CompilerServices;

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
/// native recursion is needed only where a jet asks for a value (<see cref="Whnf"/>); that goes
/// through <see cref="StackGuard"/>.
/// </remarks>
public sealed unsafe class Evaluator
{
    /// <summary>Calls between two polls for interruption.</summary>
    internal const int FuelPerPoll = 1 << 16;

    /// <summary>Rounds of a compiled loop that are counted together.</summary>
    internal const int RoundsPerCount = 64;

    private const int KeptLength = 1 << 14;

    // A native frame of a compiled law takes 50 to 150 bytes; see docs/design/compiler.md for how
    // this was measured.
    private const int NativeBytes = 2 << 20;
    private const int NativeBytesPerFrame = 64;

    // Calls before a law is worth a millisecond of compiling: measured on the cold load of a large
    // library, which calls most laws only a few times.
    private const int HeatOfDefault = 2_000;

    private readonly int heatMax;
    private readonly bool isCompiling;
    private Frame[] frames = new Frame[256];
    private Thunk[] running = new Thunk[64];
    private int frameCount;
    private int runningCount;
    private int free;
    private int dirtySlots;
    private long pollsLeft;
    private bool isActive;
    private LawCode? entered;
    private nuint stackEnd;
    private long allocatedBefore;
    private volatile int interrupt;

    /// <summary>How often compiled code has used up its part of the native stack.</summary>
    internal int DeepCount;

    /// <summary>Calls left until the next poll; compiled code counts it down, too.</summary>
    internal int Fuel = FuelPerPoll;

    /// <summary>Native stack below this address is not for compiled code.</summary>
    internal nuint StackLimit;

    /// <summary>
    /// Whether compiled code may be called: not in the interpreted tier, and not where the
    /// native stack is used up and the stack on the heap serves.
    /// </summary>
    internal bool IsFast;

    public Evaluator(EvalOptions options)
    {
        Options = options;
        Jets = options.Jets;
        pollsLeft = options.StepsMax / FuelPerPoll + 1;
        options.Profile?.Attach(this);
        isCompiling = options.Tier != Tier.Interpret;
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

    internal ReadOnlySpan<Frame> Frames => frames.AsSpan(0, frameCount);

    internal Value[] Slots { get; private set; } = new Value[1024];

    internal Node Next { get; private set; } = StopNode.Instance;

    internal int NextBase { get; private set; }

    /// <summary>Weak head normal form.</summary>
    /// <exception cref="PlanCrash">The program applied a nat of 5 or more.</exception>
    /// <exception cref="MachineFault">The machine could not finish.</exception>
    public Value Whnf(Value value)
    {
        value = value.Resolved;
        if (value is not Thunk thunk)
            return value;
        if (isActive)
            return Force(thunk);
        Begin();
        try
        {
            return Force(thunk);
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
        isActive ? Calls.Apply(this, function, args) : Whnf(Delay(function, args));

    /// <summary>An application that is evaluated when it is needed.</summary>
    public Value Delay(Value function, params ReadOnlySpan<Value> args)
    {
        var code = ThunkCode.Applying(args.Length);
        return args.Length switch
        {
            0 => function,
            1 => new Thunk(code, function, args[0]),
            _ => new Thunk(code, (Value[])[function, .. args], null),
        };
    }

    /// <summary>Where the evaluation stands, for <see cref="Unwind"/>.</summary>
    internal EvalMark Mark() => new(frameCount, runningCount, free, StackLimit, IsFast);

    /// <summary>
    /// Goes back to where a mark was taken, after an exception was caught there; thunks whose
    /// evaluation that ended repeat it.
    /// </summary>
    internal void Unwind(EvalMark mark, Exception exception)
    {
        while (frameCount > mark.FrameCount)
        {
            ref var frame = ref frames[--frameCount];
            if (frame.Extra is Thunk thunk)
                thunk.Fail(exception);
            frame.Extra = null;
        }
        while (runningCount > mark.RunningCount)
        {
            running[--runningCount].Fail(exception);
            running[runningCount] = null!;
        }
        free = mark.Free;
        StackLimit = mark.StackLimit;
        IsFast = mark.IsFast;
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
        thunk.Enter(Slots.AsSpan(start));
        return GoOn(code.Body, start);
    }

    /// <summary>Brings a value that may be a thunk to weak head normal form.</summary>
    internal Value? Continue(Value value, int start)
    {
        value = value.Resolved;
        return value is Thunk thunk ? EnterThunk(thunk, start) : value;
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

    /// <summary>Evaluates a thunk: in machine code where there is some, and room for it.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    internal Value Force(Thunk thunk)
    {
        var code = thunk.Code;
        if (code is null)
            return thunk.Follow() is Thunk pending ? Force(pending) : thunk.Follow();
        if (!IsFast || code.Compiled is not { } compiled)
            return Drive(thunk);
        int probe;
        if ((nuint)(&probe) < StackLimit && !GrowStack())
            return DriveDeep(thunk);
        var (target, entry) = (compiled.Target, compiled.Entry);
        var (a, b) = (thunk.A, thunk.B);
        thunk.Run();
        if (runningCount == running.Length)
            Array.Resize(ref running, 2 * running.Length);
        running[runningCount++] = thunk;
        var value = code.Count switch
        {
            0 => ((delegate*<object?, Evaluator, Value>)entry)(target, this),
            1 => ((delegate*<object?, Evaluator, object?, Value>)entry)(target, this, a),
            2 => ((delegate*<object?, Evaluator, object?, object?, Value>)entry)(
                target, this, a, b),
            _ => ((delegate*<object?, Evaluator, object?, Value>)entry)(target, this, a),
        };
        running[--runningCount] = null!;
        thunk.Finish(value);
        return value;
    }

    /// <summary>Gives compiled code more of the native stack, where that is cheap.</summary>
    /// <remarks>
    /// A deep native stack costs nothing but at a collection, which walks it: so recursion that
    /// allocates next to nothing may use all of it, and the rest goes on on the heap.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal bool GrowStack()
    {
        if (StackLimit < stackEnd + NativeBytes)
            return false;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        if (allocated - allocatedBefore > NativeBytes / 4)
            return false;
        allocatedBefore = allocated;
        StackLimit -= NativeBytes;
        return true;
    }

    /// <summary>Runs a law in the interpreter, whatever machine code there is of it.</summary>
    internal Value Interpret(LawCode code, params ReadOnlySpan<Value> args)
    {
        if (!StackGuard.HasRoom)
            return InterpretOnFreshStack(code, args.ToArray());
        var start = free;
        EnsureSlots(start + args.Length + code.Reach);
        Slots[start] = code.Self;
        args.CopyTo(Slots.AsSpan(start + 1));
        Push(StopNode.Instance, start, 0, null);
        if (--Fuel < 0)
            Poll(start + code.Arity + 1, code);
        return Run(code.Body, start);
    }

    /// <summary>The same where the native stack is used up: all below is interpreted.</summary>
    internal Value InterpretDeep(LawCode code, params ReadOnlySpan<Value> args)
    {
        IsFast = false;
        DeepCount++;
        var value = Interpret(code, args);
        IsFast = isCompiling;
        return value;
    }

    /// <summary>Notes a call by compiled code; whether there is machine code of the law now.
    /// </summary>
    internal bool Warm(LawCode code) => ++code.Heat >= heatMax && Heat(code);

    /// <summary>Makes machine code of a law that is called often; false where there is none.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Heat(LawCode code) => Compiler.TryCompile(code, Options.Tier);

    /// <summary>The applications of the interpreter, without machine code in between.</summary>
    internal Value ApplySlowly(Value function, params ReadOnlySpan<Value> args)
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
    internal Value CallEntered(int start)
    {
        var code = entered!;
        free = start;
        return Calls.Call(this, code.Compiled!, Slots.AsSpan(start + 1, code.Arity));
    }

    private Value Drive(Thunk thunk)
    {
        if (!StackGuard.HasRoom)
            return DriveOnFreshStack(thunk);
        EnsureSlots(free + 1);
        Slots[free] = thunk;
        return Drive(LocalNode.First);
    }

    private Value DriveDeep(Thunk thunk)
    {
        IsFast = false;
        DeepCount++;
        var value = Drive(thunk);
        IsFast = isCompiling;
        return value;
    }

    private Value DriveOnFreshStack(Thunk thunk) => OnFreshStack(() => Drive(thunk));

    private Value ApplyOnFreshStack(Value function, Value[] args) =>
        OnFreshStack(() => ApplySlowly(function, args));

    private Value InterpretOnFreshStack(LawCode code, Value[] args) =>
        OnFreshStack(() => Interpret(code, args));

    /// <summary>The limit of the native stack is for another stack then.</summary>
    private Value OnFreshStack(Func<Value> action)
    {
        var wasFast = IsFast;
        IsFast = false;
        var value = StackGuard.OnFreshStack(action);
        IsFast = wasFast;
        return value;
    }

    private void Begin()
    {
        isActive = true;
        IsFast = isCompiling;
        int probe;
        var here = (nuint)(&probe);
        var bytes = (nuint)Math.Min(NativeBytes, (long)Options.DepthMax * NativeBytesPerFrame);
        StackLimit = Math.Max(StackGuard.Low, here > bytes ? here - bytes : 0);
        var bytesMax = (nuint)Options.DepthMax * NativeBytesPerFrame;
        stackEnd = Math.Max(StackGuard.Low, here > bytesMax ? here - bytesMax : 0);
        allocatedBefore = long.MaxValue;
    }

    private void End()
    {
        isActive = false;
        Shrink();
    }

    private Value Drive(Node node)
    {
        var start = free;
        Push(StopNode.Instance, start, 0, null);
        return Run(node, start);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Value Run(Node node, int activation)
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
                    return value;
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

/// <summary>A state of an evaluator to go back to.</summary>
internal readonly record struct EvalMark(
    int FrameCount, int RunningCount, int Free, nuint StackLimit, bool IsFast);

/// <summary>A node that waits for a value.</summary>
internal struct Frame
{
    public Node Node;

    /// <summary>What the node needs besides: arguments, or the thunk to overwrite.</summary>
    public object? Extra;

    /// <summary>The first slot of the activation.</summary>
    public int Base;

    /// <summary>How far the node got; its own meaning.</summary>
    public int State;
}

/// <summary>What an evaluation may use and what it reports to.</summary>
public sealed record EvalOptions
{
    public JetTable Jets { get; init; } = JetTable.None;

    /// <summary>How laws are run; where nothing is given, as the process is set up.</summary>
    public Tier Tier { get; init; } = TierSetting.Current;

    /// <summary>Gets the normal form of each traced value, at the moment of evaluation.</summary>
    public Action<Value>? Trace { get; init; }

    /// <summary>The same for values that are to be shown with the pins that they stand on; where
    /// there is none, <see cref="Trace"/> gets them.</summary>
    public Action<Value>? DeepTrace { get; init; }

    /// <summary>Called now and then by the thread that evaluates; a <see cref="MachineFault"/>
    /// that it throws ends the evaluation.</summary>
    public Action? Watch { get; init; }

    /// <summary>Gets samples; there is no budget of steps then.</summary>
    public EvalProfile? Profile { get; init; } = EvalProfile.Current;

    /// <summary>Machine frames; passing it is a machine fault.</summary>
    public int DepthMax { get; init; } = 32 << 20;

    /// <summary>Bits of the largest natural number; passing it is a machine fault.</summary>
    public long NatBitsMax { get; init; } = 1L << 33;

    /// <summary>About how many calls an evaluation may make before it times out.</summary>
    public long StepsMax { get; init; } = long.MaxValue;
}
