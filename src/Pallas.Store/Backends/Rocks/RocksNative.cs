using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

[assembly: DisableRuntimeMarshalling]

namespace Pallas.Store.Backends.Rocks;

/// <summary>The functions of RocksDB's C interface that the store calls.</summary>
/// <remarks>
/// These declarations have arguments that need no conversion, so they are compiled ahead of time.
/// The package's own binding initializes a class of all thousand functions of the interface at its
/// first use: 0.3 s of every start.
/// </remarks>
internal static unsafe class RocksNative
{
    private const string Library = "rocksdb";

    private static readonly Lazy<bool> IsOnMusl = new(ResolveOnMusl);

    /// <summary>Finds the library on systems with musl. It runs before the first call.</summary>
    public static void Prepare() => _ = IsOnMusl.Value;

    public static void Load()
    {
        Prepare();
        rocksdb_free(null);
    }

    /// <summary>Throws the error of a call, if there is one.</summary>
    public static void Check(byte* error)
    {
        if (error is null)
            return;
        var message = Marshal.PtrToStringUTF8((nint)error) ?? "";
        rocksdb_free(error);
        throw new RocksException(message);
    }

    /// <summary>A text with a 0 at its end, for C.</summary>
    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text + '\0');

    private static bool ResolveOnMusl()
    {
        var isMusl =
            RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal);
        if (isMusl)
            NativeLibrary.SetDllImportResolver(typeof(RocksNative).Assembly, Resolve);
        return isMusl;
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == Library && NativeLibrary.TryLoad(Library + "-musl", assembly, path, out var found)
            ? found
            : 0;

    [DllImport(Library)]
    public static extern void rocksdb_free(void* memory);

    [DllImport(Library)]
    public static extern nint rocksdb_options_create();

    [DllImport(Library)]
    public static extern void rocksdb_options_destroy(nint options);

    [DllImport(Library)]
    public static extern void rocksdb_options_set_create_if_missing(nint options, byte value);

    [DllImport(Library)]
    public static extern void rocksdb_options_set_create_missing_column_families(
        nint options, byte value);

    [DllImport(Library)]
    public static extern void rocksdb_options_set_error_if_exists(nint options, byte value);

    [DllImport(Library)]
    public static extern void rocksdb_options_set_paranoid_checks(nint options, byte value);

    [DllImport(Library)]
    public static extern void rocksdb_options_set_wal_recovery_mode(nint options, int mode);

    [DllImport(Library)]
    public static extern void rocksdb_options_set_max_open_files(nint options, int count);

    [DllImport(Library)]
    public static extern void rocksdb_options_set_max_file_opening_threads(
        nint options, int count);

    [DllImport(Library)]
    public static extern void rocksdb_options_set_skip_stats_update_on_db_open(
        nint options, byte value);

    [DllImport(Library)]
    public static extern void rocksdb_options_set_max_total_wal_size(nint options, ulong bytes);

    [DllImport(Library)]
    public static extern void rocksdb_options_set_stats_dump_period_sec(
        nint options, uint seconds);

    [DllImport(Library)]
    public static extern void rocksdb_options_set_stats_persist_period_sec(
        nint options, uint seconds);

    [DllImport(Library)]
    public static extern void rocksdb_options_set_info_log(nint options, nint logger);

    [DllImport(Library)]
    public static extern nint rocksdb_logger_create_callback_logger(
        int level, delegate* unmanaged<nint, uint, byte*, nuint, void> callback, nint argument);

    [DllImport(Library)]
    public static extern void rocksdb_logger_destroy(nint logger);

    [DllImport(Library)]
    public static extern void rocksdb_options_set_write_buffer_size(nint options, nuint bytes);

    [DllImport(Library)]
    public static extern void rocksdb_options_set_max_write_buffer_number(
        nint options, int count);

    [DllImport(Library)]
    public static extern nint rocksdb_block_based_options_create();

    [DllImport(Library)]
    public static extern void rocksdb_block_based_options_destroy(nint options);

    /// <summary>Takes ownership of the policy.</summary>
    [DllImport(Library)]
    public static extern void rocksdb_block_based_options_set_filter_policy(
        nint options, nint policy);

    [DllImport(Library)]
    public static extern nint rocksdb_filterpolicy_create_bloom_full(double bitsPerKey);

    [DllImport(Library)]
    public static extern void rocksdb_options_set_block_based_table_factory(
        nint options, nint tableOptions);

    [DllImport(Library)]
    public static extern byte** rocksdb_list_column_families(
        nint options, byte* path, nuint* count, byte** error);

    [DllImport(Library)]
    public static extern void rocksdb_list_column_families_destroy(byte** names, nuint count);

    [DllImport(Library)]
    public static extern nint rocksdb_open_column_families(
        nint options, byte* path, int count, byte** names, nint* familyOptions, nint* families,
        byte** error);

    [DllImport(Library)]
    public static extern nint rocksdb_open_for_read_only_column_families(
        nint options, byte* path, int count, byte** names, nint* familyOptions, nint* families,
        byte refusesWriteAheadLog, byte** error);

    [DllImport(Library)]
    public static extern void rocksdb_column_family_handle_destroy(nint family);

    [DllImport(Library)]
    public static extern void rocksdb_close(nint database);

    [DllImport(Library)]
    public static extern void rocksdb_write(
        nint database, nint options, nint batch, byte** error);

    [DllImport(Library)]
    public static extern nint rocksdb_writebatch_create();

    [DllImport(Library)]
    public static extern void rocksdb_writebatch_destroy(nint batch);

    [DllImport(Library)]
    public static extern void rocksdb_writebatch_put_cf(
        nint batch, nint family, byte* key, nuint keyBytes, byte* value, nuint valueBytes);

    [DllImport(Library)]
    public static extern void rocksdb_writebatch_delete_cf(
        nint batch, nint family, byte* key, nuint keyBytes);

    [DllImport(Library)]
    public static extern void rocksdb_writebatch_delete_range_cf(
        nint batch, nint family, byte* from, nuint fromBytes, byte* end, nuint endBytes);

    [DllImport(Library)]
    public static extern nint rocksdb_writeoptions_create();

    [DllImport(Library)]
    public static extern void rocksdb_writeoptions_set_sync(nint options, byte value);

    [DllImport(Library)]
    public static extern void rocksdb_writeoptions_destroy(nint options);

    [DllImport(Library)]
    public static extern nint rocksdb_readoptions_create();

    [DllImport(Library)]
    public static extern void rocksdb_readoptions_set_snapshot(nint options, nint snapshot);

    [DllImport(Library)]
    public static extern void rocksdb_readoptions_destroy(nint options);

    [DllImport(Library)]
    public static extern nint rocksdb_create_snapshot(nint database);

    [DllImport(Library)]
    public static extern void rocksdb_release_snapshot(nint database, nint snapshot);

    [DllImport(Library)]
    public static extern nint rocksdb_get_pinned_cf(
        nint database, nint options, nint family, byte* key, nuint keyBytes, byte** error);

    [DllImport(Library)]
    public static extern byte* rocksdb_pinnableslice_value(nint slice, nuint* bytesCount);

    [DllImport(Library)]
    public static extern void rocksdb_pinnableslice_destroy(nint slice);

    [DllImport(Library)]
    public static extern nint rocksdb_create_iterator_cf(
        nint database, nint options, nint family);

    [DllImport(Library)]
    public static extern void rocksdb_iter_destroy(nint iterator);

    [DllImport(Library)]
    public static extern byte rocksdb_iter_valid(nint iterator);

    [DllImport(Library)]
    public static extern void rocksdb_iter_seek(nint iterator, byte* key, nuint keyBytes);

    [DllImport(Library)]
    public static extern void rocksdb_iter_seek_to_last(nint iterator);

    [DllImport(Library)]
    public static extern void rocksdb_iter_next(nint iterator);

    [DllImport(Library)]
    public static extern byte* rocksdb_iter_key(nint iterator, nuint* bytesCount);

    [DllImport(Library)]
    public static extern byte* rocksdb_iter_value(nint iterator, nuint* bytesCount);

    [DllImport(Library)]
    public static extern void rocksdb_iter_get_error(nint iterator, byte** error);

    [DllImport(Library)]
    public static extern byte* rocksdb_property_value_cf(nint database, nint family, byte* name);

    [DllImport(Library)]
    public static extern void rocksdb_compact_range_cf(
        nint database, nint family, byte* from, nuint fromBytes, byte* end, nuint endBytes);
}
