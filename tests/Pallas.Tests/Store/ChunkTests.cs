using System.Runtime.CompilerServices;
using CsCheck;
using Pallas.Store;
using Pallas.Store.Backup;
using Pallas.Store.Folder;
using Pallas.Store.Log;
using Pallas.Store.Snapshots;
using Pallas.Testing;
using Pallas.Values;
using Pallas.Values.Hashing;
using Xunit;

namespace Pallas.Tests.Store;

/// <summary>
/// Snapshots are read as they were saved, and saving an unchanged part writes nothing.
/// </summary>
public sealed class ChunkTests
{
    private static readonly Value Boot = Pin.Make("boot");

    [Fact]
    public void Every_kind_of_value_is_read_as_it_was_saved()
    {
        var pin = Pin.Make(Row.Of("pinned", Pin.Make(7)));
        var lawPin = Pin.Make(Law.Make(Nat.OfText("g"), Nat.Of(2), 1));
        var cow = Law.Make(Nat.Zero, Nat.Of(6), 0);
        var values = new Value[]
        {
            0, 127, 128, ulong.MaxValue, Nat.Of(System.Numerics.BigInteger.One << 9000),
            Bar.Empty, Bar.OfText("bytes"), Bar.Of(new byte[5000]),
            pin, cow, Row.Empty, Set.Empty, Tab.Empty,
            Law.Make(Nat.OfText("law"), Nat.Of(2), App.Make(0, 1, 2)),
            App.Make(lawPin, 1), App.Make(Law.Make(Nat.OfText("f"), Nat.Of(9), 1), 1, 2),
            Set.Of(3, 1, pin, "x"), Tab.Of(Set.Of(1, 2), "one", Row.Of("two")),
            Numbers(128), Numbers(129), Numbers(40_000),
            Set.Of(Numbers(3000).ToArray()),
            Tab.Of(Set.Of(Numbers(3000).ToArray()), Numbers(3000).ToArray()),
        };
        foreach (var value in values)
            AssertComesBack(value);
        AssertComesBack(Row.Of(values));
    }

    [Fact]
    public void Random_values_are_read_as_they_were_saved() =>
        Serial.TestValues.Shared.Sample(AssertComesBack, iter: 200);

    [Fact]
    public void A_list_of_a_million_cells_is_read_as_it_was_saved()
    {
        Value list = 0;
        for (var i = 0; i < 1_000_000; i++)
            list = Row.Of(i, list);
        var store = NewStore(out _);
        store.Snapshots.Save(new MachineSnapshot(new LogPosition(1, default), list));
        var read = store.Snapshots.LoadLast().State;
        for (var i = 999_999; i >= 0; i--)
        {
            var cell = Assert.IsType<Row>(read);
            Assert.Equal((ulong)i, ((SmallNat)cell[0]).Word);
            read = cell[1];
        }
    }

    [Fact]
    public void Unboxed_numbers_are_stored_like_others_and_are_unboxed_when_read()
    {
        ulong[] words = [0, 127, 128, 1024, uint.MaxValue, 1UL << 32, ulong.MaxValue];
        var (bare, plain) = (new Row(9, null), Row.Of(9));
        foreach (var word in words)
            (bare, plain) = (new Row(word, bare), Row.Of(word, plain));
        var (one, other) = (NewStore(out var memory), NewStore(out var same));
        one.Snapshots.Save(new MachineSnapshot(new LogPosition(1, default), bare));
        other.Snapshots.Save(new MachineSnapshot(new LogPosition(1, default), plain));
        Assert.Equal(
            same.Scan(StoreSpace.Chunks, []).Select(chunk => chunk.Value),
            memory.Scan(StoreSpace.Chunks, []).Select(chunk => chunk.Value));

        var read = (Row)other.Snapshots.LoadLast().State;
        Assert.True(Order.Equal(bare, read));
        foreach (var word in words.Reverse())
        {
            Assert.Equal(word <= uint.MaxValue, read.HasNumber);
            Assert.Equal(Nat.Of(word), read[0]);
            read = (Row)read[1];
        }
        Assert.True(read.HasNumber);
    }

