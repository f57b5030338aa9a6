using System.Text;

namespace Pallas.Rex;

/// <summary>A mistake in a text: where it is, what it is, and how to correct it.</summary>
public sealed record Diagnostic(Span Span, string Message, string? Hint = null)
{
    /// <summary>The number of characters shown on either side of the span's start.</summary>
    private const int ContextMax = 50;

    /// <summary>The diagnostic as text: <c>file:line:column: error: message</c>, the offending line
    /// with carets under the span, and the hint. Lines end in a line feed.</summary>
    /// <param name="file">The name to show, as the user typed it.</param>
    /// <param name="line">The text of line <see cref="Span.Line"/>, or null when it is not
    /// known.</param>
    public string Render(string file, string? line)
    {
        var text = new StringBuilder(file);
        if (Span.IsKnown)
            text.Append(':').Append(Span.Line).Append(':').Append(Span.Column);
        text.Append(": error: ").Append(Message).Append('\n');
        if (Span.IsKnown && line is not null)
            AppendLine(text, line);
        if (Hint is not null)
            text.Append("hint: ").Append(Hint).Append('\n');
        return text.ToString();
    }

    /// <summary>The line, or the part of a long one around the span, and carets below the span. A
    /// tab before it stays a tab, so that the carets line up in every terminal.</summary>
    private void AppendLine(StringBuilder text, string line)
    {
        var at = IndexOf(line, Span.Column);
        var start = Boundary(line, at <= ContextMax ? 0 : at - ContextMax);
        var end = Boundary(line, line.Length - at <= ContextMax ? line.Length : at + ContextMax);
        text.Append("    ").Append(start > 0 ? "..." : "").Append(line, start, end - start);
        text.Append(end < line.Length ? "..." : "").Append('\n');

        text.Append("    ").Append(start > 0 ? "   " : "");
        foreach (var rune in line.AsSpan(start, at - start).EnumerateRunes())
            text.Append(rune.Value == '\t' ? '\t' : ' ');
        var width = Span.EndLine == Span.Line ? Span.EndColumn - Span.Column : 1;
        text.Append('^', Math.Clamp(width, 1, Math.Max(1, end - at))).Append('\n');
    }

    /// <summary>The index of the character at a column, at most the length of the line.</summary>
    private static int IndexOf(string line, int column)
    {
        var index = 0;
        for (; column > 1 && index < line.Length; column--)
            index += char.IsHighSurrogate(line[index]) && index + 1 < line.Length ? 2 : 1;
        return index;
    }

    /// <summary>The index, or the one before it when it would cut a character in two.</summary>
    private static int Boundary(string line, int index) =>
        index > 0 && index < line.Length && char.IsLowSurrogate(line[index]) ? index - 1 : index;
}
