using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Pallas.Machine.Devices;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>
/// The open requests of all cogs: starts what is new, withdraws what is gone, and knows which cogs
/// to look at when another changes. Guarded by the event loop's gate.
/// </summary>
internal sealed class OpenRequests
{
    private readonly object gate;
    private readonly WorkPool pool;
    private readonly Action<LiveCog> look;
    private readonly Func<CogId, LiveCog?> find;
    private readonly Dictionary<Nat, IDevice> devices;
    private readonly Dictionary<CogId, Dictionary<ulong, LinkedList<OpenRequest>>> asks = [];
    private readonly Dictionary<CogId, List<OpenRequest>> watchers = [];
    private readonly ConcurrentQueue<Arrival> arrivals = new();
    private readonly Action<Worker> arrive;
    private readonly Action<MachineNews>? news;
    private readonly LinkedList<OpenRequest> evalsWaiting = [];
    private readonly int evalsMax;

    // Evaluations that a lane of the pool will begin or runs. Which one a lane begins is settled
    // when it does: what is withdrawn until then is in no queue any more.
    private int evalsPosted;
    private int evalsRunning;
    private int isArriving;
    private bool stopping;

    /// <param name="gate">Held by every caller; taken for answers from outside.</param>
    /// <param name="look">Posts a cog that may have become ready.</param>
    /// <param name="find">A cog of the machine, or null.</param>
    /// <param name="arrive">
    /// Calls <see cref="TakeArrivals"/> under the gate, on a lane of the pool.
    /// </param>
    public OpenRequests(
        object gate, WorkPool pool, IReadOnlyList<IDevice> devices, int evalsMax,
        Action<LiveCog> look, Func<CogId, LiveCog?> find, Action<Worker> arrive,
        Action<MachineNews>? news)
    {
        this.news = news;
        this.arrive = arrive;
        this.evalsMax = Math.Max(1, evalsMax);
        this.gate = gate;
        this.pool = pool;
        this.look = look;
        this.find = find;
        this.devices = devices.ToDictionary(device => Nat.OfText(device.Name));
        DeviceSet = Set.Of(this.devices.Keys);
    }

    /// <summary>The names of the devices.</summary>
    public Set DeviceSet { get; }

    /// <summary>How many requests are open that something in this machine may answer.</summary>
    public int AnswerableCount { get; private set; }

    /// <summary>Begins no more evaluations.</summary>
    public void Stop() => stopping = true;

    /// <summary>Makes the open requests of a cog those that it shows now.</summary>
    /// <param name="answered">Slots that the event answered.</param>
    /// <param name="effects">Takes what may only start once the event is durable.</param>
    public void Update(
        LiveCog cog, IReadOnlySet<int> answered, IReadOnlyList<Value> row, List<Action> effects)
    {
        var open = cog.Open.ToDictionary(pair => pair.Key, pair => pair.Value.Value);
        var diff = RequestDiff.Of(open, answered, row);
        foreach (var slot in answered)
        {
            if (cog.Open.TryGetValue(slot, out var done) && done.Kept is { } kept)
                effects.Add(kept);
            Close(cog, slot, cancel: false);
        }
        foreach (var slot in diff.Cancelled)
            Close(cog, slot, cancel: true);
        foreach (var (slot, value) in diff.Issued)
            Issue(cog, slot, value, effects);
    }

    /// <summary>Withdraws every request of a cog, and answers those that ask it with 0.</summary>
    public void Remove(LiveCog cog)
    {
        foreach (var slot in cog.Open.Keys.ToArray())
            Close(cog, slot, cancel: true);
        if (!asks.Remove(cog.Id, out var channels))
            return;
        foreach (var ask in channels.Values.SelectMany(unanswered => unanswered))
        {
            AnswerNow(ask, new ReceiptItem.Given(0), 0);
            look(ask.Cog);
        }
    }

    /// <summary>Tells the devices, once it is durable, that a cog has ended.</summary>
    public void Forget(CogId cog, List<Action> effects) => effects.Add(() =>
    {
        lock (gate)
        {
            foreach (var device in devices.Values)
                device.Forget(cog);
        }
    });

