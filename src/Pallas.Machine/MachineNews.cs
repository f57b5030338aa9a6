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

    /// <summary>It was stopped; the log ends with a record.</summary>
    public sealed record Stopped(ulong Record) : MachineNews;
}
