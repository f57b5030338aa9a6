using Pallas.Tests.Cli;
using Xunit;

namespace Pallas.Tests.Library;

/// <summary><c>pallas doc</c> answers about the library that comes with the program.</summary>
[Collection(CliCollection.Name)]
public sealed class DocCommandTests(CliHome home)
{
    private const string Pages = "docs/reference/library";

    [Fact]
    public void A_name_is_shown_with_its_arguments_its_comment_and_its_examples()
    {
        var result = Run("sub");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("    (sub fst snd)\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("never below 0", result.Output, StringComparison.Ordinal);
        Assert.Contains("    sub 40 2 == 38\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_name_is_an_error_with_the_nearest_one()
    {
        var result = Run("listFolld");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.Contains("did you mean listFoldl?", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_name_the_modules_are_listed_in_order()
    {
        var lines = Run().Output.Split('\n');
        Assert.StartsWith("boot_01_plan ", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith("kern ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_search_lists_names_and_comments()
    {
        Assert.Contains(
            "bstLoad", Run("--search", "sorted TABLE").Output, StringComparison.Ordinal);
        Assert.Equal(1, Run("--search", "no such words").ExitCode);
    }

    [Fact]
    public void It_writes_the_pages_of_the_reference()
    {
        var folder = home.NewFolder();
        Assert.Equal(0, home.Run(folder, "", "doc", "--write", "pages").ExitCode);
        var written = Directory.GetFiles(Path.Combine(folder, "pages"));
        Assert.Equal(DocumentedLibrary.Index.Modules.Count + 1, written.Length);
        Assert.All(written, file => Assert.Equal(
            File.ReadAllText(Path.Combine(Golden.Root, Pages, Path.GetFileName(file))),
            File.ReadAllText(file)));
    }

    [Theory]
    [InlineData(":help sub", "    (sub fst snd)\n")]
    [InlineData(":help boot_17_patterns", "boot_17_patterns: Patterns\n")]
    [InlineData(":help sorted table", "bstLoad")]
    [InlineData(":help listFolld", "did you mean listFoldl?")]
    [InlineData(":help", "boot_01_plan ")]
    public void The_prompt_answers_from_the_same_comments(string question, string part)
    {
        var result = home.Run(home.NewFolder(), question + "\nadd 2 3\n", "sire");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains(part, result.Output, StringComparison.Ordinal);
        Assert.EndsWith("5\n\n", result.Output, StringComparison.Ordinal);
    }

    private CliResult Run(params string[] arguments) =>
        home.Run(home.NewFolder(), "", ["doc", .. arguments]);
}
