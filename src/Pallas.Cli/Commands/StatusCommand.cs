using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Pallas.Cli.Control;
using Pallas.Cli.Options;
using Pallas.Cli.Render;
using Pallas.Machine;
using Pallas.Sire.Print;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas status STORE</c>: a machine and its cogs, whether it runs or not.</summary>
internal static class StatusCommand
{
    public static Command Create(CommandContext context)
    {
        var store = CommonArguments.Store();
        var all = new Option<bool>("--all")
        {
            Description = $"List every cog, not only {StatusQuery.CogsMax}.",
        };
        var json = CommonArguments.Json();
        var command = new Command("status", "Show a machine, its cogs and what they wait for.")
        {
            store, all, json,
        };
        command.SetAction(parsed => context.Client.Ask(
            parsed.GetValue(store)!,
            new StatusQuery(parsed.GetValue(json), parsed.GetValue(all))));
        return command;
    }
}

/// <param name="All">List every cog.</param>
internal sealed record StatusQuery(bool Json, bool All) : TextQuery(Json)
{
    public const int CogsMax = 100;

    protected override int Write(MachineAccess machine, TextWriter writer)
    {
        var status = machine.Status();
        if (Json)
        {
            var report = Report(machine, status);
            writer.WriteLine(JsonSerializer.Serialize(report, CommandJson.Default.StatusReport));
            return ExitCode.Success;
        }
        WriteProcess(writer, machine);
        WriteStore(writer, machine, status);
        WriteCogs(writer, status.Cogs);
        return ExitCode.Success;
    }

    private static void WriteProcess(TextWriter writer, MachineAccess machine)
    {
        writer.WriteLine(machine.ProcessId is { } id ? $"running: process {id}" : "stopped");
        if (machine.ProcessId is not null)
        {
            var memory = MemoryReport.Now();
            writer.WriteLine(
                $"memory: heap {SizeText.Of(memory.Heap)}, "
                    + $"process {SizeText.Of(memory.Process)}");
        }
        if (machine.Identity is { } identity)
            writer.WriteLine($"machine: {identity}");
    }

    private static void WriteStore(
        TextWriter writer, MachineAccess machine, MachineStatus status)
    {
        writer.WriteLine(
            $"log: {status.Position.Number} records, snapshot at {status.SnapshotNumber}");
        foreach (var (number, why) in status.Unusable)
        {
            writer.WriteLine(
                $"damage: the snapshot after record {number} cannot be used ({why}); a start "
                    + $"replays the log after record {status.SnapshotNumber}, nothing is missing");
        }
        var sizes = machine.Sizes().Select(pair => $"{pair.Key} {SizeText.Of(pair.Value)}");
        writer.WriteLine($"store: {string.Join(", ", sizes)}");
        if (status.Commits is { } commits)
        {
            writer.WriteLine(
                $"commits: half within {Ms(commits.Half)} ms, 99 of 100 within "
                    + $"{Ms(commits.NinetyNine)} ms, the longest {Ms(commits.Longest)} ms");
        }
    }

    private void WriteCogs(TextWriter writer, IReadOnlyList<CogStatus> cogs)
    {
        // If the list is cut, failed cogs come first.
        var shown = All || cogs.Count <= CogsMax
            ? cogs
            : [.. cogs.OrderBy(cog => cog.State is CogState.Spinning or CogState.Finished)
                .Take(CogsMax)];
        foreach (var cog in shown)
            writer.WriteLine(StatusText.Of(cog));
        if (shown.Count == cogs.Count)
            return;
        var kinds = cogs.CountBy(cog => StatusText.KindOf(cog.State))
            .Select(pair => $"{pair.Value} {pair.Key}");
        writer.WriteLine(
            $"{cogs.Count} cogs in all: {string.Join(", ", kinds)} (--all lists them)");
    }

    private static StatusReport Report(MachineAccess machine, MachineStatus status) => new(
        machine.ProcessId is null ? "stopped" : "running",
        machine.ProcessId,
        machine.ProcessId is null ? null : MemoryReport.Now(),
        machine.Identity?.Id.ToString("x32", CultureInfo.InvariantCulture),
        machine.Identity?.Life,
        status.Position.Number,
        status.SnapshotNumber,
        status.EventsCount,
        machine.Sizes(),
        status.Commits is { } commits
            ? new CommitReport(
                commits.Count,
                commits.Half.TotalMilliseconds,
                commits.NinetyNine.TotalMilliseconds,
                commits.Longest.TotalMilliseconds)
            : null,
        status.Unusable.Count > 0 ? status.Unusable : null,
        [.. status.Cogs.Select(Report)]);

    private static CogReport Report(CogStatus cog) => new(
        cog.Id.ToString(),
        StatusText.KindOf(cog.State),
        StatusText.Of(cog.State),
        [
            .. cog.OpenRequests.Select(request => new RequestReport(
                request.Slot,
                Loot.Show(request.Value, StatusText.RequestPartsMax).Trim(),
                !request.IsUnknown)),
        ]);

    private static string Ms(TimeSpan time) =>
        time.TotalMilliseconds.ToString("0.00", CultureInfo.InvariantCulture);
}
