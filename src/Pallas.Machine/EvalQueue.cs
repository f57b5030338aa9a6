using Pallas.Values;

namespace Pallas.Machine;

/// <summary>The evaluations that cogs ask for: they run on the pool, beside the cogs.</summary>
/// <remarks>
/// A lane is posted for each evaluation that may run; which one it takes is decided when it
/// begins. An evaluation that is withdrawn before that costs nothing.
/// </remarks>
internal sealed class EvalQueue(WorkPool pool, AnswerQueue answers, int runningMax)
{
    private readonly Lock gate = new();
    private readonly LinkedList<OpenRequest> waiting = [];
    private readonly Dictionary<OpenRequest, Worker> running = [];
    private int postedCount;
    private bool isStopping;

    /// <summary>Begins no more evaluations.</summary>
    public void Stop()
    {
        lock (gate)
            isStopping = true;
    }

    public void Add(OpenRequest open)
    {
        lock (gate)
        {
            open.EvalNode = waiting.AddLast(open);
            Post();
        }
    }

    /// <summary>Interrupts the evaluation, or drops it where it has not begun.</summary>
    public void Withdraw(OpenRequest open)
    {
        lock (gate)
        {
            if (running.TryGetValue(open, out var worker))
                worker.Interrupt();
            else if (open.EvalNode?.List is not null)
                waiting.Remove(open.EvalNode);
        }
    }

    private void Post()
    {
        while (postedCount < waiting.Count && postedCount + running.Count < runningMax)
        {
            postedCount++;
            pool.Post(Run);
        }
    }

    private void Run(Worker worker)
    {
        if (Begin(worker) is not { } open)
            return;
        var eval = (Request.Eval)open.Request;
        worker.Then(_ =>
        {
            var outcome = worker.Apply(TimeMax(eval.Seconds), eval.Function, eval.Args);
            worker.Then(_ => End(worker, open, outcome));
        });
    }

    /// <summary>The evaluation that has waited longest; null where none waits any more.</summary>
    private OpenRequest? Begin(Worker worker)
    {
        lock (gate)
        {
            Invariant.Check(postedCount > 0, "an evaluation begins on a lane that was posted");
            postedCount--;
            if (isStopping || waiting.First is not { Value: var open })
                return null;
            waiting.RemoveFirst();
            running.Add(open, worker);
            Invariant.Check(
                running.Count <= runningMax,
                $"{running.Count} evaluations run and {runningMax} may");
            worker.Begin();
            return open;
        }
    }

    private void End(Worker worker, OpenRequest open, Outcome outcome)
    {
        worker.Meter?.Eval(outcome);
        IReadOnlyList<Value> traces;
        lock (gate)
        {
            worker.End();
            traces = worker.TakeTraces();
            var wasRunning = running.Remove(open);
            Invariant.Check(wasRunning, $"an evaluation ends once: {open}");
            Post();
        }
        if (AnswerOf(open, outcome) is { } answer)
            answers.Enqueue(answer with { Traces = traces }, worker);
    }

    /// <summary>Null where it was interrupted.</summary>
    private static Answer? AnswerOf(OpenRequest open, Outcome outcome) => outcome switch
    {
        Outcome.Good good => new Answer(
            open, new ReceiptItem.EvalDone(), Row.Of(good.Result!)),
        Outcome.Crashed crashed => Given(open, Row.Of(crashed.Op, crashed.Argument)),
        Outcome.TimedOut => Given(open, Row.Empty),
        _ => null,
    };

    private static Answer Given(OpenRequest open, Row value) =>
        new(open, new ReceiptItem.Given(value), value);

    private static TimeSpan TimeMax(Nat seconds) =>
        seconds is SmallNat { Word: <= int.MaxValue / 1000 } small
            ? TimeSpan.FromSeconds(small.Word)
            : Timeout.InfiniteTimeSpan;
}
