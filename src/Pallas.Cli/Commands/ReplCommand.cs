using System.CommandLine;
using Pallas.Cli.Options;
using Pallas.Cli.Render;
using Pallas.Cli.Run;
using Pallas.Eval;
using Pallas.Sire.Print;
using Pallas.Values;

namespace Pallas.Cli.Commands;

/// <summary>
/// <c>pallas repl SEED</c>: runs a seed as a function from a bar of input to the row of a bar of
/// output and the next function. At the end of input it gets an empty bar.
/// </summary>
internal static class ReplCommand
{
    private const int InputBytesMax = 80;

    public static Command Create(CommandContext context)
    {
        var seed = new Argument<string>("SEED") { Description = "The seed file to run." };
        var output = new Option<string?>("--save")
        {
            Description = "Write the output to this file instead of the terminal.",
            HelpName = "FILE",
        };
        var jets = new JetOptionSet();
        var command = new Command("repl", "Interact with a seed file.") { seed, output };
        jets.AddTo(command);
        command.SetAction(parsed =>
        {
            var function = SeedFile.Read(parsed.GetValue(seed)!);
            using var target = Open(parsed.GetValue(output));
            Run(function, context.Evaluation with { Jets = jets.Read(parsed) }, target);
        });
        return command;
    }

    private static Stream Open(string? path)
    {
        if (path is null)
            return Console.OpenStandardOutput();
        UserFile.MustBeWritable(path);
        return File.Create(path);
    }

    private static void Run(Value function, EvalOptions options, Stream output)
    {
        var evaluator = new Evaluator(options with { Trace = Terminal.Error.Value });
        using var input = Console.OpenStandardInput();
        var buffer = new byte[InputBytesMax];
        int count;
        do
        {
            count = input.Read(buffer);
            var answer = evaluator.Normalize(
                evaluator.Apply(function, Bar.Of(buffer[..count])));
            if (answer is not Row { Count: 2 } row || row[0] is not Bar bytes)
                throw new Failure(
                    ExitCode.ProgramCrash,
                    "the seed returned a value that is not a row of a bar and a function:\n"
                        + Loot.Show(answer, partsMax: 400));
            output.Write(bytes.Bytes);
            output.Flush();
            function = row[1];
        }
        while (count > 0);
    }
}
