using Pallas.Store;

namespace Pallas.Machine;

/// <summary>Writes snapshots of durable states beside the work.</summary>
internal sealed class Snapshotter
{
    private const int StackBytes = 16 << 20;

    private readonly object gate = new();
    private readonly MachineStore store;
    private readonly MachineOptions options;
    private readonly Action<Exception> fail;
    private readonly Thread thread;
    private DurablePoint? due;
    private DurablePoint last;
    private bool closed;

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
        thread = new Thread(Work, StackBytes) { IsBackground = true, Name = "snapshots" };
        thread.Start();
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
            if (!isDue)
                return;
            last = point;
            due = point;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Ends the thread after the snapshot that it may be writing.</summary>
    public void Close()
    {
        lock (gate)
        {
            closed = true;
            due = null;
            Monitor.PulseAll(gate);
        }
        if (thread != Thread.CurrentThread)
            thread.Join();
    }

    /// <summary>Writes a snapshot here and now, unless the last one is of this state.</summary>
    public static void Save(MachineStore store, DurablePoint point)
    {
        if (store.Snapshots.LastNumber < point.Position.Number)
            store.Snapshots.Save(new MachineSnapshot(point.Position, point.State.ToRoot()));
    }

    private void Work()
    {
        try
        {
            while (Take() is { } point)
                Save(store, point);
        }
        catch (Exception error)
        {
            fail(error);
        }
    }

    private DurablePoint? Take()
    {
        lock (gate)
        {
            while (due is null && !closed)
                Monitor.Wait(gate);
            var taken = due;
            due = null;
            return taken;
        }
    }
}
