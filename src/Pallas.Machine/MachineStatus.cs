using Pallas.Store;
using Pallas.Store.Log;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>A machine at one moment.</summary>
/// <param name="Position">The last record of the log.</param>
/// <param name="SnapshotNumber">The record that the last usable snapshot includes.</param>
/// <param name="EventsCount">Events since the machine was started, or since the snapshot.</param>
public sealed record MachineStatus(
    LogPosition Position, ulong SnapshotNumber, long EventsCount, IReadOnlyList<CogStatus> Cogs)
{
    /// <summary>The latencies of the latest commits; null if there was none.</summary>
    public Latency? Commits { get; init; }

    /// <summary>The snapshots after that one, the newest first.</summary>
    public IReadOnlyList<UnusableSnapshot> Unusable { get; init; } = [];
}

/// <summary>A snapshot that cannot be read.</summary>
/// <param name="Number">The number of the record that it includes.</param>
/// <param name="Why">The cause, in one line.</param>
public sealed record UnusableSnapshot(ulong Number, string Why);

/// <summary>A cog, its state, and its open requests.</summary>
public sealed record CogStatus(
    CogId Id, CogState State, IReadOnlyList<RequestStatus> OpenRequests);

/// <summary>An open request in its slot.</summary>
/// <param name="IsUnknown">Nothing in this machine answers it.</param>
public sealed record RequestStatus(int Slot, Value Value, Request Request, bool IsUnknown);

/// <summary>The cause why a machine ended by itself.</summary>
/// <param name="Failure">A <see cref="StoreError"/>, or a bug of Pallas; null if the machine is
/// blocked: no open request can be answered.</param>
public sealed record MachineEnd(Exception? Failure);
