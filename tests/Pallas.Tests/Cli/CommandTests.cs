using Pallas.Cli.Render;
using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>The commands on files and their arguments.</summary>
[Collection(CliCollection.Name)]
public sealed class CommandTests(CliHome home)
{
    private const string Echo = """
        #### echo <- prelude

        :| prelude

        = (main bytes)
        | if (barIsEmpty bytes) [b#bye 0]
        | [bytes main]

        """;

    private static string[] FilesIn(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order()];

    [Fact]
    public void Pallas_alone_prints_the_overview()
    {
        var alone = home.Run(home.NewFolder(), "");
        var help = home.Run(home.NewFolder(), "", "--help");
        Assert.Equal(0, alone.ExitCode);
        Assert.Equal(help.Output, alone.Output);
        foreach (var command in new[]
            { "demo", "sire", "save", "show", "repl", "boot", "start", "status", "cache" })
            Assert.Matches($"(?m)^  {command} ", help.Output);
        Assert.Contains("pallas boot ./my app.sire", help.Output);
    }

    [Theory]
    [InlineData("save echo.sire echo.sire")]
    [InlineData("sire --profile echo.sire")]
    public void A_source_is_not_overwritten(string args)
    {
        var folder = home.FolderWith("echo.sire", Echo);
        Assert.Equal(1, home.Run(folder, "", args.Split(' ')).ExitCode);
        Assert.Single(FilesIn(folder));
        Assert.Equal(Echo, File.ReadAllText(Path.Combine(folder, "echo.sire")));
    }

    [Fact]
    public void Help_is_a_command_too()
    {
        var folder = home.NewFolder();
        Assert.Equal(home.Run(folder, "", "--help"), home.Run(folder, "", "help"));
        Assert.Equal(home.Run(folder, "", "boot", "--help"), home.Run(folder, "", "help", "boot"));
    }

    [Fact]
    public void A_bug_is_reported_with_the_exit_code_of_a_machine_fault() =>
        Assert.Equal(3, Failure.Guard(() => throw new NotSupportedException("bug")));

    [Fact]
    public void A_seed_is_saved_shown_run_and_booted()
    {
        var folder = home.FolderWith("echo.sire", Echo);
        Assert.Equal(0, home.Run(folder, "", "save", "echo.seed", "echo.sire").ExitCode);
        Assert.Equal(["echo.seed", "echo.sire"], FilesIn(folder).Select(Path.GetFileName));

        var shown = home.Run(folder, "", "show", "echo.seed");
        Assert.Equal(0, shown.ExitCode);
        Assert.Contains("(main a)", shown.Output);

        var run = home.Run(folder, "some\ninput\n", "repl", "echo.seed");
        Assert.Equal(new CliResult(0, "some\ninput\nbye\n", ""), run);
        home.Run(folder, "kept", "repl", "echo.seed", "--save", "out");
        Assert.Equal("keptbye", File.ReadAllText(Path.Combine(folder, "out")));

        var booted = home.Run(folder, "", "boot", "m", "echo.seed");
        Assert.Equal("booted m; run it with: pallas start m\n", booted.Output);
    }

    [Fact]
    public void A_truncated_seed_is_refused()
    {
        var folder = home.FolderWith("echo.sire", Echo);
        home.Run(folder, "", "save", "echo.seed", "echo.sire");
        var path = Path.Combine(folder, "echo.seed");
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..^8]);
        var result = home.Run(folder, "", "repl", "echo.seed");
        Assert.StartsWith("pallas: echo.seed is not a seed: ", result.Error);
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public void Several_files_are_loaded_and_the_prompt_continues_the_last()
    {
        var folder = home.FolderWith("one.sire", "#### one\n\n= x 3\n");
        File.WriteAllText(Path.Combine(folder, "two.sire"), "#### two\n\n= y 4\n");
        var result = home.Run(folder, "y\n", "sire", "one.sire", "two.sire");
        Assert.Equal("x=3\ny=4\n4", CliHome.Normal(result.Output, folder));
        Assert.Equal(1, home.Run(folder, "x\n", "sire", "one.sire", "two.sire").ExitCode);
    }

    [Fact]
    public void No_jets_takes_no_file_for_its_value()
    {
        var folder = home.FolderWith("one.sire", "#### one\n\n= jetless 3\n");
        var result = home.Run(folder, "", "sire", "--batch", "--no-jets", "one.sire");
        Assert.Equal("jetless=3", CliHome.Normal(result.Output, folder));
    }
}
