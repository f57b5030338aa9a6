using Pallas.Store;
using Pallas.Store.Folder;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>Recovers the state that a machine starts from, and makes its store writable.</summary>
/// <remarks>Nothing is written before the log is replayed.</remarks>
internal sealed class MachineStart(
    StoreFolder? folder, MachineStore store, MachineContext context,
    IReadOnlyList<IDevice> devices)
{
    private const int CogsLookedAt = 64;

    /// <summary>The state at the end of the log, with the counts of what was replayed.</summary>
    public DurablePoint Run()
    {
        var unusable = new List<UnusableSnapshot>();
        var recovered = Replay(unusable);
        Invariant.Check(
            recovered.Position == store.Log.Last,
            $"the log is replayed up to its end, {store.Log.Last.Number}");
        if (folder is null)
            store.BeginWriting();
        else if (context.Options.AcceptsCopy)
            folder.BeginNextLife(asNew: false, context.FillRandom);
        else
            folder.BeginWriting(context.FillRandom);
        DropUnusable([.. unusable.Select(snapshot => snapshot.Number)]);
        return recovered;
    }

    /// <summary>Removes the snapshots that recovery could not use, and damaged older ones: they
    /// would be in the way of the next snapshot.</summary>
    private void DropUnusable(HashSet<ulong> numbers)
    {
        var used = store.Snapshots.Numbers().Last(number => !numbers.Contains(number));
        _ = store.Snapshots.List((number, error) =>
        {
            // The snapshot that was used is intact, even if a second read of it fails.
            if (number < used && numbers.Add(number))
            {
                context.Message?.Invoke(
                    $"warning: {error.Message}; the snapshot after record {number}, which is not "
                        + "needed, is taken away");
            }
        }).Count();
        store.Snapshots.Drop(numbers);
    }

    /// <summary>Replays the log. Nothing is written.</summary>
    private DurablePoint Replay(List<UnusableSnapshot> unusable)
    {
        var startedAt = context.Meter?.Now() ?? 0;
        using var span = MachineMeter.Span("replay");
        var recovered = Recovery.Run(store, context, unusable, PrepareDevices);
        context.Meter?.Replay(recovered.EventsCount, startedAt);
        if (recovered.EventsCount > 0)
            context.Message?.Invoke($"replayed {recovered.EventsCount:N0} events");
        context.Notify?.Invoke(new MachineNotification.Replayed(
            recovered.EventsCount, context.Time.GetElapsedTime(startedAt)));
        return recovered;
    }

    /// <summary>Lets devices load beside the replay if cogs called them when the snapshot was
    /// written: the cogs will most likely call them again.</summary>
    private void PrepareDevices(MachineState state)
    {
        HashSet<Nat> asked;
        try
        {
            asked = DevicesOf(state);
        }
        catch (StoreError)
        {
            // The replay meets the damage too, and reports it.
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
}
