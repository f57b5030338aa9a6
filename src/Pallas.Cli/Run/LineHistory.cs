namespace Pallas.Cli.Run;

/// <summary>The entered lines, the latest last; saved to a file if there is a path.</summary>
internal sealed class LineHistory
{
    public const int LinesMax = 1000;

    private readonly string? path;
    private readonly List<string> lines = [];

    /// <summary>A file that cannot be read counts as empty.</summary>
    public LineHistory(string? path)
    {
        this.path = path;
        Try(() => lines.AddRange(File.Exists(path) ? File.ReadLines(path).TakeLast(LinesMax) : []));
    }

    public IReadOnlyList<string> Lines => lines;

    /// <summary>Ignores blank lines and repetitions of the last line.</summary>
    public void Add(string line)
    {
        if (string.IsNullOrWhiteSpace(line) || (lines.Count > 0 && lines[^1] == line))
            return;
        lines.Add(line);
        if (path is null)
            return;
        Try(() =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.AppendAllText(path, line + "\n");
            if (lines.Count <= LinesMax * 2)
                return;
            lines.RemoveRange(0, lines.Count - LinesMax);
            File.WriteAllLines(path, lines);
        });
    }

    /// <summary>The prompt works without a history file.</summary>
    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }
}
