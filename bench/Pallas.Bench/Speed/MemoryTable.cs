using System.Diagnostics;
using System.Globalization;
using Pallas.Eval;
using Pallas.Values;

namespace Pallas.Bench;

/// <summary>The memory that programs hold. Each runs in a process of its own.</summary>
internal static class MemoryTable
{
    /// <summary>The command that makes a child measure one row and print the two numbers.</summary>
    public const string Command = "memory-of";

    private const int MillisecondsBetweenLooks = 40;
    private const double MegaByte = 1e6;

    public static void Print(string? only)
    {
        Console.WriteLine("| program | reference, MB | largest live heap, MB | working set, MB |");
        Console.WriteLine("|---|--:|--:|--:|");
        foreach (var row in ReferenceRow.All)
        {
            if (only is not null && !row.Name.Contains(only, StringComparison.OrdinalIgnoreCase))
                continue;
            var reference = row.MegaBytes is { } known
                ? known.ToString("F0", CultureInfo.InvariantCulture)
                : "";
            Console.WriteLine($"| {row.Name} | {reference} | {RunChild(row.Name)} |");
        }
    }

    /// <summary>Runs a program while another thread collects all garbage over and over.</summary>
    /// <returns>0, or 1 where there is no such row.</returns>
    public static int Measure(string name)
    {
        var row = ReferenceRow.All.FirstOrDefault(row => row.Name == name);
        if (row is null)
            return 1;
        var calls = row.Calls
            .Select(call => (Function: new Library(call.Module)[call.Function], call.Args))
            .ToArray();
        Run(calls);
        using var process = Process.GetCurrentProcess();
        process.Refresh();
        var workingSet = process.PeakWorkingSet64;
        var live = 0L;
        using var stop = new ManualResetEventSlim();
        var looks = new Thread(() =>
        {
            while (!stop.Wait(MillisecondsBetweenLooks))
                live = Math.Max(live, GC.GetTotalMemory(forceFullCollection: true));
        });
        looks.Start();
        var result = Run(calls);
        stop.Set();
        looks.Join();
        live = Math.Max(live, GC.GetTotalMemory(forceFullCollection: true));
        GC.KeepAlive(result);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{live / MegaByte:F0} | {workingSet / MegaByte:F0}"));
        return 0;
    }

    private static List<Value> Run((Value Function, Value[] Args)[] calls)
    {
        var evaluator = new Evaluator(new EvalOptions { Jets = JetTable.All });
        return
        [
            .. calls.Select(call =>
                evaluator.Normalize(evaluator.Apply(call.Function, call.Args))),
        ];
    }

    private static string RunChild(string name)
    {
        var program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(typeof(MemoryTable).Assembly.Location);
        start.ArgumentList.Add(Command);
        start.ArgumentList.Add(name);
        using var child = Process.Start(start)!;
        var line = child.StandardOutput.ReadToEnd().Trim();
        child.WaitForExit();
        return child.ExitCode == 0
            ? line
            : throw new InvalidOperationException($"{name} ended with {child.ExitCode}");
    }
}
