using Pallas.Store;
using Pallas.Store.Folder;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>Makes, inspects and changes machines that do not run.</summary>
public static class MachineFolder
{
    internal const int StackBytes = 64 << 20;

    /// <summary>Throws as <see cref="Boot"/> does for a path that holds something.</summary>
    /// <exception cref="StoreError"><see cref="StoreErrorKind.Occupied"/>.</exception>
    public static void RefuseToOverwrite(string path) =>
        StoreFolder.RefuseToOverwrite(Path.GetFullPath(path));

    /// <summary>Makes a machine of one cog in a folder that does not exist or is empty.</summary>
    /// <param name="function">The function of the cog, in normal form.</param>
    /// <returns>The cog's id.</returns>
    /// <exception cref="StoreError">The folder is in use, or cannot be written.</exception>
    public static CogId Boot(string path, Value function, MachineContext? context = null)
    {
        context ??= new MachineContext();
        var id = new CogId(context.DrawCogId());
        StoreFolder.Create(path, FirstState(id, function).ToRoot(), context.FillRandom);
        return id;
    }

    /// <summary>The first state of a machine of one cog.</summary>
    public static MachineState FirstState(CogId id, Value function) =>
        MachineState.Empty.With(id, CogState.Of(function));

    /// <summary>Reads a machine that does not run; changes nothing.</summary>
    /// <exception cref="StoreError">It cannot be opened.</exception>
    /// <exception cref="ReplayError">Its log cannot be replayed.</exception>
    public static MachineStatus Inspect(string path, MachineContext? context = null)
    {
        var folder = StoreFolder.Open(path, context?.Options.CacheBytesMax);
        try
        {
            return Inspect(folder.Store, context);
        }
        finally
        {
            folder.Unlock();
        }
    }

    /// <summary>The same for a machine whose folder is held already.</summary>
    public static MachineStatus Inspect(MachineStore store, MachineContext? context = null)
    {
        context ??= new MachineContext();
        var unusable = new List<UnusableSnapshot>();
        var recovered = Recovery.Run(store, context, unusable);
        var devices = context.Devices(context);
        try
        {
            return new MachineStatus(
                store.Log.Last,
                store.Snapshots.Numbers().Except(unusable.Select(each => each.Number)).Last(),
                recovered.EventsCount,
                [.. recovered.State.Cogs.Select(pair => StatusOf(pair.Key, pair.Value, devices))])
            {
                Unusable = unusable,
            };
        }
        finally
        {
            foreach (var device in devices)
                device.Dispose();
        }
    }

    /// <summary>Adds an event of the operator to the log of a machine that does not run.</summary>
    /// <param name="decide">Chooses the event for the state at the end of the log. If it throws,
    /// nothing is written.</param>
    /// <returns>The state after the event, which is durable.</returns>
    /// <exception cref="StoreError">It cannot be opened or written.</exception>
    /// <exception cref="ReplayError">Its log cannot be replayed.</exception>
    public static MachineState Change(
        string path, MachineContext context, Func<MachineState, Receipt> decide)
    {
        using var folder = StoreFolder.Open(path, context.Options.CacheBytesMax);
        var before = Recovery.Run(folder.Store, context).State;
        var receipt = decide(before);
        Invariant.Check(
            receipt is Receipt.Retried or Receipt.Placed or Receipt.Removed,
            $"an operator's event is no event of a cog: {receipt.GetType().Name}");
        var after = Replayer.ApplyReceipt(before, receipt, null);
        folder.BeginWriting(context.FillRandom);
        folder.Store.Append(Row.Of(receipt.ToValue()));
        return after;
    }

    private static CogStatus StatusOf(
        CogId id, CogState state, IReadOnlyList<IDevice> devices)
    {
        var row = state is CogState.Spinning ? Requests.RowOf(state.Function) : [];
        var open = row.Select((value, slot) => (Value: value, Slot: slot))
            .Where(each => Requests.IsRequest(each.Value))
            .Select(each =>
            {
                var request = Request.Read(each.Value);
                return new RequestStatus(
                    each.Slot, each.Value, request, IsUnknown(request, devices));
            });
        return new CogStatus(id, state, [.. open]);
    }

    private static bool IsUnknown(Request request, IReadOnlyList<IDevice> devices) =>
        request is Request.Unknown
        || (request is Request.Call call
            && !devices.Any(device => Nat.OfText(device.Name).Equals(call.Device)
                && device.KindOf(call.Args) != CallKind.Unknown));
}
