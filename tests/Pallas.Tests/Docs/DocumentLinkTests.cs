using System.Text.RegularExpressions;
using Xunit;

namespace Pallas.Tests.Docs;

/// <summary>The target of every link in a document exists.</summary>
public sealed partial class DocumentLinkTests
{
    [GeneratedRegex(@"\]\(([^)\s]*)\)")]
    private static partial Regex LinkPattern();

    [GeneratedRegex("^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FencePattern();

    [GeneratedRegex("^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex HeadingPattern();

    private static IEnumerable<string> Documents =>
        new[] { "docs", "src", "tests", "fuzz", "bench", "examples" }
            .SelectMany(folder => Directory.EnumerateFiles(
                Path.Combine(Golden.Root, folder), "*.md", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(Golden.Root, "*.md"))
            .Where(file => !IsBuilt(file));

    [Fact]
    public void Every_link_in_a_document_leads_somewhere()
    {
        var broken = Documents.SelectMany(file => Broken(file, File.ReadAllText(file))).ToArray();
        Assert.Empty(broken);
    }

    [Theory]
    [InlineData("[the map](NOWHERE.md)")]
    [InlineData("[a part](#no-such-part)")]
    [InlineData("[another](ARCHITECTURE.md#no-such-part)")]
    public void A_link_that_leads_nowhere_is_found(string text) =>
        Assert.Single(Broken(Path.Combine(Golden.Root, "README.md"), text));

    [Theory]
    [InlineData("[the map](ARCHITECTURE.md) [a part](ARCHITECTURE.md#where-do-i-add-) [src](src)")]
    [InlineData("# A `b` c\n[here](#a-b-c) [far](https://example.org/x)")]
    public void A_link_that_leads_somewhere_is_not(string text) =>
        Assert.Empty(Broken(Path.Combine(Golden.Root, "README.md"), text));

    private static bool IsBuilt(string file) =>
        Path.GetRelativePath(Golden.Root, file).Split(Path.DirectorySeparatorChar)
            .Any(part => part is "bin" or "obj");

    private static IEnumerable<string> Broken(string file, string text)
    {
        foreach (Match link in LinkPattern().Matches(FencePattern().Replace(text, "")))
        {
            var parts = link.Groups[1].Value.Split('#', 2);
            if (parts[0].Contains("://", StringComparison.Ordinal))
                continue;
            var target = parts[0].Length == 0
                ? file
                : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, parts[0]));
            var source = target == file ? text
                : File.Exists(target) ? File.ReadAllText(target)
                : "";
            var isThere = parts.Length == 1
                ? File.Exists(target) || Directory.Exists(target)
                : Anchors(source).Contains(parts[1]);
            if (!isThere)
                yield return $"{Path.GetRelativePath(Golden.Root, file)}: {link.Value}";
        }
    }

    private static HashSet<string> Anchors(string text) =>
    [
        .. HeadingPattern().Matches(FencePattern().Replace(text, ""))
            .Select(heading => AnchorOf(heading.Groups[1].Value)),
    ];

    /// <summary>As GitHub and others make it of a heading.</summary>
    private static string AnchorOf(string heading) => string.Concat(
        heading.Trim().ToLowerInvariant()
            .Where(letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '_'))
        .Replace(' ', '-');
}
