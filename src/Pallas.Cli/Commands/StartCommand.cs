using System.CommandLine;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas start STORE</c>: runs a machine from where it was.</summary>
internal static class StartCommand
{
    public static Command Create(EvaluationOptionSet evaluation)
    {
        var store = Operands.Store();
        var machine = new MachineOptionSet(evaluation);
        var command = new Command("start", "Run a machine from where it was.") { store };
        machine.AddTo(command);
        command.SetAction(parsed =>
            machine.Run(parsed, parsed.GetValue(store)!));
        return command;
    }
}
