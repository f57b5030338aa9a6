using System.Diagnostics.CodeAnalysis;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>The running cogs and their open requests.</summary>
/// <remarks>
/// A table of the event loop, whose lock guards it. It passes requests on to the devices and the
/// evaluations, and never calls the loop: cogs that may have become ready wait in a list that the
/// loop takes. An ask is in the list of its channel, and a reap, stop or wait among the watchers of
/// its cog, exactly as long as it is open.
/// </remarks>
internal sealed class OpenRequests(DeviceCalls calls, EvalQueue evals)
{
    private readonly SortedDictionary<CogId, LiveCog> cogs = [];
    private readonly Dictionary<CogId, Dictionary<ulong, LinkedList<OpenRequest>>> asks = [];
    private readonly Dictionary<CogId, List<OpenRequest>> watchers = [];

    /// <summary>The names of the devices.</summary>
    public Set Devices => calls.Names;

    /// <summary>By their ids, ascending.</summary>
    public IReadOnlyCollection<LiveCog> Cogs => cogs.Values;

    /// <summary>Cogs that may have become ready, until the loop has scheduled them.</summary>
    public List<LiveCog> Ready { get; } = [];

    /// <summary>How many requests are open that something in this machine may answer.</summary>
    public int AnswerableCount { get; private set; }

    public LiveCog? Find(CogId id) => cogs.GetValueOrDefault(id);

    public LiveCog Add(CogId id)
    {
        var cog = new LiveCog(id);
        cogs.Add(id, cog);
        return cog;
    }

    /// <summary>Makes the open requests of a cog those that it shows now.</summary>
    /// <param name="answered">Slots that the event answered.</param>
    /// <param name="effects">Gets what must wait until the event is durable.</param>
    public void Update(
        LiveCog cog, IReadOnlySet<int> answered, IReadOnlyList<Value> row, List<Effect> effects)
    {
        var open = cog.Open.ToDictionary(pair => pair.Key, pair => pair.Value.Value);
        var diff = RequestDiff.Of(open, answered, row);
        var (openCount, closedCount) = (cog.Open.Count, 0);
        foreach (var slot in answered)
        {
            if (cog.Open.TryGetValue(slot, out var done)
                && done.Answer is { WantsConfirmation: true })
            {
                effects.Add(new Effect.ConfirmAnswer(done));
            }
            closedCount += Close(cog, slot, withdraw: false);
        }
        foreach (var slot in diff.Cancelled)
            closedCount += Close(cog, slot, withdraw: true);
        foreach (var (slot, value) in diff.Issued)
            Issue(cog, slot, value, effects);
        Invariant.Check(
            cog.Open.Count == openCount - closedCount + diff.Issued.Count,
            $"{cog.Open.Count} requests of cog {cog.Id} are open: of {openCount}, {closedCount} "
                + $"were closed and {diff.Issued.Count} issued");
        Ready.Add(cog);
    }

    /// <summary>Takes a cog out: withdraws its requests, and answers those that ask it with 0.
    /// </summary>
    public void Remove(CogId id, List<Effect> effects)
    {
        if (!cogs.Remove(id, out var cog))
            return;
        Invariant.Check(!cog.IsRemoved, $"cog {id} is removed once");
        cog.IsRemoved = true;
        foreach (var slot in cog.Open.Keys.ToArray())
            _ = Close(cog, slot, withdraw: true);
        Invariant.Check(cog.Open.Count == 0, $"cog {id}, which is gone, waits for nothing");
        if (asks.Remove(id, out var channels))
        {
            foreach (var ask in channels.Values.SelectMany(unanswered => unanswered))
                Give(ask, 0);
        }
        effects.Add(new Effect.ForgetCog(id));
        foreach (var watcher in WatchersOf(id))
            Ready.Add(watcher.Cog);
    }

