using RocksDbSharp;

namespace Pallas.Store;

/// <summary>Reads a RocksDB, as it is or as it was at one moment.</summary>
internal sealed class RocksReader : IStoreView
{
    private readonly RocksDb db;
    private readonly Snapshot? moment;
    private readonly ReadOptions options = new();
    private readonly ColumnFamilyHandle?[] families;
    private volatile bool closed;

    /// <param name="families">Names by space; one that is missing is empty.</param>
    /// <param name="moment">Taken over; null for the store as it is.</param>
    public RocksReader(RocksDb db, string[] families, Snapshot? moment = null)
    {
        this.db = db;
        this.moment = moment;
        this.families =
        [
            .. families.Select(name => db.TryGetColumnFamily(name, out var found) ? found : null),
        ];
        if (moment is not null)
            options.SetSnapshot(moment);
    }

    public ColumnFamilyHandle FamilyOf(StoreSpace space) => families[(int)space]
        ?? throw new InvalidOperationException("the store was opened for reading");

    public byte[]? Get(StoreSpace space, ReadOnlySpan<byte> key)
    {
        if (Find(space) is not { } family)
            return null;
        try
        {
            return db.Get(key, family, options);
        }
        catch (RocksDbException error)
        {
            throw ErrorOf(error);
        }
    }

    public bool Has(StoreSpace space, ReadOnlySpan<byte> key)
    {
        if (Find(space) is not { } family)
            return false;
        try
        {
            return db.HasKey(key, family, options);
        }
        catch (RocksDbException error)
        {
            throw ErrorOf(error);
        }
    }

    public IEnumerable<KeyValuePair<byte[], byte[]>> Scan(StoreSpace space, byte[] from)
    {
        if (Find(space) is not { } family)
            yield break;
        using var iterator = db.NewIterator(family, options);
        for (iterator.Seek(from); iterator.Valid(); iterator.Next())
            yield return new(iterator.Key(), iterator.Value());
        CheckEnd(iterator);
    }

    public IEnumerable<byte[]> Keys(StoreSpace space, byte[] from)
    {
        if (Find(space) is not { } family)
            yield break;
        using var iterator = db.NewIterator(family, options);
        for (iterator.Seek(from); iterator.Valid(); iterator.Next())
            yield return iterator.Key();
        CheckEnd(iterator);
    }

    public KeyValuePair<byte[], byte[]>? Last(StoreSpace space)
    {
        if (Find(space) is not { } family)
            return null;
        using var iterator = db.NewIterator(family, options);
        iterator.SeekToLast();
        if (iterator.Valid())
            return new(iterator.Key(), iterator.Value());
        CheckEnd(iterator);
        return null;
    }

    /// <summary>The bytes of the space's files and of what is not in files yet.</summary>
    public long SizeOf(StoreSpace space)
    {
        if (Find(space) is not { } family)
            return 0;
        return new[] { "rocksdb.total-sst-files-size", "rocksdb.cur-size-all-mem-tables" }
            .Sum(name => long.TryParse(db.GetProperty(name, family), out var size) ? size : 0);
    }

    public void Dispose()
    {
        closed = true;
        moment?.Dispose();
    }

    /// <summary>The engine must not be called any more once it is closed: that ends the process.
    /// </summary>
    private ColumnFamilyHandle? Find(StoreSpace space)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        return families[(int)space];
    }

    public static StoreError ErrorOf(RocksDbException error) =>
        IsFull(error) ? Full(error)
        : error.Message.Contains("Permission denied", StringComparison.Ordinal)
            ? new StoreError(StoreErrorKind.Denied, $"no access: {FirstLine(error)}", error)
            : StoreError.Damaged(FirstLine(error), error);

    public static bool IsFull(RocksDbException error) =>
        error.Message.Contains("No space left", StringComparison.Ordinal);

    public static StoreError Full(RocksDbException error) =>
        new(StoreErrorKind.DiskFull, "the disk is full", error);

    public static string FirstLine(Exception error) => error.Message.Split('\n')[0];

    /// <summary>
    /// An iterator that met damage ends early: its status tells the two ends apart.
    /// </summary>
    private static void CheckEnd(Iterator iterator)
    {
        try
        {
            Native.Instance.rocksdb_iter_get_error(iterator.Handle);
        }
        catch (RocksDbException error)
        {
            throw ErrorOf(error);
        }
    }
}
