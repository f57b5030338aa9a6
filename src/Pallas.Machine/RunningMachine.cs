using Pallas.Store;
using Pallas.Store.Folder;

namespace Pallas.Machine;

/// <summary>A running machine: its cogs, its devices, its log.</summary>
/// <remarks>
/// A start recovers the state from the last snapshot and the log after it, and only then begins to
/// write. It issues every open request of every cog again. The effects of an event happen after its
/// receipt is durable. A failed commit ends the machine: it has no more effects.
/// </remarks>
public sealed class RunningMachine : IAsyncDisposable
{
    private readonly StoreFolder? folder;
    private readonly MachineStore store;
    private readonly MachineContext context;
    private readonly MachineMeter meter;
    private readonly IReadOnlyList<IDevice> devices;
    private readonly WorkPool pool;
    private readonly CommitWriter writer;
    private readonly Snapshotter snapshotter;
    private readonly EventLoop loop;
    private readonly Lock stopGate = new();
    private readonly TaskCompletionSource<MachineEnd> ended =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task? stopped;
    private bool logClosed;
    private bool snapshotSkipped;

    /// <param name="context">With a meter.</param>
    /// <param name="recovered">The state at the end of the log, with the counts of what was
    /// replayed.</param>
    private RunningMachine(
        StoreFolder? folder, MachineStore store, MachineContext context,
        IReadOnlyList<IDevice> devices, DurablePoint recovered)
    {
        this.folder = folder;
        this.store = store;
        this.context = context;
        this.devices = devices;
        meter = context.Meter!;
        pool = new WorkPool(context, Fail);
        var answers = new AnswerQueue(pool);
        var calls = new DeviceCalls(devices, answers);
        snapshotter = new Snapshotter(
            store,
            context,
            recovered with { EventsCount = -recovered.EventsCount, LogBytes = -recovered.LogBytes },
            Fail);
        writer = new CommitWriter(
            store, context, recovered, pool, new EffectInterpreter(context, calls, ended),
            snapshotter.Consider, Fail);
        loop = new EventLoop(context, recovered.State, calls, answers, pool, writer);
        meter.Watch(loop.Count, () => writer.QueuedCount);
    }

    /// <summary>Completes when the machine has failed or is blocked. It still has to be stopped.
    /// </summary>
    public Task<MachineEnd> Ended => ended.Task;

    /// <summary>Recovers the machine of a folder and runs it.</summary>
    /// <exception cref="StoreError">The folder cannot be opened.</exception>
    /// <exception cref="ReplayError">Its log cannot be replayed; nothing was written.</exception>
    public static RunningMachine Start(string path, MachineContext context)
    {
        var folder = StoreFolder.Open(path, context.Options.CacheBytesMax);
        try
        {
            return Start(folder, folder.Store, context with { Folder = path });
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Recovers the machine of a store, which it then owns, and runs it.</summary>
    public static RunningMachine Start(IStore store, MachineContext context) =>
        Start(MachineStore.Open(store, context.Options.CacheBytesMax), context);

    internal static RunningMachine Start(MachineStore store, MachineContext context) =>
        Start(null, store, context);

    private static RunningMachine Start(
        StoreFolder? folder, MachineStore store, MachineContext context)
    {
        var meter = new MachineMeter(context.Time);
        context = TracingOneAtATime(context) with { Meter = meter };
        var devices = context.Devices(context);
        DurablePoint recovered;
        try
        {
            recovered = new MachineStart(folder, store, context, devices).Run();
        }
        catch
        {
            foreach (var device in devices)
                device.Dispose();
            meter.Dispose();
            throw;
        }
        var machine = new RunningMachine(folder, store, context, devices, recovered);
        if (context.Folder is { } path)
            PortFile.RemoveStale(path);
        context.Notify?.Invoke(new MachineNotification.Started(
            recovered.Position.Number, recovered.State.Cogs.Count));
        machine.loop.Start();
        return machine;
    }

    /// <summary>The cogs now, durable or not, and the durable end of the log.</summary>
    public MachineStatus Status()
    {
        var cogs = loop.Status();
        var durable = writer.Durable;
        return new MachineStatus(
            durable.Position, store.Snapshots.LastNumber, durable.EventsCount, cogs)
        {
            Commits = meter.Commits.Summary(),
        };
    }

    /// <summary>The cogs that have crashed or timed out, durably.</summary>
    public IEnumerable<KeyValuePair<CogId, CogState>> FailedCogs =>
        writer.Durable.State.Cogs.Where(
            pair => pair.Value is CogState.Crashed or CogState.TimedOut);

    /// <summary>A view of the durable content, for reading until it is disposed or the machine
    /// stops.</summary>
    public MachineView View() => store.View();

    /// <summary>About how many bytes a space of the store takes.</summary>
    public long SizeOf(StoreSpace space) => store.SizeOf(space);

    /// <summary>Ends the machine. Finished events become durable; events that are being computed
    /// did not happen.</summary>
    /// <param name="snapshot">Write a snapshot, so that the next start replays nothing.</param>
    /// <exception cref="StoreError">The snapshot could not be written; the log is complete.
    /// </exception>
    public Task StopAsync(bool snapshot = true)
    {
        lock (stopGate)
            return stopped ??= Task.Factory.StartNew(
                () => Stop(snapshot), TaskCreationOptions.LongRunning);
    }

    /// <summary>Skips the last snapshot, unless it has begun.</summary>
    public void SkipSnapshot() => Volatile.Write(ref snapshotSkipped, true);

    /// <summary>The machine is stopping, and the log is complete.</summary>
    public bool IsLogClosed => Volatile.Read(ref logClosed);

    public async ValueTask DisposeAsync() => await StopAsync(snapshot: false).ConfigureAwait(false);

    /// <summary>For a simulated kill: releases the machine from listeners of meters in this
    /// process.</summary>
    internal void Forget() => meter.Dispose();

    /// <summary>The same as <see cref="StopAsync"/>, on this thread.</summary>
    internal void Stop(bool snapshot)
    {
        loop.Stop();
        pool.Close();
        writer.Close();
        Volatile.Write(ref logClosed, true);
        snapshotter.Close();
        try
        {
            foreach (var device in devices)
                device.Dispose();
            var isGood = !ended.Task.IsCompletedSuccessfully || ended.Task.Result.Failure is null;
            snapshot &= context.Options.Snapshots && isGood && !Volatile.Read(ref snapshotSkipped);
            if (snapshot)
                snapshotter.Save(writer.Durable);
        }
        finally
        {
            if (folder is not null)
                folder.Dispose();
            else
                store.Dispose();
            meter.Dispose();
            context.Notify?.Invoke(new MachineNotification.Stopped(writer.Durable.Position.Number));
            ended.TrySetResult(new MachineEnd(null));
        }
    }

    private static MachineContext TracingOneAtATime(MachineContext context)
    {
        if (context.Trace is not { } trace)
            return context;
        var tracing = new Lock();
        return context with
        {
            Trace = (cog, value) =>
            {
                lock (tracing)
                    trace(cog, value);
            },
        };
    }

    private void Fail(Exception error)
    {
        loop?.Stop();
        ended.TrySetResult(new MachineEnd(error));
    }
}
