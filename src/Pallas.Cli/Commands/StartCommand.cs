using System.CommandLine;
using Pallas.Cli.Options;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas start STORE</c>: runs a machine from where it was.</summary>
internal static class StartCommand
{
    public static Command Create(CommandContext context)
    {
        var store = CommonArguments.Store();
        var machine = new MachineOptionSet(context);
        var command = new Command("start", "Run a machine from where it was.") { store };
        machine.AddTo(command);
        command.SetAction(parsed =>
            machine.Run(parsed, parsed.GetValue(store)!));
        return command;
    }
}
