using Pallas.Machine.Devices;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>
/// The loop of a running machine: answers become events, events become new states.
/// </summary>
/// <remarks>
/// Cogs run side by side, one event of a cog at a time. An event is put together and settled under
/// one gate and computed outside it; the order of settling is the order of the log. While an event
/// is computed, its cog and the cogs that it answers about are busy: nothing else changes them.
/// An event that is interrupted never was: its answers stay where they are.
/// </remarks>
internal sealed class EventLoop
{
    private readonly object gate = new();
    private readonly MachineOptions options;
    private readonly WorkPool pool;
    private readonly CommitWriter writer;
    private readonly OpenRequests requests;
    private readonly SortedDictionary<CogId, LiveCog> cogs = [];
    private readonly HashSet<CogId> drawn = [];
    private readonly Action ended;
    private MachineState state;
    private int busyCount;
    private bool stopping;

    /// <summary>The worker whose lane has nothing else to do after what it does now.</summary>
    private Worker? free;

    /// <param name="ended">Called when no request is left that could ever be answered.</param>
    public EventLoop(
        MachineOptions options, MachineState state, IReadOnlyList<IDevice> devices, WorkPool pool,
        CommitWriter writer, Action ended)
    {
        this.options = options;
        this.state = state;
        this.pool = pool;
        this.writer = writer;
        this.ended = ended;
        requests = new OpenRequests(
            gate, pool, devices, options.EvalsMax, Look, cogs.GetValueOrDefault, Arrive,
            options.News);
    }

    /// <summary>Issues the requests of every cog; the state is durable, so all may start.</summary>
    public void Start()
    {
        var effects = new List<Action>();
        lock (gate)
        {
            foreach (var id in state.Cogs.Keys)
                cogs.Add(id, new LiveCog(id));
            foreach (var cog in cogs.Values)
                Update(cog, new HashSet<int>(), effects);
            writer.Enqueue(new Commit([], state, effects));
            CheckEnd();
        }
    }

    /// <summary>Begins no more events.</summary>
    public void Stop()
    {
        lock (gate)
        {
            stopping = true;
            requests.Stop();
        }
    }

