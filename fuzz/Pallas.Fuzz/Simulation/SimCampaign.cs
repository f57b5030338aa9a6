using System.Diagnostics;

namespace Pallas.Fuzz.Simulation;

/// <summary>Many simulated machines, one for each seed, and what came of them.</summary>
public static class SimCampaign
{
    /// <summary>One run; the same in every process.</summary>
    public static SimResult RunOne(
        ulong seed, SimFlaw flaw = SimFlaw.None, Action<string>? tell = null) =>
        new SimRun(seed, new FaultCounts(), flaw, tell: tell).Run();

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
            var result = new SimRun(from + (ulong)i, mine, flaw).Run();
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

    /// <summary>
    /// Runs one seed again and again: each time another call of the store is refused, by an error
    /// or a full disk, or the power is cut in another commit.
    /// </summary>
    /// <param name="callsCount">Of each kind, from the first on.</param>
    /// <returns>The violations, each with the fault that led to it.</returns>
    public static IReadOnlyList<string> RunEveryCall(
        ulong seed, int callsCount, TextWriter output)
    {
        var counts = new FaultCounts();
        var violations = new List<string>();
        var runsCount = 0;
        void Run(string name, Action<SimFaults> plan)
        {
            runsCount++;
            if (new SimRun(seed, counts, plan: plan).Run().Violation is { } what)
                violations.Add($"seed {seed}, {name}: {what}");
        }
        for (var i = 0; i < callsCount; i++)
        {
            var n = i;
            foreach (var call in Enum.GetValues<SimCall>())
            {
                Run($"{call} {n} refused", faults => faults.RefuseAt(call, n, isFull: false));
                if (call != SimCall.Read)
                    Run($"{call} {n} full", faults => faults.RefuseAt(call, n, isFull: true));
            }
            foreach (var place in Enum.GetValues<CutPlace>())
                Run($"commit {n} cut {place}", faults => faults.CutAt(n, place));
        }
        output.WriteLine($"{runsCount} runs of seed {seed}, {violations.Count} violations");
        foreach (var kind in Enum.GetValues<FaultKind>())
            output.WriteLine($"  {kind,-18} {counts[kind],12:N0}");
        foreach (var violation in violations.Take(20))
            output.WriteLine($"VIOLATION: {violation}");
        return violations;
    }
}
