using System.CommandLine;
using Pallas.Cli.Options;
using Pallas.Cli.Run;
using Pallas.Devices;
using Pallas.Machine;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas demo</c>: the counter, booted once and started from where it was.</summary>
internal static class DemoCommand
{
    public static Command Create(CommandContext context)
    {
        var store = new Option<string?>("--store", "-d")
        {
            Description = "The folder of the demo's machine.",
            HelpName = "STORE",
        };
        var sire = new SireOptionSet(context);
        var machine = new MachineOptionSet(context, sire.Jets);
        var command = new Command("demo", "Run a counter that survives everything.") { store };
        sire.AddTo(command);
        machine.AddTo(command);
        command.SetAction(parsed =>
        {
            var folder = parsed.GetValue(store) ?? Folders.Demo;
            var poke = new PokeDevice();
            var settings = machine.Read(parsed, poke);
            var isNew = !Directory.Exists(folder);
            if (isNew)
                Boot(folder, sire.Open(parsed, Folders.Example("counter/counter.sire"), false));
            Console.WriteLine(Text(folder, isNew));
            return MachineRun.Start(folder, settings, poke, context.Queries);
        });
        return command;
    }

    private static void Boot(string folder, SireFile program)
    {
        Console.WriteLine("Loading the program; the first time takes a few seconds.");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(folder))!);
        MachineFolder.Boot(folder, program.LoadMain());
    }

    private static string Text(string folder, bool isNew) => $"""

        A counter {(isNew ? "begins" : "goes on")} in {folder}.
        Its whole program is one pure function; nothing in it saves anything.

          Ctrl-C                           stops it
          pkill -9 -f 'pallas.* demo'      from another terminal: kills it without a warning
          pallas demo                      goes on counting, whatever happened
          rm -r {folder}
                                           forgets it

        """;
}
