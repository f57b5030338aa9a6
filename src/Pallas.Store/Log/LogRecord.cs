using Pallas.Plan;
using Pallas.Store.Pins;

namespace Pallas.Store.Log;

/// <summary>A place in the log: the state after the record of this number.</summary>
/// <param name="Number">Counted from 1; 0 is the state that the machine was made with.</param>
/// <param name="Hash">The hash of that record, or of the first snapshot's root for 0.</param>
public readonly record struct LogPosition(ulong Number, Hash256 Hash);

/// <summary>One record as it was committed.</summary>
/// <param name="BytesCount">Of the record without the pins.</param>
public sealed record LogRecord(LogPosition Position, Value Payload, int BytesCount);

/// <summary>A record in a batch that is not committed yet.</summary>
/// <param name="BytesCount">Of the record and of the pins that it brought.</param>
public sealed record StagedRecord(LogPosition Position, StagedPins Pins, long BytesCount);
