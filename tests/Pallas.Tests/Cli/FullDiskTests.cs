using System.Globalization;
using System.Text.RegularExpressions;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Tests.Machine;
using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>A disk without room: a machine stops cleanly, and goes on when there is room again.
/// </summary>
/// <remarks>
/// On a real store where this process may mount a small file system in a namespace of its own, as
/// ordinary users mostly may; and always at the seam of the store, with a full disk and with a sync
/// that fails.
/// </remarks>
[Collection(CliCollection.Name)]
public sealed partial class FullDiskTests(CliHome home)
{
    /// <summary>An event for each millisecond or so, as fast as the disk takes them. The count
    /// begins above the numbers that print as words.</summary>
    private const string Busy = """
        #### app <- prelude

        :| prelude

        = (count number k)
        : now < syscall TIME_WHEN
        | seq (ifz (mod number 50) (trk [%count (add 1000000000000 number)] 0) 0)
        : _ < syscall (TIME_WAIT now)
        | count (inc number) k

        = (main)
        | runCog (count 0)

        """;

    private const long First = 1_000_000_000_000;

    /// <summary>$1 is where to mount, the rest the program. It leaves so little room that the
    /// machine starts and soon has none.</summary>
    private const string Script = """
        out=$PWD
        mount -t tmpfs -o size=40m tmpfs "$1" || exit 77
        cd "$1"; shift
        exec > "$out/said" 2>&1
        room() { df -k --output=avail . | tail -1; }
        "$@" boot m "$out/app.sire"
        dd if=/dev/zero of=filler bs=1k count=$(($(room) - 1500)) status=none
        echo "== first"; "$@" start m; echo "== exit $?"
        "$@" log m > "$out/log1"
        dd if=/dev/zero of=more bs=1k count=100000 status=none 2> /dev/null
        echo "== second"; "$@" start m; echo "== exit $?"
        "$@" log m > "$out/log2"
        rm filler more
        echo "== third"; "$@" start m > "$out/third" 2>&1 & pid=$!
        for try in $(seq 600); do grep -q "%count" "$out/third" && break; sleep 0.1; done
        kill -TERM $pid; wait $pid; code=$?
        cat "$out/third"; echo "== exit $code"
        echo "== check"; "$@" check m --replay; echo "== exit $?"
        """;

    /// <summary>$1 is where to mount what has no room for a machine, the rest the program. Around
    /// each command it is said what is there.</summary>
    private const string CopiesScript = """
        out=$PWD
        mount -t tmpfs -o size=12k tmpfs "$1" || exit 77
        cd "$1"; shift
        exec > "$out/said" 2>&1
        for what in "boot b $out/app.sire" "fork $out/m f" "backup $out/m k" \
            "restore $out/m.backup r"
        do
            echo "== ${what%% *}"; "$@" $what; echo "== exit $?, left: $(ls -A)"
        done
        """;

    [Fact]
    public void A_copy_without_room_is_reported_and_leaves_nothing()
    {
        var folder = home.FolderWith("app.sire", Busy);
        Directory.CreateDirectory(Path.Combine(folder, "disk"));
        Assert.Equal(0, home.Run(folder, "", "boot", "m", "app.sire").ExitCode);
        Assert.Equal(0, home.Run(folder, "", "backup", "m", "m.backup").ExitCode);
        if (RunOnSmallDisk(folder, CopiesScript) is not { } said)
        {
            CheckAtSeam(StoreErrorKind.DiskFull);
            return;
        }
        foreach (var command in new[] { "boot", "fork", "backup", "restore" })
        {
            var lines = Part(said, command).Split('\n');
            Assert.Equal(3, lines.Length);
            Assert.StartsWith("pallas: the disk is full", lines[1]);
            Assert.Equal("== exit 3, left: ", lines[2]);
        }
    }

