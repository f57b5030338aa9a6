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
    private const long GiveBackBytes = 128 << 20;
    private const int OpenFilesMax = 256;
    private const int FilterBitsPerKey = 10;

    /// <summary>By space. Those after the fourth are missing in stores of the first format.
    /// </summary>
    private static readonly string[] Families = ["default", "pins", "log", "snapshots", "chunks"];

    private static readonly LoggerCallbackDelegate NoLog = static (_, _, _, _) => { };

    private readonly string path;
    private readonly WriteOptions synced = new WriteOptions().SetSync(true);
    private readonly WriteOptions unsynced = new WriteOptions().SetSync(false);
    private RocksDb db;
    private RocksReader reader;
    private bool writing;
    private volatile bool failed;

    private RocksStore(string path, RocksDb db, bool writing)
    {
        this.path = path;
        this.db = db;
        this.writing = writing;
        reader = new RocksReader(db, Families);
    }

    /// <summary>A new store in a folder that does not exist.</summary>
    public static RocksStore Create(string path) =>
        new(path, OpenDb(path, create: true), writing: true);

    /// <exception cref="StoreError"><see cref="StoreErrorKind.Damaged"/> or
    /// <see cref="StoreErrorKind.Denied"/>.</exception>
    public static RocksStore Open(string path)
    {
        RocksLogFile.CheckAll(path);
        return new(path, OpenReadOnly(path), writing: false);
    }

    public byte[]? Get(StoreSpace space, ReadOnlySpan<byte> key) => reader.Get(space, key);

    public bool Has(StoreSpace space, ReadOnlySpan<byte> key) => reader.Has(space, key);

    public IEnumerable<KeyValuePair<byte[], byte[]>> Scan(StoreSpace space, byte[] from) =>
        reader.Scan(space, from);

    public IEnumerable<byte[]> Keys(StoreSpace space, byte[] from) => reader.Keys(space, from);

    public KeyValuePair<byte[], byte[]>? Last(StoreSpace space) => reader.Last(space);

    public IStoreView View() => new RocksReader(db, Families, db.CreateSnapshot());

    public long SizeOf(StoreSpace space) => reader.SizeOf(space);

    public void GiveBack(StoreSpace space, Func<bool> isStopping)
    {
        if (!writing)
            return;
        var family = reader.FamilyOf(space);
        if (space == StoreSpace.Log)
        {
            // It goes away from its beginning only: what stands behind need not be touched.
            db.CompactRange((byte[]?)null, reader.Keys(space, []).FirstOrDefault(), family);
            return;
        }
        // The keys are hashes: so many equal parts, each rewritten in a short time.
        var count = (int)Math.Clamp(SizeOf(space) / GiveBackBytes, 1, 128);
        for (var i = 0; i < count && !isStopping(); i++)
        {
            byte[]? start = i == 0 ? null : [(byte)(i * 256 / count)];
            byte[]? end = i == count - 1 ? null : [(byte)((i + 1) * 256 / count)];
            db.CompactRange(start, end, family);
        }
    }

    public void BeginWriting()
    {
        if (writing)
            return;
        db.Dispose();
        db = OpenDb(path, create: false);
        writing = true;
        reader = new RocksReader(db, Families);
    }

    public void Commit(StoreBatch batch, bool durable)
    {
        if (!writing)
            throw new InvalidOperationException("the store was opened for reading");
        if (failed)
            throw new StoreError(StoreErrorKind.WriteFailed, "the store failed before");
        using var changes = new WriteBatch();
        foreach (var change in batch.Changes)
            Add(changes, change);
        try
        {
            db.Write(changes, durable ? synced : unsynced);
        }
        catch (RocksDbException error)
        {
            failed = true;
            throw WriteError(error);
        }
    }

    public void Dispose()
    {
        reader.Dispose();
        db.Dispose();
    }

    private void Add(WriteBatch changes, StoreChange change)
    {
        var family = reader.FamilyOf(change.Space);
        switch (change.Kind)
        {
            case StoreChangeKind.Put:
                changes.Put(change.Key, change.Value, family);
                break;
            case StoreChangeKind.Delete:
                changes.Delete(change.Key, family);
                break;
            default:
                changes.DeleteRange(
                    change.Key, (ulong)change.Key.Length,
                    change.Value, (ulong)change.Value.Length, family);
                break;
        }
    }

    private static RocksDb OpenDb(string path, bool create)
    {
        try
        {
            return RocksDb.Open(MakeOptions(create), path, MakeFamilies(Families));
        }
        catch (RocksDbException error)
        {
            throw error.Message.Contains("lock", StringComparison.OrdinalIgnoreCase)
                ? new StoreError(StoreErrorKind.Held, "another process has the store open", error)
                : RocksReader.ErrorOf(error);
        }
    }

    private static RocksDb OpenReadOnly(string path)
    {
        try
        {
            return RocksDb.OpenReadOnly(
                MakeOptions(create: false, writing: false),
                path,
                MakeFamilies(FamiliesOf(path)),
                false);
        }
        catch (RocksDbException error)
        {
            throw RocksReader.ErrorOf(error);
        }
    }

    private static DbOptions MakeOptions(bool create, bool writing = true)
    {
        var options = new DbOptions()
            .SetCreateIfMissing(create)
            .SetCreateMissingColumnFamilies(writing)
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

    private static string[] FamiliesOf(string path)
    {
        var present = RocksDb.ListColumnFamilies(new DbOptions(), path).ToHashSet();
        return [.. Families.Where((name, i) => i < 4 || present.Contains(name))];
    }

    private static ColumnFamilies MakeFamilies(string[] names)
    {
        var families = new ColumnFamilies(MakeFamily());
        foreach (var name in names[1..])
            families.Add(name, MakeFamily());
        return families;
    }

    /// <summary>
    /// Each new pin and chunk is looked for before it is put: the filter answers that without a
    /// look at the files, which took a third of what a commit takes.
    /// </summary>
    private static ColumnFamilyOptions MakeFamily() => new ColumnFamilyOptions()
        .SetWriteBufferSize(WriteBufferBytes)
        .SetMaxWriteBufferNumber(4)
        .SetBlockBasedTableFactory(new BlockBasedTableOptions()
            .SetFilterPolicy(BloomFilterPolicy.Create(FilterBitsPerKey, false)));

    private static StoreError WriteError(RocksDbException error) =>
        RocksReader.IsFull(error)
            ? RocksReader.Full(error)
            : new StoreError(
                StoreErrorKind.WriteFailed,
                $"the disk refused: {RocksReader.FirstLine(error)}",
                error);
}
