using Pallas.Eval;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>How an evaluation on a worker ended.</summary>
internal abstract record Outcome
{
    /// <param name="Result">In normal form, or null where there was nothing to compute.</param>
    public sealed record Good(Value? Result) : Outcome;

    public sealed record Crashed(Nat Op, Value Argument) : Outcome;

    public sealed record TimedOut(Nat Nanoseconds) : Outcome;

    /// <summary>Stopped from outside: as if it had not begun.</summary>
    public sealed record Interrupted : Outcome;
}

/// <summary>What one thread evaluates with: an evaluator, its traces, its limits.</summary>
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

    public Worker(MachineOptions options)
    {
        clock = options.Time;
        Meter = options.Meter;
        memory = new MemoryBudget(options.EventBytesMax, options.HeapBytesMax);
        evaluator = new Evaluator(options.Evaluation with
        {
            Trace = traces.Add,
            StepsMax = options.EventStepsMax,
            Watch = Watch,
        });
        Replayer = new Replayer(evaluator);
        timer = clock.CreateTimer(
            _ => CheckLimit(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public Replayer Replayer { get; }

    public MachineMeter? Meter { get; }

    /// <summary>Goes on with the work that runs, as a step of its own.</summary>
    /// <remarks>
    /// Between two steps others may act: what they do to this work is met by its next step.
    /// </remarks>
    public void Then(Action<Worker> step) => next = step;

    internal Action<Worker>? TakeNext()
    {
        var taken = next;
        next = null;
        return taken;
    }

    /// <summary>From here to <see cref="End"/> an interruption counts.</summary>
    public void Begin()
    {
        lock (gate)
        {
            busy = true;
            interrupted = false;
        }
        traces.Clear();
    }

    public void End()
    {
        lock (gate)
            busy = false;
    }

    /// <summary>Ends what the worker is busy with; from any thread.</summary>
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

    /// <summary>What was traced since the last call, in order.</summary>
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

    /// <summary>Looks at the limits from time to time. The timer alone does not do: it needs a
    /// thread of the pool, and evaluations may have taken them all.</summary>
    private void Watch()
    {
        memory.Check();
        if (limited && clock.GetElapsedTime(started) >= limit)
            CheckLimit();
    }

    /// <summary>The timer may be late for the evaluation that set it: the clock decides.</summary>
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
