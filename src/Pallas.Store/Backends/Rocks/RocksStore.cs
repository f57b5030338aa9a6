using Pallas.Values;

namespace Pallas.Store.Backends.Rocks;

/// <summary>A store on disk: a RocksDB with a column family for each space.</summary>
/// <remarks>
/// A durable commit is a synced write-ahead log; RocksDB groups concurrent ones. Opening changes no
/// file before <see cref="BeginWriting"/>. A crash leaves a write-ahead log that ends within a
/// record, and RocksDB cuts it there. Any other damage is an error, because RocksDB's default would
/// silently drop all that follows.
/// </remarks>
internal sealed class RocksStore : IStore
{
    public static readonly StoreBackend Backend = new(
        "store", Create, Open, path => File.Exists(Path.Combine(path, "CURRENT")),
        RocksNative.Load);

    private const long ReclaimBytes = 128 << 20;

    /// <summary>Reclaiming less of the log costs one more file of the engine each time.</summary>
    private const long LogReclaimBytesMin = RocksOptions.WriteBufferBytes;

    private const int FirstFormatFamiliesCount = 4;

    /// <summary>By space.</summary>
    private static readonly string[] Families = ["default", "pins", "log", "snapshots", "chunks"];

    private readonly string path;
    private RocksDatabase db;
    private RocksReader reader;
    private bool writing;
    private volatile bool failed;

    private RocksStore(string path, RocksDatabase db, bool writing)
    {
        this.path = path;
        this.db = db;
        this.writing = writing;
        reader = new RocksReader(db);
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

    public IStoreView View() => new RocksReader(db, db.TakeSnapshot());

    public long SizeOf(StoreSpace space) => reader.SizeOf(space);

    public long ContentBytes(StoreSpace space) => reader.ContentBytes(space);

    public void Reclaim(StoreSpace space, Func<bool> isStopping)
    {
        if (!writing)
            return;
        if (space == StoreSpace.Log)
        {
            // Only its beginning is ever deleted, so the rest need not be rewritten.
            if (SizeOf(space) >= LogReclaimBytesMin)
                db.Compact((int)space, null, reader.Keys(space, []).FirstOrDefault());
            return;
        }
        // The keys are hashes, so parts of equal key ranges are of equal size.
        var count = (int)Math.Clamp(SizeOf(space) / ReclaimBytes, 1, 128);
        for (var i = 0; i < count && !isStopping(); i++)
        {
            byte[]? start = i == 0 ? null : [(byte)(i * 256 / count)];
            byte[]? end = i == count - 1 ? null : [(byte)((i + 1) * 256 / count)];
            db.Compact((int)space, start, end);
        }
    }

    public void BeginWriting()
    {
        if (writing)
            return;
        reader.Dispose();
        db.Dispose();
        db = OpenDb(path, create: false);
        writing = true;
        reader = new RocksReader(db);
    }

    public void Commit(StoreBatch batch, bool durable)
    {
        Invariant.Check(writing, "commits begin after BeginWriting");
        if (failed)
        {
            throw new StoreError(
                StoreErrorKind.WriteFailed, "an earlier write to the store failed");
        }
        using var changes = db.NewBatch();
        foreach (var change in batch.Changes)
            Add(changes, change);
        try
        {
            db.Write(changes, durable);
        }
        catch (RocksException error)
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

    private static void Add(RocksBatch changes, StoreChange change)
    {
        var family = (int)change.Space;
        switch (change.Kind)
        {
            case StoreChangeKind.Put:
                changes.Put(family, change.Key, change.Value);
                break;
            case StoreChangeKind.Delete:
                changes.Delete(family, change.Key);
                break;
            default:
                changes.DeleteRange(family, change.Key, change.Value);
                break;
        }
    }

    private static RocksDatabase OpenDb(string path, bool create)
    {
        try
        {
            return RocksDatabase.Open(
                path, new RocksOptions(Creates: create, Writing: true), Families,
                readOnly: false);
        }
        catch (RocksException error)
        {
            throw error.Message.Contains("lock", StringComparison.OrdinalIgnoreCase)
                ? new StoreError(StoreErrorKind.Held, "another process has the store open", error)
                : RocksReader.ErrorOf(error);
        }
    }

    private static RocksDatabase OpenReadOnly(string path)
    {
        try
        {
            return RocksDatabase.Open(
                path, new RocksOptions(Creates: false, Writing: false), FamiliesOf(path),
                readOnly: true);
        }
        catch (RocksException error)
        {
            throw RocksReader.ErrorOf(error);
        }
    }

    private static string[] FamiliesOf(string path)
    {
        var present = RocksDatabase.ListFamilies(path);
        return
        [
            .. Families.Where((name, i) => i < FirstFormatFamiliesCount || present.Contains(name)),
        ];
    }

    private static StoreError WriteError(RocksException error) =>
        RocksReader.IsFull(error)
            ? RocksReader.Full(error)
            : new StoreError(
                StoreErrorKind.WriteFailed,
                $"the disk refused to write: {RocksReader.FirstLine(error)}",
                error);
}
