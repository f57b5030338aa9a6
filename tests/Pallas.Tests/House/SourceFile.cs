using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Pallas.Tests.House;

/// <summary>A file of the repository and its text.</summary>
/// <param name="Path">Relative to the root, with forward slashes.</param>
internal sealed record SourceFile(string Path, string Text)
{
    private static readonly string[] Folders = ["src", "tests", "fuzz", "bench", "tools"];

    private readonly Lazy<SyntaxNode> root =
        new(() => CSharpSyntaxTree.ParseText(Text).GetRoot());

    /// <summary>Every C# file of the repository, generated files excluded.</summary>
    public static IReadOnlyList<SourceFile> All { get; } =
        [.. Folders.SelectMany(folder => Read(folder, "*.cs"))];

    /// <summary>The pages that people write: the generated library pages are excluded.</summary>
    public static IReadOnlyList<SourceFile> Pages { get; } =
    [
        .. Directory.EnumerateFiles(Golden.Root, "*.md").Select(At),
        .. Folders.Append("docs").Append("examples").SelectMany(folder => Read(folder, "*.md"))
            .Where(file => !file.IsIn("docs/reference/library") && !file.IsIn("tests/golden")),
    ];

    public SyntaxNode Root => root.Value;

    public string[] Lines => Text.Split('\n');

    public bool IsIn(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);

    /// <summary>The line of a position, counted from one.</summary>
    public int LineOf(int position) => Text.AsSpan(0, position).Count('\n') + 1;

    public Finding At(SyntaxNode node, string says) => new(Path, LineOf(node.SpanStart), says);

    private static IEnumerable<SourceFile> Read(string folder, string pattern) =>
        Directory.EnumerateFiles(
                System.IO.Path.Combine(Golden.Root, folder), pattern, SearchOption.AllDirectories)
            .Select(At)
            .Where(file => !file.Path.Contains("/obj/", StringComparison.Ordinal)
                && !file.Path.Contains("/bin/", StringComparison.Ordinal));

    private static SourceFile At(string file) =>
        new(
            System.IO.Path.GetRelativePath(Golden.Root, file).Replace('\\', '/'),
            File.ReadAllText(file));
}

/// <summary>A rule is broken at this line.</summary>
internal readonly record struct Finding(string Path, int Line, string Says)
{
    public override string ToString() => $"{Path}:{Line}: {Says}";
}
