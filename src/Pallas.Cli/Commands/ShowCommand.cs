using System.CommandLine;
using Pallas.Cli.Render;
using Pallas.Cli.Run;
using Pallas.Sire.Print;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas show SEED</c>: prints a seed as text, with its pins.</summary>
internal static class ShowCommand
{
    public static Command Create()
    {
        var seed = new Argument<string>("SEED") { Description = "The seed file to print." };
        var command = new Command("show", "Print a seed file.") { seed };
        command.SetAction(parsed =>
            Terminal.Out.Tree(Loot.ToFullRex(SeedFile.Read(parsed.GetValue(seed)!))));
        return command;
    }
}
