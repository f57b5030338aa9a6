using System.Text;
using Pallas.Sire.Docs;

namespace Pallas.Cli.Run;

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

    /// <summary>The documentation of a name, a rune or a module; null if there is none.</summary>
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
