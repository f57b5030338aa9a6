using System.CommandLine;
using Pallas.Machine;
using Pallas.Plan;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas status STORE</c>: the cogs of a machine that does not run.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var store = new Argument<string>("STORE") { Description = "The machine's folder." };
        var command = new Command("status", "Show the cogs of a machine that is stopped.")
        {
            store,
        };
        command.SetAction(parsed => Print(MachineFolder.Inspect(
            parsed.GetValue(store)!, new MachineOptions { Jets = JetTable.All })));
        return command;
    }

    private static void Print(MachineStatus status)
    {
        Console.WriteLine(
            $"log: {status.Position.Number} records, snapshot at {status.SnapshotNumber}");
        foreach (var cog in status.Cogs)
            Console.WriteLine(StatusText.Of(cog));
    }
}
