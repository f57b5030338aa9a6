using System.Diagnostics;
using System.Globalization;
using Pallas.Eval;
using Pallas.Values;

namespace Pallas.Bench;

/// <summary>The cost of a level of recursion that is not in tail position, by depth.</summary>
internal static class DepthTable
{
    private const int Shallow = 1_000;
    private const double SecondsMin = 0.5;

    /// <summary>The work of the collector differs from run to run.</summary>
    private const int RunsMin = 6;

    private static readonly int[] Depths = [1_000_000, 8_000_000];

    private static readonly (string Name, string Function)[] Rows =
    [
        ("nothing kept", "countUp"), ("a number kept", "sumDown"),
        ("`listSum (listGen n id)`", "sumList"), ("`listFoldr add 0`", "foldList"),
        ("a list made on the way up", "buildUp"), ("the same list by a loop", "buildLoop"),
        ("two laws", "ping"),
        ("through thunks", "chain"), ("an unknown function", "through"),
    ];

    public static void Print(string? only)
    {
        var library = new Library("bench_depth");
        Console.WriteLine(
            "| ns a level | 1,000 deep | 1,000,000 | 8,000,000 | collector's pauses | ratio |");
        Console.WriteLine("|---|--:|--:|--:|--:|--:|");
        foreach (var (name, function) in Rows)
        {
            if (only is null || name.Contains(only, StringComparison.Ordinal))
                Console.WriteLine(Line(name, library[function]));
        }
    }

    private static string Line(string name, Value function)
    {
        var evaluator = new Evaluator(new EvalOptions { Jets = JetTable.All });
        // Warm, and compiled for good.
        Best(evaluator, function, Shallow);
        var shallow = Best(evaluator, function, Shallow);
        var deep = Depths.Select(depth => Best(evaluator, function, depth)).ToArray();
        string[] cells =
        [
            name, Number(shallow.Whole), .. deep.Select(level => Number(level.Whole)),
            Number(deep[^1].Pauses),
            (deep[^1].Whole / shallow.Whole).ToString("F2", CultureInfo.InvariantCulture),
        ];
        return $"| {string.Join(" | ", cells)} |";
    }

    /// <summary>Nanoseconds a level: the fastest of some runs, and how much of it was waiting for
    /// the collector.</summary>
    private static (double Whole, double Pauses) Best(
        Evaluator evaluator, Value function, int depth)
    {
        var (best, pauses, total) = (double.MaxValue, 0.0, 0.0);
        for (var run = 0; run < RunsMin || total < SecondsMin; run++)
        {
            // A run does not pay for the garbage of the run before.
            if (depth > Shallow)
                GC.Collect();
            var pausedBefore = GC.GetTotalPauseDuration();
            var start = Stopwatch.GetTimestamp();
            evaluator.Normalize(evaluator.Apply(function, depth));
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            total += seconds;
            if (seconds >= best)
                continue;
            best = seconds;
            pauses = (GC.GetTotalPauseDuration() - pausedBefore).TotalSeconds;
        }
        return (best / depth * 1e9, pauses / depth * 1e9);
    }

    private static string Number(double nanoseconds) =>
        nanoseconds.ToString("F1", CultureInfo.InvariantCulture);
}
