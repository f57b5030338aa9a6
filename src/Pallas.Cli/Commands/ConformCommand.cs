using System.CommandLine;
using Pallas.Cli.Options;
using Pallas.Cli.Render;

namespace Pallas.Cli.Commands;

/// <summary>
/// <c>pallas conform DIR</c>: loads every Sire file below a folder with this implementation and
/// reports the result of each, so that two implementations can be compared on any corpus.
/// </summary>
internal static class ConformCommand
{
    public static Command Create(CommandContext context)
    {
        var folder = new Argument<string>("DIR") { Description = "The folder of Sire files." };
        var hashes = new Option<string?>("--state-hashes")
        {
            Description = "A table of module names and expected state hashes, tab-separated.",
            HelpName = "FILE",
        };
        var jets = new Option<string?>("--jet-hashes")
        {
            Description = "A table of jet names and expected pin hashes, tab-separated.",
            HelpName = "FILE",
        };
        var printed = new Option<string?>("--printed")
        {
            Description = "MODULE=FILE: what the module prints while it loads, block by block: "
                + "a table of block number, line count and the first 12 digits of its sha256.",
            HelpName = "MODULE=FILE",
        };
        var timeLimit = new Option<int>("--time-limit")
        {
            Description = "Seconds that one file may take.",
            DefaultValueFactory = _ => 300,
            HelpName = "SECONDS",
        };
        var command = new Command("conform", "Judge this implementation by a corpus of Sire.")
        {
            folder, hashes, jets, printed, timeLimit,
        };
        command.SetAction(parsed =>
        {
            var corpus = new Corpus(
                parsed.GetValue(folder)!, parsed.GetValue(timeLimit), context.Evaluation,
                context.Time);
            var isGood = corpus.LoadAll(Table(parsed.GetValue(hashes)));
            isGood &= corpus.CheckJets(Table(parsed.GetValue(jets)));
            if (parsed.GetValue(printed)?.Split('=', 2) is [var module, var file])
                isGood &= corpus.CheckPrinted(module, file);
            return isGood ? ExitCode.Success : ExitCode.UserMistake;
        });
        return command;
    }

    /// <summary>First column to second; empty without a file.</summary>
    private static Dictionary<string, string> Table(string? file) => file is null
        ? []
        : File.ReadLines(file)
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split('\t'))
            .ToDictionary(cells => cells[0], cells => cells[1]);
}
