using Pallas.Values;

namespace Pallas.Machine;

/// <summary>A fact that an operator may want to know, sent after it has become true.</summary>
public abstract record MachineNotification
{
    private MachineNotification()
    {
    }

    /// <summary>The log after the last snapshot was replayed.</summary>
    public sealed record Replayed(long Events, TimeSpan Took) : MachineNotification;

    /// <summary>The machine runs, from the state after a record of the log.</summary>
    public sealed record Started(ulong Record, int Cogs) : MachineNotification;

    /// <summary>A snapshot was written, of the state after a record.</summary>
    public sealed record Snapshot(ulong Record, TimeSpan Took) : MachineNotification;

    /// <summary>A collection removed <paramref name="Count"/>unreachable pins and chunks.</summary>
    public sealed record Collected(long Count, TimeSpan Took) : MachineNotification;

    /// <summary>A cog finished, crashed or timed out, durably.</summary>
    public sealed record CogEnded(CogId Cog, CogState State) : MachineNotification;

    /// <summary>A cog shows a request, durably, that nothing in this machine answers.</summary>
    /// <param name="Shape">The correct form of the request that it resembles, if any.</param>
    public sealed record Unanswerable(CogId Cog, Value Request, string? Shape)
        : MachineNotification;

    /// <summary>The function that a cog serves over HTTP gave no answer to a request.</summary>
    /// <param name="Request">Method and path, in printable characters.</param>
    /// <param name="Untold">The number of other failures since the last notification.</param>
    public sealed record ServedFailed(
        CogId Cog, string Request, ServedFailure Why, long Untold) : MachineNotification;

    /// <summary>The machine was stopped; the log ends with a record.</summary>
    public sealed record Stopped(ulong Record) : MachineNotification;
}

/// <summary>The cause why a served function gave no answer.</summary>
public abstract record ServedFailure
{
    private ServedFailure()
    {
    }

    /// <summary>The function crashed.</summary>
    public sealed record Crashed(Nat Op, Value Argument) : ServedFailure;

    /// <summary>The result is no answer.</summary>
    public sealed record NoAnswer(Value Result) : ServedFailure;

    /// <summary>The evaluation took longer than an event may.</summary>
    public sealed record TookTooLong : ServedFailure;
}
