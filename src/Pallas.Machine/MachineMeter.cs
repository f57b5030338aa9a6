using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Pallas.Machine;

/// <summary>The metrics and spans of a running machine, under <see cref="Name"/>, for listeners in
/// this process. Without a listener they cost next to nothing.</summary>
/// <remarks>Times are in seconds, sizes in bytes.</remarks>
public sealed class MachineMeter : IDisposable
{
    /// <summary>The name of the meter and of the source of spans.</summary>
    public const string Name = "Pallas.Machine";

    private static readonly ActivitySource Spans = new(Name);

    private readonly TimeProvider clock;
    private readonly Meter meter = new(Name);
    private readonly Counter<long> events;
    private readonly Histogram<double> eventTime;
    private readonly Counter<long> evals;
    private readonly Histogram<double> commitTime;
    private readonly Histogram<long> commitEvents;
    private readonly Counter<long> logBytes;
    private readonly Histogram<double> snapshotTime;
    private readonly Counter<long> replayed;
    private readonly Histogram<double> replayTime;

    internal MachineMeter(TimeProvider clock)
    {
        this.clock = clock;
        events = meter.CreateCounter<long>(
            "pallas.events", "{event}", "Events that were settled, by outcome.");
        eventTime = meter.CreateHistogram<double>(
            "pallas.event.duration", "s", "How long events take to compute.");
        evals = meter.CreateCounter<long>(
            "pallas.evals", "{eval}", "Evaluations that cogs asked for, by outcome.");
        commitTime = meter.CreateHistogram<double>(
            "pallas.commit.duration", "s", "From an event's end to its being on disk.");
        commitEvents = meter.CreateHistogram<long>(
            "pallas.commit.events", "{event}", "How many events one commit keeps.");
        logBytes = meter.CreateCounter<long>("pallas.log.bytes", "By", "Bytes of log written.");
        snapshotTime = meter.CreateHistogram<double>(
            "pallas.snapshot.duration", "s", "How long snapshots take to write.");
        replayed = meter.CreateCounter<long>(
            "pallas.replay.events", "{event}", "Events that a start replayed.");
        replayTime = meter.CreateHistogram<double>(
            "pallas.replay.duration", "s", "How long a start took to recover the state.");
    }

    /// <summary>The latencies of the latest commits, from the end of an event until it is durable.
    /// </summary>
    internal LatencyWindow Commits { get; } = new();

    /// <summary>Observes the numbers of cogs, requests and queued commits while there is a
    /// listener.</summary>
    internal void Watch(Func<(int Cogs, int OpenRequests)> count, Func<int> commitsQueued)
    {
        meter.CreateObservableGauge(
            "pallas.cogs", () => count().Cogs, "{cog}", "Cogs of the machine.");
        meter.CreateObservableGauge(
            "pallas.requests.open", () => count().OpenRequests, "{request}",
            "Requests that wait for an answer.");
        meter.CreateObservableGauge(
            "pallas.commits.queued", commitsQueued, "{commit}", "Events that wait for the disk.");
    }

    internal long Now() => clock.GetTimestamp();

    internal static Activity? Span(string name) => Spans.StartActivity(name);

    internal void Event(Outcome outcome, long startedAt)
    {
        if (!events.Enabled && !eventTime.Enabled)
            return;
        var tag = OutcomeTag(outcome);
        events.Add(1, tag);
        eventTime.Record(SecondsSince(startedAt), tag);
    }

    internal void Eval(Outcome outcome)
    {
        if (evals.Enabled)
            evals.Add(1, OutcomeTag(outcome));
    }

    internal void Commit(int eventsCount, long bytesCount, long queuedAt)
    {
        var time = clock.GetElapsedTime(queuedAt);
        Commits.Add(time);
        commitTime.Record(time.TotalSeconds);
        commitEvents.Record(eventsCount);
        logBytes.Add(bytesCount);
    }

    internal void Snapshot(long startedAt) => snapshotTime.Record(SecondsSince(startedAt));

    internal void Replay(long eventsCount, long startedAt)
    {
        replayed.Add(eventsCount);
        replayTime.Record(SecondsSince(startedAt));
    }

    public void Dispose() => meter.Dispose();

    private double SecondsSince(long timestamp) => clock.GetElapsedTime(timestamp).TotalSeconds;

    private static KeyValuePair<string, object?> OutcomeTag(Outcome outcome) => new(
        "outcome",
        outcome switch
        {
            Outcome.Good => "good",
            Outcome.Crashed { Op: var op } when op.Equals(CogState.FaultOp) => "fault",
            Outcome.Crashed => "crash",
            Outcome.TimedOut => "timeout",
            _ => "interrupted",
        });
}

/// <summary>The latest of a series of times, for percentiles. Any thread may use it.</summary>
public sealed class LatencyWindow
{
    private const int Length = 1024;

    private readonly Lock gate = new();
    private readonly TimeSpan[] times = new TimeSpan[Length];
    private long count;

    public void Add(TimeSpan time)
    {
        lock (gate)
            times[count++ % Length] = time;
    }

    /// <summary>Null if no time was added yet.</summary>
    public Latency? Summary()
    {
        TimeSpan[] sorted;
        lock (gate)
            sorted = times[..(int)Math.Min(count, Length)];
        if (sorted.Length == 0)
            return null;
        Array.Sort(sorted);
        return new Latency(sorted.Length, At(50), At(99), sorted[^1]);
        TimeSpan At(int percent) => sorted[(sorted.Length - 1) * percent / 100];
    }
}

/// <summary>The distribution of the latest times of something.</summary>
public sealed record Latency(int Count, TimeSpan Half, TimeSpan NinetyNine, TimeSpan Longest);
