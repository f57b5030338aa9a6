using Pallas.Eval;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>The outcome of an evaluation on a worker.</summary>
public abstract record Outcome
{
    /// <param name="Result">In normal form, or null if there was nothing to compute.</param>
    public sealed record Good(Value? Result) : Outcome;

    public sealed record Crashed(Nat Op, Value Argument) : Outcome;

    public sealed record TimedOut(Nat Nanoseconds) : Outcome;

    /// <summary>Interrupted from outside: the evaluation did not happen.</summary>
    public sealed record Interrupted : Outcome;
}

/// <summary>The tools with which one thread evaluates: an evaluator, its traces, its limits.
/// </summary>
internal sealed class Worker : IDisposable
{
    private readonly Lock gate = new();
    private readonly TimeProvider clock;
    private readonly Evaluator evaluator;
    private readonly ITimer timer;
    private readonly MemoryBudget memory;
    private readonly List<Value> traces = [];
    private TimeSpan limit;
    private long started;
    private bool limited;
    private bool busy;
    private bool interrupted;
    private Action<Worker>? next;

    public Worker(MachineContext context)
    {
        clock = context.Time;
        Meter = context.Meter;
        memory = new MemoryBudget(context.Options.EventBytesMax, context.Options.HeapBytesMax);
        evaluator = new Evaluator(context.Options.Evaluation with
        {
            Trace = traces.Add,
            StepsMax = context.Options.EventStepsMax,
            Watch = Watch,
        });
        Replayer = new Replayer(evaluator);
        timer = clock.CreateTimer(
            _ => CheckLimit(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public Replayer Replayer { get; }

    public MachineMeter? Meter { get; }

    /// <summary>Continues the current work with a further step.</summary>
    /// <remarks>
    /// Other lanes may act between two steps. The next step takes up what they have done.
    /// </remarks>
    public void Then(Action<Worker> step)
    {
        Invariant.Check(next is null, "work goes on with one step");
        next = step;
    }

    internal Action<Worker>? TakeNext()
    {
        var taken = next;
        next = null;
        return taken;
    }

    /// <summary>Begins work that can be interrupted until <see cref="End"/>.</summary>
    public void Begin()
    {
        lock (gate)
        {
            Invariant.Check(!busy, "a worker does one thing at a time");
            busy = true;
            interrupted = false;
        }
        traces.Clear();
    }

    public void End()
    {
        lock (gate)
        {
            Invariant.Check(busy, "work ends once");
            busy = false;
        }
    }

    /// <summary>Interrupts the current work; from any thread.</summary>
    public void Interrupt()
    {
        lock (gate)
        {
            if (!busy)
                return;
            interrupted = true;
            evaluator.Interrupt(FaultKind.Interrupt);
        }
    }

    /// <summary>The values traced since the last call, in order.</summary>
    public IReadOnlyList<Value> TakeTraces()
    {
        Value[] taken = [.. traces];
        traces.Clear();
        return taken;
    }

    /// <summary>The normal form of an application.</summary>
    public Outcome Apply(TimeSpan timeMax, Value function, Value[] args) =>
        Evaluate(timeMax, () => evaluator.Normalize(evaluator.Apply(function, args)));

    public Outcome Evaluate(TimeSpan timeMax, Func<Value?> job)
    {
        lock (gate)
        {
            Invariant.Check(busy, "an evaluation belongs to work that has begun");
            if (interrupted)
                return new Outcome.Interrupted();
            evaluator.Reset();
            limit = timeMax;
            limited = timeMax != Timeout.InfiniteTimeSpan;
            started = clock.GetTimestamp();
        }
        if (limited)
            timer.Change(timeMax, Timeout.InfiniteTimeSpan);
        memory.Begin();
        try
        {
            return new Outcome.Good(job());
        }
        catch (PlanCrash crash)
        {
            return new Outcome.Crashed(crash.Op, crash.Argument);
        }
        catch (MachineFault fault)
        {
            return OfFault(fault.Kind);
        }
        catch (OutOfMemoryException)
        {
            return OfFault(FaultKind.Memory);
        }
        finally
        {
            lock (gate)
                limited = false;
            timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => timer.Dispose();

    private Outcome OfFault(FaultKind kind) => kind switch
    {
        FaultKind.Interrupt => new Outcome.Interrupted(),
        FaultKind.Timeout => new Outcome.TimedOut(
            Nat.Of((ulong)(clock.GetElapsedTime(started).Ticks * TimeSpan.NanosecondsPerTick))),
        _ => new Outcome.Crashed(
            CogState.FaultOp, Nat.OfText(kind.ToString().ToLowerInvariant())),
    };

    /// <summary>Checks the limits from within the evaluation. The timer alone is not enough: it
    /// needs a thread of the pool, and evaluations may hold all of them.</summary>
    private void Watch()
    {
        memory.Check();
        if (limited && clock.GetElapsedTime(started) >= limit)
            CheckLimit();
    }

    /// <summary>Interrupts the evaluation if its time is over. The clock decides: the timer may
    /// fire late, during the next evaluation.</summary>
    private void CheckLimit()
    {
        lock (gate)
        {
            if (!limited)
                return;
            var rest = limit - clock.GetElapsedTime(started);
            if (rest > TimeSpan.Zero)
                timer.Change(rest + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
            else if (!interrupted)
                evaluator.Interrupt(FaultKind.Timeout);
        }
    }
}
