using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Pallas.Tests.Machine;
using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>Machines as the program boots, starts, stops and refuses them.</summary>
[Collection(CliCollection.Name)]
public sealed partial class MachineCommandTests(CliHome home)
{
    private const string Counter = """
        #### app <- prelude

        :| prelude

        = (count number k)
        : now < syscall TIME_WHEN
        | trk [%count number]
        : _ < syscall (TIME_WAIT (inc now))
        | count (inc number) k

        = (main)
        | runCog (count 0)

        """;

    private const string Idle = """
        #### app <- prelude

        :| prelude

        = (main)
        | runCog
        & done
        : now < syscall TIME_WHEN
        | trk %ready
        : _ < syscall (TIME_WAIT (add 1000 now))
        | done 0

        """;

    private const string Crashing = """
        #### app <- prelude

        :| prelude

        = (main)
        | runCog
        & done
        : now < syscall TIME_WHEN
        | die {out of luck}

        """;

    private const string RetryHint =
        "hint: its last state is kept; stop the machine, then: pallas cog retry STORE COG";

    private const string BootHint = "hint: pallas boot STORE FILE makes a machine";

    private const string OccupiedHint =
        "hint: choose a folder that does not exist or is empty";

    private string Boot(string program)
    {
        var folder = home.FolderWith("app.sire", program);
        var booted = home.Run(folder, "", "boot", "m", "app.sire");
        Assert.Equal(new CliResult(0, "booted m; run it with: pallas start m\n", ""), booted);
        return folder;
    }

    [GeneratedRegex(@"^\+\+ \[%count (\d+)\]$", RegexOptions.Multiline)]
    private static partial Regex CountPattern();

    private static long[] CountsIn(string text) =>
        [.. CountPattern().Matches(text).Select(
            match => long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];

    /// <summary>Of all files but the lock, which cannot be read while it is held, and the socket.
    /// </summary>
    private static Dictionary<string, string> HashesOf(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) is not ("lock" or "control"))
            .ToDictionary(
                file => file, file => Convert.ToHexString(SHA256.HashData(ReadShared(file))));

