using System.CommandLine;
using Pallas.Cli.Options;
using Pallas.Cli.Run;
using Pallas.Machine;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas restore FILE STORE</c>: makes a machine of a backup.</summary>
internal static class RestoreCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A file of pallas backup." };
        var store = CommonArguments.NewStore();
        var asNew = new Option<bool>("--new")
        {
            Description = "As a machine of its own, beside the one that the backup is of.",
        };
        var command = new Command("restore", "Make a machine of a backup.") { file, store, asNew };
        command.SetAction(parsed =>
        {
            UserFile.MustExist(parsed.GetValue(file)!);
            var folder = parsed.GetValue(store)!;
            using var input = File.OpenRead(parsed.GetValue(file)!);
            var identity = MachineBackup.Restore(input, folder, parsed.GetValue(asNew));
            Console.WriteLine($"restored {folder}: machine {identity}");
        });
        return command;
    }
}
