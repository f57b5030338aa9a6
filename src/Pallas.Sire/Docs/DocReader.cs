using System.Text.RegularExpressions;
using Pallas.Rex;

namespace Pallas.Sire.Docs;

/// <summary>
/// Reads the comments of a module and the definitions that they describe, without loading it.
/// </summary>
/// <remarks>
/// Comments begin at the start of a line: <c>;;;;</c> describes the module, <c>;;;</c> begins a
/// section, <c>;;</c> describes the definitions below it up to the next empty line or comment. An
/// alias without a comment belongs to the entry of its target.
/// </remarks>
public sealed partial class DocReader
{
    private const int CodeIndent = 4;

    private readonly string[] lines;
    private readonly string module;

    private DocReader(string[] lines, string module) => (this.lines, this.module) = (lines, module);

    /// <returns>Null when the text does not begin with a module declaration.</returns>
    public static ModuleDoc? Read(string source)
    {
        var lines = source.Split('\n');
        if (Header().Match(lines[0]) is not { Success: true } header)
            return null;
        var name = header.Groups[1].Value;
        var predecessor = header.Groups[2].Success ? header.Groups[2].Value : null;
        return new DocReader(lines, name).Read(source, predecessor);
    }

    private ModuleDoc Read(string source, string? predecessor)
    {
        var about = Array.FindIndex(lines, line => IsComment(line, 4));
        var text = about < 0 ? [] : Comment(about, 4);
        var entries = ReadEntries(source);
        return new ModuleDoc(
            module, predecessor, text.Count > 0 ? text[0] : "", Trim(text.Skip(1)),
            ReadSections(entries));
    }

    /// <summary>An unfinished entry, with the place of its comment.</summary>
    private sealed record Draft(int CommentStart, IReadOnlyList<string> Comment)
    {
        public List<Definition> Definitions { get; } = [];
    }

    private List<DocEntry> ReadEntries(string source)
    {
        List<Draft> drafts = [];
        List<Definition> aliases = [];
        foreach (var block in RexReader.Read(source))
        {
            foreach (var definition in Definitions.Of(block))
            {
                var start = CommentAbove(definition.Line - 1);
                if (start < 0 && definition.Target is not null)
                {
                    aliases.Add(definition);
                    continue;
                }
                if (start < 0 || drafts.Count == 0 || drafts[^1].CommentStart != start)
                    drafts.Add(new Draft(start, start < 0 ? [] : Comment(start, 2)));
                drafts[^1].Definitions.Add(definition);
            }
        }
        return Join(drafts, aliases);
    }

    private List<DocEntry> Join(List<Draft> drafts, List<Definition> aliases)
    {
        var names = drafts.ConvertAll(draft => draft.Definitions.ConvertAll(NameOf));
        foreach (var alias in aliases)
        {
            var at = names.FindLastIndex(group => group.Exists(name => name.Name == alias.Target));
            if (at >= 0)
                AddAlias(names[at], alias);
            else
            {
                drafts.Add(new Draft(-1, []));
                names.Add([NameOf(alias)]);
            }
        }
        List<DocEntry> entries = [];
        for (var i = 0; i < drafts.Count; i++)
            entries.Add(EntryOf(drafts[i], names[i]));
        entries.Sort((a, b) => a.Names[0].Line.CompareTo(b.Names[0].Line));
        return entries;
    }

    private static DocName NameOf(Definition definition) => new(
        definition.Name, definition.Signature, definition.Line,
        definition.IsGenerated ? DocNameKind.Generated : DocNameKind.Written);

    /// <summary>The page shows the alias for programs instead of the law's own name.</summary>
    private static void AddAlias(List<DocName> group, Definition alias)
    {
        var at = group.FindLastIndex(name => name.Name == alias.Target);
        var target = group[at];
        var signature = target.Signature == target.Name
            ? alias.Name
            : target.Signature.Replace(
                $"({target.Name}", $"({alias.Name}", StringComparison.Ordinal);
        group.Insert(at, new DocName(alias.Name, signature, alias.Line, DocNameKind.Written));
        if (target.Name.StartsWith('_'))
            group[at + 1] = target with { Kind = DocNameKind.Law };
    }

    private DocEntry EntryOf(Draft draft, List<DocName> names)
    {
        List<string> text = [];
        List<DocExample> examples = [];
        for (var i = 0; i < draft.Comment.Count; i++)
        {
            var line = draft.Comment[i];
            if (IsCode(line) && DocExample.Read(line, draft.CommentStart + i + 1) is { } example)
                examples.Add(example);
            else
                text.Add(line);
        }
        return new DocEntry(module, names, Trim(text), examples);
    }

    private List<DocSection> ReadSections(List<DocEntry> entries)
    {
        List<int> starts = [];
        for (var i = 1; i < lines.Length; i++)
            if (IsComment(lines[i], 3) && !IsComment(lines[i - 1], 3))
                starts.Add(i);
        var before = Between(0, starts.FirstOrDefault(-1));
        List<DocSection> sections = [new DocSection(null, [], before)];
        for (var i = 0; i < starts.Count; i++)
        {
            var (heading, text) = SplitHeading(Comment(starts[i], 3));
            var end = i + 1 < starts.Count ? starts[i + 1] : -1;
            sections.Add(new DocSection(heading, text, Between(starts[i], end)));
        }
        sections.RemoveAll(section => section.Entries.Count == 0);
        return sections;

        List<DocEntry> Between(int from, int to) => entries.FindAll(
            entry => entry.Names[0].Line > from && (to < 0 || entry.Names[0].Line <= to));
    }

    private static (string Heading, IReadOnlyList<string> Text) SplitHeading(List<string> text)
    {
        var joined = string.Join('\n', text);
        var match = FirstSentence().Match(joined);
        var heading = match.Groups[1].Value.Replace('\n', ' ');
        return (heading, Trim(joined[match.Length..].TrimStart(' ').Split('\n')));
    }

    /// <summary>The index of the first line of the comment above a definition; -1 if its paragraph
    /// begins without one.</summary>
    private int CommentAbove(int line)
    {
        while (line > 0 && lines[line - 1].Length > 0 && !IsComment(lines[line - 1], 2))
            line--;
        if (line == 0 || !IsComment(lines[line - 1], 2))
            return -1;
        while (line > 0 && IsComment(lines[line - 1], 2))
            line--;
        return line;
    }

    private List<string> Comment(int start, int level)
    {
        List<string> text = [];
        for (var i = start; i < lines.Length && IsComment(lines[i], level); i++)
            text.Add(lines[i].Length > level ? lines[i][(level + 1)..] : "");
        return text;
    }

    private static bool IsComment(string line, int level) =>
        line.AsSpan().IndexOfAnyExcept(';') is var end
            && (end < 0 ? line.Length == level : end == level && line[end] == ' ');

    private static bool IsCode(string line) =>
        line.Length > CodeIndent && string.IsNullOrWhiteSpace(line[..CodeIndent]);

    /// <summary>The lines without empty ones at both ends.</summary>
    private static List<string> Trim(IEnumerable<string> text)
    {
        List<string> trimmed = [.. text.SkipWhile(line => line.Length == 0)];
        while (trimmed.Count > 0 && trimmed[^1].Length == 0)
            trimmed.RemoveAt(trimmed.Count - 1);
        return trimmed;
    }

    [GeneratedRegex(@"^#### (\w+)(?: <- (\w+))?\s*$")]
    private static partial Regex Header();

    [GeneratedRegex(@"\A(.+?)(?:\.(?=\s|\z)|(?=\n\n)|\z)", RegexOptions.Singleline)]
    private static partial Regex FirstSentence();
}
