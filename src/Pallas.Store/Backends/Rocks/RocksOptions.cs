using System.Runtime.InteropServices;
using static Pallas.Store.Backends.Rocks.RocksNative;

namespace Pallas.Store.Backends.Rocks;

/// <summary>The options of a RocksDB.</summary>
/// <param name="Creates">Make a new one; its folder must not exist.</param>
/// <param name="Writing">Open it for writing.</param>
internal sealed unsafe record RocksOptions(bool Creates, bool Writing)
{
    public const int WriteBufferBytes = 16 << 20;
    private const int OpenFilesMax = 256;
    private const int OpeningThreadsMax = 4;
    private const double FilterBitsPerKey = 10;
    private const int FatalOnly = 4;

    /// <summary>A crash leaves a write-ahead log that ends within a record. RocksDB cuts it there.
    /// </summary>
    private const int TolerateCutTail = 0;

    /// <returns>The caller destroys it after use.</returns>
    public nint Make()
    {
        var options = rocksdb_options_create();
        rocksdb_options_set_create_if_missing(options, Flag(Creates));
        rocksdb_options_set_create_missing_column_families(options, Flag(Writing));
        rocksdb_options_set_error_if_exists(options, Flag(Creates));
        rocksdb_options_set_paranoid_checks(options, 1);
        rocksdb_options_set_wal_recovery_mode(options, TolerateCutTail);
        rocksdb_options_set_max_open_files(options, OpenFilesMax);
        // By default, each opening starts sixteen threads for each family.
        rocksdb_options_set_max_file_opening_threads(options, OpeningThreadsMax);
        // Otherwise it reads a part of every file, to choose the order of compaction.
        rocksdb_options_set_skip_stats_update_on_db_open(options, 1);
        rocksdb_options_set_max_total_wal_size(options, 4 * WriteBufferBytes);
        // An idle store writes nothing.
        rocksdb_options_set_stats_dump_period_sec(options, 0);
        rocksdb_options_set_stats_persist_period_sec(options, 0);
        // Errors carry all that an operator needs.
        var logger = rocksdb_logger_create_callback_logger(FatalOnly, &Ignore, 0);
        rocksdb_options_set_info_log(options, logger);
        rocksdb_logger_destroy(logger);
        return options;
    }

    /// <remarks>
    /// A committer looks up each new pin and chunk before it writes it. The filter answers without
    /// reading the files, which took a third of the time of a commit.
    /// </remarks>
    /// <returns>The caller destroys it after use.</returns>
    public nint MakeFamily()
    {
        var options = rocksdb_options_create();
        var tables = rocksdb_block_based_options_create();
        rocksdb_block_based_options_set_filter_policy(
            tables, rocksdb_filterpolicy_create_bloom_full(FilterBitsPerKey));
        rocksdb_options_set_block_based_table_factory(options, tables);
        rocksdb_block_based_options_destroy(tables);
        rocksdb_options_set_write_buffer_size(options, (nuint)WriteBufferBytes);
        rocksdb_options_set_max_write_buffer_number(options, 4);
        return options;
    }

    private static byte Flag(bool value) => value ? (byte)1 : (byte)0;

    [UnmanagedCallersOnly]
    private static void Ignore(nint argument, uint level, byte* text, nuint bytesCount)
    {
    }
}
