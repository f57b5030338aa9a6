namespace Pallas.Store;

/// <summary>What is wrong with a machine's folder or its disk.</summary>
public enum StoreErrorKind
{
    /// <summary>There is no such folder.</summary>
    Missing,

    /// <summary>The folder holds nothing.</summary>
    Empty,

    /// <summary>The folder holds files, but no machine.</summary>
    NotOurs,

    /// <summary>A machine was being made here and was not finished.</summary>
    Unfinished,

    /// <summary>A machine is in the way of a new one.</summary>
    Occupied,

    /// <summary>Written by a later version of this program.</summary>
    NewerFormat,

    /// <summary>Another process, or this one, has the folder open.</summary>
    Held,

    /// <summary>The folder is a copy of a machine, or it was moved to another file system.
    /// </summary>
    Copied,

    /// <summary>What was read is not what was written.</summary>
    Damaged,

    /// <summary>The disk is full: nothing of the batch was kept.</summary>
    DiskFull,

    /// <summary>The disk refused to write or to sync; nothing may be written after it.</summary>
    WriteFailed,

    /// <summary>The system refused access.</summary>
    Denied,
}

/// <summary>
/// A fault of the world around the store. The message is one line for people.
/// </summary>
public sealed class StoreError(StoreErrorKind kind, string message, Exception? cause = null)
    : Exception(message, cause)
{
    public StoreErrorKind Kind { get; } = kind;

    /// <summary>What the system said while a file of the folder was made or written.</summary>
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

    /// <summary>Whether the system had no room for what was written.</summary>
    public static bool IsDiskFull(Exception error) => error is IOException
        && (error.Message.Contains("No space left", StringComparison.Ordinal)
            || error.Message.Contains("Disk quota", StringComparison.Ordinal));

    /// <param name="what">What is not what was written.</param>
    public static StoreError Damaged(string what, Exception? cause = null) =>
        new(StoreErrorKind.Damaged, $"the store is damaged: {what}", cause);
}
