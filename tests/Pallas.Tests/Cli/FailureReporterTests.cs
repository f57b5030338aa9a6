using System.Text.RegularExpressions;
using Pallas.Cli.Render;
using Pallas.Machine;
using Pallas.Rex;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>The messages of a running machine about failing programs.</summary>
[Collection(SiteCollection.Name)]
public sealed partial class FailureReporterTests(CliHome home)
{
    private const string Program = """
        #### app <- prelude

        :| prelude

        = (show request)
        | die {no such case}

        = (crash done)
        : now < syscall TIME_WHEN
        | die {out of luck}

        = (main)
        | runCog
        & done
        : cog  < syscall (COG_SPIN (runCog crash))
        : _    < fork (syscall (HTTP_SERV show))
        : _    < fork (syscall (HTTP_ECHO 7 200 {OK} [] {a text}))
        | syscall (TIME_WAIT (bex 60)) done

        """;

    [GeneratedRegex(@"http://\S+/")]
    private static partial Regex AddressPattern();

    [Fact]
    public async Task A_crash_a_wrong_request_and_a_wrong_page_are_reported_while_it_runs()
    {
        var folder = home.FolderWith("app.sire", Program);
        Assert.Equal(0, home.Run(folder, "", "boot", "m", "app.sire").ExitCode);
        using var machine = home.Start(folder, ["start", "m"]);
        machine.WaitForLine(" is at http://");
        using var client = new HttpClient();
        using var answer = await client.GetAsync(
            AddressPattern().Match(machine.Error).Value + "some/page",
            TestContext.Current.CancellationToken);
        Assert.Equal(500, (int)answer.StatusCode);
        machine.WaitForLine("/some/page");
        machine.WaitForLine("crashed: %die was applied to {out of luck}");
        machine.WaitForLine("nothing answers");
        var said = CliHome.Normal(machine.Stop("INT").Error, folder);
        Assert.Contains(
            "pallas: cog ID made a request that nothing answers: "
            + "[%http 0 %echo 7 200 %OK [] {a text}]\n"
            + "hint: it is written [%http 0 %echo id code message headers body]; "
            + "its parts are in docs/reference/requests.md\n", said);
        Assert.Contains("""
            pallas: cog ID: the function that it serves crashed: %die was applied to {no such case}
            hint: the request was GET /some/page
            """, said);

        // The next start reports the failed cogs again.
        using var again = home.Start(folder, ["start", "m"]);
        again.WaitForLine("crashed: %die was applied to {out of luck}");
        Assert.Equal(0, again.Stop("INT").ExitCode);
    }

    [Fact]
    public void A_program_without_requests_finishes_at_once()
    {
        var folder = home.FolderWith("app.sire", "#### app <- prelude\n\n= main 3\n");
        Assert.Equal(0, home.Run(folder, "", "boot", "m", "app.sire").ExitCode);
        Assert.Equal(0, home.Run(folder, "", "start", "m").ExitCode);
    }

    [Fact]
    public void Each_end_is_reported_once_and_unknown_requests_are_bounded()
    {
        using var text = new StringWriter();
        var reporter = new FailureReporter(new Terminal(text, RexColors.None));
        var crashed = new CogState.Crashed(Nat.OfText("die"), 5, 0);
        for (var i = 0; i < 2; i++)
            reporter.Report(new MachineNotification.CogEnded(new CogId(7), crashed));
        reporter.Report(new MachineNotification.CogEnded(new CogId(8), new CogState.Finished(0)));
        Assert.Equal(
            "pallas: cog 7 crashed: %die was applied to 5\nhint: its last state is kept; stop the "
            + "machine, then: pallas cog retry STORE COG\n", text.ToString());
        Assert.True(reporter.HasReported(new CogId(7)));
        Assert.False(reporter.HasReported(new CogId(8)));
        for (var i = 0; i < 100; i++)
            reporter.Report(new MachineNotification.Unanswerable(new CogId(9), 3, null));
        Assert.Equal(2 + 2 * 10, text.ToString().Count(c => c == '\n'));
    }
}
