using Pallas.Values;

namespace Pallas.Store.Snapshots;

/// <summary>How much of the log is retained before the last snapshots.</summary>
/// <remarks>
/// The retained log begins at a snapshot, so every moment of it can be replayed. Between the first
/// snapshot and the last two, retained snapshots are a twentieth of the history apart. The log
/// therefore never exceeds the history, a twentieth of it, and the log between three snapshots.
/// </remarks>
/// <param name="BytesMax">The size of the log and of the pins in its batches; null for no bound.
/// </param>
/// <param name="AgeMax">The age of records; null for no bound.</param>
public sealed record HistoryPolicy(long? BytesMax, TimeSpan? AgeMax)
{
    private const int SnapshotsCount = 20;
    private const long SpacingBytesDefault = 256 << 20;

    /// <summary>Retains everything.</summary>
    public static readonly HistoryPolicy All = new(null, null);

    /// <summary>One gibibyte of log.</summary>
    public static readonly HistoryPolicy Default = new(1L << 30, null);

    /// <summary>The snapshots to retain. The log before the first of them is deleted.</summary>
    /// <param name="snapshots">By number; at least one.</param>
    internal IReadOnlyList<SnapshotEntry> Choose(
        IReadOnlyList<SnapshotEntry> snapshots, long endBytes, long nowMs)
    {
        Invariant.Check(snapshots.Count > 0, "a store has a snapshot");
        if (snapshots.Count <= 2)
            return snapshots;
        var first = 0;
        for (var i = 1; i <= snapshots.Count - 2; i++)
        {
            if (Reaches(snapshots[i], endBytes, nowMs))
                first = i;
        }
        var kept = new List<SnapshotEntry> { snapshots[first] };
        foreach (var snapshot in snapshots.Skip(first + 1).SkipLast(2))
        {
            if (IsApart(kept[^1], snapshot))
                kept.Add(snapshot);
        }
        kept.AddRange(snapshots.Skip(Math.Max(first + 1, snapshots.Count - 2)));
        Invariant.Check(kept.Count >= 2 && kept[^1] == snapshots[^1] && kept[^2] == snapshots[^2],
            "the last two snapshots are retained");
        return kept;
    }

    /// <summary>Whether the log after a snapshot is all of the history to retain.</summary>
    private bool Reaches(SnapshotEntry snapshot, long endBytes, long nowMs) =>
        (BytesMax is { } bytes && endBytes - snapshot.LogBytes >= bytes)
        || (AgeMax is { } age && nowMs - snapshot.TimeMs >= age.TotalMilliseconds);

    private bool IsApart(SnapshotEntry earlier, SnapshotEntry later) =>
        AgeMax is { } age && BytesMax is null
            ? later.TimeMs - earlier.TimeMs >= age.TotalMilliseconds / SnapshotsCount
            : later.LogBytes - earlier.LogBytes
                >= (BytesMax is { } bytes ? bytes / SnapshotsCount : SpacingBytesDefault);
}
