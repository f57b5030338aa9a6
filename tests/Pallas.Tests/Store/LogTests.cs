using CsCheck;
using Pallas.Store;
using Pallas.Store.Backup;
using Pallas.Store.Folder;
using Pallas.Store.Log;
using Pallas.Store.Snapshots;
using Pallas.Testing;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Store;

/// <summary>Pins, log and snapshots over a store, intact and damaged.</summary>
public sealed class LogTests
{
    private static readonly Pin Inner = Pin.Make(Row.Of("inner", 1));
    private static readonly Pin Root = Pin.Make(Row.Of(Inner, "root"));

    [Fact]
    public void A_new_store_holds_its_root_and_an_empty_log()
    {
        using var store = MachineStore.Open(MakeStore(0));
        Assert.Equal(new LogPosition(0, Root.Hash), store.Log.Last);
        var snapshot = store.Snapshots.LoadLast();
        Assert.True(Order.Equal(Root.Item, snapshot.State));
        Assert.Empty(store.Log.Read(snapshot.Position));
    }

    [Fact]
    public void Records_are_read_in_order_with_their_pins()
    {
        using var store = MachineStore.Open(MakeStore(5).Crash());
        var records = store.Log.Read(store.Snapshots.LoadLast().Position).ToArray();
        Assert.Equal([1, 2, 3, 4, 5], records.Select(record => (int)record.Position.Number));
        for (var i = 0; i < records.Length; i++)
            Assert.True(Order.Equal(PayloadOf(i + 1), records[i].Payload));
    }

    [Fact]
    public void Reading_the_log_continues_at_a_snapshot()
    {
        var memory = MakeStore(3);
        using (var store = MachineStore.Open(memory))
            store.Snapshots.Save(new MachineSnapshot(store.Log.Last, Pin.Make(Row.Of(Inner, 3))));
        using (var store = MachineStore.Open(memory.Crash()))
        {
            store.BeginWriting();
            store.Append(PayloadOf(4));
            Assert.Equal(3ul, store.Snapshots.LastNumber);
            var last = store.Snapshots.LoadLast();
            Assert.Equal([4ul], store.Log.Read(last.Position).Select(r => r.Position.Number));
            Assert.Equal(0ul, store.Snapshots.LoadFirst().Position.Number);
        }
    }

    [Fact]
    public void A_pin_is_stored_once()
    {
        var memory = MakeStore(4);
        var pins = memory.Scan(StoreSpace.Pins, []).Count();
        Assert.Equal(2 + 4, pins);
    }

    [Fact]
    public void Every_flipped_byte_of_every_pair_is_found()
    {
        var memory = MakeStore(2);
        foreach (var space in Enum.GetValues<StoreSpace>())
        {
            foreach (var (key, value) in memory.Scan(space, []).ToArray())
            {
                for (var i = 0; i < value.Length; i++)
                {
                    var damaged = memory.Crash();
                    var changed = (byte[])value.Clone();
                    changed[i] ^= 0x10;
                    damaged.Damage(space, key, changed);
                    AssertDamaged(damaged, $"{space} {Convert.ToHexString(key)} byte {i}");
                }
            }
        }
    }

    [Fact]
    public void Every_missing_pair_is_found()
    {
        var memory = MakeStore(3);
        foreach (var space in Enum.GetValues<StoreSpace>())
        {
            foreach (var (key, _) in memory.Scan(space, []).ToArray())
            {
                var damaged = memory.Crash();
                damaged.Damage(space, key, null);
                AssertDamaged(damaged, $"{space} {Convert.ToHexString(key)}");
            }
        }
    }

    [Fact]
    public void Every_truncated_pair_is_found() =>
        Gen.Int[0, 1000].Sample(
            cut =>
            {
                var memory = MakeStore(2);
                foreach (var space in Enum.GetValues<StoreSpace>())
                {
                    if (memory.Last(space) is not { Key: var key, Value: var value })
                        continue;
                    var damaged = memory.Crash();
                    damaged.Damage(space, key, value[..(cut % value.Length)]);
                    AssertDamaged(damaged, $"{space} cut to {cut % value.Length}");
                }
            },
            iter: 30);

