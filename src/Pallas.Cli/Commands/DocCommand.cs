using System.CommandLine;
using Pallas.Cli.Render;
using Pallas.Cli.Run;
using Pallas.Sire.Docs;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas doc [NAME]</c>: prints the documentation of the library.</summary>
internal static class DocCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("NAME")
        {
            Description = "A name, a rune or a module. Without it: the modules.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var search = new Option<string?>("--search", "-s")
        {
            Description = "List what has a text in its name or its comment.",
            HelpName = "TEXT",
        };
        var write = new Option<string?>("--write")
        {
            Description = "Write the pages of the reference into a folder.",
            HelpName = "DIR",
        };
        var command = new Command("doc", "Look up a name of the library.")
        {
            name, search, write,
        };
        command.SetAction(parsed =>
        {
            var library = new DocLibrary(Folders.Library);
            if (parsed.GetValue(write) is { } folder)
                library.WritePages(folder);
            else if (parsed.GetValue(search) is { } text)
                Print(Search(library.Index, text));
            else if (parsed.GetValue(name) is { } wanted)
                Print(Find(library, wanted));
            else
                Print(DocText.Modules(library.Index));
        });
        return command;
    }

    private static void Print(string text) => Terminal.Out.Line(text.TrimEnd('\n'));

    private static string Search(DocIndex index, string text) =>
        DocText.Found(index.Search(text)) is { Length: > 0 } found
            ? found
            : throw Failure.Mistake($"nothing in the library matches {text}");

    private static string Find(DocLibrary library, string name)
    {
        if (library.Find(name) is { } found)
            return found;
        var hint = library.Index.Hint(name) ?? $"try pallas doc --search {name}";
        throw Failure.Mistake($"the library has no {name}\nhint: {hint}");
    }
}
