using Pallas.Values;

namespace Pallas.Machine;

/// <summary>
/// Puts together the next event of a cog from the answers that are there. Guarded by the event
/// loop's gate.
/// </summary>
internal sealed class EventGatherer(
    LiveCog cog, MachineState state, OpenRequests requests, Func<CogId, LiveCog?> find,
    Func<CogId> drawId)
{
    /// <summary>By slot, ascending.</summary>
    private readonly List<int> slots = [];
    private readonly List<ReceiptItem> items = [];
    private readonly Dictionary<int, Value> known = [];
    private readonly List<LiveCog> held = [];
    private readonly List<Value> traces = [];

    /// <summary>The event, or null where nothing is answered yet.</summary>
    /// <remarks>
    /// A tell is alone in its event. It goes first, but not twice in a row while others wait.
    /// </remarks>
    public PendingEvent? Gather()
    {
        var tell = FindTell(out var ask);
        if (tell is not null && !cog.ToldLast)
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

    private PendingEvent Make(OpenRequest? asked) => new(
        cog, state, new Receipt.Ran(cog.Id, SlotItems.Of([.. slots], [.. items])), known, held,
        asked, traces);

    private void Add(int slot, ReceiptItem item)
    {
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
            case Request.What what when !Order.Equal(what.Devices, requests.DeviceSet):
                Give(open, requests.DeviceSet);
                break;
            case Request.Wait wait when find(wait.Cog) is null:
                Give(open, 0);
                break;
            case Request.Reap reap:
                TakeReap(open, reap.Cog);
                break;
            case Request.Stop stop:
                TakeStop(open, stop.Cog);
                break;
            default:
                if (open.Item is { } item)
                {
                    Add(open.Slot, item);
                    known.Add(open.Slot, open.Answer!);
                    traces.AddRange(open.Traces);
                }
                break;
        }
    }

    private void Give(OpenRequest open, Value answer) =>
        Add(open.Slot, new ReceiptItem.Given(answer));

    private void TakeReap(OpenRequest open, CogId id)
    {
        if (find(id) is not { } target || held.Contains(target))
            Give(open, 0);
        else if (!target.Busy && state.Find(id) is not CogState.Spinning)
            Take(open, new ReceiptItem.Reaped(id), target);
    }

    /// <summary>A cog that is computing is interrupted; it is stopped when it has let go.</summary>
    private void TakeStop(OpenRequest open, CogId id)
    {
        if (find(id) is not { } target || held.Contains(target))
            Give(open, 0);
        else if (!target.Busy)
            Take(open, new ReceiptItem.Stopped(id), target);
        else
            target.Worker?.Interrupt();
    }

    private void Take(OpenRequest open, ReceiptItem item, LiveCog target)
    {
        Add(open.Slot, item);
        held.Add(target);
    }
}