    [Fact]
    public void A_machine_on_a_full_disk_stops_and_goes_on_when_there_is_room()
    {
        var folder = home.FolderWith("app.sire", Busy);
        Directory.CreateDirectory(Path.Combine(folder, "disk"));
        if (RunOnSmallDisk(folder, Script) is not { } said)
        {
            CheckAtSeam(StoreErrorKind.DiskFull);
            return;
        }
        var (first, second) = (Part(said, "first"), Part(said, "second"));
        var (third, check) = (Part(said, "third"), Part(said, "check"));
        Assert.Contains("pallas: the disk is full", first);
        Assert.Contains("== exit 3", first);
        Assert.Contains("pallas: the disk is full", second);
        Assert.Contains("== exit 3", second);
        Assert.DoesNotContain("%count", second);
        var kept = File.ReadAllLines(Path.Combine(folder, "log1"));
        Assert.Equal(kept, File.ReadAllLines(Path.Combine(folder, "log2")));
        Assert.Equal(1, RecordOf(kept[0]));
        CheckShown(kept, first);
        var next = CountsIn(third);
        Assert.NotEmpty(next);
        Assert.Equal(CountsOf(kept.Length + (100 * next.Length))[^next.Length..], next);
        Assert.EndsWith("== exit 0", third);
        Assert.EndsWith("== exit 0", check);
    }

    [Theory]
    [InlineData(StoreErrorKind.DiskFull)]
    [InlineData(StoreErrorKind.WriteFailed)]
    public void A_commit_that_fails_ends_the_machine_and_a_start_goes_on(StoreErrorKind kind) =>
        CheckAtSeam(kind);

    /// <summary>All that was kept was shown, and nothing else; but for the last record, which may
    /// be the one for which there was no room: then it was kept, and its events were not shown.
    /// </summary>
    private static void CheckShown(string[] kept, string said)
    {
        var acknowledgedCount = kept.Count(line => RecordOf(line) < RecordOf(kept[^1]));
        var shown = CountsIn(said);
        Assert.NotEmpty(shown);
        if (shown.Length != CountsOf(acknowledgedCount).Length)
            acknowledgedCount = kept.Length;
        Assert.Equal(CountsOf(acknowledgedCount), shown);
    }

    /// <summary>The output of a number of events: they ask for the time and wait in turn, and print
    /// each fiftieth time.</summary>
    private static long[] CountsOf(int eventsCount) =>
        [.. Enumerable.Range(0, (eventsCount + 99) / 100).Select(count => 50L * count)];

    private static int RecordOf(string line) =>
        int.Parse(line.AsSpan(0, line.IndexOf("  cog", StringComparison.Ordinal)),
            NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture);

    private static void CheckAtSeam(StoreErrorKind kind)
    {
        var store = Rig.MakeStore(Cogs.LogOf(Cogs.Hear(1)));
        var rig = Rig.Open(store);
        rig.Device.Answer(new CogId(1), 1, 5);
        rig.WaitDurable(1, state => RunningMachineTests.HistoryOf(state!).Count == 1);
        store.FailCommit = _ => new StoreError(kind, "no");
        rig.Device.Answer(new CogId(1), 1, 6);
        Assert.Equal(kind, Assert.IsType<StoreError>(rig.Machine.Ended.Result.Failure).Kind);
        rig.Machine.StopAsync().Wait();
        var again = Rig.Open(store.Crash());
        Assert.Single(RunningMachineTests.HistoryOf(again.Find(1)!.State));
        again.Device.Answer(new CogId(1), 1, 7);
        again.WaitDurable(1, state => RunningMachineTests.HistoryOf(state!).Count == 2);
        again.Machine.StopAsync().Wait();
    }

    /// <summary>Null where nothing can be mounted.</summary>
    private string? RunOnSmallDisk(string folder, string script)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/unshare"))
            return null;
        using var process = home.StartOther(folder, "unshare", [
            "-rm", "sh", "-c", script, "sh", Path.Combine(folder, "disk"),
            "dotnet", CliHome.Program]);
        process.Finish(TimeSpan.FromMinutes(2));
        var said = Path.Combine(folder, "said");
        return File.Exists(said) ? File.ReadAllText(said) : null;
    }

    private static string Part(string said, string name)
    {
        var start = said.IndexOf($"== {name}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, said);
        var end = said.IndexOf("== exit", start, StringComparison.Ordinal);
        return said[start..said.IndexOf('\n', end)];
    }

    private static long[] CountsIn(string text) =>
        [.. CountPattern().Matches(text).Select(
            match => long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) - First)];

    [GeneratedRegex(@"^\+\+ \[%count (\d+)\]$", RegexOptions.Multiline)]
    private static partial Regex CountPattern();
}