    [Fact]
    public void Swapped_records_are_found()
    {
        var memory = MakeStore(2);
        var records = memory.Scan(StoreSpace.Log, []).ToArray();
        memory.Damage(StoreSpace.Log, records[0].Key, records[1].Value);
        memory.Damage(StoreSpace.Log, records[1].Key, records[0].Value);
        AssertDamaged(memory, "swapped");
    }

    [Fact]
    public void The_log_of_another_machine_is_found()
    {
        var (memory, other) = (MakeStore(2), new MemoryStore());
        MachineStore.Initialize(other, Pin.Make("another"));
        foreach (var space in new[] { StoreSpace.Log, StoreSpace.Pins, StoreSpace.Meta })
        {
            foreach (var (key, value) in memory.Scan(space, []))
                other.Damage(space, key, value);
        }
        AssertDamaged(other, "another machine's log");
    }

    [Fact]
    public void After_any_failed_commit_the_log_is_a_prefix()
    {
        for (var failing = 0; failing < 5; failing++)
        {
            var memory = MakeStore(0);
            var left = failing;
            memory.FailCommit = _ =>
                left-- == 0 ? new StoreError(StoreErrorKind.DiskFull, "the disk is full") : null;
            var acknowledged = 0;
            using (var store = MachineStore.Open(memory))
            {
                try
                {
                    for (; acknowledged < 9; acknowledged++)
                        store.Append(PayloadOf(acknowledged + 1));
                }
                catch (StoreError error)
                {
                    Assert.Equal(StoreErrorKind.DiskFull, error.Kind);
                }
            }
            using var again = MachineStore.Open(memory.Crash());
            var read = again.Log.Read(again.Snapshots.LoadLast().Position).Count();
            Assert.Equal(acknowledged, read);
            Assert.Equal(failing, read);
        }
    }

    [Fact]
    public void A_good_store_has_no_faults()
    {
        var memory = MakeStore(4);
        using (var store = MachineStore.Open(memory))
        {
            store.Snapshots.Save(new MachineSnapshot(
                store.Log.Last, Row.Of([.. Enumerable.Range(0, 5000).Select(i => (Value)i)])));
        }
        var faults = new List<string>();
        var contents = StoreCheck.Run(memory, faults.Add);
        Assert.Empty(faults);
        Assert.Equal(4, contents.RecordsCount);
        Assert.Equal(2, contents.SnapshotsCount);
        Assert.Equal(6, contents.PinsCount);
        Assert.InRange(contents.ChunksCount, 5, 50);
    }

    private static Row PayloadOf(int number) =>
        Row.Of(number, Inner, Pin.Make(Row.Of("payload", number)));

    private static MemoryStore MakeStore(int recordsCount)
    {
        var memory = new MemoryStore();
        MachineStore.Initialize(memory, Root);
        using var store = MachineStore.Open(memory);
        for (var i = 1; i <= recordsCount; i++)
            store.Append(PayloadOf(i));
        return memory;
    }

    private static void AssertDamaged(MemoryStore memory, string what)
    {
        try
        {
            using var store = MachineStore.Open(memory);
            var snapshot = store.Snapshots.LoadLast();
            _ = store.Log.Read(snapshot.Position).Count();
            // A read checks only the parts that it touches. StoreCheck reads everything.
            var faults = new List<string>();
            StoreCheck.Run(memory, faults.Add);
            if (faults.Count > 0)
                throw new StoreError(StoreErrorKind.Damaged, faults[0]);
        }
        catch (StoreError error)
        {
            Assert.Equal(StoreErrorKind.Damaged, error.Kind);
            Assert.DoesNotContain('\n', error.Message);
            return;
        }
        Assert.Fail($"damage was not found: {what}");
    }
}
