using Pallas.Machine;
using Pallas.Store.Folder;
using Pallas.Store.Snapshots;
using Pallas.Values;

namespace Pallas.Bench.Machines;

/// <summary>Makes the folders of machines that have lived for a while.</summary>
internal static class MachineFolders
{
    private const int RecordEventsCount = 1000;

    private static readonly Pin First = Pin.Make("bench");

    public static string NewPath()
    {
        var root = Path.Combine(Path.GetTempPath(), "pallas-bench");
        Directory.CreateDirectory(root);
        return Path.Combine(root, Guid.NewGuid().ToString("N"));
    }

    /// <summary>A machine that has just been made.</summary>
    public static string Make(params IEnumerable<Value> functions) =>
        Make(StateOf(functions), eventsBefore: 0, eventsAfter: 0);

    /// <summary>
    /// A machine whose first cog, a counter, has had events before its snapshot and after it.
    /// </summary>
    public static string Make(MachineState state, int eventsBefore, int eventsAfter)
    {
        var path = NewPath();
        StoreFolder.Create(path, First, Random.Shared.NextBytes);
        using var folder = StoreFolder.Open(path);
        folder.BeginWriting(Random.Shared.NextBytes);
        var (id, cog) = state.Cogs.First();
        Log(folder.Store, id, eventsBefore);
        if (eventsBefore > 0)
            state = state.With(id, CogState.Of(CountedTo(cog.Function, (ulong)eventsBefore)));
        folder.Store.Snapshots.Save(new MachineSnapshot(folder.Store.Log.Last, state.ToTab()));
        Log(folder.Store, id, eventsAfter);
        return path;
    }

    public static MachineState StateOf(params IEnumerable<Value> functions)
    {
        var id = 0ul;
        return functions.Aggregate(
            MachineState.Empty,
            (state, function) => state.With(new CogId(++id), CogState.Of(function)));
    }

    private static Value CountedTo(Value function, ulong count) =>
        App.Make(((App)function).Head, count, ((App)function)[1], ((App)function)[2]);

    private static void Log(MachineStore store, CogId cog, int count)
    {
        var items = SlotItems.Of(0, new ReceiptItem.Given(1));
        Value receipt = new Receipt.Ran(cog, items).ToValue();
        for (; count > 0; count -= RecordEventsCount)
        {
            var size = Math.Min(count, RecordEventsCount);
            store.Append(Row.Of([.. Enumerable.Repeat(receipt, size)]));
        }
    }
}
