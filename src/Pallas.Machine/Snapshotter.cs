using Pallas.Store.Folder;
using Pallas.Store.Snapshots;

namespace Pallas.Machine;

/// <summary>
/// Writes snapshots of durable states, and takes away what they make unneeded, beside the work.
/// </summary>
internal sealed class Snapshotter
{
    private const int StackBytes = 16 << 20;

    private readonly Lock gate = new();
    private readonly MachineStore store;
    private readonly MachineOptions options;
    private readonly Action<Exception> fail;
    private readonly ILane lane;
    private readonly StateTab states = new();
    private DurablePoint? due;
    private DurablePoint last;
    private bool hasBegun;
    private volatile bool closing;
    private volatile bool waiting;

    /// <param name="start">
    /// The state that the machine started with, counting what was replayed to reach it.
    /// </param>
    public Snapshotter(
        MachineStore store, MachineOptions options, DurablePoint start, Action<Exception> fail)
    {
        this.store = store;
        this.options = options;
        this.fail = fail;
        last = start;
        lane = options.Scheduler.Start("snapshots", StackBytes, Step);
    }

    /// <summary>Writes a snapshot of the point if enough has happened since the last one.</summary>
    public void Consider(DurablePoint point)
    {
        if (!options.Snapshots)
            return;
        lock (gate)
        {
            var isDue = point.EventsCount - last.EventsCount >= options.SnapshotEventsCount
                || point.LogBytes - last.LogBytes >= options.SnapshotLogBytes;
            if (!isDue && !waiting)
                return;
            if (isDue)
                last = due = point;
        }
        lane.Wake();
    }

    /// <summary>Ends after the snapshot that it may be writing.</summary>
    public void Close()
    {
        closing = true;
        lock (gate)
        {
            due = null;
        }
        lane.Close();
    }

    /// <summary>
    /// Writes a snapshot here and now, unless the last one is of this state; after closing.
    /// </summary>
    public void Save(DurablePoint point)
    {
        if (store.Snapshots.LastNumber >= point.Position.Number)
            return;
        using var span = MachineMeter.Span("snapshot");
        var startedAt = options.Meter?.Now() ?? 0;
        var nowMs = options.Time.GetUtcNow().ToUnixTimeMilliseconds();
        store.Snapshots.Save(new MachineSnapshot(
            point.Position, states.Of(point.State), point.LogBytesTotal, nowMs));
        options.Meter?.Snapshot(startedAt);
        options.News?.Invoke(
            new MachineNews.Snapshot(point.Position.Number, TimeSince(startedAt)));
        store.Prune(options.History, point.LogBytesTotal, nowMs);
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
        var startedAt = options.Meter?.Now() ?? 0;
        var count = store.Collect(() => closing, options.CollectGrowthBytesMin);
        if (count > 0)
            options.News?.Invoke(new MachineNews.Collected(count, TimeSince(startedAt)));
    }

    private TimeSpan TimeSince(long timestamp) =>
        options.Meter is null ? TimeSpan.Zero : options.Time.GetElapsedTime(timestamp);

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
