using System.Text.RegularExpressions;

namespace Pallas.RealClients;

/// <summary>A demo that goes on for ever and prints numbers that grow.</summary>
/// <param name="Number">Finds the number in what is printed.</param>
/// <param name="Step">From one number to the next; 0 where it only grows.</param>
internal sealed record Counting(string Name, string What, string Number, int Step)
    : Demo(Name, What, "terminal")
{
    public override Task<string[]> Try(DemoStage stage)
    {
        var machine = stage.Boot(Name);
        machine.Start();
        var last = Count(machine, -1, isKilled: false);
        machine.Interrupt();
        last = Math.Max(last, Numbers(machine).Last());
        machine.Start();
        var next = Count(machine, last, isKilled: false);
        machine.Kill();
        next = Math.Max(next, Numbers(machine).Last());
        machine.Start();
        var end = Count(machine, next, isKilled: true);
        machine.Interrupt();
        return Task.FromResult<string[]>(
        [
            "ok",
            $"continued after {last}",
            $"continued after {next}, to {end}",
        ]);
    }

    /// <returns>The last number of three.</returns>
    private long Count(TriedMachine machine, long before, bool isKilled)
    {
        machine.WaitUntil(() => Numbers(machine).Count >= 3, "it does not count");
        var numbers = Numbers(machine);
        if (before >= 0)
            numbers.Insert(0, before);
        for (var i = 1; i < numbers.Count; i++)
        {
            // A line that is printed when the kill falls may be missing.
            var isWhole = Step == 0 || (isKilled && i == 1)
                ? numbers[i] > numbers[i - 1]
                : numbers[i] == numbers[i - 1] + Step;
            CheckFailed.Unless(isWhole, $"{numbers[i]} follows {numbers[i - 1]}");
        }
        return numbers.Last();
    }

    private List<long> Numbers(TriedMachine machine) =>
        [.. Regex.Matches(machine.Said, Number).Select(each => long.Parse(each.Groups[1].Value))];
}

/// <summary>A demo that comes to an end by itself; it comes to the same end over stops and kills.
/// </summary>
/// <param name="Expected">Lines that it prints, in this order.</param>
/// <param name="StopAt">What it has printed when it is stopped; null: as soon as it runs.</param>
internal sealed record Ending(
    string Name, string What, string[] Expected, string? StopAt = null, int ExitCode = 0)
    : Demo(Name, What, "terminal")
{
    private string? proxy;

    /// <summary>What the net answers; null where it is not asked.</summary>
    public string? NetSays { get; init; }

    public override Task<string[]> Try(DemoStage stage)
    {
        using var net = NetSays is null ? null : new StandInNet(NetSays);
        proxy = net?.Address;
        var whole = Run(stage, "whole", null);
        var stopped = Run(stage, "stopped", machine => machine.Interrupt());
        var killed = Run(stage, "killed", machine => machine.Kill());
        return Task.FromResult<string[]>([whole, stopped, killed]);
    }

    private string Run(DemoStage stage, string store, Action<TriedMachine>? end)
    {
        var machine = stage.Boot(Name, store);
        machine.Proxy = proxy;
        machine.Start();
        var said = "";
        var isStopped = false;
        if (end is not null)
        {
            machine.WaitUntil(
                () => machine.HasEnded || machine.Said.Contains(StopAt ?? "\n")
                    || (StopAt is null && File.Exists(Path.Combine(machine.Folder, "control"))),
                $"no {StopAt}");
            isStopped = !machine.HasEnded;
            end(machine);
            said = machine.Said;
            machine.Start();
        }
        machine.WaitForEnd();
        said += machine.Said;
        CheckFailed.Unless(machine.ExitCode == ExitCode, $"it ended with {machine.ExitCode}");
        Check(said, mayMiss: store == "killed");
        var before = machine.Cogs();
        machine.Start();
        machine.WaitForEnd();
        CheckFailed.Unless(machine.Cogs() == before, "its end is another one after a start");
        return end is null ? "ok"
            : isStopped ? "resumed to the same end"
            : "had ended; is the same";
    }

    private void Check(string said, bool mayMiss)
    {
        var at = 0;
        var missing = 0;
        foreach (var line in Expected)
        {
            var found = Regex.Match(said[at..], line);
            if (!found.Success)
                missing++;
            else
                at += found.Index + found.Length;
        }
        // A line that is printed when the kill falls may be missing; no other.
        CheckFailed.Unless(
            missing <= (mayMiss ? 1 : 0), $"{missing} lines are missing in:\n{said}");
    }
}

/// <summary>A demo whose state is asked for.</summary>
/// <param name="Live">Changes something.</param>
/// <param name="Again">Looks whether it is there; the number of the life, 1 or 2.</param>
internal sealed record Keeping(
    string Name, string What, string Client,
    Func<DemoStage, TriedMachine, Task> Live, Func<DemoStage, TriedMachine, int, Task> Again)
    : Demo(Name, What, Client)
{
    /// <summary>For one whose end is what it comes to last.</summary>
    public Func<DemoStage, TriedMachine, Task>? End { get; init; }

    public override async Task<string[]> Try(DemoStage stage)
    {
        var machine = stage.Boot(Name);
        machine.Start();
        await Live(stage, machine);
        machine.Interrupt();
        machine.Start();
        await Again(stage, machine, 1);
        machine.Kill();
        machine.Start();
        await Again(stage, machine, 2);
        if (End is not null)
            await End(stage, machine);
        if (!machine.HasEnded)
            machine.Interrupt();
        return ["ok", "all there", "all there"];
    }
}

/// <summary>A demo with requests that the reference's own kernel does not make in this shape: they
/// stay open and unanswered.</summary>
internal sealed record Unanswered(string Name, string What) : Demo(Name, What, "pallas status")
{
    public override Task<string[]> Try(DemoStage stage)
    {
        var machine = stage.Boot(Name);
        machine.Start();
        machine.WaitForEnd();
        var before = machine.Cogs();
        CheckFailed.Unless(
            machine.Status().GetProperty("cogs").EnumerateArray()
                .SelectMany(cog => cog.GetProperty("requests").EnumerateArray())
                .All(request => !request.GetProperty("answerable").GetBoolean()),
            $"something of it can be answered: {before}");
        machine.Start();
        machine.Interrupt(isEarly: true);
        CheckFailed.Unless(machine.Cogs() == before, "it is another one after Ctrl-C");
        machine.Start();
        machine.Kill();
        CheckFailed.Unless(machine.Cogs() == before, "it is another one after a kill");
        return Task.FromResult<string[]>(["open, unanswered", "the same", "the same"]);
    }
}
