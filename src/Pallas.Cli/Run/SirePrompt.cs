using Pallas.Cli.Render;
using Pallas.Rex;
using Pallas.Values;

namespace Pallas.Cli.Run;

/// <summary>Reads blocks from standard input and runs each against the state so far.</summary>
internal sealed class SirePrompt(SireFile source)
{
    private const string Prompt = "sire> ";
    private const string PromptWithin = "    . ";
    private const string Banner = """
        The Sire prompt. A form on one line runs at once; one that begins with a lone rune
        may go on over further lines and runs after an empty one. :help NAME tells about a
        name. Ctrl-D or :quit ends.

        """;

    private readonly bool isTerminal = !Console.IsInputRedirected;
    private readonly PromptHelp help = new();

    /// <returns>
    /// The exit code. A script ends at the first error; at a terminal the user corrects it.
    /// </returns>
    public int Run(string? module)
    {
        var start = source.Session.StartRepl(module ?? FirstModule());
        var state = start.State ?? throw Failure.Of(start.Errors);
        if (isTerminal)
            Console.WriteLine(Banner);
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = isTerminal;
            source.Evaluator.Interrupt(FaultKind.Interrupt);
        };
        foreach (var block in isTerminal ? BlocksOfTerminal() : BlocksOfScript())
        {
            source.Evaluator.Reset();
            var result = source.Session.Run(state, block);
            foreach (var error in result.Errors)
                Terminal.Error.Line(ErrorText.Of(error));
            if (result.State is null && !isTerminal)
                return Failure.CodeOf(result.Errors);
            state = result.State ?? state;
        }
        return ExitCode.Success;
    }

    /// <summary>The prompt begins with the prelude, if the library has one.</summary>
    private static string? FirstModule() =>
        Folders.Library.Any(folder => File.Exists(Path.Combine(folder, "prelude.sire")))
            ? "prelude"
            : null;

    private IEnumerable<RexBlock> BlocksOfScript()
    {
        var reader = new BlockReader();
        while (Console.ReadLine() is { } line)
        {
            foreach (var block in Feed(reader, line))
                yield return block;
        }
        if (reader.End() is { } last)
            yield return last;
    }

    /// <summary>Ctrl-C drops an unfinished block, and stops a running one.</summary>
    private IEnumerable<RexBlock> BlocksOfTerminal()
    {
        var editor = new LineEditor(
            () => Console.ReadKey(intercept: true), Console.Out, () => Console.WindowWidth,
            new LineHistory(Folders.History));
        var reader = new BlockReader();
        while (true)
        {
            Console.TreatControlCAsInput = true;
            var (end, line) = editor.Read(reader.InBlock ? PromptWithin : Prompt);
            Console.TreatControlCAsInput = false;
            if (end == LineEnd.Cancelled)
                reader = new BlockReader();
            if (end == LineEnd.Closed || (!reader.InBlock && line.Trim() is ":quit" or ":q"))
                break;
            foreach (var block in end == LineEnd.Entered ? Feed(reader, line) : [])
                yield return block;
        }
        if (reader.End() is { } last)
            yield return last;
    }

    /// <summary>Answers a question at once: it is not part of a block.</summary>
    private IReadOnlyList<RexBlock> Feed(BlockReader reader, string line)
    {
        if (reader.InBlock || help.Answer(line) is not { } answer)
            return reader.Feed(line);
        Terminal.Out.Line(answer);
        return [];
    }
}
