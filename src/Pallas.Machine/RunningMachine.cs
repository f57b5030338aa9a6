using Pallas.Machine.Devices;
using Pallas.Store;
using Pallas.Store.Folder;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>A machine that runs: its cogs, its devices, its log.</summary>
/// <remarks>
/// Starting recovers the state from the last snapshot and the log after it, and only then begins
/// to write. Every open request of every cog is issued again. Of an event, everything that is seen
/// outside happens after its receipt is on disk. A failure to keep a receipt ends the machine and
/// nothing more is seen of it.
/// </remarks>
public sealed class RunningMachine : IAsyncDisposable
{
    private const int CogsLookedAt = 64;

    private readonly StoreFolder? folder;
    private readonly MachineStore store;
    private readonly MachineOptions options;
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

    private RunningMachine(StoreFolder? folder, MachineStore store, MachineOptions options)
    {
        this.folder = folder;
        this.store = store;
        meter = new MachineMeter(options.Time);
        this.options = options = TracingOneAtATime(options) with { Meter = meter };
        devices = options.Devices(options);
        var recovered = Recover();
        pool = new WorkPool(options, Fail);
        writer = new CommitWriter(
            store, options, recovered, pool, point => snapshotter!.Consider(point), Fail);
        snapshotter = new Snapshotter(
            store,
            options,
            recovered with { EventsCount = -recovered.EventsCount, LogBytes = -recovered.LogBytes },
            Fail);
        loop = new EventLoop(
            options,
            recovered.State,
            devices,
            pool,
            writer,
            () => ended.TrySetResult(new MachineEnd(null)));
        meter.Watch(loop.Count, () => writer.QueuedCount);
    }

    /// <summary>
    /// Ends when the machine can do nothing more by itself, having failed or not. It still has to
    /// be stopped.
    /// </summary>
    public Task<MachineEnd> Ended => ended.Task;

    /// <summary>Recovers the machine of a folder and lets it run.</summary>
    /// <exception cref="StoreError">The folder cannot be opened.</exception>
    /// <exception cref="ReplayError">Its log cannot be replayed; nothing was written.</exception>
    public static RunningMachine Start(string path, MachineOptions options)
    {
        var folder = StoreFolder.Open(path, options.CacheBytesMax);
        try
        {
            var machine = new RunningMachine(
                folder, folder.Store, options with { Folder = path });
            PortFile.RemoveStale(path);
            machine.Begin();
            return machine;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Recovers the machine of a store, which is taken over, and lets it run.</summary>
    public static RunningMachine Start(IStore store, MachineOptions options) =>
        Start(MachineStore.Open(store, options.CacheBytesMax), options);

    internal static RunningMachine Start(MachineStore store, MachineOptions options)
    {
        var machine = new RunningMachine(null, store, options);
        machine.Begin();
        return machine;
    }

    private void Begin()
    {
        options.News?.Invoke(
            new MachineNews.Started(
                writer.Durable.Position.Number, writer.Durable.State.Cogs.Count));
        loop.Start();
    }

    /// <summary>The cogs as they are, durable or not, beside the log as it is on disk.</summary>
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

    /// <summary>The cogs that have crashed or timed out, now or before; durable.</summary>
    public IEnumerable<KeyValuePair<CogId, CogState>> FailedCogs =>
        writer.Durable.State.Cogs.Where(
            pair => pair.Value is CogState.Crashed or CogState.TimedOut);

    /// <summary>What is on disk now, for reading as long as it is held, and before the machine has
    /// stopped.</summary>
    public MachineView View() => store.View();

    /// <summary>About how many bytes a space of the store takes.</summary>
    public long SizeOf(StoreSpace space) => store.SizeOf(space);

    /// <summary>Ends the machine: events that are being computed are as if they had not begun, all
    /// that are done are kept.</summary>
    /// <param name="snapshot">Write a snapshot, so that the next start need not replay.</param>
    /// <exception cref="StoreError">The snapshot could not be kept; the log is.</exception>
    public Task StopAsync(bool snapshot = true)
    {
        lock (stopGate)
            return stopped ??= Task.Factory.StartNew(
                () => Stop(snapshot), TaskCreationOptions.LongRunning);
    }

    /// <summary>Leaves the last snapshot out, if it is not begun.</summary>
    public void SkipSnapshot() => Volatile.Write(ref snapshotSkipped, true);

    /// <summary>It is being stopped, and all that was done is in the log.</summary>
    public bool IsLogClosed => Volatile.Read(ref logClosed);

    public async ValueTask DisposeAsync() => await StopAsync(snapshot: false).ConfigureAwait(false);

    /// <summary>
    /// For a machine whose threads are gone as if its process had been killed: whoever listens to
    /// meters in this process would hold on to it.
    /// </summary>
    internal void Forget() => meter.Dispose();

    /// <summary>Hands a value to a cog, once it asks for one at the path.</summary>
    /// <param name="value">In normal form.</param>
    /// <returns>Ends when the event that took it is durable; cancelling takes it back before.
    /// </returns>
    public Task Poke(CogId cog, IEnumerable<string> path, Value value, CancellationToken cancel) =>
        devices.OfType<PokeDevice>().Single().Submit(cog, path, value, cancel);

    /// <summary>The same as <see cref="StopAsync"/>, here and now.</summary>
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
            snapshot &= options.Snapshots && isGood && !Volatile.Read(ref snapshotSkipped);
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
            options.News?.Invoke(new MachineNews.Stopped(writer.Durable.Position.Number));
            ended.TrySetResult(new MachineEnd(null));
        }
    }

