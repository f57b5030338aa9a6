using System.Collections.ObjectModel;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>Computes an event on a worker, outside the loop's lock.</summary>
internal sealed class EventRunner(MachineContext context)
{
    /// <summary>The event, then that of the ask that it answers; null where interrupted.</summary>
    public IReadOnlyList<ComputedEvent>? Run(PendingEvent next, Worker worker)
    {
        var told = new ToldAnswers();
        var first = RunOne(next.Before, next.Draft, next.Known, told, worker);
        if (first is null)
            return null;
        if (next.Asked is not { } ask)
            return [first];
        var between = Replayer.ApplyReceipt(next.Before, first.Receipt, first.Function);
        if (ask.Cog == next.Cog && !StillAsks(between, ask))
            return [first];
        ReceiptItem item = first.Receipt is Receipt.Ran
            ? new ReceiptItem.Answered()
            : new ReceiptItem.Given(0);
        var draft = new Receipt.Ran(ask.Cog.Id, SlotItems.Of(ask.Slot, item));
        var second = RunOne(
            between, draft, ReadOnlyDictionary<int, Value>.Empty, told, worker);
        return second is null ? null : [first, second];
    }

    /// <param name="draft">The receipt of the event if it runs well.</param>
    private ComputedEvent? RunOne(
        MachineState before, Receipt.Ran draft, IReadOnlyDictionary<int, Value> known,
        ToldAnswers told, Worker worker)
    {
        using var span = MachineMeter.Span("event");
        span?.SetTag("pallas.cog", draft.Cog.ToString());
        var startedAt = context.Meter?.Now() ?? 0;
        var outcome = worker.Evaluate(
            context.Options.EventTimeMax, () => worker.Replayer.Run(before, draft, known, told));
        context.Meter?.Event(outcome, startedAt);
        var traces = worker.TakeTraces();
        return outcome switch
        {
            Outcome.Good good => new ComputedEvent(draft, good.Result, traces),
            Outcome.Crashed crash => new ComputedEvent(
                new Receipt.Crashed(draft.Cog, crash.Op, crash.Argument), null, traces),
            Outcome.TimedOut timedOut => new ComputedEvent(
                new Receipt.TimedOut(draft.Cog, timedOut.Nanoseconds), null, traces),
            _ => null,
        };
    }

    private static bool StillAsks(MachineState state, OpenRequest ask) =>
        state.Find(ask.Cog.Id) is CogState.Spinning spinning
        && Requests.RowOf(spinning.Function) is var row
        && ask.Slot < row.Count
        && Order.Equal(row[ask.Slot], ask.Value);
}
