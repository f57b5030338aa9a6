using System.Text;

namespace Pallas.Rex;

/// <summary>The unit in which Rex is read: one tree and its lines. A block that has
/// diagnostics has no tree.</summary>
/// <param name="Line">Number of its first line, from 1.</param>
/// <param name="Lines">The lines of the text, without line ends.</param>
public sealed record RexBlock(
    int Line,
    IReadOnlyList<string> Lines,
    RexTree? Tree,
    IReadOnlyList<Diagnostic> Diagnostics)
{
    /// <summary>All diagnostics as text for people; empty when there are none.</summary>
    /// <param name="file">The name to show, as the user typed it.</param>
    public string Report(string file)
    {
        var text = new StringBuilder();
        foreach (var diagnostic in Diagnostics)
        {
            var index = diagnostic.Span.Line - Line;
            var line = index >= 0 && index < Lines.Count ? Lines[index] : null;
            text.Append(diagnostic.Render(file, line));
        }
        return text.ToString();
    }
}
