using System.Diagnostics;

namespace Pallas.Fuzz.Simulation;

/// <summary>Many simulated machines, one for each seed, and what came of them.</summary>
public static class SimCampaign
{
    /// <summary>One run; the same in every process.</summary>
    public static SimResult RunOne(
        ulong seed, SimFlaw flaw = SimFlaw.None, Action<string>? tell = null) =>
        RunOne(seed, new FaultCounts(), flaw, tell);

    /// <summary>Runs the seeds from one on and prints what was injected and found.</summary>
    /// <returns>Whether nothing was violated.</returns>
    public static bool RunMany(
        ulong from, int seedsCount, int jobsCount, SimFlaw flaw, TextWriter output)
    {
        var counts = new FaultCounts();
        var violations = new List<(ulong Seed, string What)>();
        var gate = new Lock();
        var (lives, events, sent, acknowledged, done) = (0L, 0L, 0L, 0L, 0);
        var clock = Stopwatch.StartNew();
        var options = new ParallelOptions { MaxDegreeOfParallelism = jobsCount };
        Parallel.For(0, seedsCount, options, i =>
        {
            var mine = new FaultCounts();
            var result = RunOne(from + (ulong)i, mine, flaw, null);
            lock (gate)
            {
                counts.Add(mine);
                lives += result.LivesCount;
                events += result.EventsCount;
                sent += result.SentCount;
                acknowledged += result.AcknowledgedCount;
                if (result.Violation is { } what)
                    violations.Add((from + (ulong)i, what));
                if (++done % 10_000 == 0)
                    output.WriteLine($"{done:N0} seeds, {violations.Count} violations");
            }
        });
        output.WriteLine(
            $"{seedsCount:N0} seeds from {from}, {clock.Elapsed.TotalSeconds:F0} s:"
            + $" {lives:N0} lives, {events:N0} durable events, {sent:N0} messages,"
            + $" {acknowledged:N0} acknowledged");
        foreach (var kind in Enum.GetValues<FaultKind>())
            output.WriteLine($"  {kind,-18} {counts[kind],12:N0}");
        foreach (var (seed, what) in violations.OrderBy(each => each.Seed).Take(20))
            output.WriteLine($"VIOLATION at seed {seed}: {what}");
        output.WriteLine($"{violations.Count} violations");
        return violations.Count == 0;
    }

    private static SimResult RunOne(
        ulong seed, FaultCounts counts, SimFlaw flaw, Action<string>? tell) =>
        new SimRun(seed, counts, flaw, tell).Run();
}
