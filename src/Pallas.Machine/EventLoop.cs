using Pallas.Values;

namespace Pallas.Machine;

/// <summary>
/// The loop of a running machine: answers become events, events become new states.
/// </summary>
/// <remarks>
/// A state machine behind one lock. Messages come in as answers, through a queue; commits go out,
/// through the queue of the writer, with the effects that their events have.
/// <para>
/// Cogs run side by side, one event of a cog at a time. An event is gathered and committed under
/// the lock and computed outside it; the order of commits is the order of the log. While an event
/// is computed, its cog and the cogs whose state it answers are busy: nothing else changes them.
/// An event that is interrupted did not happen: its answers stay open.
/// </para>
/// <para>
/// A step that throws has changed the tables in part. It stops the loop before it releases the
/// lock, so no later step commits an event that comes of them.
/// </para>
/// </remarks>
internal sealed class EventLoop
{
    private readonly Lock gate = new();
    private readonly MachineContext context;
    private readonly WorkPool pool;
    private readonly CommitWriter writer;
    private readonly AnswerQueue answers;
    private readonly EvalQueue evals;
    private readonly OpenRequests requests;
    private readonly EventRunner runner;
    private readonly HashSet<CogId> drawn = [];
    private MachineState state;
    private int busyCount;
    private bool isStopping;

    /// <summary>The worker whose lane has no work after the current step: the first cog that
    /// becomes ready runs there, without a switch of threads.</summary>
    private Worker? free;

    public EventLoop(
        MachineContext context, MachineState state, DeviceCalls calls, AnswerQueue answers,
        WorkPool pool, CommitWriter writer)
    {
        this.context = context;
        this.state = state;
        this.answers = answers;
        this.pool = pool;
        this.writer = writer;
        runner = new EventRunner(context);
        evals = new EvalQueue(pool, answers, Math.Max(1, context.Options.EvalsMax));
        requests = new OpenRequests(calls, evals);
        answers.WakeBy(Drain);
    }

    /// <summary>Issues the requests of every cog; the state is durable, so all may start.</summary>
    public void Start()
    {
        var effects = new List<Effect>();
        lock (gate)
        {
            foreach (var id in state.Cogs.Keys)
                requests.Add(id);
            foreach (var cog in requests.Cogs)
                Update(cog, new HashSet<int>(), effects);
            writer.Enqueue(new Commit([], state, effects));
            ScheduleReady();
            CheckEnd();
        }
    }

    /// <summary>Begins no more events.</summary>
    public void Stop()
    {
        lock (gate)
            isStopping = true;
        evals.Stop();
    }

    /// <summary>The cogs as they are now, durable or not.</summary>
    public IReadOnlyList<CogStatus> Status()
    {
        lock (gate)
        {
            return
            [
                .. requests.Cogs.Select(cog => new CogStatus(
                    cog.Id,
                    state.Find(cog.Id)!,
                    [
                        .. cog.Open.Values.Select(open => new RequestStatus(
                            open.Slot, open.Value, open.Request, open.IsUnknown)),
                    ])),
            ];
        }
    }

    /// <summary>How many cogs and open requests there are.</summary>
    public (int Cogs, int OpenRequests) Count()
    {
        lock (gate)
            return (requests.Cogs.Count, requests.AnswerableCount);
    }

    /// <summary>Takes the answers that have come; its lane goes on with a cog that they make
    /// ready.</summary>
    private void Drain(Worker worker)
    {
        lock (gate)
        {
            try
            {
                TakeAnswers();
                ScheduleReady(worker);
            }
            catch
            {
                isStopping = true;
                throw;
            }
        }
    }

    private void TakeAnswers()
    {
        answers.BeginDrain();
        while (answers.Take() is { } answer)
            requests.Take(answer);
    }

    /// <param name="worker">One whose lane is free to run an event; null where none is.</param>
    private void ScheduleReady(Worker? worker = null)
    {
        free = worker;
        foreach (var cog in requests.Ready)
            Schedule(cog);
        requests.Ready.Clear();
        free = null;
    }

