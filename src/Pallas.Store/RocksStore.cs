using RocksDbSharp;

namespace Pallas.Store;

/// <summary>The store on disk: one RocksDB folder with a column family for each space.</summary>
/// <remarks>
/// A durable commit is a synced write-ahead log; RocksDB groups concurrent ones. Opening reads the
/// folder without touching it until <see cref="BeginWriting"/>. A write-ahead log that ends in the
/// middle of a record is what a crash leaves and is cut there; any other damage is an error,
/// because RocksDB's default would drop what follows it in silence.
/// </remarks>
public sealed class RocksStore : IStore
{
    private const ulong WriteBufferBytes = 16 << 20;
    private const ulong LogFileBytesMax = 1 << 20;
    private const int OpenFilesMax = 256;

    private static readonly string[] Families = ["default", "pins", "log", "snapshots"];
    private static readonly LoggerCallbackDelegate NoLog = static (_, _, _, _) => { };

    private readonly string path;
    private readonly WriteOptions synced = new WriteOptions().SetSync(true);
    private readonly WriteOptions unsynced = new WriteOptions().SetSync(false);
    private readonly ColumnFamilyHandle[] handles = new ColumnFamilyHandle[Families.Length];
    private RocksDb db;
    private bool writing;
    private volatile bool failed;

    private RocksStore(string path, RocksDb db, bool writing)
    {
        this.path = path;
        this.db = db;
        this.writing = writing;
        FindHandles();
    }

    /// <summary>A new store in a folder that does not exist.</summary>
    public static RocksStore Create(string path) =>
        new(path, OpenDb(path, create: true), writing: true);

    /// <exception cref="StoreError"><see cref="StoreErrorKind.Damaged"/> or
    /// <see cref="StoreErrorKind.Denied"/>.</exception>
    public static RocksStore Open(string path) =>
        new(path, OpenReadOnly(path), writing: false);

    public byte[]? Get(StoreSpace space, ReadOnlySpan<byte> key)
    {
        try
        {
            return db.Get(key, handles[(int)space]);
        }
        catch (RocksDbException error)
        {
            throw ReadError(error);
        }
    }

    public bool Has(StoreSpace space, ReadOnlySpan<byte> key)
    {
        try
        {
            return db.HasKey(key, handles[(int)space]);
        }
        catch (RocksDbException error)
        {
            throw ReadError(error);
        }
    }

    public IEnumerable<KeyValuePair<byte[], byte[]>> Scan(StoreSpace space, byte[] from)
    {
        using var iterator = db.NewIterator(handles[(int)space]);
        for (iterator.Seek(from); iterator.Valid(); iterator.Next())
            yield return new(iterator.Key(), iterator.Value());
        CheckEnd(iterator);
    }

    public KeyValuePair<byte[], byte[]>? Last(StoreSpace space)
    {
        using var iterator = db.NewIterator(handles[(int)space]);
        iterator.SeekToLast();
        if (iterator.Valid())
            return new(iterator.Key(), iterator.Value());
        CheckEnd(iterator);
        return null;
    }

    public void BeginWriting()
    {
        if (writing)
            return;
        db.Dispose();
        db = OpenDb(path, create: false);
        writing = true;
        FindHandles();
    }

    public void Commit(StoreBatch batch, bool durable)
    {
        if (!writing)
            throw new InvalidOperationException("the store was opened for reading");
        if (failed)
            throw new StoreError(StoreErrorKind.WriteFailed, "the store failed before");
        using var puts = new WriteBatch();
        foreach (var put in batch.Puts)
            puts.Put(put.Key, put.Value, handles[(int)put.Space]);
        try
        {
            db.Write(puts, durable ? synced : unsynced);
        }
        catch (RocksDbException error)
        {
            failed = true;
            throw WriteError(error);
        }
    }

    public void Dispose() => db.Dispose();

    private static RocksDb OpenDb(string path, bool create)
    {
        try
        {
            return RocksDb.Open(MakeOptions(create), path, MakeFamilies());
        }
        catch (RocksDbException error)
        {
            throw error.Message.Contains("lock", StringComparison.OrdinalIgnoreCase)
                ? new StoreError(StoreErrorKind.Held, "another process has the store open", error)
                : ReadError(error);
        }
    }

    private static RocksDb OpenReadOnly(string path)
    {
        try
        {
            return RocksDb.OpenReadOnly(MakeOptions(create: false), path, MakeFamilies(), false);
        }
        catch (RocksDbException error)
        {
            throw ReadError(error);
        }
    }

    private static DbOptions MakeOptions(bool create)
    {
        var options = new DbOptions()
            .SetCreateIfMissing(create)
            .SetCreateMissingColumnFamilies(create)
            .SetErrorIfExists(create)
            .SetParanoidChecks(true)
            .SetWalRecoveryMode(Recovery.TolerateCorruptedTailRecords)
            .SetMaxOpenFiles(OpenFilesMax)
            .SetMaxTotalWalSize(4 * WriteBufferBytes)
            .SetKeepLogFileNum(1)
            .SetMaxLogFileSize(LogFileBytesMax)
            .SetStatsDumpPeriodSec(0);
        Native.Instance.rocksdb_options_set_stats_persist_period_sec(options.Handle, 0);
        const int fatalOnly = (int)InfoLogLevel.Fatal;
        return options.SetInfoLog(
            Native.Instance.rocksdb_logger_create_callback_logger(fatalOnly, NoLog, 0));
    }

    private static ColumnFamilies MakeFamilies()
    {
        var families = new ColumnFamilies(MakeFamily());
        foreach (var name in Families[1..])
            families.Add(name, MakeFamily());
        return families;
    }

    private static ColumnFamilyOptions MakeFamily() => new ColumnFamilyOptions()
        .SetWriteBufferSize(WriteBufferBytes)
        .SetMaxWriteBufferNumber(2);

    private void FindHandles()
    {
        for (var i = 0; i < Families.Length; i++)
            handles[i] = db.GetColumnFamily(Families[i]);
    }

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
            throw ReadError(error);
        }
    }

    private static StoreError ReadError(RocksDbException error) =>
        IsFull(error) ? Full(error)
        : error.Message.Contains("Permission denied", StringComparison.Ordinal)
            ? new StoreError(StoreErrorKind.Denied, $"no access: {FirstLine(error)}", error)
            : StoreError.Damaged(FirstLine(error), error);

    private static StoreError WriteError(RocksDbException error) =>
        IsFull(error)
            ? Full(error)
            : new StoreError(
                StoreErrorKind.WriteFailed, $"the disk refused: {FirstLine(error)}", error);

    private static bool IsFull(RocksDbException error) =>
        error.Message.Contains("No space left", StringComparison.Ordinal);

    private static StoreError Full(RocksDbException error) =>
        new(StoreErrorKind.DiskFull, "the disk is full", error);

    private static string FirstLine(Exception error) => error.Message.Split('\n')[0];
}