    /// <summary>Keeps an answer for the next event of its cog; one that comes too late is dropped.
    /// </summary>
    public void Take(Answer answer)
    {
        var open = answer.Request;
        if (open.IsClosed)
            return;
        Invariant.Check(open.Answer is null, $"a request is answered once: {open}");
        open.Answer = answer;
        Ready.Add(open.Cog);
    }

    /// <summary>The first ask on a channel of a cog that can be answered now.</summary>
    public OpenRequest? FindAsk(LiveCog teller, ulong channel) =>
        asks.TryGetValue(teller.Id, out var channels)
        && channels.TryGetValue(channel, out var waiting)
            ? waiting.FirstOrDefault(ask => !ask.Cog.Busy || ask.Cog == teller)
            : null;

    /// <summary>The open requests that depend on the state of a cog: reap, stop, wait.</summary>
    public IReadOnlyList<OpenRequest> WatchersOf(CogId cog) => watchers.GetValueOrDefault(cog, []);

    private void Issue(LiveCog cog, int slot, Value value, List<Effect> effects)
    {
        var open = new OpenRequest(cog, slot, value, Request.Read(value));
        cog.Open.Add(slot, open);
        Begin(open, effects);
        if (!open.IsUnknown)
            AnswerableCount++;
        else
            effects.Add(new Effect.ReportUnanswerable(open));
    }

    private void Begin(OpenRequest open, List<Effect> effects)
    {
        switch (open.Request)
        {
            case Request.Unknown:
                open.IsUnknown = true;
                break;
            case Request.Call call:
                BeginCall(open, call, effects);
                break;
            case Request.Eval:
                evals.Add(open);
                break;
            case Request.Ask ask when Find(ask.Cog) is { } teller:
                WaitList(ask).AddLast(open);
                Ready.Add(teller);
                break;
            case Request.Ask:
                Give(open, 0);
                break;
            default:
                if (IsWatching(open.Request, out var watched))
                    AddWatcher(watched, open);
                break;
        }
    }

    private void BeginCall(OpenRequest open, Request.Call call, List<Effect> effects)
    {
        switch (calls.KindOf(call))
        {
            case CallKind.TakesIn:
                calls.Start(open);
                break;
            case CallKind.Acts:
                effects.Add(new Effect.StartCall(open));
                break;
            default:
                open.IsUnknown = true;
                break;
        }
    }

    private void Give(OpenRequest open, Value value) =>
        Take(new Answer(open, new ReceiptItem.Given(value), value));

    /// <returns>How many were closed: 0 or 1.</returns>
    private int Close(LiveCog cog, int slot, bool withdraw)
    {
        if (!cog.Open.Remove(slot, out var open))
            return 0;
        Invariant.Check(!open.IsClosed, $"an open request is closed once: {open}");
        open.IsClosed = true;
        if (!open.IsUnknown)
            AnswerableCount--;
        Invariant.Check(AnswerableCount >= 0, $"{AnswerableCount} requests can be answered");
        switch (open.Request)
        {
            case Request.Call when withdraw:
                calls.Withdraw(open);
                break;
            case Request.Eval when withdraw:
                evals.Withdraw(open);
                break;
            case Request.Ask ask:
                RemoveAsk(open, ask);
                break;
        }
        if (IsWatching(open.Request, out var watched))
            RemoveWatcher(watched, open);
        return 1;
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
        {
            Invariant.Check(
                open.Answer is not null, $"an ask that has no answer is in a list: {open}");
            return;
        }
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

    private void RemoveWatcher(CogId watched, OpenRequest open)
    {
        var list = watchers.GetValueOrDefault(watched, []);
        var wasListed = list.Remove(open);
        Invariant.Check(wasListed, $"an open request that watches a cog is listed: {open}");
        if (list.Count == 0)
            watchers.Remove(watched);
        // A cog that was interrupted to be stopped waits for the outcome: now it goes on.
        if (open.Request is Request.Stop && Find(watched) is { } spared)
            Ready.Add(spared);
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
}
