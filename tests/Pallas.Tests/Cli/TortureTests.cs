using Pallas.Cli.Torture;
using Xunit;

namespace Pallas.Tests.Cli;

[Collection(CliCollection.Name)]
public sealed class TortureTests(CliHome home)
{
    [Fact]
    public void A_killed_machine_keeps_acknowledged_writes()
    {
        var folder = home.NewFolder();
        var result = home.Run(folder, "", "torture", "m", "--rounds", "3", "--clients", "4");
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        Assert.Matches(
            @"^round 3: 3 kills .* 0 lost, 0 twice, 0 strange; \d+ s\nnothing acknowledged",
            result.Output);
        var again = home.Run(folder, "", "torture", "m");
        Assert.Equal(1, again.ExitCode);
        Assert.Matches(@"^pallas: .*/m is already a machine\nhint: .*\n$", again.Error);
    }

    [Fact]
    public void Missing_repeated_and_unknown_writes_are_counted()
    {
        var ledger = new TortureLedger();
        foreach (var id in new[] { "a", "b", "c", "d" })
            ledger.Sent(id);
        ledger.Acknowledged("a");
        ledger.Acknowledged("b");
        ledger.Check(["a", "b", "d"]);
        Assert.True(ledger.IsGood);
        ledger.Check(["b", "c", "c", "x"]);
        Assert.Equal(
            (1, 1, 1), (ledger.LostCount, ledger.TwiceCount, ledger.StrangeCount));
        Assert.False(ledger.IsGood);
    }
}
