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

    private void CheckMistake(string folder, string[] args, string expected)
    {
        var before = FilesIn(folder);
        var result = home.Run(folder, "", args);
        Assert.Equal(expected, CliHome.Normal(result.Error, folder));
        Assert.Equal("", result.Output);
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(before, FilesIn(folder));
    }

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
    [InlineData("gronk", "pallas has no command gronk\nhint: pallas --help shows what there is")]
    [InlineData("sho", "pallas has no command sho; did you mean sire or save or show or start "
        + "or status?\nhint: pallas --help shows what there is")]
    [InlineData("sire --frob",
        "pallas sire has no option --frob\nhint: pallas sire --help shows what there is")]
    [InlineData("start x --frob",
        "pallas start has no option --frob\nhint: pallas start --help shows what there is")]
    [InlineData("boot", "pallas boot needs STORE and FILE\n"
        + "hint: pallas boot --help shows what there is")]
    [InlineData("show a b", "pallas show does not expect the argument b\n"
        + "hint: pallas show --help shows what there is")]
    [InlineData("start x --htp-port 80", "pallas start has no option --htp-port; "
        + "did you mean --http-port?\nhint: pallas start --help shows what there is")]
    [InlineData("doc --serch x", "pallas doc has no option --serch; "
        + "did you mean --search?\nhint: pallas doc --help shows what there is")]
    [InlineData("doc nosuchname",
        "the library has no nosuchname\nhint: try pallas doc --search nosuchname")]
    [InlineData("sire --lib none", "--lib: there is no folder none")]
    [InlineData("start x -w many", "--eval-workers cannot be many\n"
        + "hint: pallas start --help shows what there is")]
    [InlineData("start x -w 0", "--eval-workers needs a number above 0")]
    [InlineData("start x --no-jets=Frob", "--no-jets: there is no jet Frob")]
    [InlineData("start x --tier fast", "--tier cannot be fast\n"
        + "hint: interpret, default and compile are the tiers")]
    [InlineData("cache", "pallas cache needs a command\n"
        + "hint: pallas cache --help shows what there is")]
    [InlineData("sire --batch", "pallas sire needs a FILE to load")]
    [InlineData("sire --batch no.sire", "there is no file no.sire")]
    [InlineData("show no.seed", "there is no file no.seed")]
    [InlineData("show .", ". is a folder; a file is needed")]
    [InlineData("boot m .", ". is a folder; a file is needed")]
    [InlineData("save none/x.seed x.sire",
        "there is no folder FOLDER/none to write none/x.seed in")]
    public void Arguments_that_are_wrong(string args, string expected) =>
        CheckMistake(home.NewFolder(), args.Split(' '), "pallas: " + expected);

    [Fact]
    public void An_argument_that_is_empty() => CheckMistake(
        home.NewFolder(), ["start", ""],
        "pallas: STORE cannot be empty\nhint: pallas start --help shows what there is");

    [Theory]
    [InlineData("save echo.sire echo.sire")]
    [InlineData("sire --profile echo.sire")]
    public void A_source_is_not_written_over(string args)
    {
        var folder = home.FolderWith("echo.sire", Echo);
        CheckMistake(
            folder, args.Split(' '),
            "pallas: echo.sire is a Sire file, and is not written over");
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
    public void A_source_where_a_seed_is_needed() => CheckMistake(
        home.FolderWith("x.sire", "#### x\n\n= main 3\n"), ["show", "x.sire"],
        "pallas: x.sire is no seed: the length is no multiple of 8 (at byte 17)\n"
            + "hint: pallas save SEED x.sire makes one of a Sire file");

    [Fact]
    public void A_bug_of_ours_is_a_message_and_a_fault_of_the_machine() =>
        Assert.Equal(3, Pallas.Cli.Failure.Guard(() => throw new NotSupportedException("bug")));

    [Fact]
    public void A_program_without_a_main() => CheckMistake(
        home.FolderWith("some.sire", "#### some\n\n= x 3\n"), ["save", "x.seed", "some.sire"],
        "pallas: some.sire defines no main; add a definition like = (main) | runCog program");

    [Theory]
    [InlineData("", "the file ends within its header (at byte 0)")]
    [InlineData("no seed at all, but text", null)]
    public void A_file_that_is_no_seed(string text, string? why)
    {
        var folder = home.FolderWith("x.seed", text);
        foreach (var args in new string[][] { ["show", "x.seed"], ["boot", "m", "x.seed"] })
        {
            var result = home.Run(folder, "", args);
            Assert.StartsWith($"pallas: x.seed is no seed: {why}", result.Error);
            Assert.Single(result.Error.TrimEnd().Split('\n'));
            Assert.Equal(1, result.ExitCode);
            Assert.False(Directory.Exists(Path.Combine(folder, "m")));
        }
    }

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
        Assert.StartsWith("pallas: echo.seed is no seed: ", result.Error);
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public void A_seed_that_does_not_answer_as_repl_needs_is_a_crash_of_the_program()
    {
        var folder = home.FolderWith("some.sire", "#### some\n\n= main 7\n");
        home.Run(folder, "", "save", "some.seed", "some.sire");
        var result = home.Run(folder, "x", "repl", "some.seed");
        Assert.StartsWith("pallas: the program crashed: 7 was applied to", result.Error);
        Assert.Equal(2, result.ExitCode);
    }

    [Fact]
    public void Several_files_are_loaded_and_the_prompt_stands_on_the_last()
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
