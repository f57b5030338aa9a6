using System.Runtime.InteropServices;
using Pallas.Values;
using static Pallas.Store.Backends.Rocks.RocksNative;

namespace Pallas.Store.Backends.Rocks;

/// <summary>An open RocksDB, and its column families by number.</summary>
/// <remarks>
/// All members but <see cref="Dispose"/> may be called from any thread. A call after it would end
/// the process, so each one checks.
/// </remarks>
internal sealed unsafe class RocksDatabase : IDisposable
{
    private readonly nint db;
    private readonly nint[] families;
    private readonly nint synced = rocksdb_writeoptions_create();
    private readonly nint unsynced = rocksdb_writeoptions_create();
    private int snapshotsCount;
    private volatile bool closed;

    private RocksDatabase(nint db, nint[] families)
    {
        Invariant.Check(db != 0, "a database that was opened has a handle");
        Invariant.Check(!families.Contains(0), "each space that was opened has a handle");
        this.db = db;
        this.families = families;
        rocksdb_writeoptions_set_sync(synced, 1);
    }

    /// <exception cref="RocksException">It cannot be opened.</exception>
    public static RocksDatabase Open(
        string path, RocksOptions options, IReadOnlyList<string> names, bool readOnly)
    {
        Prepare();
        var handles = new nint[names.Count];
        var texts = new nint[names.Count];
        var familyOptions = new nint[names.Count];
        var optionsHandle = options.Make();
        var familyHandle = options.MakeFamily();
        try
        {
            for (var i = 0; i < names.Count; i++)
            {
                texts[i] = Marshal.StringToCoTaskMemUTF8(names[i]);
                familyOptions[i] = familyHandle;
            }
            byte* error = null;
            nint db;
            fixed (byte* pathText = Text(path))
            fixed (nint* text = texts, family = familyOptions, handle = handles)
            {
                db = readOnly
                    ? rocksdb_open_for_read_only_column_families(
                        optionsHandle, pathText, names.Count, (byte**)text, family, handle, 0,
                        &error)
                    : rocksdb_open_column_families(
                        optionsHandle, pathText, names.Count, (byte**)text, family, handle,
                        &error);
            }
            Check(error);
            return new RocksDatabase(db, handles);
        }
        finally
        {
            Array.ForEach(texts, Marshal.FreeCoTaskMem);
            rocksdb_options_destroy(familyHandle);
            rocksdb_options_destroy(optionsHandle);
        }
    }

    /// <exception cref="RocksException">There is no database, or it is damaged.</exception>
    public static HashSet<string> ListFamilies(string path)
    {
        Prepare();
        var options = rocksdb_options_create();
        byte* error = null;
        nuint count;
        byte** names;
        fixed (byte* pathText = Text(path))
            names = rocksdb_list_column_families(options, pathText, &count, &error);
        rocksdb_options_destroy(options);
        Check(error);
        var found = new HashSet<string>();
        for (nuint i = 0; i < count; i++)
            found.Add(Marshal.PtrToStringUTF8((nint)names[i])!);
        rocksdb_list_column_families_destroy(names, count);
        return found;
    }

    public int FamiliesCount => families.Length;

    /// <exception cref="RocksException">Nothing of the batch is stored.</exception>
    public void Write(RocksBatch batch, bool sync)
    {
        CheckOpen();
        Invariant.Check(batch.Handle != 0, "a batch is written before it is destroyed");
        byte* error = null;
        rocksdb_write(db, sync ? synced : unsynced, batch.Handle, &error);
        Check(error);
    }

    /// <summary>Null if there is no such key.</summary>
    public byte[]? Get(int family, ReadOnlySpan<byte> key, nint options)
    {
        var slice = Find(family, key, options);
        if (slice == 0)
            return null;
        nuint count;
        var start = rocksdb_pinnableslice_value(slice, &count);
        Invariant.Check(count <= int.MaxValue, "a value fits into an array");
        var bytes = new ReadOnlySpan<byte>(start, (int)count).ToArray();
        rocksdb_pinnableslice_destroy(slice);
        return bytes;
    }

    public bool Has(int family, ReadOnlySpan<byte> key, nint options)
    {
        var slice = Find(family, key, options);
        if (slice != 0)
            rocksdb_pinnableslice_destroy(slice);
        return slice != 0;
    }

    public RocksIterator Iterate(int family, nint options)
    {
        CheckOpen();
        return new(rocksdb_create_iterator_cf(db, options, FamilyOf(family)));
    }

    /// <summary>A numeric property of a family; 0 if the engine has none of this name.</summary>
    public long Property(int family, string name) =>
        long.TryParse(TextProperty(family, name), out var number) ? number : 0;

    /// <summary>The size of all values in a family's files, before compression.</summary>
    public long ValueBytesOfFiles(int family)
    {
        const string Label = " raw value size=";
        var text = TextProperty(family, "rocksdb.aggregated-table-properties") ?? "";
        var part = text.Split(';')
            .FirstOrDefault(part => part.StartsWith(Label, StringComparison.Ordinal), Label);
        return long.TryParse(part.AsSpan(Label.Length), out var number) ? number : 0;
    }

    private string? TextProperty(int family, string name)
    {
        CheckOpen();
        byte* value;
        fixed (byte* text = Text(name))
            value = rocksdb_property_value_cf(db, FamilyOf(family), text);
        if (value is null)
            return null;
        var found = Marshal.PtrToStringUTF8((nint)value);
        rocksdb_free(value);
        return found;
    }

    /// <param name="from">Null for the beginning.</param>
    /// <param name="end">Null for the end.</param>
    public void Compact(int family, byte[]? from, byte[]? end)
    {
        CheckOpen();
        fixed (byte* start = from, stop = end)
        {
            rocksdb_compact_range_cf(
                db, FamilyOf(family), start, (nuint)(from?.Length ?? 0), stop,
                (nuint)(end?.Length ?? 0));
        }
    }

    public nint TakeSnapshot()
    {
        CheckOpen();
        Interlocked.Increment(ref snapshotsCount);
        return rocksdb_create_snapshot(db);
    }

    public void ReleaseSnapshot(nint snapshot)
    {
        if (closed)
            return;
        var rest = Interlocked.Decrement(ref snapshotsCount);
        Invariant.Check(rest >= 0, "a snapshot is released once");
        rocksdb_release_snapshot(db, snapshot);
    }

    public RocksBatch NewBatch() => new(families);

    public void Dispose()
    {
        if (closed)
            return;
        closed = true;
        Array.ForEach(families, rocksdb_column_family_handle_destroy);
        rocksdb_close(db);
        rocksdb_writeoptions_destroy(synced);
        rocksdb_writeoptions_destroy(unsynced);
    }

    private void CheckOpen() => Invariant.Check(!closed, "a database is used until it is closed");

    private nint FamilyOf(int family)
    {
        Invariant.Check((uint)family < (uint)families.Length, "a space that is read was opened");
        return families[family];
    }

    private nint Find(int family, ReadOnlySpan<byte> key, nint options)
    {
        CheckOpen();
        byte* error = null;
        nint slice;
        fixed (byte* start = key)
        {
            slice = rocksdb_get_pinned_cf(
                db, options, FamilyOf(family), start, (nuint)key.Length, &error);
        }
        Check(error);
        return slice;
    }
}
