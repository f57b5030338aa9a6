namespace Pallas.Store.Snapshots;

/// <summary>How much of the log is kept behind the last snapshots.</summary>
/// <remarks>
/// What is kept reaches from a snapshot on, so that every moment in it can be replayed. Between
/// the first one and the last two, snapshots are kept a twentieth of the history apart. So the log
/// is at most the history, a twentieth of it, and what is logged between three snapshots.
/// </remarks>
/// <param name="BytesMax">Of log and of the pins that it brought; null where that does not matter.
/// </param>
/// <param name="AgeMax">Of records; null where that does not matter.</param>
public sealed record HistoryPolicy(long? BytesMax, TimeSpan? AgeMax)
{
    private const int SnapshotsCount = 20;
    private const long SpacingBytesDefault = 256 << 20;

    /// <summary>Nothing is ever taken away.</summary>
    public static readonly HistoryPolicy All = new(null, null);

    /// <summary>One gibibyte of log.</summary>
    public static readonly HistoryPolicy Default = new(1L << 30, null);

    /// <summary>Which snapshots stay; the log before the first of them goes.</summary>
    /// <param name="snapshots">By number; at least one.</param>
    internal IReadOnlyList<SnapshotEntry> Choose(
        IReadOnlyList<SnapshotEntry> snapshots, long endBytes, long nowMs)
    {
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
        return kept;
    }

    /// <summary>Whether what came after a snapshot is all of the history that is wanted.</summary>
    private bool Reaches(SnapshotEntry snapshot, long endBytes, long nowMs) =>
        (BytesMax is { } bytes && endBytes - snapshot.LogBytes >= bytes)
        || (AgeMax is { } age && nowMs - snapshot.TimeMs >= age.TotalMilliseconds);

    private bool IsApart(SnapshotEntry earlier, SnapshotEntry later) =>
        AgeMax is { } age && BytesMax is null
            ? later.TimeMs - earlier.TimeMs >= age.TotalMilliseconds / SnapshotsCount
            : later.LogBytes - earlier.LogBytes
                >= (BytesMax is { } bytes ? bytes / SnapshotsCount : SpacingBytesDefault);
}
