using CsCheck;
using Pallas.Plan;
using Pallas.Store;
using Pallas.Store.Backup;
using Pallas.Store.Collect;
using Pallas.Store.Folder;
using Pallas.Store.Log;
using Pallas.Store.Pins;
using Pallas.Store.Snapshots;
using Pallas.Testing;
using Xunit;

namespace Pallas.Tests.Store;

/// <summary>What is not needed any more goes away, and nothing else ever does.</summary>
public sealed class ReclaimTests
{
    private static readonly HistoryPolicy Little = new(1000, null);

    [Fact]
    public void The_log_before_the_wanted_history_goes_away()
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
    public void Two_snapshots_stay_whatever_is_wanted()
    {
        var (store, memory) = NewStore();
        for (var i = 1; i <= 3; i++)
            AppendAndSave(store, i);
        store.Prune(new HistoryPolicy(0, null), 300, 0);
        Assert.Equal([2ul, 3ul], store.Snapshots.List().Select(each => each.Position.Number));
        AssertGood(memory);
    }

    [Fact]
    public void All_keeps_the_whole_log_and_spaced_snapshots()
    {
        var entries = Enumerable.Range(0, 100).Select(i => Entry(i, i * (64L << 20), i)).ToArray();
        var kept = HistoryPolicy.All.Choose(entries, 100 * (64L << 20), 100);
        Assert.Equal(0ul, kept[0].Position.Number);
        Assert.Equal([98ul, 99ul], kept.TakeLast(2).Select(each => each.Position.Number));
        Assert.InRange(kept.Count, 20, 30);
    }

    [Fact]
    public void A_time_keeps_what_is_younger()
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
    public void Pins_and_chunks_that_nothing_reaches_are_taken_away()
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
    public void What_somebody_has_in_hand_is_not_taken_away()
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

    /// <summary>That the disk grows again is not needed for it: else a folder would stay as big as
    /// it was when much was in hand.</summary>
    [Fact]
    public void What_was_in_hand_is_taken_away_once_it_is_not()
    {
        var (opened, memory, inHand) = NewStoreWithStatesInHand();
        using var store = opened;
        Assert.InRange(store.Collect(() => false, growthBytesMin: 0), 0, 10);
        var before = PartsCount(memory);
        GC.KeepAlive(inHand);
        Array.Clear(inHand);
        GC.Collect();
        Assert.InRange(store.Collect(() => false, growthBytesMin: 0), 20, before);
        Assert.InRange(PartsCount(memory), 1, before - 20);
        AssertGood(memory);
    }

    /// <summary>Looking through all of the store is for nothing as long as that stays in hand.
    /// </summary>
    [Fact]
    public void What_stays_in_hand_is_looked_for_less_and_less_often()
    {
        var (opened, memory, inHand) = NewStoreWithStatesInHand();
        using var store = opened;
        CollectionStats? left = null;
        foreach (var wait in new[] { 1, 2, 4, 8, 16, 32, 64, 64 })
        {
            if (left is not null)
            {
                // Long before its time; and, whatever rounds other tests add meanwhile, after it.
                Assert.Null(Due(left with { RoundsCount = int.MaxValue }));
                left = left with { RoundsCount = store.Pins.RoundsCount - left.RoundsWait };
            }
            var collector = Due(left)!;
            Assert.True(collector.TryBegin());
            collector.Run(() => false);
            left = collector.Left!;
            Assert.Equal(wait, left.RoundsWait);
        }
        GC.KeepAlive(inHand);
        Array.Clear(inHand);
        GC.Collect();
        var last = Due(left! with { RoundsCount = store.Pins.RoundsCount - 64 })!;
        Assert.True(last.TryBegin());
        Assert.InRange(last.Run(() => false), 20, 1000);
        Assert.Equal(1, last.Left!.RoundsWait);
        AssertGood(memory);

        Collector? Due(CollectionStats? rest) =>
            Collector.Due(memory, store.Pins, rest, growthBytesMin: 0);
    }

    /// <summary>Each time the log goes back to the disk it takes a file, which then stays until
    /// all that was written beside it has gone into others.</summary>
    [Fact]
    public void Giving_little_back_often_does_not_fill_a_folder_with_files()
    {
        using var temp = new TempFolder();
        var folder = temp.Inside("m");
        StoreFolder.Create(folder, Pin.Make("boot"));
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
    public void A_collection_that_is_stopped_leaves_a_good_store()
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
    public void What_is_asked_for_while_marks_are_made_stays()
    {
        var guard = new GcBarrier();
        var (one, two) = (Pin.Make(1).Hash, Pin.Make(2).Hash);
        Assert.True(guard.TryBeginMark());
        Assert.True(guard.WillStay(one));
        Assert.False(guard.TryBeginSweep([], out var noted));
        Assert.Equal([one], noted);
        Assert.True(guard.TryBeginSweep([one], out _));
        guard.Sweep([one, two], gone => Assert.Equal([two], gone));
        guard.End();
    }

    [Fact]
    public void What_is_asked_for_when_it_is_doomed_is_put_again_and_stays()
    {
        var guard = new GcBarrier();
        var (one, two) = (Pin.Make(1).Hash, Pin.Make(2).Hash);
        Assert.True(guard.TryBeginMark());
        Assert.True(guard.TryBeginSweep([one], out _));
        Assert.True(guard.WillStay(one));
        Assert.False(guard.WillStay(two));
        Assert.True(guard.WillStay(two));
        guard.Sweep([one, two], _ => Assert.Fail("it stays"));
        guard.End();
        Assert.True(guard.WillStay(Pin.Make(3).Hash));
    }

    [Fact]
    public void Marks_are_made_while_others_get_their_answers()
    {
        var (first, memory) = NewStore();
        for (var i = 1; i <= 10; i++)
            AppendAndSave(first, i);
        first.Prune(new HistoryPolicy(0, null), 1000, 0);
        var watched = new WatchedStore(memory);
        using var store = MachineStore.Open(watched);
        var (guard, doomed) = (store.Pins.Guard, DoomedPins());
        var askedCount = 0;
        watched.OnGet = _ =>
        {
            Assert.False(guard.IsHeld);
            if (askedCount < doomed.Length)
                Assert.True(guard.WillStay(doomed[askedCount++].Hash));
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
    public void Marks_are_made_only_when_what_was_staged_before_is_committed()
    {
        var guard = new GcBarrier();
        var early = guard.BeginStaging();
        Assert.False(guard.TryBeginMark());
        var late = guard.BeginStaging();
        Assert.False(guard.TryBeginMark());
        guard.EndStaging(early);
        Assert.True(guard.TryBeginMark());
        guard.EndStaging(late);
    }

    [Fact]
    public void Whatever_is_done_in_whatever_order_nothing_is_lost() =>
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

    /// <summary>Of states that only snapshots held which are gone.</summary>
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

    /// <summary>Of a store with thirty states, of which it wants two, and of which all are in hand.
    /// </summary>
    private static (MachineStore Store, MemoryStore Memory, Value[] InHand)
        NewStoreWithStatesInHand()
    {
        var (writing, memory) = NewStore();
        for (var i = 1; i <= 30; i++)
            AppendAndSave(writing, i);
        var store = MachineStore.Open(memory, cacheBytesMax: 0);
        Value[] inHand =
            [.. store.Snapshots.List().Select(entry => store.Snapshots.Load(entry).State)];
        store.Prune(new HistoryPolicy(0, null), 3000, 0);
        return (store, memory, inHand);
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
