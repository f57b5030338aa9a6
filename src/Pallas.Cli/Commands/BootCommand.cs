using System.CommandLine;
using Pallas.Machine;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas boot STORE FILE</c>: makes a machine of a program.</summary>
internal static class BootCommand
{
    public static Command Create()
    {
        var store = Operands.NewStore();
        var file = Operands.Program();
        var start = new Option<bool>("--start") { Description = "Start it at once." };
        var sire = new SireOptionSet();
        var machine = new MachineOptionSet(sire.Jets);
        var command = new Command("boot", "Make a machine of a program.") { store, file, start };
        sire.AddTo(command);
        machine.AddTo(command);
        command.SetAction(parsed =>
        {
            var folder = parsed.GetValue(store)!;
            var options = machine.Read(parsed);
            MachineFolder.RefuseToOverwrite(folder);
            MachineFolder.Boot(folder, sire.LoadProgram(parsed, parsed.GetValue(file)!), options);
            if (parsed.GetValue(start))
                return machine.Run(parsed, folder);
            Console.WriteLine($"booted {folder}; run it with: pallas start {folder}");
            return ExitCode.Success;
        });
        return command;
    }
}
