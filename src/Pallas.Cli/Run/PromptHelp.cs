using Pallas.Sire.Docs;

namespace Pallas.Cli.Run;

/// <summary>Answers <c>:help</c> at the prompt from the documentation of the library.</summary>
internal sealed class PromptHelp
{
    private const string Question = ":help";

    private readonly Lazy<DocLibrary> library = new(() => new DocLibrary(Folders.Library));

    /// <summary>Null for a line that asks for no help.</summary>
    public string? Answer(string line)
    {
        var words = line.Trim();
        if (words != Question && !words.StartsWith(Question + " ", StringComparison.Ordinal))
            return null;
        var name = words[Question.Length..].Trim();
        var text = name.Length == 0 ? Overview() : About(name);
        return text.TrimEnd('\n');
    }

    private string Overview() =>
        $"""
        {Question} NAME   a name, a rune such as ++, or a module
        {Question} TEXT   what has a text in its name or its comment

        {DocText.Modules(library.Value.Index)}
        """;

    private string About(string name)
    {
        if (library.Value.Find(name) is { } found)
            return found;
        if (DocText.Found(library.Value.Index.Search(name)) is { Length: > 0 } near)
            return near;
        return library.Value.Index.Hint(name) is { } hint
            ? $"the library has no {name}: {hint}"
            : $"the library has no {name}";
    }
}
