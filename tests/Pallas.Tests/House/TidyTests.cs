using Xunit;

namespace Pallas.Tests.House;

/// <summary>Applies the rules of the house to every file and to every assembly of the product.
/// <see cref="TidyRulesTests"/> shows for each rule that it refuses a bad input.</summary>
public sealed class TidyTests
{
    /// <summary>The bad inputs are here.</summary>
    private const string BadInputs = "tests/Pallas.Tests/House/TidyRulesTests.cs";

    public static TheoryData<string> FileRules => [.. PerFile.Keys];

    private static readonly Dictionary<string, Func<SourceFile, IEnumerable<Finding>>> PerFile =
        new()
        {
            ["lines have at most 100 columns"] = SizeRules.LongLines,
            ["files have at most 500 lines"] = SizeRules.LongFile,
            ["methods have at most 70 lines"] = SizeRules.LongMethods,
            ["tests do not sleep"] = InTests(TestRules.Sleep),
            ["tests do not read the clock"] = InTests(TestRules.WallClock),
            ["tests are not skipped"] = InTests(TestRules.Skip),
            ["tests do not return early"] = InTests(TestRules.EarlyReturn),
            ["comments and texts are plain English"] = file =>
                Folder(file, Unfinished.English) || file.Path == BadInputs
                    ? [] : EnglishRules.InCode(file),
        };

    [Theory]
    [MemberData(nameof(FileRules))]
    public void Code_keeps_the_rule(string rule) =>
        AssertNone(SourceFile.All.SelectMany(PerFile[rule]));

    [Fact]
    public void Every_test_asserts() => AssertNone(
        TestRules.NoAssertion([.. SourceFile.All.Where(file => file.IsIn("tests"))]));

    [Fact]
    public void Each_project_has_a_readme_of_at_most_30_lines() => AssertNone(
        ArrowTable.Projects.Select(project => $"src/{project.Name}/README.md")
            .SelectMany(path => SourceFile.Pages.FirstOrDefault(one => one.Path == path) is { } page
                ? SizeRules.LongReadme(page).Select(finding => $"{finding}")
                : [$"{path}: the project has no page that says what it holds"]));

    [Fact]
    public void Pages_keep_to_plain_English() => AssertNone(
        SourceFile.Pages.Where(file => !Folder(file, Unfinished.English))
            .SelectMany(EnglishRules.InPage));

    [Fact]
    public void No_static_field_of_the_product_can_be_set() =>
        AssertNone(
            Product().SelectMany(one => ProductRules.SettableStatics(one, Seams.ThreadStatics)));

    [Fact]
    public void The_product_makes_no_banned_call() =>
        AssertNone(Product().SelectMany(one => ProductRules.BannedCalls(one, Seams.Calls)));

    [Fact]
    public void The_product_has_no_code_that_it_does_not_use() =>
        AssertNone(DeadCode.Unused(
            [.. Product()],
            ProductAssembly.OfFile("Pallas.Tests.dll"), ProductAssembly.OfFile("Pallas.Fuzz.dll")));

    private static IEnumerable<ProductAssembly> Product() =>
        ArrowTable.Projects.Select(project => ProductAssembly.Of(project.Name));

    private static Func<SourceFile, IEnumerable<Finding>> InTests(
        Func<SourceFile, IEnumerable<Finding>> rule) =>
        file => file.IsIn("tests") ? rule(file) : [];

    private static bool Folder(SourceFile file, string[] folders) =>
        folders.Any(folder => file.IsIn(folder) || file.Path == folder);

    private static void AssertNone<T>(IEnumerable<T> findings)
    {
        var all = findings.Select(finding => $"{finding}")
            .Where(text => !Unfinished.Findings.Any(
                known => text.StartsWith(known, StringComparison.Ordinal)))
            .ToArray();
        Assert.True(all.Length == 0, string.Join(Environment.NewLine, all.Take(200)));
    }
}
