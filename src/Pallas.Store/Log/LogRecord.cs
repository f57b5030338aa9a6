using Pallas.Store.Pins;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Store.Log;

/// <summary>A point of the log: after the record of this number.</summary>
/// <param name="Number">From 1; 0 is the machine's first state.</param>
/// <param name="Hash">The hash of that record; for 0, of the first snapshot's root.</param>
public readonly record struct LogPosition(ulong Number, Hash256 Hash);

/// <summary>One committed record.</summary>
/// <param name="BytesCount">The size of the record, without pins.</param>
public sealed record LogRecord(LogPosition Position, Value Payload, int BytesCount);

/// <summary>A record in a batch that is not committed yet.</summary>
/// <param name="BytesCount">The size of the record and of the new pins in its batch.</param>
public sealed record StagedRecord(LogPosition Position, StagedPins Pins, long BytesCount);
