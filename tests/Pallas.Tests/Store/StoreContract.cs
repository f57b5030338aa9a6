using CsCheck;
using Pallas.Store;
using Pallas.Store.Backends.Rocks;
using Pallas.Testing;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Store;

/// <summary>The contract of every store behind the seam.</summary>
public abstract class StoreContract : IDisposable
{
    protected abstract IStore Create();

    /// <summary>The same store as a later start finds it; the old one is gone.</summary>
    protected abstract IStore Reopen(IStore store);

    public abstract void Dispose();

    [Fact]
    public void A_pair_is_in_its_space_only()
    {
        using var store = Create();
        Put(store, StoreSpace.Pins, "a", "1");
        Assert.Equal("1"u8.ToArray(), store.Get(StoreSpace.Pins, "a"u8));
        Assert.True(store.Has(StoreSpace.Pins, "a"u8));
        Assert.Null(store.Get(StoreSpace.Log, "a"u8));
        Assert.False(store.Has(StoreSpace.Pins, "b"u8));
    }

    [Fact]
    public void An_empty_value_is_not_missing()
    {
        using var store = Create();
        Put(store, StoreSpace.Meta, "a", "");
        Assert.Empty(store.Get(StoreSpace.Meta, "a"u8)!);
        Assert.True(store.Has(StoreSpace.Meta, "a"u8));
    }

    [Fact]
    public void A_later_put_replaces_an_earlier_one()
    {
        using var store = Create();
        Put(store, StoreSpace.Meta, "a", "1");
        Put(store, StoreSpace.Meta, "a", "2");
        Assert.Equal("2"u8.ToArray(), store.Get(StoreSpace.Meta, "a"u8));
    }

    [Fact]
    public void A_scan_ascends_by_bytes_from_its_start()
    {
        using var store = Create();
        foreach (var key in new[] { "c", "a", "ab", "\x7f", "b" })
            Put(store, StoreSpace.Log, key, key);
        var keys = store.Scan(StoreSpace.Log, "ab"u8.ToArray()).Select(pair => Text(pair.Key));
        Assert.Equal(["ab", "b", "c", "\x7f"], keys);
        Assert.Equal("\x7f", Text(store.Last(StoreSpace.Log)!.Value.Key));
        Assert.Null(store.Last(StoreSpace.Snapshots));
    }

    [Fact]
    public void Durable_batches_survive_a_restart_whole()
    {
        var store = Create();
        var batch = new StoreBatch();
        batch.Put(StoreSpace.Meta, "m"u8.ToArray(), "1"u8.ToArray());
        batch.Put(StoreSpace.Log, "l"u8.ToArray(), "2"u8.ToArray());
        store.Commit(batch, durable: true);
        using var again = Reopen(store);
        Assert.Equal("1"u8.ToArray(), again.Get(StoreSpace.Meta, "m"u8));
        Assert.Equal("2"u8.ToArray(), again.Get(StoreSpace.Log, "l"u8));
    }

    [Fact]
    public void A_durable_batch_makes_all_batches_before_it_durable()
    {
        var store = Create();
        Put(store, StoreSpace.Meta, "a", "1", durable: false);
        Put(store, StoreSpace.Meta, "b", "2", durable: true);
        using var again = Reopen(store);
        Assert.True(again.Has(StoreSpace.Meta, "a"u8));
        Assert.True(again.Has(StoreSpace.Meta, "b"u8));
    }

    [Fact]
    public void A_reopened_store_takes_commits_after_writing_has_begun()
    {
        var store = Create();
        Put(store, StoreSpace.Meta, "a", "1");
        using var again = Reopen(store);
        again.BeginWriting();
        Put(again, StoreSpace.Meta, "b", "2");
        Assert.True(again.Has(StoreSpace.Meta, "a"u8));
        Assert.True(again.Has(StoreSpace.Meta, "b"u8));
    }

