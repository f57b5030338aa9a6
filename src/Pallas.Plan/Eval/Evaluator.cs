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
public sealed class Evaluator
{
    private const int FuelPerPoll = 1 << 16;
    private const int KeptLength = 1 << 14;

    private Frame[] frames = new Frame[256];
    private int frameCount;
    private int free;
    private int fuel = FuelPerPoll;
    private int dirtySlots;
    private long pollsLeft;
    private volatile int interrupt;

    public Evaluator(EvalOptions options)
    {
        Options = options;
        pollsLeft = options.StepsMax / FuelPerPoll + 1;
    }

    public EvalOptions Options { get; }

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
        if (!StackGuard.HasRoom)
            return WhnfOnFreshStack(thunk);
        EnsureSlots(free + 1);
        Slots[free] = thunk;
        return Drive(LocalNode.First);
    }

    /// <summary>Normal form: no thunk anywhere, every data jet in its layout.</summary>
    /// <remarks>Throws as <see cref="Whnf"/>. A value known to be normal costs nothing.</remarks>
    public Value Normalize(Value value) => Normalizer.Of(this, value);

    /// <summary>The weak head normal form of an application.</summary>
    public Value Apply(Value function, params ReadOnlySpan<Value> args)
    {
        if (!StackGuard.HasRoom)
            return ApplyOnFreshStack(function, args.ToArray());
        EnsureSlots(free + args.Length + 1);
        Slots[free] = function;
        args.CopyTo(Slots.AsSpan(free + 1));
        return Drive(ThunkCode.Applying(args.Length).Body);
    }

    /// <summary>An application that is evaluated when it is needed.</summary>
    public Value Delay(Value function, params ReadOnlySpan<Value> args) =>
        new Thunk(ThunkCode.Applying(args.Length), [function, .. args]);

    /// <summary>Makes the running evaluation end with a machine fault; from any thread.</summary>
    public void Interrupt(FaultKind kind) => interrupt = (int)kind + 1;

    /// <summary>Forgets an interruption, and gives the full step budget again.</summary>
    public void Reset()
    {
        interrupt = 0;
        fuel = FuelPerPoll;
        pollsLeft = Options.StepsMax / FuelPerPoll + 1;
    }

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
        var code = thunk.Enter(out var captured);
        Push(UpdateNode.Instance, start, 0, thunk);
        EnsureSlots(start + code.Reach);
        captured.CopyTo(Slots, start);
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
        if (--fuel < 0)
            Poll(start + code.Arity + 1);
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

    private Value WhnfOnFreshStack(Thunk thunk) => StackGuard.OnFreshStack(() => Whnf(thunk));

    private Value ApplyOnFreshStack(Value function, Value[] args) =>
        StackGuard.OnFreshStack(() => Apply(function, args));

    private Value Drive(Node node)
    {
        var (bottom, start) = (frameCount, free);
        Push(StopNode.Instance, start, 0, null);
        try
        {
            return Run(node, start);
        }
        catch (Exception exception)
        {
            Unwind(bottom, exception);
            throw;
        }
        finally
        {
            free = start;
            if (bottom == 0)
                Shrink();
        }
    }

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
                    return value;
                value = frame.Node.Resume(this, frame, value);
            }
            node = Next;
            activation = NextBase;
        }
    }

    /// <summary>Drops the frames above, and makes their thunks repeat the failure.</summary>
    private void Unwind(int bottom, Exception exception)
    {
        while (frameCount > bottom)
        {
            ref var frame = ref frames[--frameCount];
            if (frame.Extra is Thunk thunk)
                thunk.Fail(exception);
            frame.Extra = null;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Poll(int liveSlots)
    {
        fuel = FuelPerPoll;
        CheckInterrupt();
        Options.Watch?.Invoke();
        if (--pollsLeft < 0)
            throw new MachineFault(FaultKind.Timeout, "the step budget is spent");
        var end = Math.Min(dirtySlots, Slots.Length);
        if (end > liveSlots)
            Array.Clear(Slots, liveSlots, end - liveSlots);
        dirtySlots = liveSlots + KeptLength;
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

    /// <summary>Machine frames; passing it is a machine fault.</summary>
    public int DepthMax { get; init; } = 32 << 20;

    /// <summary>Bits of the largest natural number; passing it is a machine fault.</summary>
    public long NatBitsMax { get; init; } = 1L << 33;

    /// <summary>About how many calls an evaluation may make before it times out.</summary>
    public long StepsMax { get; init; } = long.MaxValue;
}
