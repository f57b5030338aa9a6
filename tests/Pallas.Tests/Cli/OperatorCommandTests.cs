using System.Text.Json;
using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>Queries give the same answers for a running and a stopped machine.</summary>
[Collection(CliCollection.Name)]
public sealed class OperatorCommandTests(CliHome home)
{
    private const string Program = """
        #### app <- prelude

        :| prelude

        = (main)
        | runCog
        & done
        : now < syscall TIME_WHEN
        : own < syscall COG_WHO
        | trk %ready
        : _ < syscall (TIME_WAIT (add 1000 now))
        | done 0

        """;

    [Fact]
    public void A_machine_answers_while_it_runs_and_after()
    {
        var folder = home.FolderWith("app.sire", Program);
        home.Run(folder, "", "boot", "m", "app.sire");
        using var machine = home.Start(folder, ["start", "m"]);
        machine.WaitForLine("%ready");
        var running = Ask(folder, "status", "m", "--json").RootElement;
        Assert.Equal("running", running.GetProperty("state").GetString());
        Assert.Equal(machine.Id, running.GetProperty("process").GetInt32());
        Assert.True(running.GetProperty("commits").GetProperty("halfMs").GetDouble() > 0);
        Check(folder, running, snapshotsCount: 1);
        Assert.StartsWith(
            $"running: process {machine.Id}\n", home.Run(folder, "", "status", "m").Output);

        Assert.Equal(0, machine.Stop("TERM").ExitCode);
        Assert.False(File.Exists(Path.Combine(folder, "m", "control")));
        var stopped = Ask(folder, "status", "m", "--json").RootElement;
        Assert.Equal("stopped", stopped.GetProperty("state").GetString());
        Check(folder, stopped, snapshotsCount: 2);
    }

    [Fact]
    public void A_machine_is_backed_up_while_it_runs_restored_forked_and_adopted()
    {
        var folder = home.FolderWith("app.sire", Program);
        home.Run(folder, "", "boot", "m", "app.sire");
        using (var machine = home.Start(folder, ["start", "m"]))
        {
            machine.WaitForLine("%ready");
            var backup = home.Run(folder, "", "backup", "m", "m.backup");
            Assert.Equal((0, ""), (backup.ExitCode, backup.Error));
            Assert.EndsWith(", verified\n", backup.Output);
            Assert.Equal(0, home.Run(folder, "", "fork", "m", "early", "--at", "1").ExitCode);
            machine.Stop("TERM");
        }
        var original = Ask(folder, "status", "m", "--json").RootElement;
        var records = original.GetProperty("records").GetInt32();
        var forkedTooLate = home.Run(folder, "", "fork", "m", "late", "--at", "9");
        Assert.Equal(
            (1, $"pallas: record 9 is not in the log: the records from 0 to {records} are kept\n"),
            (forkedTooLate.ExitCode, forkedTooLate.Error));
        Assert.EndsWith(
            ", life 2\n", home.Run(folder, "", "restore", "m.backup", "again").Output);
        Assert.Equal(1, home.Run(folder, "", "restore", "m.backup", "again").ExitCode);
        var restored = Ask(folder, "status", "again", "--json").RootElement;
        Assert.Equal(
            original.GetProperty("machine").GetString(),
            restored.GetProperty("machine").GetString());
        Assert.Equal(records, restored.GetProperty("records").GetInt32());

        Directory.CreateDirectory(Path.Combine(folder, "copy", "store"));
        foreach (var file in new[] { "pallas-machine", "holder", "lock" }
            .Concat(Directory.GetFiles(Path.Combine(folder, "m", "store"))
                .Select(file => Path.Combine("store", Path.GetFileName(file)))))
            File.Copy(Path.Combine(folder, "m", file), Path.Combine(folder, "copy", file));
        var refused = home.Run(folder, "", "start", "copy");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("/copy is a copy of machine ", refused.Error);
        Assert.EndsWith(", life 1\n", home.Run(folder, "", "adopt", "copy", "--new").Output);
        using var other = home.Start(folder, ["start", "early"]);
        other.WaitForLine("%ready");
        other.Stop("TERM");
    }

    private void Check(string folder, JsonElement status, int snapshotsCount)
    {
        var cog = status.GetProperty("cogs")[0];
        var id = cog.GetProperty("id").GetString()!;
        Assert.Equal("running", cog.GetProperty("state").GetString());
        Assert.StartsWith(
            "[%time 0 %wait ", cog.GetProperty("requests")[0].GetProperty("request").GetString());

        var events = home.Run(folder, "", "log", "m", "--json").Output.TrimEnd().Split('\n')
            .Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(2, events.Length);
        Assert.All(events, each => Assert.Equal(id, each.GetProperty("cog").GetString()));
        Assert.Equal(id, events[1].GetProperty("answers")[0].GetProperty("value").GetString());
        Assert.Equal("", home.Run(folder, "", "log", "m", "--cog", "5").Output);
        Assert.Equal("", home.Run(folder, "", "log", "m", "--from", "3").Output);
        // Events that follow each other fast may share a record.
        var last = events[1].GetProperty("record").GetUInt64();
        Assert.EndsWith(
            $"{last,6}  cog {id}  0: {id}\n",
            home.Run(folder, "", "log", "m", "--from", $"{last}", "--to", $"{last}").Output);

        var du = Ask(folder, "du", "m", "--json").RootElement;
        Assert.Equal(last, du.GetProperty("log").GetProperty("count").GetUInt64());
        Assert.Equal(id, du.GetProperty("cogs")[0].GetProperty("id").GetString());
        Assert.True(du.GetProperty("cogs")[0].GetProperty("pinBytes").GetInt64() > 1000);
        Assert.Equal(0, du.GetProperty("unreachableBytes").GetInt64());

        var check = home.Run(folder, "", "check", "m", "--replay");
        Assert.Equal(0, check.ExitCode);
        Assert.Contains(
            $", 2 events\nsnapshots: {snapshotsCount}, of ", check.Output);
        Assert.EndsWith(" chunks\nall is well, replayed\n", check.Output);
        Assert.StartsWith(
            $"cog {id} runs\n", home.Run(folder, "", "cog", "show", "m", id).Output);
    }

    private JsonDocument Ask(string folder, params string[] args)
    {
        var result = home.Run(folder, "", args);
        Assert.Equal("", result.Error);
        return JsonDocument.Parse(result.Output);
    }
}