    /// <summary>Posts the next event of a cog. A busy cog is scheduled when it is free again.
    /// </summary>
    private void Schedule(LiveCog cog)
    {
        if (cog.IsScheduled || cog.Busy || isStopping)
            return;
        cog.IsScheduled = true;
        if (free is { } worker && !pool.HasWaiting)
        {
            free = null;
            worker.Then(_ => RunNext(cog, worker));
            return;
        }
        pool.Post(other => RunNext(cog, other));
    }

    private void RunNext(LiveCog cog, Worker worker)
    {
        PendingEvent? next;
        lock (gate)
        {
            try
            {
                TakeAnswers();
                ScheduleReady();
                cog.IsScheduled = false;
                next = isStopping || cog.Busy || cog.IsRemoved ? null : Gather(cog, worker);
            }
            catch
            {
                isStopping = true;
                throw;
            }
        }
        if (next is null)
            return;
        worker.Then(_ =>
        {
            var events = runner.Run(next, worker);
            worker.Then(_ => Finish(next, events, worker));
        });
    }

    /// <param name="events">Null where the event was interrupted.</param>
    private void Finish(PendingEvent next, IReadOnlyList<ComputedEvent>? events, Worker worker)
    {
        lock (gate)
        {
            try
            {
                worker.End();
                Release(next);
                TakeAnswers();
                if (events is not null && !isStopping)
                    CommitEvents(next, events);
                RescheduleWaiters(next);
                ScheduleReady(worker);
                CheckEnd();
            }
            catch
            {
                isStopping = true;
                throw;
            }
        }
    }

    private PendingEvent? Gather(LiveCog cog, Worker worker)
    {
        var next = new EventGatherer(cog, state, requests, DrawId).Gather();
        if (next is null)
            return null;
        Invariant.Check(next.Cog == cog, $"an event of cog {cog.Id} was gathered");
        Invariant.Check(cog.Worker is null, $"no worker runs an event of cog {cog.Id}");
        worker.Begin();
        cog.Worker = worker;
        SetBusy(cog);
        foreach (var other in next.Held)
            SetBusy(other);
        busyCount++;
        Invariant.Check(
            busyCount <= requests.Cogs.Count,
            $"{busyCount} events are computed for {requests.Cogs.Count} cogs");
        return next;
    }

    private static void SetBusy(LiveCog cog)
    {
        Invariant.Check(!cog.Busy, $"cog {cog.Id} is held by one event at a time");
        Invariant.Check(!cog.IsRemoved, $"an event holds cog {cog.Id}, which is there");
        cog.Busy = true;
    }

    private CogId DrawId()
    {
        CogId id;
        do
            id = new CogId(context.DrawCogId());
        while (state.Find(id) is not null || !drawn.Add(id));
        return id;
    }

    private void Release(PendingEvent next)
    {
        busyCount--;
        Invariant.Check(busyCount >= 0, $"{busyCount} events are computed");
        ClearBusy(next.Cog);
        next.Cog.Worker = null;
        foreach (var other in next.Held)
            ClearBusy(other);
        foreach (var item in next.Draft.Items.Values)
        {
            if (item is not ReceiptItem.Spun spun)
                continue;
            var wasDrawn = drawn.Remove(spun.Cog);
            Invariant.Check(wasDrawn, $"cog {spun.Cog} was drawn for this event");
        }
    }

    private static void ClearBusy(LiveCog cog)
    {
        Invariant.Check(cog.Busy, $"cog {cog.Id} is busy until its event is done");
        cog.Busy = false;
    }

    /// <summary>Applies the receipts and hands them to the writer, with what they do to the world.
    /// </summary>
    private void CommitEvents(PendingEvent next, IReadOnlyList<ComputedEvent> events)
    {
        CheckUnchanged(next.Cog, next.Before);
        foreach (var held in next.Held)
            CheckUnchanged(held, next.Before);
        Invariant.Check(
            events[0].Receipt.Cog == next.Cog.Id, $"the event is of cog {next.Cog.Id}");
        Invariant.Check(
            events.Count == 1 || events[1].Receipt.Cog == next.Asked?.Cog.Id,
            $"the second event is of the cog that cog {next.Cog.Id} answers");
        var effects = new List<Effect>();
        AddTraces(next.Cog.Id, next.Traces, effects);
        foreach (var (receipt, function, traces) in events)
        {
            AddTraces(receipt.Cog, traces, effects);
            state = Replayer.ApplyReceipt(state, receipt, function);
            if (receipt is Receipt.Ran ran)
                ApplyItems(ran, effects);
            if (state.Find(receipt.Cog) is { } after and not CogState.Spinning)
                effects.Add(new Effect.CogEnded(receipt.Cog, after));
            if (requests.Find(receipt.Cog) is { } cog)
                Update(cog, AnsweredBy(receipt), effects);
        }
        Invariant.Check(
            requests.Cogs.Count == state.Cogs.Count,
            $"{requests.Cogs.Count} cogs run and the state has {state.Cogs.Count}");
        next.Cog.AnsweredAskLast = next.Asked is not null;
        writer.Enqueue(new Commit([.. events.Select(each => each.Receipt)], state, effects));
    }

