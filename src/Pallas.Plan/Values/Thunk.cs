using System.Runtime.CompilerServices;

namespace Pallas.Plan;

/// <summary>
/// A suspended evaluation, overwritten with its value once that is known.
/// </summary>
/// <remarks>
/// Belongs to the evaluation that made it, so it carries no lock. Its states:
/// pending (code and captured values), running (a black hole: who needs it now needs itself),
/// failed (the exception that its evaluation ended with), done (the value; nothing else is kept
/// alive). Captured values are let go when it starts to run, so that a thunk which walks a long
/// list does not hold its head.
/// </remarks>
public sealed class Thunk : Value
{
    private ThunkCode? code;
    private object? payload;

    internal Thunk(ThunkCode code, Value[] captured)
    {
        this.code = code;
        payload = captured;
    }

    public override int Arity => throw new InvalidOperationException("a thunk has no arity");

    internal bool IsDone => code is null;

    internal bool IsPending => code is { IsState: false };

    internal Value Result => Unsafe.As<Value>(payload!);

    /// <summary>The value, through any evaluated thunks; a pending thunk is itself.</summary>
    internal Value Follow()
    {
        Value value = this;
        while (value is Thunk { code: null } thunk)
            value = thunk.Result;
        return value;
    }

    /// <summary>Fills the captured values of a thunk made before they were known.</summary>
    internal Value[] Captured => Unsafe.As<Value[]>(payload!);

    /// <summary>Pending to running; hands out what the evaluation needs.</summary>
    internal ThunkCode Enter(out Value[] captured)
    {
        if (code is not { IsState: false } pending)
            throw Blocked();
        captured = Captured;
        code = ThunkCode.Running;
        payload = null;
        return pending;
    }

    internal void Finish(Value value)
    {
        payload = value;
        code = null;
    }

    internal void Fail(Exception exception)
    {
        payload = exception;
        code = ThunkCode.Failed;
    }

    private Exception Blocked() => code == ThunkCode.Failed
        ? (Exception)payload!
        : new MachineFault(FaultKind.Loop, "a value needs itself to be computed");
}
