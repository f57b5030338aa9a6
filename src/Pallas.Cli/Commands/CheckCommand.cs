using System.CommandLine;
using System.Text.Json;
using Pallas.Cli.Control;
using Pallas.Cli.Options;
using Pallas.Cli.Render;
using Pallas.Machine;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas check STORE</c>: verifies everything that a machine stores.</summary>
internal static class CheckCommand
{
    public static Command Create(CommandContext context)
    {
        var store = CommonArguments.Store();
        var replay = new Option<bool>("--replay")
        {
            Description = "Also replay the log, and compare each snapshot with the result.",
        };
        var json = CommonArguments.Json();
        var command = new Command(
            "check", "Check every checksum, hash, link and reference of a machine.")
        {
            store, replay, json,
        };
        command.SetAction(parsed => context.Client.Ask(
            parsed.GetValue(store)!,
            new CheckQuery(parsed.GetValue(json), parsed.GetValue(replay))));
        return command;
    }
}

internal sealed record CheckQuery(bool Json, bool Replay) : TextQuery(Json)
{
    protected override int Write(MachineAccess machine, TextWriter writer)
    {
        var report = MachineCheck.Run(machine.View, machine.Context, Replay);
        if (Json)
            writer.WriteLine(JsonSerializer.Serialize(report, CommandJson.Default.CheckReport));
        else
            Write(report, writer);
        return report.Problems.Count == 0 ? ExitCode.Success : ExitCode.MachineFault;
    }

    private static void Write(CheckReport report, TextWriter writer)
    {
        writer.WriteLine($"pins: {report.PinsCount}");
        writer.WriteLine($"log: {report.RecordsCount} records, {report.EventsCount} events");
        writer.WriteLine($"snapshots: {report.SnapshotsCount}, of {report.ChunksCount} chunks");
        foreach (var problem in report.Problems)
            writer.WriteLine($"damage: {problem}");
        if (report.Problems.Count == 0)
            writer.WriteLine(report.Replayed ? "all is well, replayed" : "all is well");
    }
}
