using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Evaluates PLAN values. One evaluator serves one thread at a time and is used again and again.
/// </summary>
/// <remarks>
/// The machine is an interpreter of <see cref="Node"/> trees, made from law bodies on first call,
/// with a stack of its own on the heap (<see cref="HeapStack"/>), so that the depth of a program's
/// recursion is bounded by <see cref="EvalOptions.DepthMax"/> and never by the native stack. A node
/// either returns a value in weak head normal form or names the node to go on with, so native
/// recursion is needed only where a jet asks for a value (<see cref="Whnf"/>), and in compiled
/// code. Where that has used up its part of the native stack, it leaves it:
/// <see cref="NativeExit"/>.
/// </remarks>
public sealed unsafe class Evaluator
{
    /// <summary>Calls between two polls for interruption.</summary>
    internal const int FuelPerPoll = 1 << 16;

    /// <summary>Rounds of a compiled loop that are counted together.</summary>
    internal const int RoundsPerCount = 64;

    // Calls before a law is worth a millisecond of compiling: measured on the cold load of a large
    // library, which calls most laws only a few times.
    private const int HeatOfDefault = 2_000;

    // What a law is heated by where a call that it makes uses up the fuel between two polls: eight
    // times as much, some milliseconds, and compiling the law would have paid.
    private const int HeatPerPoll = HeatOfDefault / 8;
    private const int HeatPerLeave = HeatOfDefault / 2;

    private readonly int heatMax;
    private long pollsLeft;
    private bool isActive;
    private LawCode? entered;

    // The interpreted law that called the compiled code which runs.
    private LawCode? caller;
    private volatile int interrupt;

    // What thunks get that are evaluated, since the innermost mark: see Mark.
    private ThunkCode running = ThunkCode.NewRunning(null);

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
        Stack = new(options.DepthMax);
        Exit = new(this);
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

    /// <summary>Not read-only: it is written in place.</summary>
    internal HeapStack Stack;

    internal readonly NativeExit Exit;

