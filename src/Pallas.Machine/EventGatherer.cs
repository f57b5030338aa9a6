using Pallas.Values;

namespace Pallas.Machine;

/// <summary>
/// Gathers the next event of a cog from the answers that its open requests have. The event loop's
/// lock guards it.
/// </summary>
internal sealed class EventGatherer(
    LiveCog cog, MachineState state, OpenRequests requests, Func<CogId> drawId)
{
    /// <summary>By slot, ascending.</summary>
    private readonly List<int> slots = [];
    private readonly List<ReceiptItem> items = [];
    private readonly Dictionary<int, Value> known = [];
    private readonly List<LiveCog> held = [];
    private readonly List<Value> traces = [];

    /// <summary>The event, or null if no answer has come yet.</summary>
    /// <remarks>
    /// A tell is alone in its event. It goes first, but not twice in a row while other answers
    /// wait.
    /// </remarks>
    public PendingEvent? Gather()
    {
        var tell = FindTell(out var ask);
        if (tell is not null && !cog.AnsweredAskLast)
            return MakeTell(tell, ask!);
        foreach (var open in cog.Open.Values)
        {
            if (open.Request is Request.Stop stop && stop.Cog == cog.Id)
                return MakeStopOfItself(open);
        }
        foreach (var open in cog.Open.Values)
            TakeAnswer(open);
        if (items.Count > 0)
            return Make(asked: null);
        return tell is null ? null : MakeTell(tell, ask!);
    }

    private OpenRequest? FindTell(out OpenRequest? ask)
    {
        ask = null;
        foreach (var open in cog.Open.Values)
        {
            if (open.Request is not Request.Tell tell)
                continue;
            ask = requests.FindAsk(cog, tell.Channel);
            if (ask is not null)
                return open;
        }
        return null;
    }

    private PendingEvent MakeTell(OpenRequest tell, OpenRequest ask)
    {
        Invariant.Check(
            ask is { IsClosed: false, Answer: null }, $"a tell answers an open ask: {ask}");
        Add(tell.Slot, new ReceiptItem.Told(ask.Cog.Id, ask.Slot));
        if (ask.Cog != cog)
            held.Add(ask.Cog);
        return Make(ask);
    }

    private PendingEvent MakeStopOfItself(OpenRequest open)
    {
        Add(open.Slot, new ReceiptItem.Stopped(cog.Id));
        return Make(asked: null);
    }

    private PendingEvent Make(OpenRequest? asked)
    {
        Invariant.Check(items.Count > 0, $"an event of cog {cog.Id} answers something");
        Invariant.Check(
            asked is null || items.Count == 1, $"a tell of cog {cog.Id} is alone in its event");
        Invariant.Check(!held.Contains(cog), $"an event of cog {cog.Id} does not hold it twice");
        Invariant.Check(
            state.Find(cog.Id) is CogState.Spinning, $"cog {cog.Id} waits for an event");
        return new PendingEvent(
            cog, state, new Receipt.Ran(cog.Id, SlotItems.Of([.. slots], [.. items])), known, held,
            asked, traces);
    }

    private void Add(int slot, ReceiptItem item)
    {
        Invariant.Check(
            slots.Count == 0 || slots[^1] < slot, $"slot {slot} of cog {cog.Id} comes in order");
        slots.Add(slot);
        items.Add(item);
    }

    private void TakeAnswer(OpenRequest open)
    {
        switch (open.Request)
        {
            case Request.Spin:
                Add(open.Slot, new ReceiptItem.Spun(drawId()));
                break;
            case Request.Who:
                Give(open, cog.Id.Number);
                break;
            case Request.What what when !Order.Equal(what.Devices, requests.Devices):
                Give(open, requests.Devices);
                break;
            case Request.Wait wait when requests.Find(wait.Cog) is null:
                Give(open, 0);
                break;
            case Request.Reap reap:
                TakeReap(open, reap.Cog);
                break;
            case Request.Stop stop:
                TakeStop(open, stop.Cog);
                break;
            default:
                if (open.Answer is { } answer)
                {
                    Invariant.Check(answer.Request == open, $"the answer is to {open}");
                    Add(open.Slot, answer.Item);
                    known.Add(open.Slot, answer.Value);
                    traces.AddRange(answer.Traces);
                }
                break;
        }
    }

    private void Give(OpenRequest open, Value answer) =>
        Add(open.Slot, new ReceiptItem.Given(answer));

    private void TakeReap(OpenRequest open, CogId id)
    {
        if (requests.Find(id) is not { } target || held.Contains(target))
            Give(open, 0);
        else if (!target.Busy && state.Find(id) is not CogState.Spinning)
            Take(open, new ReceiptItem.Reaped(id), target);
    }

    /// <summary>A busy cog is interrupted, and stopped once its event has ended.</summary>
    private void TakeStop(OpenRequest open, CogId id)
    {
        if (requests.Find(id) is not { } target || held.Contains(target))
            Give(open, 0);
        else if (!target.Busy)
            Take(open, new ReceiptItem.Stopped(id), target);
        else
            target.Worker?.Interrupt();
    }

    private void Take(OpenRequest open, ReceiptItem item, LiveCog target)
    {
        Invariant.Check(!target.Busy, $"cog {target.Id} is free to be reaped or stopped");
        Add(open.Slot, item);
        held.Add(target);
    }
}
