using Pallas.Store;
using Pallas.Store.Log;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>A machine as it is at one moment.</summary>
/// <param name="Position">The last record of the log.</param>
/// <param name="SnapshotNumber">The record up to which the last snapshot reaches that can be used.
/// </param>
/// <param name="EventsCount">Events since the machine was started, or since the snapshot.</param>
public sealed record MachineStatus(
    LogPosition Position, ulong SnapshotNumber, long EventsCount, IReadOnlyList<CogStatus> Cogs)
{
    /// <summary>How long the latest events waited for the disk; null where none did.</summary>
    public Latency? Commits { get; init; }

    /// <summary>The snapshots after that one; the newest first.</summary>
    public IReadOnlyList<UnusableSnapshot> Unusable { get; init; } = [];
}

/// <summary>A snapshot that cannot be read.</summary>
/// <param name="Number">Of the record that it includes.</param>
/// <param name="Why">One line for people.</param>
public sealed record UnusableSnapshot(ulong Number, string Why);

/// <summary>A cog, what became of it, and what it waits for.</summary>
public sealed record CogStatus(
    CogId Id, CogState State, IReadOnlyList<RequestStatus> OpenRequests);

/// <summary>An open request in its slot.</summary>
/// <param name="IsUnknown">Nothing in this machine answers it.</param>
public sealed record RequestStatus(int Slot, Value Value, Request Request, bool IsUnknown);

/// <summary>How a machine came to its end by itself.</summary>
/// <param name="Failure">
/// What went wrong: a <see cref="StoreError"/>, or a fault of ours; null where no cog waits for
/// anything that could still come.
/// </param>
public sealed record MachineEnd(Exception? Failure);
