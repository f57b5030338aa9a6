using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>Values that are handed to a running machine.</summary>
[Collection(SiteCollection.Name)]
public sealed class PokeCommandTests(CliHome home)
{
    private const string Program = """
        #### app <- prelude

        :| prelude

        = (hear return)
        : value < syscall [%poke 0 %poke [%a %b]]
        | trk [{heard} (value 1)]
        | hear return

        = (main)
        | runCog hear

        """;

    private const string Values = """
        #### plus <- prelude

        :| prelude

        = (main) | add 41

        """;

    [Fact]
    public void A_poked_value_reaches_the_waiting_cog_and_is_durable()
    {
        var folder = home.FolderWith("app.sire", Program);
        File.WriteAllText(Path.Combine(folder, "plus.sire"), Values);
        home.Run(folder, "", "boot", "m", "app.sire");
        Refuse(folder, "the machine is not running", "m", "a/b", "plus.sire");
        using (var machine = home.Start(folder, ["start", "m"]))
        {
            machine.WaitUntil(() => File.Exists(Path.Combine(folder, "m", "control")));
            Refuse(folder, "no cog waits for a value at a", "m", "a", "plus.sire");
            var poked = home.Run(folder, "", "poke", "m", "a/b", "plus.sire");
            Assert.Equal(new CliResult(0, "", ""), poked);
            machine.WaitForLine("[%heard 42]");
            machine.Stop("KILL");
        }
        Assert.Contains("0: (_Add 41)", home.Run(folder, "", "log", "m", "--full").Output);
    }

    private void Refuse(string folder, string message, params string[] args)
    {
        var refused = home.Run(folder, "", ["poke", .. args]);
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.StartsWith($"pallas: {message}", refused.Error);
    }
}
