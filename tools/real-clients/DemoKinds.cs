using System.Text.RegularExpressions;

namespace Pallas.RealClients;

/// <summary>A demo that runs forever and prints growing numbers.</summary>
/// <param name="Number">Finds the number in the output.</param>
/// <param name="Step">The difference of two numbers; 0 if any growth is right.</param>
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
            // A kill may cut off the line that is being printed.
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

/// <summary>A demo that ends by itself, with the same result over stops and kills.
/// </summary>
/// <param name="Expected">The lines that it prints, in this order.</param>
/// <param name="StopAt">The output at which to stop it; null to stop it at once.</param>
internal sealed record Ending(
    string Name, string What, string[] Expected, string? StopAt = null, int ExitCode = 0)
    : Demo(Name, What, "terminal")
{
    private string? proxy;

    /// <summary>The answer of the network; null without requests.</summary>
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
        // Only the line that is printed during the kill may be missing.
        CheckFailed.Unless(
            missing <= (mayMiss ? 1 : 0), $"{missing} lines are missing in:\n{said}");
    }
}

/// <summary>A demo whose state can be read.</summary>
/// <param name="Live">Changes something.</param>
/// <param name="Again">Checks the change; takes the number of the life, 1 or 2.</param>
internal sealed record Keeping(
    string Name, string What, string Client,
    Func<DemoStage, TriedMachine, Task> Live, Func<DemoStage, TriedMachine, int, Task> Again)
    : Demo(Name, What, Client)
{
    /// <summary>For a demo that ends.</summary>
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

/// <summary>A demo with requests of a shape that the reference's kernel does not answer: they
/// stay open.</summary>
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
