using System.CommandLine;
using System.Text.Json;
using Pallas.Cli.Control;
using Pallas.Machine;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas check STORE</c>: reads everything that a machine keeps.</summary>
internal static class CheckCommand
{
    public static Command Create(EvaluationOptionSet evaluation)
    {
        var store = Operands.Store();
        var replay = new Option<bool>("--replay")
        {
            Description = "Replay the log too, and compare each snapshot with what comes of it.",
        };
        var json = Operands.Json();
        var command = new Command(
            "check", "Check every checksum, hash, link and reference of a machine.")
        {
            store, replay, json,
        };
        command.SetAction(parsed => new CheckQuery(parsed.GetValue(json), parsed.GetValue(replay))
            .Ask(parsed.GetValue(store)!, evaluation.Options));
        return command;
    }
}

internal sealed record CheckQuery(bool Json, bool Replay) : TextQuery(Json)
{
    protected override int Write(MachineAccess machine, TextWriter writer)
    {
        var report = MachineCheck.Run(machine.View, machine.Context, Replay);
        if (Json)
            writer.WriteLine(JsonSerializer.Serialize(report, ControlJson.Default.CheckReport));
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
