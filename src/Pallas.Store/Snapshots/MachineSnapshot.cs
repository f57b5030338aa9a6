using Pallas.Store.Log;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Store.Snapshots;

/// <summary>The state of the machine after a record of the log.</summary>
/// <param name="State">In normal form; shares unchanged parts with other snapshots.</param>
/// <param name="LogBytes">The size of the log from the machine's beginning to the record.</param>
/// <param name="TimeMs">When it was saved, in Unix time; 0 if unknown.</param>
public sealed record MachineSnapshot(
    LogPosition Position, Value State, long LogBytes = 0, long TimeMs = 0);

/// <summary>A snapshot without its state.</summary>
/// <param name="Root">Of a chunk, or of a pin.</param>
public readonly record struct SnapshotEntry(
    LogPosition Position, Hash256 Root, bool IsChunk, long LogBytes, long TimeMs)
{
    public StoreSpace Space => IsChunk ? StoreSpace.Chunks : StoreSpace.Pins;
}
