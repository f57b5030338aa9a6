using System.CommandLine;
using Pallas.Cli.Options;
using Pallas.Cli.Render;
using Pallas.Cli.Run;
using Pallas.Cli.Torture;
using Pallas.Machine;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas torture DIR</c>: kills a machine of its own, again and again.</summary>
internal static class TortureCommand
{
    public static Command Create(CommandContext context)
    {
        var folder = CommonArguments.NewStore("DIR");
        var rounds = Count("--rounds", 50, "How often it is killed.");
        var clients = Count("--clients", 16, "How many write to it at the same time.");
        var seed = Count("--seed", 1, "Decides when it is killed.");
        var sire = new SireOptionSet(context);
        var command = new Command(
            "torture", "Kill a machine under load and look for what it lost.")
        {
            folder, rounds, clients, seed,
        };
        sire.AddTo(command);
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(folder)!;
            var program = Folders.Example("torture/torture.sire");
            MachineFolder.RefuseToOverwrite(path);
            MachineFolder.Boot(
                path,
                sire.Open(parsed, program, printDefinitions: false).LoadMain());
            var torture = new TortureRounds(
                path, Read(parsed, clients), Read(parsed, seed), context.Time, Console.Out);
            if (!torture.Run(Read(parsed, rounds)).GetAwaiter().GetResult())
            {
                throw new Failure(
                    ExitCode.MachineFault,
                    $"the machine in {path} lost, repeated or invented a write");
            }
            Console.WriteLine("nothing acknowledged was lost, nothing was applied twice");
            return ExitCode.Success;
        });
        return command;
    }

    private static Option<int> Count(string name, int number, string description) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => number,
        HelpName = "COUNT",
    };

    private static int Read(ParseResult parsed, Option<int> option) =>
        parsed.GetValue(option) is > 0 and var count
            ? count
            : throw Failure.Mistake(
                $"{option.Name} cannot be {parsed.GetValue(option)}\nhint: give a number above 0");
}
