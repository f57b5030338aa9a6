using System.Buffers.Binary;

namespace Pallas.Store.Backends.Rocks;

/// <summary>
/// Checks the log files of a RocksDB, its manifest and its write-ahead logs, before RocksDB reads
/// them.
/// </summary>
/// <remarks>
/// A RocksDB always has a write-ahead log, even an empty one. If it is missing, RocksDB silently
/// goes back to the data before it. A log file is a run of blocks of 32 KiB that hold records: a
/// checksum (4 bytes), the length of the payload (2), the kind (1). The kinds from 5 on belong to
/// options that this store does not use. RocksDB takes a record of those kinds that does not belong
/// to the file for the rest of an older one, and does not verify its checksum. In a manifest it
/// then reads forever, so a single flipped bit would hang the start. RocksDB finds all other damage
/// itself.
/// </remarks>
internal static class RocksLogFile
{
    private const int BlockBytes = 1 << 15;
    private const int HeaderBytes = 7;
    private const byte LastKind = 4;

    /// <exception cref="StoreError">A record is of an unused kind, or there is no write-ahead log.
    /// </exception>
    public static void CheckAll(string folder)
    {
        try
        {
            var hasWriteAhead = false;
            foreach (var path in Directory.EnumerateFiles(folder).Where(IsLog))
            {
                Check(path);
                hasWriteAhead |= IsWriteAhead(path);
            }
            if (!hasWriteAhead)
                throw StoreError.Damaged("the write-ahead log is missing");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreError(StoreErrorKind.Denied, $"no access to {folder}", error);
        }
    }

    /// <summary>The offsets of the kinds of a block's records.</summary>
    public static IEnumerable<int> KindsIn(byte[] block, int bytesCount)
    {
        var at = 0;
        while (at + HeaderBytes <= bytesCount)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(block.AsSpan(at + 4));
            var kind = at + HeaderBytes - 1;
            if (length == 0 && block[kind] == 0)
                yield break;
            yield return kind;
            at += HeaderBytes + length;
        }
    }

    private static bool IsLog(string path) =>
        Path.GetFileName(path).StartsWith("MANIFEST-", StringComparison.Ordinal)
        || IsWriteAhead(path);

    private static bool IsWriteAhead(string path) => Path.GetExtension(path) == ".log";

    private static void Check(string path)
    {
        using var file = File.OpenRead(path);
        var block = new byte[BlockBytes];
        while (file.ReadAtLeast(block, BlockBytes, throwOnEndOfStream: false) is > 0 and var count)
        {
            foreach (var at in KindsIn(block, count))
            {
                if (block[at] > LastKind)
                    throw StoreError.Damaged(
                        $"{Path.GetFileName(path)} holds a record of an unknown kind");
            }
        }
    }
}
