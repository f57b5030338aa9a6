using System.Diagnostics;

namespace Pallas.RealClients;

/// <summary>One demo of the reference and how it is checked.</summary>
/// <param name="What">The property that is checked.</param>
/// <param name="Client">The client that checks it.</param>
internal abstract record Demo(string Name, string What, string Client)
{
    public string SireFile => Name + ".sire";

    /// <summary>The results at first, after Ctrl-C and after a kill.</summary>
    public abstract Task<string[]> Try(DemoStage stage);
}

/// <summary>The surroundings of a demo.</summary>
internal sealed class DemoStage(
    PallasProgram pallas, Browser? browser, string sire, string work, int routerPort)
    : IDisposable
{
    private readonly List<TriedMachine> machines = [];

    public PallasProgram Pallas => pallas;

    /// <summary>The reference's Sire folder.</summary>
    public string Sire => sire;

    /// <summary>A folder for this demo only.</summary>
    public string Work => work;

    public Browser Browser => browser ?? throw new CheckFailed("there is no browser here");

    /// <summary>The reference's folder of pages.</summary>
    public string Pages => Path.Combine(Path.GetDirectoryName(sire)!, "demo");

    /// <summary>A machine that is booted with a demo's file.</summary>
    public TriedMachine Boot(string name, string store = "machine")
    {
        var machine = New(store);
        machine.Boot(Path.Combine(sire, name + ".sire"));
        return machine;
    }

    /// <summary>A machine that is booted with a program of ours that imports from a demo.</summary>
    public TriedMachine BootOurs(string text, string store)
    {
        var file = Path.Combine(work, $"{store}.sire");
        File.WriteAllText(file, text);
        var machine = New(store);
        machine.Boot(file, "--lib", sire);
        return machine;
    }

    public void Dispose() => machines.ForEach(machine => machine.Dispose());

    private TriedMachine New(string store)
    {
        var machine = new TriedMachine(pallas, Path.Combine(work, store), routerPort);
        machines.Add(machine);
        return machine;
    }
}

/// <summary>Checks the reference's demos, and prints a table.</summary>
internal static class DemoChecks
{
    private const int RouterPort = 47_470;

    /// <returns>Whether all checks succeeded.</returns>
    public static async Task<bool> Run(string sire, string[] names, string? cdn)
    {
        string[] found = [.. Directory.GetFiles(sire, "demo_*.sire")
            .Select(file => Path.GetFileNameWithoutExtension(file)!).Order()];
        CheckFailed.Unless(found.Length > 0, $"{sire} holds no demo_*.sire");
        var pallas = PallasProgram.Find();
        var shots = Path.Combine(PallasProgram.Root, "artifacts", "demos");
        await using var browser = await Browser.Open(shots, cdn);
        var failures = 0;
        Console.WriteLine(
            "| demo | what was checked | client | result | after SIGINT | after kill -9 |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (var name in found.Where(name => names.Length == 0 || names.Contains(name)))
        {
            var demo = DemoList.All.FirstOrDefault(demo => demo.Name == name);
            if (demo is null)
                failures += SayOther(pallas, Path.Combine(sire, name + ".sire"));
            else
                failures += await Try(demo, pallas, browser, sire) ? 0 : 1;
        }
        Console.WriteLine(failures == 0 ? "all hold" : $"{failures} do not hold");
        return failures == 0;
    }

    /// <summary>Files that are not programs are only loaded.</summary>
    /// <returns>1 if it does not load, or has a main and no check.</returns>
    private static int SayOther(PallasProgram pallas, string file)
    {
        string[] starts = ["main=", "= main", "= (main)"];
        var hasMain = File.ReadLines(file).Any(
            line => starts.Any(start => line.StartsWith(start, StringComparison.Ordinal)));
        var what = hasMain ? "has a main and is not tried" : "has no main; loads";
        var isGood = !hasMain;
        try
        {
            pallas.Run(Path.GetDirectoryName(file), "sire", "--batch", Path.GetFileName(file));
        }
        catch (CheckFailed)
        {
            (isGood, what) = (false, "does not load");
        }
        Console.WriteLine(
            $"| {Path.GetFileNameWithoutExtension(file)} | {what} | pallas sire | "
                + $"{(isGood ? "ok" : "FAILED")} | | |");
        return isGood ? 0 : 1;
    }

    private static async Task<bool> Try(
        Demo demo, PallasProgram pallas, Browser browser, string sire)
    {
        var clock = Stopwatch.StartNew();
        var work = Directory.CreateTempSubdirectory("pallas-demo-").FullName;
        var (isGood, cells) = (true, Array.Empty<string>());
        try
        {
            using var stage = new DemoStage(pallas, browser, sire, work, RouterPort);
            cells = await demo.Try(stage);
        }
        catch (Exception error)
        {
            var text = error is CheckFailed ? error.Message : error.ToString();
            Console.Error.WriteLine($"{demo.Name}: {text}");
            var line = text.Split('\n')[0];
            (isGood, cells) = (false, [$"FAILED: {line[..Math.Min(100, line.Length)]}", "", ""]);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
        Console.WriteLine(
            $"| {demo.Name} | {demo.What} | {demo.Client} | {string.Join(" | ", cells)} |");
        Console.Error.WriteLine($"{demo.Name}: {clock.Elapsed.TotalSeconds:0.0} s");
        return isGood;
    }
}