    [Fact]
    public void Sharing_that_would_unfold_to_a_huge_value_stays_small()
    {
        Value value = Numbers(1000);
        for (var i = 0; i < 100; i++)
            value = Row.Of(value, value);
        var store = NewStore(out var memory);
        store.Snapshots.Save(new MachineSnapshot(new LogPosition(1, default), value));
        Assert.InRange(memory.SizeOf(StoreSpace.Chunks), 1000, 300_000);
        var read = (Row)store.Snapshots.LoadLast().State;
        while (read.Count == 2)
            read = (Row)read[0];
        Assert.Equal(1000, read.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_small_change_of_a_large_state_writes_little(bool restarted)
    {
        const int Count = 200_000;
        var tab = Tab.Of(
            Set.Of(Numbers(Count).ToArray()),
            [.. Enumerable.Range(0, Count).Select(i => (Value)Row.Of("item", i))]);
        var store = NewStore(out var memory);
        Save(1, tab);
        var whole = memory.SizeOf(StoreSpace.Chunks);
        Assert.InRange(whole, 1 << 20, 16 << 20);
        if (restarted)
        {
            store = MachineStore.Open(memory);
            tab = (Tab)store.Snapshots.LoadLast().State;
        }
        for (var i = 2; i < 12; i++)
        {
            tab = tab.With(i * 7919, "changed");
            Save(i, tab);
        }
        var grown = memory.SizeOf(StoreSpace.Chunks) - whole;
        Assert.InRange(grown, 10 * 100, 10 * 100_000);
        Assert.True(Order.Equal(tab, store.Snapshots.LoadLast().State));

        void Save(int number, Value state) => store.Snapshots.Save(
            new MachineSnapshot(new LogPosition((ulong)number, default), state));
    }

    [Fact]
    public void A_change_at_the_head_of_a_long_list_writes_little()
    {
        Value list = 0;
        for (var i = 0; i < 100_000; i++)
            list = Row.Of(i, list);
        var store = NewStore(out var memory);
        store.Snapshots.Save(new MachineSnapshot(new LogPosition(1, default), list));
        var whole = memory.SizeOf(StoreSpace.Chunks);
        store.Snapshots.Save(new MachineSnapshot(
            new LogPosition(2, default), Row.Of("more", list)));
        Assert.InRange(memory.SizeOf(StoreSpace.Chunks) - whole, 10, 5000);
    }

    [Fact]
    public void An_unreferenced_state_leaves_memory_although_its_snapshot_is_stored()
    {
        var store = NewStore(out _);
        var part = Save(store);
        Assert.InRange(store.Pins.CachedBytes, 1, long.MaxValue);
        GC.Collect();
        Assert.False(part.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Save(MachineStore store)
        {
            var state = Numbers(200_000);
            store.Snapshots.Save(new MachineSnapshot(new LogPosition(1, default), state));
            var part = state.Parts.Tree.Kids![0];
            Assert.NotNull(part.Place);
            return new WeakReference(part);
        }
    }

    [Fact]
    public void Touching_a_part_loads_it_and_little_else()
    {
        var store = NewStore(out var memory);
        store.Snapshots.Save(new MachineSnapshot(new LogPosition(1, default), Numbers(500_000)));
        using var opened = MachineStore.Open(memory, cacheBytesMax: 1 << 20);
        var row = (Row)opened.Snapshots.LoadLast().State;
        Assert.Equal(500_000, row.Count);
        Assert.Equal(0, opened.Pins.CachedBytes);
        Assert.Equal(123_456ul, ((SmallNat)row[123_456]).Word);
        Assert.InRange(opened.Pins.CachedBytes, 1, 200_000);
        for (var i = 0; i < row.Count; i++)
            Assert.Equal((ulong)i, ((SmallNat)row[i]).Word);
        Assert.InRange(opened.Pins.CachedBytes, 500_000, 1 << 20);
        Assert.True(Order.Equal(row, Numbers(500_000)));
    }

    [Fact]
    public void A_pin_is_loaded_when_it_is_touched_and_can_be_evicted()
    {
        var memory = new MemoryStore();
        var inner = Pin.Make(Bar.Of(new byte[3000]));
        MachineStore.Initialize(memory, Pin.Make(Row.Of(inner, Pin.Make(Row.Of("other")))));
        using var store = MachineStore.Open(memory, cacheBytesMax: 2000);
        var row = (Row)store.Snapshots.LoadLast().State;
        var (first, second) = ((Pin)row[0], (Pin)row[1]);
        Assert.Null(first.ItemInMemory);
        Assert.Equal(inner.Hash, first.Hash);
        Assert.Equal(3000, ((Bar)first.Item).Count);
        Assert.NotNull(first.ItemInMemory);
        Assert.Equal(1, ((Row)second.Item).Count);
        Assert.Null(first.ItemInMemory);
        Assert.Equal(3000, ((Bar)first.Item).Count);
        Assert.Same(first, store.Pins.Find(inner.Hash));
    }

    [Fact]
    public void A_damaged_pin_or_chunk_is_never_returned()
    {
        var store = NewStore(out var memory);
        var pin = Pin.Make(Row.Of("pin", 1));
        store.Snapshots.Save(new MachineSnapshot(
            new LogPosition(1, default), Row.Of(pin, Numbers(2000))));
        foreach (var space in new[] { StoreSpace.Pins, StoreSpace.Chunks })
        {
            foreach (var (key, value) in memory.Scan(space, []).ToArray())
            {
                foreach (var isMissing in new[] { true, false })
                {
                    var damaged = memory.Crash();
                    var changed = (byte[])value.Clone();
                    changed[^1] ^= 1;
                    damaged.Damage(space, key, isMissing ? null : changed);
                    if (Hash256.FromBytes(key) == Pin.Make("boot").Hash)
                        continue;
                    var error = Assert.Throws<StoreError>(() => TouchAll(damaged));
                    Assert.Equal(StoreErrorKind.Damaged, error.Kind);
                }
            }
        }
    }

    private static void TouchAll(MemoryStore memory)
    {
        using var store = MachineStore.Open(memory);
        var state = (Row)store.Snapshots.LoadLast().State;
        _ = ((Pin)state[0]).Item;
        foreach (var item in ((Row)state[1]).ToArray())
            Assert.NotNull(item);
    }

    private static Row Numbers(int count) =>
        Row.Of([.. Enumerable.Range(0, count).Select(i => (Value)i)]);

    private static MachineStore NewStore(out MemoryStore memory)
    {
        memory = new MemoryStore();
        MachineStore.Initialize(memory, (Pin)Boot);
        return MachineStore.Open(memory);
    }

    private static void AssertComesBack(Value value)
    {
        var store = NewStore(out var memory);
        store.Snapshots.Save(new MachineSnapshot(new LogPosition(1, default), value));
        using var again = MachineStore.Open(memory.Crash());
        var read = again.Snapshots.LoadLast().State;
        Assert.True(Order.Equal(value, read), PlanText.Print(value));
        Assert.Equal(Pin.Make(value).Hash, Pin.Make(read).Hash);
        var faults = new List<string>();
        StoreCheck.Run(memory, faults.Add);
        Assert.Empty(faults);
    }
}