    internal Value[] Slots => Stack.Slots;

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
        isActive ? Settle(CallStubs.Apply(this, function, args)) : Whnf(Delay(function, args));

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
        return new(
            Stack.Count, outer, Stack.Free, Stack.StopAt, Exit.Floors.Count, StackLimit,
            Exit.NativeLimit);
    }

    /// <summary>Forgets a mark: all that was begun since has its value.</summary>
    internal void Pass(EvalMark mark) => running = mark.Running!;

    /// <summary>
    /// Goes back to where a mark was taken, after an exception was caught there; thunks whose
    /// evaluation that ended repeat it.
    /// </summary>
    internal void Unwind(EvalMark mark, Exception exception)
    {
        Stack.DropTo(mark.FrameCount);
        (Stack.Free, Stack.StopAt) = (mark.Free, mark.StopAt);
        Exit.Unwind(mark);
        // Also those of marks in between, whose owners let the exception pass.
        for (var state = running; state != mark.Running; state = state.Outer)
            state!.Fault = exception;
        running = mark.Running ?? ThunkCode.NewRunning(null);
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
        Pallas.Eval.LawStack.Of(this, entered, countMax);

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
        Stack.Push(waiting, activation, state, null);
        return GoOn(node, activation);
    }

    internal void Push(Node node, int activation, int state, object? extra) =>
        Stack.Push(node, activation, state, extra);

    /// <summary>Starts evaluating a thunk in the slots from <paramref name="start"/>.</summary>
    internal Value? EnterThunk(Thunk thunk, int start)
    {
        var code = Unsafe.As<ThunkCode>(thunk.Code!);
        if (code.IsState)
            throw thunk.Blocked();
        if (IsFast && code.Compiled is not null)
        {
            Stack.Free = start;
            return Force(thunk);
        }
        Stack.Push(UpdateNode.Instance, start, 0, thunk);
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
        Stack.EnsureSlots(start + code.Reach);
        return GoOn(code.Body, start);
    }

    /// <summary>Tells where nested evaluations may start, before native code runs.</summary>
    internal void ReserveSlots(int end) => Stack.Free = end;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void EnsureSlots(int length) => Stack.EnsureSlots(length);

    /// <summary>Evaluates a thunk, in machine code where there is some.</summary>
    /// <returns>Null where the native stack is left.</returns>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    internal Value? Force(Thunk thunk)
    {
        var code = Unsafe.As<ThunkCode>(thunk.Code);
        if (code is null)
            return ForceDone(thunk);
        if (!IsFast || code.Compiled is not { } compiled)
            return Drive(thunk);
        int probe;
        if ((nuint)(&probe) < StackLimit && !Exit.MayEnter())
            return Exit.Leave(thunk);
        var (target, entry) = (compiled.Target, compiled.Entry);
        var (a, b, w, v) = (thunk.A, thunk.B, 0UL, 0UL);
        if (thunk is WordThunk words)
            (w, v) = (words.W, words.V);

        // The code would wait for these objects one after the other: a merge sort of lazy lists
        // that are larger than the caches takes a tenth less time so.
        Fetch(ref thunk.B);
        Fetch(ref thunk.A);
        thunk.Run(running);
        FetchItem(b as Row);
        FetchItem(a as Row);

        // Every form of code takes the first of these, and what it does not take it does not see:
        // no branch on the form.
        var value = ((delegate*<object?, Evaluator, object?, object?, ulong, ulong, Value?>)entry)(
            target, this, a, b, w, v);
        if (value is null)
            return UpdatePoint.Leave(this, thunk);
        thunk.Finish(value);
        return value;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private Value? ForceDone(Thunk thunk)
    {
        var value = thunk.Follow();
        return value.AsThunk is { } pending ? Force(pending) : value;
    }

    /// <summary>Asks the processor for the first item of a row that is an object.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FetchItem(Row? row)
    {
        if (row is { HasNumber: true })
            Fetch(ref Unsafe.As<Value?, object?>(ref row.Second));
        else if (row is not null)
            Fetch(ref row.First);
    }

    /// <summary>Asks the processor for the object that a field holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch(ref object? field)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0((void*)Unsafe.As<object?, nuint>(ref field));
    }

    /// <summary>The value of a call by native code that cannot leave the native stack.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Value Settle(Value? value) => value ?? Exit.Settle();

    // ---- The interpreter

    /// <summary>Runs a law in the interpreter, whatever machine code there is of it.</summary>
    /// <returns>Null where the native stack is left.</returns>
    internal Value? Interpret(LawCode code, params ReadOnlySpan<Value> args)
    {
        if (!StackGuard.HasRoom)
            return InterpretOnFreshStack(code, args.ToArray());
        var start = Stack.Free;
        EnsureSlots(start + args.Length + code.Reach);
        Slots[start] = code.Self;
        args.CopyTo(Slots.AsSpan(start + 1));
        Stack.PushStop(start);
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
        var start = Stack.Free;
        EnsureSlots(start + code.Reach);
        Slots[start] = function;
        args.CopyTo(Slots.AsSpan(start + 1));
        return Drive(code.Body);
    }

    /// <summary>Polls for interruption; for compiled code that has used up its fuel.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void PollCompiled() => Poll(Stack.Free);

    /// <summary>Counts the rounds of a compiled loop.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void CountRounds()
    {
        Fuel -= RoundsPerCount;
        if (Fuel < 0)
            Poll(Stack.Free);
    }

    /// <summary>Calls the compiled law that was just entered.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal Value? CallEntered(int start)
    {
        var code = entered!;
        Stack.Free = start;
        var outer = caller;
        (caller, Caller) = (Caller, null);
        var value = CallStubs.Call(this, code.Compiled!, Slots.AsSpan(start + 1, code.Arity));

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
        EnsureSlots(Stack.Free + 1);
        Slots[Stack.Free] = thunk;
        return Drive(LocalNode.First);
    }

    private Value DriveOnFreshStack(Thunk thunk) => Exit.OnFreshStack(() => Drive(thunk));

    private Value ApplyOnFreshStack(Value function, Value[] args) =>
        Exit.OnFreshStack(() => ApplySlowly(function, args));

    private Value InterpretOnFreshStack(LawCode code, Value[] args) =>
        Exit.OnFreshStack(() => Interpret(code, args));

    private void Begin()
    {
        isActive = true;
        (Stack.StopAt, Stack.QueuedCount) = (-1, 0);
        Exit.Begin();
    }

    private void End()
    {
        isActive = false;
        (Leaving, Entering) = (null!, null!);
        Stack.Shrink();
    }

    private Value? Drive(Node node)
    {
        var start = Stack.Free;
        Stack.PushStop(start);
        return Run(node, start);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Value? Run(Node node, int activation)
    {
        while (true)
        {
            var value = node.Eval(this, activation);
            while (value is not null)
            {
                var frame = Stack.Pop();
                if (ReferenceEquals(frame.Node, StopNode.Instance))
                {
                    (Stack.Free, Stack.StopAt) = (frame.Base, frame.State);
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
        Stack.ClearSlots(liveSlots);
    }

    private void TakeSample(EvalProfile profile, LawCode? code)
    {
        var before = entered;
        entered = code;
        profile.Sample(this);
        entered = before;
    }
}
