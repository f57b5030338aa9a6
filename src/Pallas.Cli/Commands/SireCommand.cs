using System.CommandLine;
using Pallas.Cli.Options;
using Pallas.Cli.Render;
using Pallas.Cli.Run;
using Pallas.Values;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas sire [FILE..]</c>: the Sire prompt, after loading files.</summary>
internal static class SireCommand
{
    public static Command Create(CommandContext context)
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "Sire files to load first; the prompt continues the last one.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var batch = new Option<bool>("--batch") { Description = "Load the files and exit." };
        var stateHash = new Option<bool>("--state-hash")
        {
            Description = "Print the hash of the state after the last file, and end.",
        };
        var options = new SireOptionSet(context);
        var command = new Command("sire", "Open the Sire prompt.")
        {
            files, batch, stateHash,
        };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            var paths = parsed.GetValue(files) ?? [];
            var isHash = parsed.GetValue(stateHash);
            foreach (var path in paths.SkipLast(1))
                options.Open(parsed, path, printDefinitions: !isHash).Load();
            var last = paths.LastOrDefault();
            var source = options.Open(parsed, last, printDefinitions: !isHash);
            if (last is null && (isHash || parsed.GetValue(batch)))
                throw Failure.Mistake("pallas sire needs a FILE to load");
            if (isHash)
                PrintStateHash(source);
            else if (parsed.GetValue(batch))
                source.Load();
            else
                return new SirePrompt(source).Run(last is null ? null : source.Module);
            return ExitCode.Success;
        });
        return command;
    }

    private static void PrintStateHash(SireFile source)
    {
        var value = source.Session.CacheValue(source.Module, out var errors)
            ?? throw Failure.Of(errors);
        Console.WriteLine(PinHash.Of(source.Evaluator.Normalize(value)));
    }
}