    [Fact]
    public void Deleted_pairs_are_gone_after_a_restart()
    {
        var store = Create();
        foreach (var key in new[] { "a", "b", "c", "d", "e" })
            Put(store, StoreSpace.Log, key, key);
        Put(store, StoreSpace.Pins, "c", "other space");
        var batch = new StoreBatch();
        batch.Delete(StoreSpace.Log, "a"u8.ToArray());
        batch.Delete(StoreSpace.Log, "never there"u8.ToArray());
        batch.DeleteRange(StoreSpace.Log, "b"u8.ToArray(), "d"u8.ToArray());
        batch.Put(StoreSpace.Log, "bb"u8.ToArray(), []);
        store.Commit(batch, durable: true);
        Assert.Equal(["bb", "d", "e"], Keys(store, StoreSpace.Log));
        using var again = Reopen(store);
        Assert.Equal(["bb", "d", "e"], Keys(again, StoreSpace.Log));
        Assert.True(again.Has(StoreSpace.Pins, "c"u8));
    }

    [Fact]
    public void A_view_does_not_see_later_commits()
    {
        using var store = Create();
        Put(store, StoreSpace.Pins, "a", "1");
        Put(store, StoreSpace.Pins, "b", "1");
        using var view = store.View();
        var batch = new StoreBatch();
        batch.Delete(StoreSpace.Pins, "a"u8.ToArray());
        batch.Put(StoreSpace.Pins, "b"u8.ToArray(), "2"u8.ToArray());
        store.Commit(batch, durable: true);
        store.Reclaim(StoreSpace.Pins, () => false);
        Assert.Equal(["a", "b"], Keys(view, StoreSpace.Pins));
        Assert.Equal("1"u8.ToArray(), view.Get(StoreSpace.Pins, "b"u8));
        Assert.True(view.Has(StoreSpace.Pins, "a"u8));
        Assert.Equal("b", Text(view.Last(StoreSpace.Pins)!.Value.Key));
        Assert.Equal(["b"], Keys(store, StoreSpace.Pins));
    }

    [Fact]
    public void The_disk_space_of_deleted_pairs_is_reclaimed()
    {
        using var store = Create();
        var bytes = new byte[1 << 19];
        for (var i = 0; i < 64; i++)
        {
            Random.Shared.NextBytes(bytes);
            var batch = new StoreBatch();
            batch.Put(StoreSpace.Log, [(byte)i], [.. bytes]);
            store.Commit(batch, durable: false);
        }
        Assert.InRange(store.SizeOf(StoreSpace.Log), 32 << 20, 64 << 20);
        var deletion = new StoreBatch();
        deletion.DeleteRange(StoreSpace.Log, [0], [62]);
        store.Commit(deletion, durable: true);
        store.Reclaim(StoreSpace.Log, () => false);
        Assert.InRange(store.SizeOf(StoreSpace.Log), 2 << 19, 2 << 20);
    }

    [Fact]
    public void Random_batches_read_as_a_sorted_map_does() =>
        Gen.Select(Gen.Byte.Array[0, 3], Gen.Byte.Array[0, 9]).Array[1, 8].Array[1, 6].Sample(
            batches =>
            {
                using var store = Create();
                var model = new SortedDictionary<byte[], byte[]>(
                    Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)));
                foreach (var pairs in batches)
                {
                    var batch = new StoreBatch();
                    foreach (var (key, value) in pairs)
                    {
                        batch.Put(StoreSpace.Pins, key, value);
                        model[key] = value;
                    }
                    store.Commit(batch, durable: false);
                }
                var read = store.Scan(StoreSpace.Pins, []).ToArray();
                return read.Length == model.Count && read.Zip(model).All(both =>
                    both.First.Key.SequenceEqual(both.Second.Key)
                    && both.First.Value.SequenceEqual(both.Second.Value));
            },
            iter: 20,
            threads: 1);

    protected static void Put(
        IStore store, StoreSpace space, string key, string value, bool durable = true)
    {
        var batch = new StoreBatch();
        batch.Put(space, Bytes(key), Bytes(value));
        store.Commit(batch, durable);
    }

    private static string[] Keys(IStoreReader store, StoreSpace space) =>
        [.. store.Scan(space, []).Select(pair => Text(pair.Key))];

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static string Text(byte[] bytes) => System.Text.Encoding.UTF8.GetString(bytes);
}

public sealed class MemoryStoreTests : StoreContract
{
    protected override IStore Create() => new MemoryStore();

