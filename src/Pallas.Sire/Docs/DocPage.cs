using System.Text;

namespace Pallas.Sire.Docs;

/// <summary>Documentation as Markdown: one page for a module, and an index.</summary>
public static class DocPage
{
    private const string Notice =
        "<!-- Made from the source by `pallas doc --write`: edit the comments there. -->\n\n";

    private const string Markup = "*_<>\\[]#|";

    /// <param name="source">The file of the module, relative to the page.</param>
    public static string Module(ModuleDoc module, string source)
    {
        var page = new StringBuilder(Notice);
        page.Append($"# {module.Name}: {Escape(module.Title)}\n\n");
        AppendText(page, module.Text);
        page.Append($"Source: [{module.Name}.sire]({source})");
        page.Append(module.Predecessor is { } before
            ? $". Predecessor: [{before}]({before}.md).\n"
            : ".\n");
        foreach (var section in module.Sections)
        {
            var entries = section.Entries.Where(entry => !entry.IsForChecks).ToList();
            if (entries.Count == 0)
                continue;
            if (section.Heading is { } heading)
            {
                page.Append($"\n## {Escape(heading)}\n\n");
                AppendText(page, section.Text);
                TrimEnd(page);
            }
            foreach (var entry in entries)
                AppendEntry(page, entry);
        }
        return page.ToString();
    }

    /// <summary>The modules in order, and every name with its page.</summary>
    public static string Index(DocIndex index)
    {
        var page = new StringBuilder(Notice);
        page.Append("# All modules and names\n\n| Module | |\n|---|---|\n");
        foreach (var module in index.Modules)
            page.Append($"| [{module.Name}]({module.Name}.md) | {Escape(module.Title)} |\n");
        var names =
            from module in index.Modules
            from entry in module.Entries
            where !entry.IsForChecks
            from name in entry.Names
            where name.Kind == DocNameKind.Written
            group module.Name by name.Name into places
            orderby places.Key.TrimStart('_', '#').ToUpperInvariant(), places.Key
            select places;
        foreach (var letter in names.GroupBy(place => Initial(place.Key)))
        {
            page.Append($"\n## {letter.Key}\n\n");
            foreach (var place in letter)
            {
                var links = place.Distinct().Select(module => $"[{module}]({module}.md)");
                page.Append($"- {Code(place.Key)}: {string.Join(", ", links)}\n");
            }
        }
        return page.ToString();
    }

    private static string Initial(string name)
    {
        var first = name.TrimStart('_', '#').FirstOrDefault('#');
        return char.IsAsciiLetter(first) ? char.ToUpperInvariant(first).ToString() : "Runes";
    }

    private static void AppendEntry(StringBuilder page, DocEntry entry)
    {
        var names = string.Join(", ", entry.Shown.Select(name => Code(name.Name)));
        page.Append($"\n### {names}\n\n```sire\n");
        foreach (var name in entry.Shown)
            page.Append(name.Signature).Append('\n');
        page.Append("```\n\n");
        AppendText(page, entry.Text);
        var made = entry.Names.Where(name => name.Kind == DocNameKind.Generated)
            .Select(name => Code(name.Name))
            .ToList();
        if (made.Count > 0)
            page.Append($"Also defined: {string.Join(", ", made)}.\n\n");
        if (entry.Examples.Count > 0)
        {
            page.Append("```sire\n");
            foreach (var example in entry.Examples)
                page.Append(example).Append('\n');
            page.Append("```\n");
        }
        TrimEnd(page);
    }

    /// <summary>Appends text; lines that begin with four blanks become blocks of code.</summary>
    private static void AppendText(StringBuilder page, IReadOnlyList<string> lines)
    {
        var isCode = false;
        foreach (var line in lines)
        {
            var wasCode = isCode;
            isCode = line.StartsWith("    ", StringComparison.Ordinal);
            if (isCode && !wasCode)
                page.Append(EndsInEmptyLine(page) ? "```\n" : "\n```\n");
            if (wasCode && !isCode)
                page.Append("```\n");
            page.Append(isCode ? line[4..] : Escape(line)).Append('\n');
        }
        if (isCode)
            page.Append("```\n");
        if (lines.Count > 0)
            page.Append('\n');
    }

    private static bool EndsInEmptyLine(StringBuilder page) =>
        page.Length < 2 || (page[^1] == '\n' && page[^2] == '\n');

    private static string Code(string name) =>
        name.Contains('`', StringComparison.Ordinal) ? $"`` {name} ``" : $"`{name}`";

    /// <summary>Escapes the markup of Markdown, except in code between back quotes.</summary>
    private static string Escape(string line)
    {
        var text = new StringBuilder();
        var isCode = false;
        foreach (var c in line)
        {
            if (c == '`')
                isCode = !isCode;
            if (!isCode && Markup.Contains(c))
                text.Append('\\');
            text.Append(c);
        }
        return text.ToString();
    }

    private static void TrimEnd(StringBuilder page)
    {
        while (EndsInEmptyLine(page))
            page.Length--;
    }
}
