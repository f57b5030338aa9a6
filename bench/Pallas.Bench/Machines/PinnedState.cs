using Pallas.Store.Folder;
using Pallas.Store.Snapshots;
using Pallas.Values;

namespace Pallas.Bench.Machines;

/// <summary>A machine whose state is many pins, more than should be in memory at once.</summary>
internal static class PinnedState
{
    private const int PinBytes = 64 << 10;
    private const int BatchCount = 1000;

    private static readonly HistoryPolicy Shortest = new(BytesMax: 0, AgeMax: null);

    public static string Make(long bytesCount, out int count)
    {
        count = (int)(bytesCount / PinBytes);
        var path = New();
        using var folder = Open(path);
        Fill(folder.Store, count, PinBytes);
        return path;
    }

    /// <summary>A machine that let go of every second pin, and has not been collected since.
    /// </summary>
    public static string MakeHalfGarbage(long bytesCount, int pinBytes)
    {
        var path = New();
        using var folder = Open(path);
        var store = folder.Store;
        var pins = Fill(store, (int)(bytesCount / pinBytes), pinBytes);
        Value[] kept = [.. pins.Where((_, i) => i % 2 == 0)];
        // Two snapshots always stay: both are of the half that is kept.
        for (var i = 0; i < 2; i++)
        {
            store.Append(Row.Empty);
            Save(store, kept);
        }
        store.Prune(Shortest, logBytes: 0, nowMs: 0);
        return path;
    }

    private static string New()
    {
        var path = MachineFolders.NewPath();
        StoreFolder.Create(path, Pin.Make("bench"), Random.Shared.NextBytes);
        return path;
    }

    private static StoreFolder Open(string path)
    {
        var folder = StoreFolder.Open(path, cacheBytesMax: 100 << 20);
        folder.BeginWriting(Random.Shared.NextBytes);
        return folder;
    }

    /// <summary>Saves a state of <paramref name="count"/> pins.</summary>
    private static List<Value> Fill(MachineStore store, int count, int pinBytes)
    {
        var random = new Random(1);
        var pins = new List<Value>();
        while (pins.Count < count)
        {
            var first = pins.Count;
            for (var i = 0; i < BatchCount && pins.Count < count; i++)
                pins.Add(RandomPin(random, pinBytes));
            // The pins are what counts; the row of all of them is written once, at the end.
            Save(store, pins[first..]);
        }
        Save(store, pins);
        return pins;
    }

    public static Pin RandomPin(Random random, int bytesCount)
    {
        var bytes = new byte[bytesCount];
        random.NextBytes(bytes);
        return Pin.Make(Bar.Of(bytes));
    }

    private static void Save(MachineStore store, IReadOnlyCollection<Value> pins)
    {
        var state = MachineFolders.StateOf(BenchCogs.Counter(Row.Of([.. pins])));
        store.Snapshots.Save(new MachineSnapshot(store.Log.Last, state.ToTab()));
    }
}
