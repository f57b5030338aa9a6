using System.CommandLine;
using Pallas.Cli.Control;
using Pallas.Cli.Options;
using Pallas.Cli.Render;
using Pallas.Machine;

namespace Pallas.Cli.Commands;

/// <summary>
/// <c>pallas fork STORE NEW --at NUMBER</c>: makes another machine from the state after a record.
/// </summary>
internal static class ForkCommand
{
    public static Command Create(CommandContext context)
    {
        var store = CommonArguments.Store();
        var other = CommonArguments.NewStore("NEW");
        var at = new Option<ulong?>("--at")
        {
            Description = "The record of the log after which to begin; the last one if left out.",
            HelpName = "NUMBER",
        };
        var command = new Command("fork", "Make another machine from an earlier state of this one.")
        {
            store, other, at,
        };
        command.SetAction(parsed =>
        {
            var folder = parsed.GetValue(other)!;
            MachineFolder.RefuseToOverwrite(folder);
            using var forked = new FileStream(
                Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None,
                1 << 16, FileOptions.DeleteOnClose);
            var exitCode = context.Client.Ask(
                parsed.GetValue(store)!, new ForkQuery(parsed.GetValue(at)), forked);
            if (exitCode != ExitCode.Success)
                return exitCode;
            forked.Position = 0;
            var identity = MachineBackup.Restore(forked, folder, asNew: true);
            Console.WriteLine($"forked {folder}: machine {identity}");
            return ExitCode.Success;
        });
        return command;
    }
}

internal sealed record ForkQuery(ulong? At) : MachineQuery
{
    public override int Answer(MachineAccess machine, Stream output)
    {
        try
        {
            _ = machine.Snapshots();
            MachineBackup.WriteFork(
                machine.View, At ?? machine.View.Log.Last.Number, output);
            return ExitCode.Success;
        }
        catch (ArgumentOutOfRangeException error)
        {
            throw Failure.Mistake(
                $"record {At} is not in the log: {error.Message.Split(" (Parameter")[0]}");
        }
    }
}
