namespace Pallas.Store;

/// <summary>The fault of a machine's folder or of its disk.</summary>
public enum StoreErrorKind
{
    /// <summary>There is no such folder.</summary>
    Missing,

    /// <summary>The folder holds nothing.</summary>
    Empty,

    /// <summary>The folder holds files, but no machine.</summary>
    NotOurs,

    /// <summary>The making of a machine here was cut off.</summary>
    Unfinished,

    /// <summary>The path is taken, so no machine can be made there.</summary>
    Occupied,

    /// <summary>Written by a later version of this program.</summary>
    NewerFormat,

    /// <summary>Another process, or this one, has the folder open.</summary>
    Held,

    /// <summary>The folder is a copy of a machine, or was moved to another file system.</summary>
    Copied,

    /// <summary>The bytes that were read differ from the bytes that were written.</summary>
    Damaged,

    /// <summary>The disk is full: nothing of the batch is stored.</summary>
    DiskFull,

    /// <summary>The disk refused to write or to sync; nothing may be written after it.</summary>
    WriteFailed,

    /// <summary>The system refused access.</summary>
    Denied,
}

/// <summary>A fault of the world around the store. The message is one line for people.</summary>
public sealed class StoreError(StoreErrorKind kind, string message, Exception? cause = null)
    : Exception(message, cause)
{
    public StoreErrorKind Kind { get; } = kind;

    /// <summary>Makes or writes a file of the folder.</summary>
    /// <exception cref="StoreError">The system refuses it.</exception>
    internal static void WhileWriting(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw OfWriting(path, error);
        }
    }

    /// <summary>The error for a file of the folder that could not be made or written.</summary>
    internal static StoreError OfWriting(string path, Exception error) => error switch
    {
        UnauthorizedAccessException =>
            new StoreError(StoreErrorKind.Denied, $"no access to {path}", error),
        IOException when IsDiskFull(error) =>
            new StoreError(StoreErrorKind.DiskFull, "the disk is full", error),
        IOException when error.Message.Contains("Read-only file", StringComparison.Ordinal) =>
            new StoreError(
                StoreErrorKind.Denied, $"{path} is on a file system that is read-only", error),
        _ => new StoreError(StoreErrorKind.WriteFailed, error.Message, error),
    };

    /// <summary>Whether a write failed because the disk or the quota is full.</summary>
    public static bool IsDiskFull(Exception error) => error is IOException
        && (error.Message.Contains("No space left", StringComparison.Ordinal)
            || error.Message.Contains("Disk quota", StringComparison.Ordinal));

    /// <param name="what">The fault, as a clause.</param>
    public static StoreError Damaged(string what, Exception? cause = null) =>
        new(StoreErrorKind.Damaged, $"the store is damaged: {what}", cause);
}
