using System.CommandLine;
using Pallas.Cli.Options;
using Pallas.Cli.Render;
using Pallas.Machine;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas boot STORE FILE</c>: makes a machine of a program.</summary>
internal static class BootCommand
{
    private const string NoProcess = """
        pallas: warning: this program makes no requests: its machine finishes as soon as it starts
        hint: runCog turns an action into a process: = (main) | runCog action
        """;

    public static Command Create(CommandContext context)
    {
        var store = CommonArguments.NewStore();
        var file = CommonArguments.Program();
        var start = new Option<bool>("--start") { Description = "Start it at once." };
        var sire = new SireOptionSet(context);
        var machine = new MachineOptionSet(context, sire.Jets);
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