    /// <summary>A cog that an event was computed from has not changed when the event is committed.
    /// </summary>
    private void CheckUnchanged(LiveCog cog, MachineState before)
    {
        Invariant.Check(!cog.IsRemoved, $"cog {cog.Id} is not removed while it is busy");
        Invariant.Check(
            ReferenceEquals(state.Find(cog.Id), before.Find(cog.Id)),
            $"cog {cog.Id} does not change while it is busy");
    }

    private static void AddTraces(CogId cog, IReadOnlyList<Value> traces, List<Effect> effects)
    {
        foreach (var value in traces)
            effects.Add(new Effect.Trace(cog, value));
    }

    /// <summary>A failed event answers nothing: what it would have answered is withdrawn.</summary>
    private static HashSet<int> AnsweredBy(Receipt receipt) =>
        receipt is Receipt.Ran ran ? [.. ran.Items.Keys] : [];

    private void ApplyItems(Receipt.Ran ran, List<Effect> effects)
    {
        foreach (var item in ran.Items.Values)
        {
            switch (item)
            {
                case ReceiptItem.Spun spun:
                    Invariant.Check(
                        requests.Find(spun.Cog) is null, $"there is no cog {spun.Cog} yet");
                    Update(requests.Add(spun.Cog), new HashSet<int>(), effects);
                    break;
                case ReceiptItem.Reaped reaped:
                    Invariant.Check(
                        requests.Find(reaped.Cog) is { Busy: false },
                        $"cog {reaped.Cog} is reaped once, and computes nothing");
                    requests.Remove(reaped.Cog, effects);
                    break;
                case ReceiptItem.Stopped stopped:
                    Invariant.Check(
                        requests.Find(stopped.Cog) is { Busy: false },
                        $"cog {stopped.Cog} is stopped once, and computes nothing");
                    requests.Remove(stopped.Cog, effects);
                    break;
            }
        }
    }

    private void Update(LiveCog cog, IReadOnlySet<int> answered, List<Effect> effects)
    {
        var spinning = state.Find(cog.Id) as CogState.Spinning;
        var row = spinning is null ? [] : Requests.RowOf(spinning.Function);
        requests.Update(cog, answered, row, effects);
        if (spinning is null)
            effects.Add(new Effect.ForgetCog(cog.Id));
    }

    /// <summary>Marks the cogs that waited for the cogs of an event to be free or to change.
    /// </summary>
    private void RescheduleWaiters(PendingEvent done)
    {
        RescheduleWaiters(done.Cog);
        foreach (var other in done.Held)
            RescheduleWaiters(other);
    }

    private void RescheduleWaiters(LiveCog cog)
    {
        var isToStop = false;
        foreach (var watcher in requests.WatchersOf(cog.Id))
        {
            requests.Ready.Add(watcher.Cog);
            isToStop |= watcher.Request is Request.Stop && !watcher.Cog.Busy;
        }
        foreach (var open in cog.Open.Values)
        {
            if (open.Request is Request.Ask ask && requests.Find(ask.Cog) is { } teller)
                requests.Ready.Add(teller);
        }
        // The cog that stops it has interrupted it: the same event must not begin again first.
        if (!isToStop)
            requests.Ready.Add(cog);
    }

    private void CheckEnd()
    {
        if (busyCount == 0 && requests.AnswerableCount == 0 && !isStopping)
            writer.Enqueue(new Commit([], state, [new Effect.EndMachine()]));
    }
}
