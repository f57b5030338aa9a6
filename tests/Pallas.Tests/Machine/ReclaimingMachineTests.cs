using Pallas.Machine;
using Pallas.Plan;
using Pallas.Store;
using Xunit;

namespace Pallas.Tests.Machine;

/// <summary>A machine that takes away all that it can while it runs loses nothing.</summary>
public sealed class ReclaimingMachineTests
{
    private static readonly MachineOptions Greedy = new()
    {
        SnapshotEventsCount = 3,
        History = new HistoryPolicy(0, null),
        CollectGrowthBytesMin = -1,
        CacheBytesMax = 0,
    };

    [Fact]
    public async Task Its_log_stays_short_and_its_state_is_the_same_after_a_crash()
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
}