    /// <summary>The cogs as they are now, durable or not.</summary>
    public IReadOnlyList<CogStatus> Status()
    {
        lock (gate)
        {
            return
            [
                .. cogs.Values.Select(cog => new CogStatus(
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
            return (cogs.Count, requests.AnswerableCount);
    }

    /// <summary>Looks at a cog again, soon: it may have become ready.</summary>
    private void Look(LiveCog cog)
    {
        if (cog.Posted || cog.Busy || stopping)
            return;
        cog.Posted = true;
        if (free is { } worker && !pool.HasWaiting)
        {
            free = null;
            worker.Then(_ => RunNext(cog, worker));
            return;
        }
        pool.Post(other => RunNext(cog, other));
    }

    /// <summary>Takes what devices have answered; its lane goes on with what that makes ready.
    /// </summary>
    private void Arrive(Worker worker)
    {
        lock (gate)
        {
            free = worker;
            requests.TakeArrivals();
            free = null;
        }
    }

    private void RunNext(LiveCog cog, Worker worker)
    {
        PendingEvent? next;
        lock (gate)
        {
            requests.TakeArrivals();
            cog.Posted = false;
            next = stopping || cog.Busy || cog.Removed ? null : Gather(cog, worker);
        }
        if (next is null)
            return;
        worker.Then(_ =>
        {
            var events = Compute(next, worker);
            worker.Then(_ => Finish(next, events, worker));
        });
    }

    private void Finish(PendingEvent next, List<RunEvent>? events, Worker worker)
    {
        lock (gate)
        {
            worker.End();
            LetGo(next);
            free = worker;
            requests.TakeArrivals();
            if (events is not null && !stopping)
                Settle(next, events);
            LookAround(next);
            CheckEnd();
            free = null;
        }
    }

    private PendingEvent? Gather(LiveCog cog, Worker worker)
    {
        var next = new EventGatherer(cog, state, requests, cogs.GetValueOrDefault, DrawId).Gather();
        if (next is null)
            return null;
        worker.Begin();
        cog.Worker = worker;
        cog.Busy = true;
        foreach (var other in next.Held)
            other.Busy = true;
        busyCount++;
        return next;
    }

    private CogId DrawId()
    {
        CogId id;
        do
            id = new CogId(options.DrawCogId());
        while (state.Find(id) is not null || !drawn.Add(id));
        return id;
    }

    /// <summary>The event, then that of the ask that it answers; null where interrupted.</summary>
    private List<RunEvent>? Compute(PendingEvent next, Worker worker)
    {
        var told = new ToldAnswers();
        var first = ComputeOne(next.Before, next.Draft, next.Known, told, worker);
        if (first is null)
            return null;
        if (next.Asked is not { } ask)
            return [first];
        var between = Replayer.Settle(next.Before, first.Receipt, first.Function);
        if (ask.Cog == next.Cog && !StillAsks(between, ask))
            return [first];
        ReceiptItem item = first.Receipt is Receipt.Ran
            ? new ReceiptItem.Answered()
            : new ReceiptItem.Given(0);
        var draft = new Receipt.Ran(ask.Cog.Id, SlotItems.Of(ask.Slot, item));
        var second = ComputeOne(between, draft, new Dictionary<int, Value>(), told, worker);
        return second is null ? null : [first, second];
    }

    private RunEvent? ComputeOne(
        MachineState before, Receipt.Ran draft, IReadOnlyDictionary<int, Value> known,
        ToldAnswers told, Worker worker)
    {
        using var span = MachineMeter.Span("event");
        span?.SetTag("pallas.cog", draft.Cog.ToString());
        var startedAt = options.Meter?.Now() ?? 0;
        var outcome = worker.Evaluate(
            options.EventTimeMax, () => worker.Replayer.Run(before, draft, known, told));
        options.Meter?.Event(outcome, startedAt);
        var traces = worker.TakeTraces();
        return outcome switch
        {
            Outcome.Good good => new RunEvent(draft, good.Result, traces),
            Outcome.Crashed crash => new RunEvent(
                new Receipt.Crashed(draft.Cog, crash.Op, crash.Argument), null, traces),
            Outcome.TimedOut timedOut => new RunEvent(
                new Receipt.TimedOut(draft.Cog, timedOut.Nanoseconds), null, traces),
            _ => null,
        };
    }

    private static bool StillAsks(MachineState state, OpenRequest ask) =>
        state.Find(ask.Cog.Id) is CogState.Spinning spinning
        && Requests.RowOf(spinning.Function) is var row
        && ask.Slot < row.Count
        && Order.Equal(row[ask.Slot], ask.Value);

    private void LetGo(PendingEvent next)
    {
        busyCount--;
        next.Cog.Busy = false;
        next.Cog.Worker = null;
        foreach (var other in next.Held)
            other.Busy = false;
        foreach (var item in next.Draft.Items.Values)
        {
            if (item is ReceiptItem.Spun spun)
                drawn.Remove(spun.Cog);
        }
    }

    private void Settle(PendingEvent next, List<RunEvent> events)
    {
        var effects = new List<Action>();
        Show(next.Cog.Id, next.Traces, effects);
        foreach (var (receipt, function, traces) in events)
        {
            Show(receipt.Cog, traces, effects);
            state = Replayer.Settle(state, receipt, function);
            if (receipt is Receipt.Ran ran)
                SettleItems(ran, effects);
            else if (options.CogFailed is { } report)
                ReportFailure(report, receipt.Cog, effects);
            if (options.News is { } news)
                ReportEnd(news, receipt.Cog, effects);
            if (cogs.TryGetValue(receipt.Cog, out var cog))
                Update(cog, AnsweredBy(receipt), effects);
        }
        next.Cog.ToldLast = next.Asked is not null;
        writer.Enqueue(new Commit([.. events.Select(each => each.Receipt)], state, effects));
    }

    private void Show(CogId cog, IReadOnlyList<Value> traces, List<Action> effects)
    {
        if (options.Trace is not { } show)
            return;
        foreach (var value in traces)
            effects.Add(() => show(cog, value));
    }

    private void ReportFailure(
        Action<CogId, CogState> report, CogId cog, List<Action> effects)
    {
        var failed = state.Find(cog)!;
        effects.Add(() => report(cog, failed));
    }

    private void ReportEnd(Action<MachineNews> news, CogId cog, List<Action> effects)
    {
        if (state.Find(cog) is { } ended and not CogState.Spinning)
            effects.Add(() => news(new MachineNews.CogEnded(cog, ended)));
    }

    /// <summary>A failed event answers nothing: what it would have answered is withdrawn.</summary>
    private static HashSet<int> AnsweredBy(Receipt receipt) =>
        receipt is Receipt.Ran ran ? [.. ran.Items.Keys] : [];

    private void SettleItems(Receipt.Ran ran, List<Action> effects)
    {
        foreach (var item in ran.Items.Values)
        {
            switch (item)
            {
                case ReceiptItem.Spun spun:
                    var cog = new LiveCog(spun.Cog);
                    cogs.Add(cog.Id, cog);
                    Update(cog, new HashSet<int>(), effects);
                    break;
                case ReceiptItem.Reaped reaped:
                    Remove(reaped.Cog, effects);
                    break;
                case ReceiptItem.Stopped stopped:
                    Remove(stopped.Cog, effects);
                    break;
            }
        }
    }

    private void Update(LiveCog cog, IReadOnlySet<int> answered, List<Action> effects)
    {
        var spinning = state.Find(cog.Id) as CogState.Spinning;
        var row = spinning is null ? [] : Requests.RowOf(spinning.Function);
        requests.Update(cog, answered, row, effects);
        if (spinning is null)
            requests.Forget(cog.Id, effects);
        Look(cog);
    }

    private void Remove(CogId id, List<Action> effects)
    {
        if (!cogs.Remove(id, out var cog))
            return;
        cog.Removed = true;
        requests.Remove(cog);
        requests.Forget(id, effects);
        foreach (var watcher in requests.WatchersOf(id))
            Look(watcher.Cog);
    }

    /// <summary>Looks at all cogs that waited for those of an event to be free or to change.
    /// </summary>
    private void LookAround(PendingEvent done)
    {
        LookAround(done.Cog);
        foreach (var other in done.Held)
            LookAround(other);
    }

    private void LookAround(LiveCog cog)
    {
        var isToStop = false;
        foreach (var watcher in requests.WatchersOf(cog.Id))
        {
            Look(watcher.Cog);
            isToStop |= watcher.Request is Request.Stop && !watcher.Cog.Busy;
        }
        foreach (var open in cog.Open.Values)
        {
            if (open.Request is Request.Ask ask && cogs.TryGetValue(ask.Cog, out var teller))
                Look(teller);
        }
        // Who wants to stop it has interrupted it: let it not begin the same event again first.
        if (!isToStop)
            Look(cog);
    }

    private void CheckEnd()
    {
        if (busyCount == 0 && requests.AnswerableCount == 0 && !stopping)
            writer.Enqueue(new Commit([], state, [ended]));
    }
}
