using System.Globalization;
using Pallas.Eval;
using Pallas.Values;

namespace Pallas.Bench;

/// <summary>Measures the rows in every tier and prints them as tables.</summary>
internal sealed class SpeedTable(string? only, bool oneSize)
{
    private static readonly EvalOptions Options = new() { Jets = JetTable.All };

    /// <summary>The ways to run a law; the first is the one that is judged.</summary>
    private static readonly (string Name, EvalOptions Options)[] Tiers =
    [
        ("Pallas", Options with { Tier = Tier.Default }),
        ("interpreted", Options with { Tier = Tier.Interpret }),
    ];

    private readonly Dictionary<string, Library> libraries = [];

    public void Print()
    {
        Header(
        [
            "program", "n", "plain C#", .. Tiers.Select(tier => tier.Name), "first run",
            "ratio", "at most", "", "all jets",
        ]);
        foreach (var row in SpeedRows.All.Where(row => IsWanted(row.Name)))
        {
            foreach (var size in oneSize ? row.Sizes[..1] : row.Sizes)
                Console.WriteLine(Line(row, size));
        }
        Console.WriteLine();
        Header(["program", "reference", .. Tiers.Select(tier => tier.Name), "first run", "faster"]);
        foreach (var row in ReferenceRow.All.Where(row => IsWanted(row.Name)))
            Console.WriteLine(Line(row));
    }

    private string Line(SpeedRow row, int size)
    {
        var plain = Timing.Of(row.Plain(size));
        var library = LibraryOf(row.Module);
        var args = row.Args(size);
        Timing Run(EvalOptions options, params string[] jetsOff)
        {
            var jets = jetsOff.Length == 0 ? options.Jets : options.Jets.Without(jetsOff);
            var evaluator = new Evaluator(options with { Jets = jets });
            var function = library[row.Function];
            var timing = Timing.Of(() =>
                evaluator.Normalize(evaluator.Apply(function, args)));
            Require(row.Name, (Value)plain.Result, (Value)timing.Result);
            return timing;
        }
        var timings = Tiers.Select(tier => Run(tier.Options, row.JetsOff)).ToArray();
        var withJets = row.JetsOff.Length == 0 ? "" : Seconds(Run(Options).Best);
        var ratio = timings[0].Best / plain.Best;
        return Cells(
        [
            row.Name, size.ToString("N0", CultureInfo.InvariantCulture), Seconds(plain.Best),
            .. timings.Select(timing => Seconds(timing.Best)), Seconds(timings[0].First),
            Ratio(ratio), Ratio(row.RatioMax), ratio <= row.RatioMax ? "reached" : "missed",
            withJets,
        ]);
    }

    private string Line(ReferenceRow row)
    {
        Timing Run(EvalOptions options)
        {
            var evaluator = new Evaluator(options);
            var calls = row.Calls
                .Select(call => (Function: LibraryOf(call.Module)[call.Function], call.Args))
                .ToArray();
            return Timing.Of(() =>
            {
                foreach (var (function, args) in calls)
                    evaluator.Normalize(evaluator.Apply(function, args));
                return "";
            });
        }
        var timings = Tiers.Select(tier => Run(tier.Options)).ToArray();
        return Cells(
        [
            row.Name, Seconds(row.Seconds), .. timings.Select(timing => Seconds(timing.Best)),
            Seconds(timings[0].First), Ratio(row.Seconds / timings[0].First),
        ]);
    }

    private Library LibraryOf(string module) =>
        libraries.TryGetValue(module, out var library)
            ? library
            : libraries[module] = new Library(module);

    private bool IsWanted(string name) =>
        only is null || name.Contains(only, StringComparison.OrdinalIgnoreCase);

    /// <summary>A time counts only where the result is that of plain C#.</summary>
    private static void Require(string name, Value expected, Value actual)
    {
        if (Pin.Make(expected).Hash != Pin.Make(actual).Hash)
            throw new InvalidOperationException($"{name}: {actual} is not {expected}");
    }

    private static void Header(string[] names)
    {
        Console.WriteLine(Cells(names));
        Console.WriteLine("|---|" + string.Concat(Enumerable.Repeat("--:|", names.Length - 1)));
    }

    private static string Cells(string[] cells) => $"| {string.Join(" | ", cells)} |";

    private static string Seconds(double seconds) =>
        seconds.ToString(seconds < 0.1 ? "F4" : "F3", CultureInfo.InvariantCulture);

    private static string Ratio(double ratio) =>
        ratio.ToString(ratio < 10 ? "F2" : "F1", CultureInfo.InvariantCulture);
}
