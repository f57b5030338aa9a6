using Pallas.Store;
using Pallas.Store.Backends.Rocks;
using Pallas.Store.Folder;
using Pallas.Store.Log;
using Pallas.Store.Pins;
using Pallas.Store.Snapshots;
using Pallas.Testing;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Store;

/// <summary>A planted fault trips a check before the store changes.</summary>
public sealed class StoreInvariantTests
{
    private readonly MemoryStore memory = new();
    private readonly MachineStore store;

    public StoreInvariantTests()
    {
        MachineStore.Initialize(memory, Pin.Make("first"));
        store = MachineStore.Open(memory);
    }

    [Fact]
    public void A_sweep_before_the_marking_is_complete_deletes_nothing()
    {
        var barrier = new GcBarrier();
        Assert.True(barrier.TryBeginMark());
        Assert.True(barrier.Retain(Pin.Make("in use").Hash));
        AssertBroken(
            "nothing is deleted before the marking is complete",
            () => barrier.Sweep([Pin.Make("in use").Hash], _ => Assert.Fail("it is in use")));
    }

    [Fact]
    public void A_collection_ends_and_a_staging_ends_only_after_it_began()
    {
        var barrier = new GcBarrier();
        AssertBroken("a collection that ends has begun", barrier.End);
        AssertBroken("a staging ends once, after it began", () => barrier.EndStaging(0));
        var round = barrier.BeginStaging();
        barrier.EndStaging(round);
        AssertBroken("a staging ends once, after it began", () => barrier.EndStaging(round));
    }

    [Fact]
    public void A_record_that_is_committed_twice_stops_before_the_log_is_touched()
    {
        var record = store.Append("payload");
        var before = memory.CommitsCount;
        AssertBroken(
            "record 1 is committed after 1, without a gap", () => store.Log.Committed(record));
        Assert.Equal(before, memory.CommitsCount);
        Assert.Equal(record.Position, store.Log.Last);
    }

    [Fact]
    public void A_store_without_snapshots_is_not_collected()
    {
        memory.Damage(StoreSpace.Snapshots, EventLog.KeyOf(0), null);
        AssertBroken(
            "a store has a snapshot, without which all is garbage",
            () => store.Collect(() => false, growthBytesMin: -1));
        Assert.NotEmpty(memory.Scan(StoreSpace.Pins, []));
    }

    [Fact]
    public void The_last_snapshot_is_not_dropped()
    {
        AssertBroken("a store keeps a snapshot", () => store.Snapshots.Drop([0]));
        Assert.Equal([0ul], store.Snapshots.Numbers());
    }

    [Fact]
    public void A_snapshot_of_an_earlier_record_than_the_last_one_is_not_saved()
    {
        store.Append(1);
        store.Snapshots.Save(new MachineSnapshot(store.Log.Last, 1));
        AssertBroken(
            "snapshot 0 is saved after 1",
            () => store.Snapshots.Save(new MachineSnapshot(default, 0)));
    }

    [Fact]
    public void A_view_that_outlives_its_store_does_not_reach_the_closed_engine()
    {
        using var folder = new TempFolder();
        var rocks = RocksStore.Create(folder.Inside("s"));
        using var view = rocks.View();
        rocks.Dispose();
        AssertBroken(
            "a database is used until it is closed", () => view.Get(StoreSpace.Meta, "key"u8));
    }

    private static void AssertBroken(string says, Action action) =>
        Assert.EndsWith(says, Assert.Throws<InvariantBroken>(action).Message);
}
