using System.CommandLine;
using Pallas.Cli.Options;
using Pallas.Machine;
using Pallas.Store.Folder;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas adopt STORE</c>: lets a copy of a machine run.</summary>
internal static class AdoptCommand
{
    public static Command Create()
    {
        var store = CommonArguments.Store();
        var asNew = new Option<bool>("--new")
        {
            Description = "As a machine of its own, beside the original.",
        };
        var command = new Command(
            "adopt", "Let a copy of a machine run, as its next life or as another machine.")
        {
            store, asNew,
        };
        command.SetAction(parsed =>
        {
            using var folder = StoreFolder.Open(parsed.GetValue(store)!);
            folder.BeginNextLife(parsed.GetValue(asNew), new MachineContext().FillRandom);
            Console.WriteLine($"{parsed.GetValue(store)} is machine {folder.Identity}");
        });
        return command;
    }
}
