using Pallas.Store.Folder;
using Pallas.Store.Snapshots;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>Writes snapshots of durable states and removes what they make unreachable, on a lane of
/// its own.</summary>
internal sealed class Snapshotter
{
    private const int StackBytes = 16 << 20;

    private readonly Lock gate = new();
    private readonly MachineStore store;
    private readonly MachineContext context;
    private readonly Action<Exception> fail;
    private readonly ILane lane;
    private readonly StateTab states = new();
    private DurablePoint? due;
    private DurablePoint last;
    private bool hasBegun;
    private volatile bool closing;
    private volatile bool waiting;

    /// <param name="start">The first state, with negative counts of what was replayed to reach it.
    /// </param>
    public Snapshotter(
        MachineStore store, MachineContext context, DurablePoint start, Action<Exception> fail)
    {
        this.store = store;
        this.context = context;
        this.fail = fail;
        last = start;
        lane = context.Scheduler.Start("snapshots", StackBytes, Step);
    }

    /// <summary>Schedules a snapshot if one is due.</summary>
    public void Consider(DurablePoint point)
    {
        if (!context.Options.Snapshots)
            return;
        lock (gate)
        {
            Invariant.Check(
                point.Position.Number >= last.Position.Number,
                $"record {point.Position.Number} follows {last.Position.Number}");
            var isDue = point.EventsCount - last.EventsCount >= context.Options.SnapshotEventsCount
                || point.LogBytes - last.LogBytes >= context.Options.SnapshotLogBytes;
            if (!isDue && !waiting)
                return;
            if (isDue)
                last = due = point;
        }
        lane.Wake();
    }

    /// <summary>Ends, after the snapshot that is being written.</summary>
    public void Close()
    {
        closing = true;
        lock (gate)
        {
            due = null;
        }
        lane.Close();
    }

    /// <summary>Writes a snapshot on this thread, unless the last one is of this state; call it
    /// after closing.</summary>
    public void Save(DurablePoint point)
    {
        if (store.Snapshots.LastNumber >= point.Position.Number)
            return;
        Invariant.Check(
            point.Position.Number <= store.Log.Last.Number,
            $"the state after record {point.Position.Number} is durable before its snapshot");
        Invariant.Check(
            point.LogBytesTotal >= point.LogBytes,
            $"{point.LogBytes} bytes of log were written since the start, of "
                + $"{point.LogBytesTotal} in all");
        using var span = MachineMeter.Span("snapshot");
        var startedAt = context.Meter?.Now() ?? 0;
        var nowMs = context.Time.GetUtcNow().ToUnixTimeMilliseconds();
        store.Snapshots.Save(new MachineSnapshot(
            point.Position, states.Of(point.State), point.LogBytesTotal, nowMs));
        Invariant.Check(
            store.Snapshots.LastNumber == point.Position.Number,
            $"the last snapshot is {point.Position.Number}, which was written");
        context.Meter?.Snapshot(startedAt);
        context.Notify?.Invoke(
            new MachineNotification.Snapshot(point.Position.Number, TimeSince(startedAt)));
        store.Prune(context.Options.History, point.LogBytesTotal, nowMs);
    }

    private bool Step()
    {
        try
        {
            var point = Take();
            if (point is not null)
                Save(point);
            if (point is not null || !hasBegun || store.IsCollecting)
                Collect();
            waiting = store.IsCollecting;
            hasBegun = true;
            return point is not null;
        }
        catch (Exception error)
        {
            fail(error);
            return false;
        }
    }

    private void Collect()
    {
        var startedAt = context.Meter?.Now() ?? 0;
        var count = store.Collect(() => closing, context.Options.CollectGrowthBytesMin);
        Invariant.Check(count >= 0, $"a collection removes {count} entries");
        if (count > 0)
            context.Notify?.Invoke(new MachineNotification.Collected(count, TimeSince(startedAt)));
    }

    private TimeSpan TimeSince(long timestamp) =>
        context.Meter is null ? TimeSpan.Zero : context.Time.GetElapsedTime(timestamp);

    private DurablePoint? Take()
    {
        lock (gate)
        {
            var taken = due;
            due = null;
            return taken;
        }
    }
}
