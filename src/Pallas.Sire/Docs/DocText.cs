using System.Text;

namespace Pallas.Sire.Docs;

/// <summary>Documentation as plain text, for a terminal.</summary>
public static class DocText
{
    private const int NameColumns = 28;

    public static string Entry(DocEntry entry, string name)
    {
        var text = new StringBuilder();
        var bare = name.TrimStart('#');
        var line = entry.Names.First(known => known.Name.TrimStart('#') == bare).Line;
        text.Append($"{name}  ({entry.Module}, line {line})\n\n");
        foreach (var shown in entry.Shown)
            text.Append($"    {shown.Signature}\n");
        text.Append('\n');
        AppendLines(text, entry.HasText ? entry.Text : ["It has no description."]);
        if (Others(entry, DocNameKind.Generated) is { Length: > 0 } made)
            text.Append($"\nAlso defined: {made}\n");
        if (Others(entry, DocNameKind.Law) is { Length: > 0 } laws)
            text.Append($"\nLaw: {laws}\n");
        if (entry.Examples.Count > 0)
            text.Append('\n');
        foreach (var example in entry.Examples)
            text.Append($"    {example}\n");
        return text.ToString();
    }

    /// <summary>The modules, one to a line.</summary>
    public static string Modules(DocIndex index) => string.Concat(
        index.Modules.Select(module => $"{module.Name,-14}  {module.Title}\n"));

    /// <summary>The contents of a module, one entry to a line under the headings.</summary>
    public static string Contents(ModuleDoc module)
    {
        var text = new StringBuilder($"{module.Name}: {module.Title}\n\n");
        AppendLines(text, module.Text);
        foreach (var section in module.Sections)
        {
            if (section.Entries.All(entry => entry.IsForChecks))
                continue;
            text.Append(section.Heading is { } heading ? $"\n{heading}\n\n" : "\n");
            foreach (var entry in section.Entries.Where(entry => !entry.IsForChecks))
                text.Append($"  {Brief(entry)}\n");
        }
        return text.ToString();
    }

    /// <summary>The results of a search, one to a line.</summary>
    public static string Found(IEnumerable<DocEntry> entries) =>
        string.Concat(entries.Select(entry => $"{entry.Module,-14}  {Brief(entry)}\n"));

    private static string Brief(DocEntry entry)
    {
        var names = string.Join(' ', entry.Shown.Select(name => name.Name));
        return $"{names,-NameColumns}  {entry.Summary}".TrimEnd();
    }

    private static string Others(DocEntry entry, DocNameKind kind) => string.Join(
        ' ', entry.Names.Where(name => name.Kind == kind).Select(name => name.Name));

    private static void AppendLines(StringBuilder text, IEnumerable<string> lines)
    {
        foreach (var line in lines)
            text.Append(line).Append('\n');
    }
}