    protected override IStore Reopen(IStore store) => ((MemoryStore)store).Crash();

    public override void Dispose()
    {
    }

    [Fact]
    public void A_crash_loses_a_suffix_of_the_batches_that_are_not_durable()
    {
        using var store = new MemoryStore();
        Put(store, StoreSpace.Meta, "a", "1", durable: true);
        Put(store, StoreSpace.Meta, "b", "2", durable: false);
        Put(store, StoreSpace.Meta, "c", "3", durable: false);
        Assert.False(store.Crash().Has(StoreSpace.Meta, "b"u8));
        Assert.True(store.Crash(keptCount: 1).Has(StoreSpace.Meta, "b"u8));
        Assert.False(store.Crash(keptCount: 1).Has(StoreSpace.Meta, "c"u8));
    }

    [Fact]
    public void After_a_failed_commit_every_later_one_fails()
    {
        using var store = new MemoryStore();
        store.FailCommit = _ => new StoreError(StoreErrorKind.DiskFull, "full");
        var full = Assert.Throws<StoreError>(() => Put(store, StoreSpace.Meta, "a", "1"));
        Assert.Equal(StoreErrorKind.DiskFull, full.Kind);
        store.FailCommit = null;
        var after = Assert.Throws<StoreError>(() => Put(store, StoreSpace.Meta, "b", "1"));
        Assert.Equal(StoreErrorKind.WriteFailed, after.Kind);
        Assert.False(store.Has(StoreSpace.Meta, "a"u8));
    }
}

public sealed class RocksStoreTests : StoreContract
{
    private readonly TempFolder folder = new();
    private int count;

    protected override IStore Create() => RocksStore.Create(folder.Inside($"s{count++}"));

    protected override IStore Reopen(IStore store)
    {
        store.Dispose();
        return RocksStore.Open(folder.Inside($"s{count - 1}"));
    }

    public override void Dispose() => folder.Dispose();

    [Fact]
    public void Opening_and_reading_change_no_file()
    {
        var store = Create();
        Put(store, StoreSpace.Meta, "a", "1");
        store.Dispose();
        var before = folder.Contents();
        using (var again = RocksStore.Open(folder.Inside("s0")))
        {
            Assert.True(again.Has(StoreSpace.Meta, "a"u8));
            Assert.Throws<InvariantBroken>(
                () => Put(again, StoreSpace.Meta, "b", "1"));
        }
        Assert.Equal(before, folder.Contents());
    }

    [Fact]
    public void The_content_of_a_large_space_is_estimated_and_not_read()
    {
        const int ValueBytes = 1 << 20;
        using var store = Create();
        Put(store, StoreSpace.Meta, "a", "1");
        Assert.Equal(1, store.ContentBytes(StoreSpace.Meta));
        var random = new Random(1);
        for (var i = 0; i < 80; i++)
        {
            var batch = new StoreBatch();
            var value = new byte[ValueBytes];
            random.NextBytes(value);
            batch.Put(StoreSpace.Pins, [(byte)i], value);
            store.Commit(batch, durable: false);
        }
        Assert.InRange(
            store.ContentBytes(StoreSpace.Pins), 79L * ValueBytes, 81L * ValueBytes);
    }

    /// <summary>Its size on disk does not decide: decompression takes the time.</summary>
    [Fact]
    public void The_content_of_a_large_space_that_compresses_well_is_estimated()
    {
        const int ValueBytes = 4 << 20;
        using var store = Create();
        for (var i = 0; i < 24; i++)
        {
            var batch = new StoreBatch();
            batch.Put(StoreSpace.Pins, [(byte)i], new byte[ValueBytes]);
            store.Commit(batch, durable: false);
        }
        var deletion = new StoreBatch();
        deletion.Delete(StoreSpace.Pins, [0]);
        store.Commit(deletion, durable: false);
        Assert.InRange(
            store.ContentBytes(StoreSpace.Pins), 24L * ValueBytes, 25L * ValueBytes);
    }

    [Fact]
    public void No_log_file_of_the_engine_is_written()
    {
        using var store = Create();
        Put(store, StoreSpace.Meta, "a", "1");
        Assert.False(File.Exists(folder.Inside("s0", "LOG")));
    }
}
