using System.CommandLine;
using Pallas.Machine;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas boot STORE FILE</c>: makes a machine of a program.</summary>
internal static class BootCommand
{
    private const string NoProcess = """
        pallas: warning: this program asks the machine for nothing: it has finished before it begins
        hint: runCog makes a process of an action: = (main) | runCog action
        """;

    public static Command Create(EvaluationOptionSet evaluation)
    {
        var store = Operands.NewStore();
        var file = Operands.Program();
        var start = new Option<bool>("--start") { Description = "Start it at once." };
        var sire = new SireOptionSet(evaluation);
        var machine = new MachineOptionSet(evaluation, sire.Jets);
        var command = new Command("boot", "Make a machine of a program.") { store, file, start };
        sire.AddTo(command);
        machine.AddTo(command);
        command.SetAction(parsed =>
        {
            var folder = parsed.GetValue(store)!;
            var options = machine.Read(parsed);
            MachineFolder.RefuseToOverwrite(folder);
            var program = sire.LoadProgram(parsed, parsed.GetValue(file)!);
            MachineFolder.Boot(folder, program, options);
            if (!Requests.HasAny(program))
                Terminal.Error.Line(NoProcess);
            if (parsed.GetValue(start))
                return machine.Run(parsed, folder);
            var typed = folder.Contains(' ') ? $"'{folder}'" : folder;
            Console.WriteLine($"booted {folder}; run it with: pallas start {typed}");
            return ExitCode.Success;
        });
        return command;
    }
}