    /// <summary>The first ask on a channel of a cog that can be answered now.</summary>
    public OpenRequest? FindAsk(LiveCog teller, ulong channel) =>
        asks.TryGetValue(teller.Id, out var channels)
        && channels.TryGetValue(channel, out var waiting)
            ? waiting.FirstOrDefault(ask => !ask.Cog.Busy || ask.Cog == teller)
            : null;

    /// <summary>The open requests that depend on the state of a cog: reap, stop, wait.</summary>
    public IReadOnlyList<OpenRequest> WatchersOf(CogId cog) => watchers.GetValueOrDefault(cog, []);

    private void Issue(LiveCog cog, int slot, Value value, List<Action> effects)
    {
        var open = new OpenRequest(cog, slot, value, Request.Read(value));
        cog.Open.Add(slot, open);
        Begin(open, effects);
        if (!open.IsUnknown)
            AnswerableCount++;
        else if (news is not null)
            effects.Add(() => news(new MachineNews.Unanswerable(
                cog.Id, value, RequestTable.ShapeLike(value, devices))));
    }

    private void Begin(OpenRequest open, List<Action> effects)
    {
        switch (open.Request)
        {
            case Request.Unknown:
                open.IsUnknown = true;
                break;
            case Request.Call call:
                IssueCall(open, call, effects);
                break;
            case Request.Eval:
                var waiting = evalsWaiting.AddLast(open);
                open.Cancel = () => evalsWaiting.Remove(waiting);
                PostEvals();
                break;
            case Request.Ask ask when find(ask.Cog) is { } teller:
                WaitList(ask).AddLast(open);
                look(teller);
                break;
            case Request.Ask:
                AnswerNow(open, new ReceiptItem.Given(0), 0);
                break;
            default:
                if (IsWatching(open.Request, out var watched))
                    AddWatcher(watched, open);
                break;
        }
    }

    private void IssueCall(OpenRequest open, Request.Call call, List<Action> effects)
    {
        if (!devices.TryGetValue(call.Device, out var device)
            || device.KindOf(call.Args) is var kind && kind == CallKind.Unknown)
        {
            open.IsUnknown = true;
            return;
        }
        if (kind == CallKind.TakesIn)
            Start(open, device, call);
        else
            effects.Add(() => StartIfOpen(open, device, call));
    }

    private void StartIfOpen(OpenRequest open, IDevice device, Request.Call call)
    {
        lock (gate)
        {
            if (!open.Closed)
                Start(open, device, call);
        }
    }

    private void Start(OpenRequest open, IDevice device, Request.Call call) =>
        open.Cancel = device.Start(new DeviceCall(
            open.Cog.Id, call.Args, (value, kept) => Arrive(new Arrival(open, value, kept))));

    /// <summary>Devices answer at any time and under their own locks: never take ours in it.
    /// </summary>
    /// <remarks>
    /// Answers are taken in the order of their coming. While the cog is busy nobody is woken:
    /// who ends its event takes them, having said first that it is busy no more.
    /// </remarks>
    private void Arrive(Arrival arrival)
    {
        arrivals.Enqueue(arrival);
        Interlocked.MemoryBarrier();
        if (!arrival.Open.Cog.Busy && Interlocked.Exchange(ref isArriving, 1) == 0)
            pool.Post(arrive);
    }

    /// <summary>Takes the answers that devices have given.</summary>
    public void TakeArrivals()
    {
        Interlocked.Exchange(ref isArriving, 0);
        while (arrivals.TryDequeue(out var arrival))
        {
            var (open, value, kept) = arrival;
            if (open.Closed)
                continue;
            AnswerNow(open, new ReceiptItem.Given(value), value);
            open.Kept = kept;
            look(open.Cog);
        }
    }

    private void PostEvals()
    {
        while (evalsPosted < evalsWaiting.Count && evalsPosted + evalsRunning < evalsMax)
        {
            evalsPosted++;
            pool.Post(RunEval);
        }
    }

    private void RunEval(Worker worker)
    {
        if (BeginEval(worker) is not { } open)
            return;
        var eval = (Request.Eval)open.Request;
        worker.Then(_ =>
        {
            var outcome = worker.Apply(TimeMax(eval.Seconds), eval.Function, eval.Args);
            worker.Then(_ => EndEval(worker, open, outcome));
        });
    }

