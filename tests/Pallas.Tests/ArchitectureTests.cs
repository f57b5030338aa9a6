using System.Xml.Linq;
using Xunit;

namespace Pallas.Tests;

/// <summary>Which project may stand on which: arrows run one way.</summary>
public sealed class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Pallas.Rex"] = [],
        ["Pallas.Plan"] = [],
        ["Pallas.Sire"] = ["Pallas.Plan", "Pallas.Rex"],
        ["Pallas.Store"] = ["Pallas.Plan"],
        ["Pallas.Machine"] = ["Pallas.Plan", "Pallas.Store"],
        ["Pallas.Cli"] =
        [
            "Pallas.Machine", "Pallas.Plan", "Pallas.Rex", "Pallas.Sire", "Pallas.Store",
        ],
    };

    private static readonly string[] PureProjects = ["Pallas.Rex", "Pallas.Plan", "Pallas.Sire"];

    [Fact]
    public void Projects_refer_to_each_other_as_the_design_says()
    {
        var source = Path.Combine(Golden.Root, "src");
        var found = Directory.GetDirectories(source).ToDictionary(
            folder => Path.GetFileName(folder), References);
        Assert.Equal(Arrows.Keys.Order(), found.Keys.Order());
        foreach (var (project, references) in Arrows)
            Assert.Equal(references.Order(), found[project].Order());
    }

    [Fact]
    public void Pure_projects_are_checked_for_banned_symbols()
    {
        foreach (var project in PureProjects)
            Assert.Contains("BannedSymbols.txt", File.ReadAllText(ProjectFile(project)));
    }

    [Fact]
    public void Source_lines_are_at_most_a_hundred_columns_and_files_at_most_800_lines()
    {
        var wrong =
            from file in SourceFiles()
            let lines = File.ReadAllLines(file)
            let longest = lines.Length == 0 ? 0 : lines.Max(line => line.Length)
            where longest > 100 || lines.Length > 800
            select $"{Path.GetRelativePath(Golden.Root, file)}: {lines.Length} lines, "
                + $"the longest of {longest} columns";
        Assert.Empty(wrong);
    }

    private static IEnumerable<string> SourceFiles() =>
        new[] { "src", "tests" }
            .SelectMany(folder => Directory.EnumerateFiles(
                Path.Combine(Golden.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj"
                + Path.DirectorySeparatorChar, StringComparison.Ordinal));

    private static IEnumerable<string> References(string folder) =>
        XDocument.Load(ProjectFile(Path.GetFileName(folder)))
            .Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(
                reference.Attribute("Include")!.Value.Replace('\\', '/')));

    private static string ProjectFile(string project) =>
        Path.Combine(Golden.Root, "src", project, project + ".csproj");
}
