using System.CommandLine;
using Pallas.Cli.Options;
using Pallas.Cli.Run;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas save SEED SIRE</c>: the <c>main</c> of a file as a seed.</summary>
internal static class SaveCommand
{
    public static Command Create(CommandContext context)
    {
        var seed = new Argument<string>("SEED") { Description = "The seed file to write." };
        var file = new Argument<string>("SIRE") { Description = "The Sire file to load." };
        var options = new SireOptionSet(context);
        var command = new Command("save", "Load a Sire file and save its main as a seed.")
        {
            seed, file,
        };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            UserFile.MustBeWritable(parsed.GetValue(seed)!);
            var source = options.Open(parsed, parsed.GetValue(file), printDefinitions: false);
            SeedFile.Write(parsed.GetValue(seed)!, source.LoadMain());
        });
        return command;
    }
}
