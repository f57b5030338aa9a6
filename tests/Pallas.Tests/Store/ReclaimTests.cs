using CsCheck;
using Pallas.Store;
using Pallas.Store.Backup;
using Pallas.Store.Collect;
using Pallas.Store.Folder;
using Pallas.Store.Log;
using Pallas.Store.Pins;
using Pallas.Store.Snapshots;
using Pallas.Testing;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Store;

/// <summary>Unreachable data is deleted, and no other data ever is.</summary>
public sealed class ReclaimTests
{
    private static readonly HistoryPolicy Little = new(1000, null);

    [Fact]
    public void The_log_before_the_history_is_deleted()
    {
        var (store, memory) = NewStore();
        for (var i = 1; i <= 40; i++)
            AppendAndSave(store, i);
        store.Prune(Little, 40 * 100, 0);
        var first = store.Snapshots.LoadFirst().Position.Number;
        Assert.Equal(30ul, first);
        Assert.Equal(10, memory.Scan(StoreSpace.Log, []).Count());
        Assert.Equal(10, store.Log.Read(store.Snapshots.LoadFirst().Position).Count());
        AssertGood(memory);
        using var again = MachineStore.Open(memory.Crash());
        Assert.Equal(40ul, again.Snapshots.LoadLast().Position.Number);
    }

    [Fact]
    public void The_last_two_snapshots_are_retained_under_every_policy()
    {
        var (store, memory) = NewStore();
        for (var i = 1; i <= 3; i++)
            AppendAndSave(store, i);
        store.Prune(new HistoryPolicy(0, null), 300, 0);
        Assert.Equal([2ul, 3ul], store.Snapshots.List().Select(each => each.Position.Number));
        AssertGood(memory);
    }

    [Fact]
    public void The_policy_without_bounds_retains_the_whole_log_and_spaced_snapshots()
    {
        var entries = Enumerable.Range(0, 100).Select(i => Entry(i, i * (64L << 20), i)).ToArray();
        var kept = HistoryPolicy.All.Choose(entries, 100 * (64L << 20), 100);
        Assert.Equal(0ul, kept[0].Position.Number);
        Assert.Equal([98ul, 99ul], kept.TakeLast(2).Select(each => each.Position.Number));
        Assert.InRange(kept.Count, 20, 30);
    }

    [Fact]
    public void A_bound_on_age_retains_younger_snapshots()
    {
        var day = (long)TimeSpan.FromDays(1).TotalMilliseconds;
        var week = new HistoryPolicy(null, TimeSpan.FromDays(7));
        var entries = Enumerable.Range(0, 30).Select(i => Entry(i, 0, i * day)).ToArray();
        Assert.Equal(23ul, week.Choose(entries, 0, 30 * day)[0].Position.Number);
    }

    [Fact]
    public void The_log_stays_within_its_bound_as_it_grows()
    {
        var policy = new HistoryPolicy(10_000, null);
        var entries = new List<SnapshotEntry> { Entry(0, 0, 0) };
        for (var i = 1; i < 1000; i++)
        {
            entries.Add(Entry(i, i * 100, i));
            entries = [.. policy.Choose(entries, i * 100, i)];
            Assert.InRange((i * 100) - entries[0].LogBytes, 0, 10_000 + 500 + 300);
            Assert.InRange(entries.Count, Math.Min(i, 3), 24);
        }
    }

    [Fact]
    public void Unreachable_pins_and_chunks_are_deleted()
    {
        var (store, memory) = NewStore();
        for (var i = 1; i <= 10; i++)
            AppendAndSave(store, i);
        var before = memory.Scan(StoreSpace.Pins, []).Count();
        store.Prune(new HistoryPolicy(0, null), 1000, 0);
        using var again = MachineStore.Open(memory);
        Assert.InRange(again.Collect(() => false, growthBytesMin: -1), 9 + 9, 1000);
        AssertGood(memory);
        Assert.InRange(before - memory.Scan(StoreSpace.Pins, []).Count(), 9, 1000);
        Assert.True(Order.Equal(StateOf(10), again.Snapshots.LoadLast().State));
        Assert.Equal(0, again.Collect(() => false, growthBytesMin: -1));
    }

    [Fact]
    public void Objects_in_memory_are_roots()
    {
        var (writing, memory) = NewStore();
        for (var i = 1; i <= 5; i++)
            AppendAndSave(writing, i);
        writing.Prune(new HistoryPolicy(0, null), 500, 0);
        using var store = MachineStore.Open(memory, cacheBytesMax: 0);
        var old = (Row)store.Snapshots.LoadFirst().State;
        var (number, pin, row) = ((SmallNat)old[0], (Pin)old[1], (Row)old[2]);
        Assert.Equal(4ul, number.Word);
        Assert.Null(pin.ItemInMemory);
        for (var i = 6; i <= 8; i++)
            AppendAndSave(store, i);
        store.Prune(new HistoryPolicy(0, null), 1000, 0);
        store.Collect(() => false, growthBytesMin: -1);
        AssertGood(memory);
        Assert.True(Order.Equal(StateOf(4), Row.Of(number, pin, row)));
    }

