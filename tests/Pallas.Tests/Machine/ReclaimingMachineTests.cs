using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Store.Backup;
using Pallas.Store.Snapshots;
using Pallas.Tests.Store;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Machine;

/// <summary>A machine that takes away all that it can while it runs loses nothing.</summary>
public sealed class ReclaimingMachineTests
{
    private static readonly MachineOptions Greedy = TestEval.Options with
    {
        SnapshotEventsCount = 3,
        History = new HistoryPolicy(0, null),
        CollectGrowthBytesMin = -1,
        CacheBytesMax = 0,
    };

    [Fact]
    public async Task The_log_stays_short_and_the_state_survives_a_crash()
    {
        var store = Rig.MakeStore(Cogs.LogOf(Cogs.Hear(1)));
        await using var rig = Rig.Open(store, Greedy);
        for (var i = 0; i < 100; i++)
        {
            Wait.Until(() => rig.Device.IsOpen(new CogId(1), 1));
            rig.Device.Answer(new CogId(1), 1, Row.Of(i, Pin.Make(Row.Of("kept", i % 7))));
        }
        Wait.Until(() => rig.Device.IsOpen(new CogId(1), 1));
        Wait.Until(() => Order.Equal(rig.DurableRoot().Item, rig.LiveRoot().Item));
        var live = rig.LiveRoot();
        await rig.Machine.StopAsync(snapshot: false);
        var crashed = store.Crash();
        var faults = new List<string>();
        StoreCheck.Run(crashed, faults.Add);
        Assert.Empty(faults);
        Assert.InRange(crashed.Scan(StoreSpace.Log, []).Count(), 0, 60);
        Assert.Equal(live.Hash, Rig.Recover(crashed).Hash);
        Assert.Equal(live.Hash, Rig.Recover(crashed, replayAll: true).Hash);
    }

    /// <summary>
    /// The bound is the guide's: the history, what is logged between three snapshots, what is
    /// referred to twice, and 130 MiB of the engine's own; here all but the last are small.
    /// </summary>
    [Fact]
    public async Task A_folder_shrinks_after_many_writes()
    {
        const int Writes = 900, WriteBytes = 256 << 10;
        const long BoundBytes = 160L << 20;
        using var temp = new TempFolder();
        var folder = temp.Inside("m");
        var cog = MachineFolder.Boot(folder, App.Make(Cogs.Echo, Row.Of(Cogs.Hear(0))));
        var device = new TestDevice();
        await using var machine = RunningMachine.Start(folder, new MachineContext
        {
            Options = Greedy with { SnapshotEventsCount = 20, CollectGrowthBytesMin = 4 << 20 },
            Devices = _ => [device],
        });
        var random = new Random(1);
        for (var i = 0; i < Writes; i++)
        {
            var body = new byte[WriteBytes];
            random.NextBytes(body);
            device.Answer(cog, 0, Pin.Make(Bar.Of(body)));
            // Snapshots are as close as they would be if this took longer; and what the device has
            // heard, or .NET not collected, counts as in use.
            device.Said.Clear();
            if (i % 20 == 0)
                Wait.Until(() => Lag(machine) < 30);
            if (i % 100 == 0)
                GC.Collect();
        }
        // A few snapshots do the rest of the work. Each is due after 20 events.
        for (var i = 0; i < 400 && SizeOf(folder) >= BoundBytes; i++)
        {
            device.Said.Clear();
            GC.Collect();
            device.Answer(cog, 0, "one more");
            Wait.Until(() => Lag(machine) < 30);
        }
        Assert.InRange(SizeOf(folder), 0, BoundBytes);
    }

    private static ulong Lag(RunningMachine machine)
    {
        var status = machine.Status();
        return status.Position.Number - status.SnapshotNumber;
    }

    private static long SizeOf(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories)
            .Sum(file => file.Exists ? file.Length : 0);
}
