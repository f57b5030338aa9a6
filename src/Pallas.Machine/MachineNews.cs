using Pallas.Values;

namespace Pallas.Machine;

/// <summary>What a machine did that its operator may want to know, after it was done.</summary>
public abstract record MachineNews
{
    private MachineNews()
    {
    }

    /// <summary>The log after the last snapshot was replayed.</summary>
    public sealed record Replayed(long Events, TimeSpan Took) : MachineNews;

    /// <summary>It runs, from the state after a record of the log.</summary>
    public sealed record Started(ulong Record, int Cogs) : MachineNews;

    /// <summary>A snapshot was written, of the state after a record.</summary>
    public sealed record Snapshot(ulong Record, TimeSpan Took) : MachineNews;

    /// <summary>So many pins and chunks were taken away that nothing reached.</summary>
    public sealed record Collected(long Count, TimeSpan Took) : MachineNews;

    /// <summary>A cog finished, crashed, or took too long; that is durable.</summary>
    public sealed record CogEnded(CogId Cog, CogState State) : MachineNews;

    /// <summary>A cog shows a request that nothing in this machine answers; that is durable.
    /// </summary>
    /// <param name="Shape">How the request that it seems to mean is written, if it is one.</param>
    public sealed record Unanswerable(CogId Cog, Value Request, string? Shape) : MachineNews;

    /// <summary>The function that a cog serves over HTTP made no answer of a request.</summary>
    /// <param name="Request">Method and path, in characters that can be shown.</param>
    /// <param name="Untold">How many more failed since the last that was told.</param>
    public sealed record ServedFailed(
        CogId Cog, string Request, ServedFailure Why, long Untold) : MachineNews;

    /// <summary>It was stopped; the log ends with a record.</summary>
    public sealed record Stopped(ulong Record) : MachineNews;
}

/// <summary>Why a served function made no answer.</summary>
public abstract record ServedFailure
{
    private ServedFailure()
    {
    }

    /// <summary>It crashed.</summary>
    public sealed record Crashed(Nat Op, Value Argument) : ServedFailure;

    /// <summary>It came to something that is no answer.</summary>
    public sealed record NoAnswer(Value Result) : ServedFailure;

    /// <summary>It took longer than an event may.</summary>
    public sealed record TookTooLong : ServedFailure;
}