    /// <summary>The collection does not wait for the disk to grow again. Otherwise a folder would
    /// keep the size that it had while much was held in memory.</summary>
    [Fact]
    public void Objects_are_no_roots_once_they_are_garbage()
    {
        var (opened, memory, held) = NewStoreWithHeldStates();
        using var store = opened;
        Assert.InRange(store.Collect(() => false, growthBytesMin: 0), 0, 10);
        var before = PartsCount(memory);
        GC.KeepAlive(held);
        Array.Clear(held);
        GC.Collect();
        Assert.InRange(store.Collect(() => false, growthBytesMin: 0), 20, before);
        Assert.InRange(PartsCount(memory), 1, before - 20);
        AssertGood(memory);
    }

    /// <summary>A collection reads the whole store and frees nothing while the states are held.
    /// </summary>
    [Fact]
    public void The_interval_doubles_while_a_collection_frees_little()
    {
        var (opened, memory, held) = NewStoreWithHeldStates();
        using var store = opened;
        CollectionStats? left = null;
        foreach (var wait in new[] { 1, 2, 4, 8, 16, 32, 64, 64 })
        {
            if (left is not null)
            {
                // Long before its time; then after it, however often .NET collects for other tests.
                Assert.Null(Due(left with { FullGcCount = int.MaxValue }));
                left = left with { FullGcCount = store.Pins.FullGcCount - left.FullGcWait };
            }
            var collector = Due(left)!;
            Assert.True(collector.TryBegin());
            collector.Run(() => false);
            left = collector.Stats!;
            Assert.Equal(wait, left.FullGcWait);
        }
        GC.KeepAlive(held);
        Array.Clear(held);
        GC.Collect();
        var last = Due(left! with { FullGcCount = store.Pins.FullGcCount - 64 })!;
        Assert.True(last.TryBegin());
        Assert.InRange(last.Run(() => false), 20, 1000);
        Assert.Equal(1, last.Stats!.FullGcWait);
        AssertGood(memory);

        Collector? Due(CollectionStats? rest) =>
            Collector.Due(memory, store.Pins, rest, growthBytesMin: 0);
    }

