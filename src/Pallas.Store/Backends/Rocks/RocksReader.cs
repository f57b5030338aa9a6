using static Pallas.Store.Backends.Rocks.RocksNative;

namespace Pallas.Store.Backends.Rocks;

/// <summary>Reads a RocksDB, as it is or as it was at one moment.</summary>
internal sealed class RocksReader : IStoreView
{
    private const long CountedBytesMax = 64 << 20;

    private readonly RocksDatabase db;
    private readonly nint moment;
    private readonly nint options = rocksdb_readoptions_create();
    private volatile bool closed;

    /// <param name="moment">A snapshot of the database, taken over; 0 for its latest state.</param>
    public RocksReader(RocksDatabase db, nint moment = 0)
    {
        this.db = db;
        this.moment = moment;
        if (moment != 0)
            rocksdb_readoptions_set_snapshot(options, moment);
    }

    public byte[]? Get(StoreSpace space, ReadOnlySpan<byte> key)
    {
        if (!HasSpace(space))
            return null;
        try
        {
            return db.Get((int)space, key, options);
        }
        catch (RocksException error)
        {
            throw ErrorOf(error);
        }
    }

    public bool Has(StoreSpace space, ReadOnlySpan<byte> key)
    {
        if (!HasSpace(space))
            return false;
        try
        {
            return db.Has((int)space, key, options);
        }
        catch (RocksException error)
        {
            throw ErrorOf(error);
        }
    }

    public IEnumerable<KeyValuePair<byte[], byte[]>> Scan(StoreSpace space, byte[] from)
    {
        if (!HasSpace(space))
            yield break;
        using var iterator = db.Iterate((int)space, options);
        for (iterator.Seek(from); iterator.IsAtPair; iterator.Next())
            yield return new(iterator.Key, iterator.Value);
        CheckEnd(iterator);
    }

    public IEnumerable<byte[]> Keys(StoreSpace space, byte[] from)
    {
        if (!HasSpace(space))
            yield break;
        using var iterator = db.Iterate((int)space, options);
        for (iterator.Seek(from); iterator.IsAtPair; iterator.Next())
            yield return iterator.Key;
        CheckEnd(iterator);
    }

    public KeyValuePair<byte[], byte[]>? Last(StoreSpace space)
    {
        if (!HasSpace(space))
            return null;
        using var iterator = db.Iterate((int)space, options);
        iterator.SeekToLast();
        if (iterator.IsAtPair)
            return new(iterator.Key, iterator.Value);
        CheckEnd(iterator);
        return null;
    }

    /// <summary>The size of the space's files, and of its data that is not in files yet.</summary>
    public long SizeOf(StoreSpace space)
    {
        if (!HasSpace(space))
            return 0;
        return new[] { "rocksdb.total-sst-files-size", "rocksdb.cur-size-all-mem-tables" }
            .Sum(name => db.Property((int)space, name));
    }

    /// <summary>Counted if the content is small; otherwise the engine's own estimate. The size
    /// after decompression decides, because it determines the time of reading.</summary>
    public long ContentBytes(StoreSpace space)
    {
        if (!HasSpace(space))
            return 0;
        var estimate = db.Property((int)space, "rocksdb.cur-size-all-mem-tables")
            + db.ValueBytesOfFiles((int)space);
        return estimate < CountedBytesMax
            ? Scan(space, []).Sum(pair => (long)pair.Value.Length)
            : estimate;
    }

    public void Dispose()
    {
        if (closed)
            return;
        closed = true;
        if (moment != 0)
            db.ReleaseSnapshot(moment);
        rocksdb_readoptions_destroy(options);
    }

    /// <summary>Whether the store has the space. A store of an older format may lack one, which
    /// then counts as empty.</summary>
    /// <remarks>A call to a closed engine ends the process.</remarks>
    private bool HasSpace(StoreSpace space)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        return (int)space < db.FamiliesCount;
    }

    public static StoreError ErrorOf(RocksException error) =>
        IsFull(error) ? Full(error)
        : error.Message.Contains("Permission denied", StringComparison.Ordinal)
            ? new StoreError(StoreErrorKind.Denied, $"no access: {FirstLine(error)}", error)
            : StoreError.Damaged(FirstLine(error), error);

    public static bool IsFull(RocksException error) =>
        error.Message.Contains("No space left", StringComparison.Ordinal);

    public static StoreError Full(RocksException error) =>
        new(StoreErrorKind.DiskFull, "the disk is full", error);

    public static string FirstLine(Exception error) => error.Message.Split('\n')[0];

    /// <summary>
    /// An iterator that meets damage ends early; its status tells that from the end of the data.
    /// </summary>
    private static void CheckEnd(RocksIterator iterator)
    {
        try
        {
            iterator.CheckEnd();
        }
        catch (RocksException error)
        {
            throw ErrorOf(error);
        }
    }
}
