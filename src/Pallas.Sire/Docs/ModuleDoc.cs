namespace Pallas.Sire.Docs;

/// <summary>A module as its comments describe it.</summary>
/// <param name="Predecessor">The module before it; null for the first one.</param>
/// <param name="Title">The first line of its <c>;;;;</c> comment; empty without one.</param>
/// <param name="Text">The other lines of that comment.</param>
public sealed record ModuleDoc(
    string Name,
    string? Predecessor,
    string Title,
    IReadOnlyList<string> Text,
    IReadOnlyList<DocSection> Sections)
{
    public IEnumerable<DocEntry> Entries => Sections.SelectMany(section => section.Entries);
}

/// <summary>The entries below a <c>;;;</c> comment.</summary>
/// <param name="Heading">The first sentence; null for the entries before the first section.
/// </param>
/// <param name="Text">The lines after the heading.</param>
public sealed record DocSection(
    string? Heading, IReadOnlyList<string> Text, IReadOnlyList<DocEntry> Entries);

/// <summary>The definitions that share a <c>;;</c> comment.</summary>
/// <param name="Text">Its lines without the examples; those that begin with four blanks are code.
/// Empty without a comment.</param>
public sealed record DocEntry(
    string Module,
    IReadOnlyList<DocName> Names,
    IReadOnlyList<string> Text,
    IReadOnlyList<DocExample> Examples)
{
    /// <summary>Begins the comment of a definition that only the assertions of its module use.
    /// </summary>
    public const string CheckMark = "For the checks";

    public bool HasText => Text.Count > 0 || Examples.Count > 0;

    public bool IsForChecks =>
        Text.Count > 0 && Text[0].StartsWith(CheckMark, StringComparison.Ordinal);

    /// <summary>The names to show.</summary>
    public IEnumerable<DocName> Shown => Names.Where(name => name.Kind == DocNameKind.Written);

    /// <summary>The first sentence of the comment, in one line.</summary>
    public string Summary
    {
        get
        {
            var prose = string.Join(' ', Text.TakeWhile(line => line.Length > 0));
            var end = prose.IndexOf(". ", StringComparison.Ordinal);
            return end < 0 ? prose : prose[..(end + 1)];
        }
    }
}

public enum DocNameKind
{
    Written,

    /// <summary>A macro made it from the definition that the comment describes.</summary>
    Generated,

    /// <summary>A law that programs use under another name.</summary>
    Law,
}

/// <param name="Signature">The name with its arguments as the definition writes them.</param>
/// <param name="Line">The line of its definition, from 1.</param>
public sealed record DocName(string Name, string Signature, int Line, DocNameKind Kind);

/// <summary>Two expressions that have the same value.</summary>
/// <param name="Line">Its line in the module, from 1.</param>
public sealed record DocExample(string Expression, string Value, int Line)
{
    /// <summary>Reads <c>expression == value</c>; the separator must be outside brackets and texts.
    /// Null for other lines.</summary>
    public static DocExample? Read(string text, int lineNumber)
    {
        const string Separator = " == ";
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '{':
                    i = SkipText(text, i);
                    break;
                case '(' or '[':
                    depth++;
                    break;
                case ')' or ']':
                    depth--;
                    break;
                case ' ' when depth == 0 && string.CompareOrdinal(
                    text, i, Separator, 0, Separator.Length) == 0:
                    return new DocExample(
                        text[..i].Trim(), text[(i + Separator.Length)..].Trim(), lineNumber);
            }
        }
        return null;
    }

    public override string ToString() => $"{Expression} == {Value}";

    /// <summary>The position of the brace that closes a text, or the end of the line.</summary>
    private static int SkipText(string text, int start)
    {
        var depth = 0;
        for (var i = start; i < text.Length; i++)
        {
            depth += text[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0)
                return i;
        }
        return text.Length;
    }
}