    private static byte[] ReadShared(string file)
    {
        using var stream = new FileStream(
            file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private void CheckRefused(string folder, string[] args, int exitCode, string expected)
    {
        var before = HashesOf(folder);
        var result = home.Run(folder, "", args);
        Assert.Equal(expected, CliHome.Normal(result.Error, folder));
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Equal(before, HashesOf(folder));
    }

    [Fact]
    public void A_machine_continues_after_an_interruption()
    {
        var folder = Boot(Counter);
        using var first = home.Start(folder, ["start", "m"]);
        first.WaitForLine("%count 1]");

        // As it runs it goes on to write: only while it is held still, every byte is the other's.
        first.Pause();
        foreach (var command in new[]
        {
            "start m", "adopt m", "cog stop m 5", "cog retry m 5", "cog spin m app.sire",
        })
        {
            CheckRefused(folder, command.Split(' '), 1,
                "pallas: FOLDER/m is in use by process ID, started TIME");
        }
        CheckRefused(folder, ["boot", "m", "app.sire"], 1,
            "pallas: FOLDER/m is already a machine\n" + OccupiedHint);
        first.Signal("CONT");
        var one = first.Stop("INT");
        Assert.Equal(0, one.ExitCode);

        using var again = home.Start(folder, ["start", "m"]);
        again.WaitForLine("%count");
        var two = again.Stop("TERM");
        Assert.Equal(0, two.ExitCode);
        var counts = CountsIn(one.Error + two.Error);
        Assert.Equal(Enumerable.Range(0, counts.Length).Select(number => (long)number), counts);
    }

    [Fact]
    public void A_machine_killed_at_any_moment_repeats_and_skips_no_count()
    {
        var folder = Boot(Counter);
        var random = new Random(12);
        var lives = new List<long[]>();
        for (var round = 0; round < 3; round++)
        {
            using var life = home.Start(folder, ["start", "m"]);
            var count = random.Next(1, 4);
            life.WaitUntil(() => CountsIn(life.Error).Length >= count);
            lives.Add(CountsIn(life.Stop("KILL").Error));
        }
        using (var last = home.Start(folder, ["start", "m"]))
        {
            last.WaitForLine("%count");
            lives.Add(CountsIn(last.Stop("TERM").Error));
        }

        var previous = -1L;
        foreach (var counts in lives)
        {
            Assert.True(counts[0] > previous, $"{counts[0]} came after {previous}");
            Assert.Equal(
                Enumerable.Range(0, counts.Length).Select(step => counts[0] + step), counts);
            previous = counts[^1];
        }
    }

    [Fact]
    public void An_idle_machine_sleeps_and_writes_nothing()
    {
        var folder = Boot(Idle);
        using var machine = home.Start(folder, ["start", "m"]);
        machine.WaitForLine("%ready");
        // After a start, the store may flush and compact once more.
        Wait.Until(() =>
        {
            try
            {
                machine.WaitForSleep();
                var files = HashesOf(folder);
                Assert.Equal(0, home.Run(folder, "", "status", "m").ExitCode);
                machine.WaitForSleep();
                return files.OrderBy(file => file.Key).SequenceEqual(
                    HashesOf(folder).OrderBy(file => file.Key));
            }
            catch (FileNotFoundException)
            {
                return false;
            }
        });
        Assert.Equal(0, machine.Stop("INT").ExitCode);
    }

    [Fact]
    public void A_program_that_crashes_is_reported_and_can_be_inspected()
    {
        var folder = Boot(Crashing);
        var result = home.Run(folder, "", "start", "m");
        Assert.Equal(
            "pallas: cog ID crashed: %die was applied to {out of luck}\n" + RetryHint,
            CliHome.Normal(result.Error, folder));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("crashed: %die was", home.Run(folder, "", "status", "m").Output);
    }

    [Fact]
    public void A_crashed_cog_is_shown_retried_and_replaced()
    {
        var folder = Boot(Crashing);
        home.Run(folder, "", "start", "m");
        var cog = home.Run(folder, "", "status", "m").Output.Split("cog ")[1].Split(' ')[0];
        var shown = home.Run(folder, "", "cog", "show", "m", cog);
        Assert.StartsWith($"cog {cog} crashed: %die was applied to", shown.Output);
        Assert.Contains("%when", shown.Output);
        CheckRefused(folder, ["cog", "show", "m", "5"], 1,
            "pallas: there is no cog ID\nhint: pallas status STORE lists the cogs");
        CheckRefused(folder, ["cog", "retry", "m", "x"], 1,
            "pallas: x is not the number of a cog\nhint: pallas status STORE lists the cogs");
        Assert.Equal(
            $"cog {cog} runs\n", home.Run(folder, "", "cog", "retry", "m", cog).Output);
        CheckRefused(folder, ["cog", "retry", "m", cog], 1,
            "pallas: cog ID has not failed\n"
                + "hint: only a cog that crashed or timed out can be retried");
        Assert.Equal(2, home.Run(folder, "", "start", "m").ExitCode);

        File.WriteAllText(Path.Combine(folder, "app.sire"), Idle);
        var replaced = home.Run(folder, "", "cog", "replace", "m", cog, "app.sire");
        Assert.Equal($"cog {cog} runs\n", replaced.Output);
        using var machine = home.Start(folder, ["start", "m"]);
        machine.WaitForLine("%ready");
        machine.Stop("INT");
        CheckRefused(folder, ["cog", "replace", "m", cog, "app.sire"], 1,
            "pallas: cog ID is running\nhint: --upgrade keeps its state, --force drops it");
        Assert.Equal(0, home.Run(folder, "", "cog", "save", "m", cog, "state.seed").ExitCode);
        Assert.Equal(
            $"cog {cog} is removed\n", home.Run(folder, "", "cog", "stop", "m", cog).Output);
        Assert.EndsWith(" runs\n", home.Run(folder, "", "cog", "spin", "m", "state.seed").Output);
    }

    [Fact]
    public void A_cog_is_upgraded_by_a_function_of_its_state()
    {
        var folder = Boot(Idle);
        var cog = home.Run(folder, "", "status", "m").Output.Split("cog ")[1].Split(' ')[0];
        File.WriteAllText(
            Path.Combine(folder, "next.sire"),
            "#### next <- prelude\n\n:| prelude\n\n= (main old) | [%was old]\n");
        var result = home.Run(
            folder, "", "cog", "replace", "m", cog, "next.sire", "--upgrade");
        Assert.Equal($"cog {cog} has finished\n", result.Output + result.Error);
    }

    [Fact]
    public void A_machine_is_not_overwritten_by_boot()
    {
        var folder = Boot(Idle);
        CheckRefused(folder, ["boot", "m", "app.sire"], 1,
            "pallas: FOLDER/m is already a machine\n" + OccupiedHint);
        CheckRefused(folder, ["boot", "app.sire", "app.sire"], 1,
            "pallas: FOLDER/app.sire is a file\n" + OccupiedHint);
        CheckRefused(folder, ["boot", "m/in", "app.sire"], 1,
            "pallas: FOLDER/m is a machine and cannot hold another\n" + OccupiedHint);
        CheckRefused(folder, ["boot", ".", "app.sire"], 1,
            "pallas: FOLDER is not empty\n" + OccupiedHint);
    }

    [Fact]
    public void A_folder_without_a_machine()
    {
        var folder = home.FolderWith("file", "text");
        Directory.CreateDirectory(Path.Combine(folder, "empty"));
        CheckRefused(folder, ["start", "none"], 1,
            "pallas: FOLDER/none does not exist\n" + BootHint);
        CheckRefused(folder, ["start", "empty"], 1,
            "pallas: FOLDER/empty is empty: it is not a machine\n" + BootHint);
        CheckRefused(folder, ["start", "file"], 1,
            "pallas: FOLDER/file is a file; a machine is a folder");
        CheckRefused(folder, ["status", "."], 1, "pallas: FOLDER is not a Pallas machine");
    }

    [Fact]
    public void A_machine_of_a_later_version_or_with_damage()
    {
        var folder = Boot(Idle);
        var marker = Path.Combine(folder, "m", "pallas-machine");
        var text = File.ReadAllText(marker);
        File.WriteAllText(marker, text.Replace("format 2", "format 99"));
        CheckRefused(folder, ["start", "m"], 1,
            "pallas: FOLDER/m has format 99; this version reads formats up to 2");
        File.WriteAllText(marker, text);

        var log = Directory.EnumerateFiles(Path.Combine(folder, "m", "store"), "*.log").Single();
        var bytes = File.ReadAllBytes(log);
        bytes[bytes.Length / 2] ^= 0x55;
        File.WriteAllBytes(log, bytes);
        CheckRefused(folder, ["start", "m"], 3,
            "pallas: the store is damaged: Corruption: checksum mismatch");
    }

    [Fact]
    public void Demo_boots_once_and_continues()
    {
        var folder = home.NewFolder();
        using (var first = home.Start(folder, ["demo", "--store", "d"]))
        {
            first.WaitForLine("{seconds counted:} 1]");
            Assert.Contains("A counter begins in d.", first.Stop("KILL").Output);
        }
        using var second = home.Start(folder, ["demo", "--store", "d"]);
        second.WaitForLine("{seconds counted:}");
        var result = second.Stop("INT");
        Assert.Contains("A counter goes on in d.", result.Output);
        Assert.DoesNotContain("counted:} 1]", result.Error);
        Assert.Equal(0, result.ExitCode);
    }
}
