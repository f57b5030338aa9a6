using System.Xml.Linq;
using Xunit;

namespace Pallas.Tests.House;

/// <summary>Holds the walls of docs/design/house.md: arrows between projects and between
/// namespaces run one way.</summary>
public sealed class ArchitectureTests
{
    private static readonly string[] PureProjects =
        ["Pallas.Rex", "Pallas.Values", "Pallas.Formats", "Pallas.Eval", "Pallas.Sire"];

    [Fact]
    public void Projects_refer_to_each_other_as_the_table_says()
    {
        var folders = Directory.GetDirectories(Path.Combine(Golden.Root, "src"));
        Assert.Equal(
            ArrowTable.Projects.Select(project => project.Name).Order(),
            folders.Select(Path.GetFileName).Order());
        foreach (var project in ArrowTable.Projects)
            Assert.Equal(project.RefersTo.Order(), References(project.Name).Order());
    }

    [Fact]
    public void Project_rows_refer_only_to_rows_above_them()
    {
        var names = ArrowTable.Projects.Select(project => project.Name).ToList();
        Assert.All(ArrowTable.Projects, project => Assert.All(
            project.RefersTo, other => Assert.InRange(
                names.IndexOf(other), 0, names.IndexOf(project.Name) - 1)));
    }

    [Fact]
    public void Arrows_between_namespaces_run_as_the_table_says()
    {
        HashSet<Arrow> arrows = [];
        HashSet<string> namespaces = [];
        foreach (var project in ArrowTable.Projects)
        {
            using var assembly = ProductAssembly.Of(project.Name);
            arrows.UnionWith(assembly.Arrows());
            var own = assembly.Namespaces();
            namespaces.UnionWith(own);
            Assert.All(own, name => Assert.StartsWith(project.Name, name));
        }

        Assert.NotEmpty(arrows);
        AssertNoFindings(ArrowCheck.Findings(ArrowTable.Projects, namespaces, arrows));
    }

    [Fact]
    public void Pure_projects_are_checked_for_banned_symbols()
    {
        foreach (var project in PureProjects)
            Assert.Contains("BannedSymbols.txt", File.ReadAllText(ProjectFile(project)));
    }

    private static void AssertNoFindings(IReadOnlyList<string> findings) =>
        Assert.True(findings.Count == 0, string.Join(Environment.NewLine, findings.Take(40)));

    private static IEnumerable<string> References(string project) =>
        XDocument.Load(ProjectFile(project))
            .Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(
                reference.Attribute("Include")!.Value.Replace('\\', '/')));

    private static string ProjectFile(string project) =>
        Path.Combine(Golden.Root, "src", project, project + ".csproj");
}