    /// <summary>The state at the end of the log, from where on there is writing.</summary>
    private DurablePoint Recover()
    {
        try
        {
            var unusable = new List<UnusableSnapshot>();
            var recovered = Replay(unusable);
            if (folder is not null && options.AcceptsCopy)
                folder.BeginNextLife(asNew: false, options.FillRandom);
            else if (folder is not null)
                folder.BeginWriting(options.FillRandom);
            else
                store.BeginWriting();
            DropUnusable([.. unusable.Select(snapshot => snapshot.Number)]);
            return recovered;
        }
        catch
        {
            foreach (var device in devices)
                device.Dispose();
            meter.Dispose();
            throw;
        }
    }

    /// <summary>Takes away the snapshots that were tried in vain, and older ones than the one that
    /// was used which cannot be read either: they would be in the way of the next one.</summary>
    private void DropUnusable(HashSet<ulong> numbers)
    {
        var used = store.Snapshots.Numbers().Last(number => !numbers.Contains(number));
        _ = store.Snapshots.List((number, error) =>
        {
            // The one that was used is whole, whatever a second look at it says.
            if (number < used && numbers.Add(number))
            {
                options.Message?.Invoke(
                    $"warning: {error.Message}; the snapshot after record {number}, which is not "
                        + "needed, is taken away");
            }
        }).Count();
        store.Snapshots.Drop(numbers);
    }

    /// <summary>Nothing is written.</summary>
    private DurablePoint Replay(List<UnusableSnapshot> unusable)
    {
        var startedAt = meter.Now();
        using var span = MachineMeter.Span("replay");
        var recovered = Recovery.Run(store, options, unusable, PrepareDevices);
        meter.Replay(recovered.EventsCount, startedAt);
        if (recovered.EventsCount > 0)
            options.Message?.Invoke($"replayed {recovered.EventsCount:N0} events");
        options.News?.Invoke(new MachineNews.Replayed(
            recovered.EventsCount, options.Time.GetElapsedTime(startedAt)));
        return recovered;
    }

    /// <summary>What the cogs asked for when a snapshot was written, they will most likely ask for
    /// again: those devices load beside the replay.</summary>
    private void PrepareDevices(MachineState state)
    {
        HashSet<Nat> asked;
        try
        {
            asked = DevicesOf(state);
        }
        catch (StoreError)
        {
            // Who needs what is damaged will meet it.
            return;
        }
        foreach (var device in devices)
        {
            if (asked.Contains(Nat.OfText(device.Name)))
                device.Prepare();
        }
    }

    private static HashSet<Nat> DevicesOf(MachineState state) =>
    [
        .. state.Cogs.Values.Take(CogsLookedAt)
            .OfType<CogState.Spinning>()
            .SelectMany(cog => Requests.RowOf(cog.Function).Where(Requests.IsRequest))
            .Select(Request.Read)
            .OfType<Request.Call>()
            .Select(call => call.Device),
    ];

    private static MachineOptions TracingOneAtATime(MachineOptions options)
    {
        if (options.Trace is not { } trace)
            return options;
        var tracing = new Lock();
        return options with
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
