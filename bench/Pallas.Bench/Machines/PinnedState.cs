using Pallas.Plan;
using Pallas.Store;

namespace Pallas.Bench.Machines;

/// <summary>A machine whose state is many pins, more than should be in memory at once.</summary>
internal static class PinnedState
{
    private const int PinBytes = 64 << 10;
    private const int BatchCount = 1000;

    public static string Make(long bytesCount, out int count)
    {
        count = (int)(bytesCount / PinBytes);
        var path = MachineFolders.NewPath();
        StoreFolder.Create(path, Pin.Make("bench"));
        using var folder = StoreFolder.Open(path, cacheBytesMax: 100 << 20);
        folder.BeginWriting();
        var random = new Random(1);
        var pins = new List<Value>();
        while (pins.Count < count)
        {
            var first = pins.Count;
            for (var i = 0; i < BatchCount && pins.Count < count; i++)
            {
                var bytes = new byte[PinBytes];
                random.NextBytes(bytes);
                pins.Add(Pin.Make(Bar.Of(bytes)));
            }
            // The pins are what counts; the row of all of them is written once, at the end.
            Save(folder.Store, pins[first..]);
        }
        Save(folder.Store, pins);
        return path;
    }

    private static void Save(MachineStore store, List<Value> pins)
    {
        var state = MachineFolders.StateOf(BenchCogs.Counter(Row.Of([.. pins])));
        store.Snapshots.Save(new MachineSnapshot(store.Log.Last, state.ToTab()));
    }
}
