using Pallas.Store;
using Pallas.Store.Folder;
using Pallas.Store.Pins;
using Pallas.Store.Snapshots;
using Pallas.Testing;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Store;

/// <summary>A collection follows the references of large parts without reading them.</summary>
public sealed class ReferenceIndexTests
{
    private readonly Pin inner = Pin.Make(Bar.OfText("a part of a big pin"));

    private readonly Pin big;
    private readonly byte[] bigKey;
    private readonly MemoryStore memory = new();

    public ReferenceIndexTests()
    {
        var text = Bar.OfText(new string('x', 2 * ReferenceIndex.ContentBytesMin));
        big = Pin.Make(Row.Of(text, inner));
        bigKey = ReferenceIndex.KeyOf(big.Hash);
    }

    [Fact]
    public void A_collection_does_not_read_a_large_pin()
    {
        Save(big);
        // These bytes, if they were read, would have no references.
        memory.Damage(StoreSpace.Pins, big.Hash.ToBytes(), new byte[100]);
        Collect();
        Assert.NotNull(memory.Get(StoreSpace.Pins, inner.Hash.ToBytes()));
    }

    [Fact]
    public void A_collection_does_not_read_a_large_chunk()
    {
        // Each is too small for a chunk of its own; together they make a large one.
        var row = Row.Of(
        [
            .. Enumerable.Range(0, 30).Select(i => (Value)Bar.OfText(new string('y', 400 + i))),
            inner,
        ]);
        Save(row);
        var chunks = memory.Scan(StoreSpace.Chunks, [])
            .Where(pair => pair.Value.Length >= ReferenceIndex.ContentBytesMin)
            .ToArray();
        Assert.NotEmpty(chunks);
        foreach (var (key, _) in chunks)
            memory.Damage(StoreSpace.Chunks, key, [9]);
        Collect();
        Assert.NotNull(memory.Get(StoreSpace.Pins, inner.Hash.ToBytes()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_missing_or_damaged_entry_is_made_again(bool isMissing)
    {
        Save(big);
        var list = memory.Get(StoreSpace.Meta, bigKey)!;
        var changed = (byte[])list.Clone();
        changed[^1] ^= 1;
        memory.Damage(StoreSpace.Meta, bigKey, isMissing ? null : changed);
        Collect();
        Assert.NotNull(memory.Get(StoreSpace.Pins, inner.Hash.ToBytes()));
        Assert.Equal(list, memory.Get(StoreSpace.Meta, bigKey));
    }

    [Fact]
    public void An_entry_is_deleted_with_its_pin_and_a_small_pin_has_none()
    {
        Save(big);
        Assert.Null(memory.Get(StoreSpace.Meta, ReferenceIndex.KeyOf(inner.Hash)));
        using (var store = MachineStore.Open(memory))
        {
            for (var i = 0; i < 3; i++)
            {
                store.Append(i);
                store.Snapshots.Save(new MachineSnapshot(store.Log.Last, Row.Of(i)));
            }
            store.Prune(new HistoryPolicy(0, null), 1000, 0);
        }
        Collect();
        Assert.Null(memory.Get(StoreSpace.Pins, big.Hash.ToBytes()));
        Assert.Null(memory.Get(StoreSpace.Meta, bigKey));
    }

    private void Save(Value held)
    {
        MachineStore.Initialize(memory, Pin.Make("first"));
        using var store = MachineStore.Open(memory);
        store.Append(0);
        store.Snapshots.Save(new MachineSnapshot(store.Log.Last, Row.Of(held)));
    }

    /// <summary>Collects while memory holds no value of the store.</summary>
    private void Collect()
    {
        using var store = MachineStore.Open(memory);
        store.Collect(() => false, growthBytesMin: -1);
    }
}
