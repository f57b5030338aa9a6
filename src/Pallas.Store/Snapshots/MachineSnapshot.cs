using Pallas.Plan;
using Pallas.Store.Log;

namespace Pallas.Store.Snapshots;

/// <summary>The state of the machine after a record of the log.</summary>
/// <param name="State">In normal form; what did not change is shared with other snapshots.</param>
/// <param name="LogBytes">Bytes of log from the machine's beginning up to here.</param>
/// <param name="TimeMs">When it was made, in Unix time; 0 where that is not known.</param>
public sealed record MachineSnapshot(
    LogPosition Position, Value State, long LogBytes = 0, long TimeMs = 0);

/// <summary>A snapshot without its state.</summary>
/// <param name="Root">Of a chunk, or of a pin.</param>
public readonly record struct SnapshotEntry(
    LogPosition Position, Hash256 Root, bool IsChunk, long LogBytes, long TimeMs)
{
    public StoreSpace Space => IsChunk ? StoreSpace.Chunks : StoreSpace.Pins;
}
