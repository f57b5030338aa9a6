using Pallas.Machine.Devices;
using Pallas.Store;
using Pallas.Store.Folder;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>Making and inspecting machines that do not run.</summary>
public static class MachineFolder
{
    internal const int StackBytes = 64 << 20;

    /// <summary>Throws what <see cref="Boot"/> would throw for a path that holds something.
    /// </summary>
    /// <exception cref="StoreError"><see cref="StoreErrorKind.Occupied"/>.</exception>
    public static void RefuseToOverwrite(string path) =>
        StoreFolder.RefuseToOverwrite(Path.GetFullPath(path));

    /// <summary>Makes a machine of one cog in a folder that does not exist or is empty.</summary>
    /// <param name="function">What the cog is; in normal form.</param>
    /// <returns>The cog's id.</returns>
    /// <exception cref="StoreError">The folder is in use, or cannot be written.</exception>
    public static CogId Boot(string path, Value function, MachineOptions? options = null)
    {
        options ??= new MachineOptions();
        var id = new CogId(options.DrawCogId());
        StoreFolder.Create(path, FirstState(id, function).ToRoot(), options.FillRandom);
        return id;
    }

    /// <summary>The state that a machine of one cog begins with.</summary>
    public static MachineState FirstState(CogId id, Value function) =>
        MachineState.Empty.With(id, CogState.Of(function));

    /// <summary>Reads a machine that does not run; changes nothing.</summary>
    /// <exception cref="StoreError">It cannot be opened.</exception>
    /// <exception cref="ReplayError">Its log cannot be replayed.</exception>
    public static MachineStatus Inspect(string path, MachineOptions? options = null)
    {
        var folder = StoreFolder.Open(path, options?.CacheBytesMax);
        try
        {
            return Inspect(folder.Store, options);
        }
        finally
        {
            folder.Unlock();
        }
    }

    /// <summary>The same of a machine whose folder is held already.</summary>
    public static MachineStatus Inspect(MachineStore store, MachineOptions? options = null)
    {
        options ??= new MachineOptions();
        var unusable = new List<UnusableSnapshot>();
        var recovered = Recovery.Run(store, options, unusable);
        var devices = options.Devices(options);
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
    /// <param name="decide">Gives the event for the state at the end of the log; what it throws
    /// leaves the machine as it was.</param>
    /// <returns>The state after the event, which is durable.</returns>
    /// <exception cref="StoreError">It cannot be opened or written.</exception>
    /// <exception cref="ReplayError">Its log cannot be replayed.</exception>
    public static MachineState Change(
        string path, MachineOptions options, Func<MachineState, Receipt> decide)
    {
        using var folder = StoreFolder.Open(path, options.CacheBytesMax);
        var before = Recovery.Run(folder.Store, options).State;
        var receipt = decide(before);
        var after = Replayer.Settle(before, receipt, null);
        folder.BeginWriting(options.FillRandom);
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
