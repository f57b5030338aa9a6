using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>Conform on a small corpus of our own.</summary>
[Collection(CliCollection.Name)]
public sealed class ConformTests(CliHome home)
{
    private static readonly string Corpus = Path.Combine(Golden.Root, "tests", "conformance");
    private static readonly string Hashes = Path.Combine(Corpus, "state-hashes.tsv");

    [Fact]
    public void Good_files_load_with_their_state_hashes_and_mistakes_are_named()
    {
        var result = home.Run(
            home.NewFolder(), "", "conform", Corpus, "--state-hashes", Hashes);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("3 of 5 files load, 19 assertions hold", result.Output);
        Assert.Contains("3 of 3 state hashes agree", result.Output);
        Assert.Contains("mistakes/wrong_01_assert.sire:3: assertion failed", result.Output);
        Assert.Contains("mistakes/wrong_02_unbound.sire:3: nothingLikeThis", result.Output);
    }

    [Fact]
    public void A_hash_that_disagrees_fails_the_run()
    {
        var folder = home.FolderWith(
            "wrong.tsv", File.ReadAllText(Hashes).Replace("\tB4C8", "\tB5C8"));
        var result = home.Run(folder, "", "conform", Corpus, "--state-hashes", "wrong.tsv");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("2 of 3 state hashes agree", result.Output);
    }

    [Fact]
    public void The_jets_of_our_library_are_found_with_their_hashes()
    {
        var library = Path.Combine(Golden.Root, "sire");
        var result = home.Run(
            home.NewFolder(), "", "conform", library, "--jet-hashes", Golden.PathOf("jets.tsv"));
        Assert.DoesNotContain("FAIL", result.Output);
        Assert.Contains("188 of 197 jet hashes agree", result.Output);
    }
}
