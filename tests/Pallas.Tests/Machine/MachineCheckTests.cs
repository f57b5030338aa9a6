using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Store.Folder;
using Pallas.Store.Snapshots;
using Pallas.Testing;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Machine;

/// <summary>A check finds whatever was changed behind the machine's back.</summary>
public sealed class MachineCheckTests
{
    private static readonly CogId One = new(1);

    [Fact]
    public async Task An_undamaged_store_passes_the_check()
    {
        var report = Check(await Lived(), replay: true);
        Assert.Empty(report.Problems);
        Assert.True(report.Replayed);
        Assert.Equal(2, report.SnapshotsCount);
        Assert.Equal(12, report.EventsCount);
        Assert.True(report.PinsCount > 0);
    }

    [Theory]
    [InlineData(StoreSpace.Pins)]
    [InlineData(StoreSpace.Log)]
    [InlineData(StoreSpace.Snapshots)]
    [InlineData(StoreSpace.Chunks)]
    public async Task Every_changed_or_lost_entry_is_found(StoreSpace space)
    {
        var store = await Lived();
        foreach (var (key, bytes) in store.Scan(space, []).ToArray())
        {
            var changed = bytes.ToArray();
            changed[changed.Length / 2] ^= 0x10;
            store.Damage(space, key, changed);
            Assert.NotEmpty(Problems(store));
            store.Damage(space, key, null);
            // A later snapshot may be missing: a start then replays more.
            if (space == StoreSpace.Log)
                Assert.NotEmpty(Problems(store));
            store.Damage(space, key, bytes);
        }
        Assert.Empty(Problems(store));
    }

    [Fact]
    public async Task Replay_finds_a_snapshot_that_contradicts_the_log()
    {
        var store = await Lived();
        using (var opened = MachineStore.Open(store))
        {
            var other = MachineState.Empty.With(One, CogState.Of(Cogs.LogOf(Cogs.Hear(5))));
            opened.Snapshots.Save(new MachineSnapshot(opened.Log.Last, other.ToRoot().Item));
        }
        Assert.Empty(Check(store, replay: false).Problems);
        Assert.Equal(
            ["the snapshot after record 12 is not what its log says"],
            Check(store, replay: true).Problems);
    }

    /// <summary>The store of a machine that has lived for twelve events.</summary>
    private static async Task<MemoryStore> Lived()
    {
        var rig = Rig.Boot(Cogs.LogOf(Cogs.Hear(5)));
        for (var i = 1; i <= 12; i++)
        {
            rig.Device.Answer(One, 5, Pin.Make(i));
            rig.WaitDurable(1, state => RunningMachineTests.HistoryOf(state).Count == i);
        }
        await rig.Machine.StopAsync(snapshot: true);
        return rig.Store.Crash();
    }

    /// <summary>Damage may also keep a store from being opened at all.</summary>
    private static IReadOnlyList<string> Problems(MemoryStore store)
    {
        try
        {
            return Check(store, replay: false).Problems;
        }
        catch (StoreError error)
        {
            return [error.Message];
        }
    }

    private static CheckReport Check(MemoryStore store, bool replay)
    {
        using var opened = MachineStore.Open(store.Crash());
        using var view = opened.View();
        return MachineCheck.Run(view, TestEval.Machine, replay);
    }
}