    /// <summary>Each reclaiming of the log makes a file, which stays until the rest of its data is
    /// compacted.</summary>
    [Fact]
    public void Reclaiming_little_disk_space_often_does_not_fill_a_folder_with_files()
    {
        using var temp = new TempFolder();
        var folder = temp.Inside("m");
        StoreFolder.Create(folder, Pin.Make("boot"), Random.Shared.NextBytes);
        using var opened = StoreFolder.Open(folder);
        opened.Store.BeginWriting();
        for (var i = 1; i <= 60; i++)
        {
            AppendAndSave(opened.Store, i);
            opened.Store.Prune(new HistoryPolicy(0, null), i * 100, 0);
        }
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories);
        Assert.InRange(files.Length, 5, 25);
    }

    [Fact]
    public void An_abandoned_collection_leaves_a_store_without_faults()
    {
        for (var stopAt = 0; stopAt < 60; stopAt += 7)
        {
            var (store, memory) = NewStore();
            for (var i = 1; i <= 10; i++)
                AppendAndSave(store, i);
            store.Prune(new HistoryPolicy(0, null), 1000, 0);
            var asked = 0;
            store.Collect(() => asked++ >= stopAt, growthBytesMin: -1);
            AssertGood(memory);
            AppendAndSave(store, 11);
            AssertGood(memory);
        }
    }

    [Fact]
    public void A_hash_that_is_retained_during_marking_is_not_swept()
    {
        var barrier = new GcBarrier();
        var (one, two) = (Pin.Make(1).Hash, Pin.Make(2).Hash);
        Assert.True(barrier.TryBeginMark());
        Assert.True(barrier.Retain(one));
        Assert.False(barrier.TryBeginSweep([], out var noted));
        Assert.Equal([one], noted);
        Assert.True(barrier.TryBeginSweep([one], out _));
        barrier.Sweep([one, two], gone => Assert.Equal([two], gone));
        barrier.End();
    }

    [Fact]
    public void An_unmarked_hash_is_written_again_during_the_sweep_and_not_swept()
    {
        var barrier = new GcBarrier();
        var (one, two) = (Pin.Make(1).Hash, Pin.Make(2).Hash);
        Assert.True(barrier.TryBeginMark());
        Assert.True(barrier.TryBeginSweep([one], out _));
        Assert.True(barrier.Retain(one));
        Assert.False(barrier.Retain(two));
        Assert.True(barrier.Retain(two));
        barrier.Sweep([one, two], _ => Assert.Fail("it stays"));
        barrier.End();
        Assert.True(barrier.Retain(Pin.Make(3).Hash));
    }

    [Fact]
    public void Marking_does_not_block_committers()
    {
        var (first, memory) = NewStore();
        for (var i = 1; i <= 10; i++)
            AppendAndSave(first, i);
        first.Prune(new HistoryPolicy(0, null), 1000, 0);
        var watched = new WatchedStore(memory);
        using var store = MachineStore.Open(watched);
        var (barrier, doomed) = (store.Pins.Barrier, DoomedPins());
        var askedCount = 0;
        watched.OnGet = _ =>
        {
            Assert.False(barrier.IsHeld);
            if (askedCount < doomed.Length)
                Assert.True(barrier.Retain(doomed[askedCount++].Hash));
        };
        store.Collect(() => false, growthBytesMin: -1);
        Assert.Equal(doomed.Length, askedCount);
        foreach (var pin in doomed)
        {
            Assert.True(memory.Has(StoreSpace.Pins, pin.Hash.ToBytes()));
            Assert.True(memory.Has(StoreSpace.Pins, pin.Refs[0].Hash.ToBytes()));
        }
        AssertGood(memory);
    }

    [Fact]
    public void Marking_begins_when_every_earlier_batch_is_committed()
    {
        var barrier = new GcBarrier();
        var early = barrier.BeginStaging();
        Assert.False(barrier.TryBeginMark());
        var late = barrier.BeginStaging();
        Assert.False(barrier.TryBeginMark());
        barrier.EndStaging(early);
        Assert.True(barrier.TryBeginMark());
        barrier.EndStaging(late);
    }

    [Fact]
    public void No_order_of_operations_loses_data() =>
        Gen.Int[0, 5].Array[5, 60].Sample(
            steps =>
            {
                var (store, memory) = NewStore();
                var number = 0;
                foreach (var step in steps)
                {
                    switch (step)
                    {
                        case 0:
                            store.Prune(new HistoryPolicy(300, null), number * 100, 0);
                            break;
                        case 1:
                            store.Collect(() => false, growthBytesMin: -1);
                            break;
                        case 2:
                            memory = memory.Crash();
                            store = MachineStore.Open(memory, cacheBytesMax: 500);
                            _ = store.Snapshots.LoadLast();
                            break;
                        case 3:
                            store.Append(PayloadOf(++number));
                            break;
                        default:
                            AppendAndSave(store, ++number);
                            break;
                    }
                    AssertGood(memory);
                }
                var last = store.Snapshots.LoadLast();
                var expected = last.Position.Number;
                if (expected > 0)
                    Assert.True(Order.Equal(StateOf((int)expected), last.State));
                foreach (var record in store.Log.Read(store.Snapshots.LoadFirst().Position))
                {
                    var payload = PayloadOf((int)record.Position.Number);
                    Assert.True(Order.Equal(payload, record.Payload));
                }
            },
            iter: 60);

    private static void AppendAndSave(MachineStore store, int number)
    {
        store.Append(PayloadOf(number));
        store.Snapshots.Save(new MachineSnapshot(
            store.Log.Last, StateOf((int)store.Log.Last.Number), number * 100));
    }

    private static Row PayloadOf(int number) => Row.Of(number, Pin.Make(Row.Of("in", number / 3)));

    private static Row StateOf(int number) => Row.Of(
        number,
        Pin.Make(Row.Of("state", Pin.Make(Row.Of("inner", number)), number)),
        Row.Of([.. Enumerable.Range(0, 2000).Select(i => (Value)(i == number ? "x" : i))]));

    /// <summary>Pins of states that only deleted snapshots hold.</summary>
    private static Pin[] DoomedPins() =>
        [.. Enumerable.Range(1, 5).Select(number => (Pin)StateOf(number)[1])];

    private static SnapshotEntry Entry(int number, long bytes, long timeMs) =>
        new(new LogPosition((ulong)number, default), default, true, bytes, timeMs);

    private static (MachineStore Store, MemoryStore Memory) NewStore()
    {
        var memory = new MemoryStore();
        MachineStore.Initialize(memory, Pin.Make("boot"));
        return (MachineStore.Open(memory), memory);
    }

    /// <summary>A store that retains two of thirty states, while memory holds all of them.
    /// </summary>
    private static (MachineStore Store, MemoryStore Memory, Value[] Held)
        NewStoreWithHeldStates()
    {
        var (writing, memory) = NewStore();
        for (var i = 1; i <= 30; i++)
            AppendAndSave(writing, i);
        var store = MachineStore.Open(memory, cacheBytesMax: 0);
        Value[] held =
            [.. store.Snapshots.List().Select(entry => store.Snapshots.Load(entry).State)];
        store.Prune(new HistoryPolicy(0, null), 3000, 0);
        return (store, memory, held);
    }

    private static int PartsCount(MemoryStore memory) =>
        memory.Scan(StoreSpace.Pins, []).Count() + memory.Scan(StoreSpace.Chunks, []).Count();

    private static void AssertGood(MemoryStore memory)
    {
        var faults = new List<string>();
        StoreCheck.Run(memory, faults.Add);
        Assert.Empty(faults);
    }
}