    /// <summary>Takes the evaluation that waits longest, if there still is one.</summary>
    private OpenRequest? BeginEval(Worker worker)
    {
        lock (gate)
        {
            evalsPosted--;
            if (stopping || evalsWaiting.First is not { } first)
                return null;
            evalsWaiting.Remove(first);
            evalsRunning++;
            worker.Begin();
            first.Value.Cancel = worker.Interrupt;
            return first.Value;
        }
    }

    private void EndEval(Worker worker, OpenRequest open, Outcome outcome)
    {
        worker.Meter?.Eval(outcome);
        lock (gate)
        {
            worker.End();
            open.Cancel = null;
            open.Traces = worker.TakeTraces();
            evalsRunning--;
            PostEvals();
        }
        switch (outcome)
        {
            case Outcome.Good good:
                AnswerLater(open, new ReceiptItem.EvalDone(), Row.Of(good.Result!));
                break;
            case Outcome.Crashed crashed:
                var both = Row.Of(crashed.Op, crashed.Argument);
                AnswerLater(open, new ReceiptItem.Given(both), both);
                break;
            case Outcome.TimedOut:
                AnswerLater(open, new ReceiptItem.Given(Row.Empty), Row.Empty);
                break;
        }
    }

    private static TimeSpan TimeMax(Nat seconds) =>
        seconds is SmallNat { Word: <= int.MaxValue / 1000 } small
            ? TimeSpan.FromSeconds(small.Word)
            : Timeout.InfiniteTimeSpan;

    private void AnswerLater(OpenRequest open, ReceiptItem item, Value answer)
    {
        lock (gate)
        {
            if (open.Closed)
                return;
            AnswerNow(open, item, answer);
            look(open.Cog);
        }
    }

    private static void AnswerNow(OpenRequest open, ReceiptItem item, Value answer)
    {
        open.Item = item;
        open.Answer = answer;
    }

    private void Close(LiveCog cog, int slot, bool cancel)
    {
        if (!cog.Open.Remove(slot, out var open))
            return;
        open.Closed = true;
        if (!open.IsUnknown)
            AnswerableCount--;
        if (cancel)
            open.Cancel?.Invoke();
        // A cog that was interrupted to be stopped waits for it: now it goes on.
        if (open.Request is Request.Stop stop && find(stop.Cog) is { } spared)
            look(spared);
        if (open.Request is Request.Ask ask)
            RemoveAsk(open, ask);
        if (IsWatching(open.Request, out var watched)
            && watchers.TryGetValue(watched, out var watching))
        {
            watching.Remove(open);
            if (watching.Count == 0)
                watchers.Remove(watched);
        }
    }

    private LinkedList<OpenRequest> WaitList(Request.Ask ask)
    {
        if (!asks.TryGetValue(ask.Cog, out var channels))
            asks.Add(ask.Cog, channels = []);
        if (!channels.TryGetValue(ask.Channel, out var list))
            channels.Add(ask.Channel, list = []);
        return list;
    }

    private void RemoveAsk(OpenRequest open, Request.Ask ask)
    {
        if (!asks.TryGetValue(ask.Cog, out var channels)
            || !channels.TryGetValue(ask.Channel, out var list))
            return;
        list.Remove(open);
        if (list.Count == 0)
            channels.Remove(ask.Channel);
        if (channels.Count == 0)
            asks.Remove(ask.Cog);
    }

    private void AddWatcher(CogId watched, OpenRequest open)
    {
        if (!watchers.TryGetValue(watched, out var list))
            watchers.Add(watched, list = []);
        list.Add(open);
    }

    private static bool IsWatching(
        Request request, [NotNullWhen(true)] out CogId watched)
    {
        (var watches, watched) = request switch
        {
            Request.Reap reap => (true, reap.Cog),
            Request.Stop stop => (true, stop.Cog),
            Request.Wait wait => (true, wait.Cog),
            _ => (false, default),
        };
        return watches;
    }

    /// <summary>An answer of a device that the loop has not taken yet.</summary>
    private sealed record Arrival(OpenRequest Open, Value Value, Action? Kept);
}
