using System.CommandLine;
using System.Text;
using Pallas.Sire.Docs;

namespace Pallas.Cli.Commands;

/// <summary><c>pallas doc [NAME]</c>: what the library says about itself.</summary>
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
            : throw Failure.Mistake($"the library says nothing about {text}");

    private static string Find(DocLibrary library, string name)
    {
        if (library.Find(name) is { } found)
            return found;
        var hint = library.Index.Hint(name) ?? $"try pallas doc --search {name}";
        throw Failure.Mistake($"the library has no {name}\nhint: {hint}");
    }
}

/// <summary>The documentation of the modules in some folders.</summary>
internal sealed class DocLibrary
{
    private readonly Dictionary<string, string> sources = [];

    public DocLibrary(IEnumerable<string> folders)
    {
        List<ModuleDoc> modules = [];
        foreach (var folder in folders)
            foreach (var file in Directory.EnumerateFiles(folder, "*.sire"))
                if (DocReader.Read(File.ReadAllText(file)) is { } module)
                {
                    modules.Add(module);
                    sources[module.Name] = $"sire/{Path.GetFileName(folder)}/{module.Name}.sire";
                }
        Index = new DocIndex(modules);
    }

    public DocIndex Index { get; }

    /// <summary>All about a name, a rune or a module; null where there is none.</summary>
    public string? Find(string name)
    {
        List<string> parts = [.. Index.Find(name).Select(entry => DocText.Entry(entry, name))];
        if (Index.FindModule(name) is { } module)
            parts.Add(DocText.Contents(module));
        return parts.Count > 0 ? string.Join('\n', parts) : null;
    }

    /// <summary>One page for each module and the index, with line ends as in the source.</summary>
    public void WritePages(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var module in Index.Modules)
            Write($"{module.Name}.md", DocPage.Module(module, $"../../../{sources[module.Name]}"));
        Write("index.md", DocPage.Index(Index));

        void Write(string name, string text) =>
            File.WriteAllText(Path.Combine(folder, name), text, new UTF8Encoding(false));
    }
}
