using System.Diagnostics;
using Pallas.Store;
using Pallas.Store.Folder;
using Pallas.Testing;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Store;

/// <summary>Opening a folder that cannot be opened reports why, and changes nothing.</summary>
public sealed class StoreFolderTests : IDisposable
{
    private static readonly Pin Root = Pin.Make(Row.Of(Pin.Make("inner"), "root"));

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_made_folder_opens()
    {
        StoreFolder.Create(folder.Inside("m"), Root, Random.Shared.NextBytes);
        using var opened = StoreFolder.Open(folder.Inside("m"));
        Assert.True(Order.Equal(Root.Item, opened.Store.Snapshots.LoadLast().State));
    }

    [Fact]
    public void An_empty_folder_becomes_a_machine()
    {
        Directory.CreateDirectory(folder.Inside("m"));
        StoreFolder.Create(folder.Inside("m"), Root, Random.Shared.NextBytes);
        StoreFolder.Open(folder.Inside("m")).Dispose();
    }

    [Fact]
    public void A_missing_folder_is_reported_and_not_made()
    {
        AssertRefused(StoreErrorKind.Missing, "m", "does not exist");
        Assert.False(Directory.Exists(folder.Inside("m")));
    }

    [Fact]
    public void An_empty_folder_is_not_a_machine()
    {
        Directory.CreateDirectory(folder.Inside("m"));
        AssertRefused(StoreErrorKind.Empty, "m", "is empty");
    }

    [Fact]
    public void A_folder_of_other_files_is_not_a_machine()
    {
        Directory.CreateDirectory(folder.Inside("m"));
        File.WriteAllText(folder.Inside("m", "notes.txt"), "mine");
        AssertRefused(StoreErrorKind.NotOurs, "m", "is not a Pallas machine");
        var occupied = Assert.Throws<StoreError>(
            () => StoreFolder.Create(folder.Inside("m"), Root, Random.Shared.NextBytes));
        Assert.Equal(StoreErrorKind.Occupied, occupied.Kind);
    }

    [Theory]
    [InlineData("something else\n")]
    [InlineData("pallas machine, format x\n")]
    [InlineData("pallas machine, format 0\n")]
    [InlineData("pallas machine, format -1\n")]
    public void A_folder_with_another_marker_is_not_a_machine(string marker)
    {
        StoreFolder.Create(folder.Inside("m"), Root, Random.Shared.NextBytes);
        File.WriteAllText(folder.Inside("m", "pallas-machine"), marker);
        AssertRefused(StoreErrorKind.NotOurs, "m", "is not a Pallas machine");
    }

    [Fact]
    public void A_newer_format_is_refused()
    {
        StoreFolder.Create(folder.Inside("m"), Root, Random.Shared.NextBytes);
        File.WriteAllText(folder.Inside("m", "pallas-machine"), "pallas machine, format 3\n");
        AssertRefused(
            StoreErrorKind.NewerFormat, "m", "format 3; this version reads formats up to 2");
    }

    [Fact]
    public void A_machine_that_was_never_finished_is_reported_as_unfinished()
    {
        StoreFolder.Create(folder.Inside("m"), Root, Random.Shared.NextBytes);
        File.Delete(folder.Inside("m", "pallas-machine"));
        AssertRefused(StoreErrorKind.Unfinished, "m", "never finished");
        File.WriteAllText(folder.Inside("m", "pallas-machine"), "");
        AssertRefused(StoreErrorKind.Unfinished, "m", "never finished");
    }

    [Fact]
    public void A_machine_that_ran_and_lost_its_marker_is_not_reported_as_unfinished()
    {
        StoreFolder.Create(folder.Inside("m"), Root, Random.Shared.NextBytes);
        using (var opened = StoreFolder.Open(folder.Inside("m")))
        {
            opened.BeginWriting(Random.Shared.NextBytes);
            opened.Store.Append(Row.Empty);
        }
        var marker = folder.Inside("m", "pallas-machine");
        var text = File.ReadAllText(marker);
        File.Delete(marker);
        var error = Assert.Throws<StoreError>(() => StoreFolder.Open(folder.Inside("m")));
        Assert.Equal(StoreErrorKind.Unfinished, error.Kind);
        Assert.DoesNotContain("remove", error.Message, StringComparison.Ordinal);
        Assert.EndsWith($"put the file back: it is the line {text}", error.Message + "\n");
        // The same where the store cannot be read to find out.
        File.WriteAllText(folder.Inside("m", "store", "CURRENT"), "");
        Assert.Equal(
            error.Message,
            Assert.Throws<StoreError>(() => StoreFolder.Open(folder.Inside("m"))).Message);
    }

    [Fact]
    public void A_machine_without_its_write_ahead_log_is_damaged()
    {
        StoreFolder.Create(folder.Inside("m"), Root, Random.Shared.NextBytes);
        foreach (var file in Directory.EnumerateFiles(folder.Inside("m", "store"), "*.log"))
            File.Delete(file);
        AssertRefused(StoreErrorKind.Damaged, "m", "the write-ahead log is missing");
    }

    [Fact]
    public void A_lock_file_that_cannot_be_opened_does_not_count_as_held()
    {
        StoreFolder.Create(folder.Inside("m"), Root, Random.Shared.NextBytes);
        File.Delete(folder.Inside("m", "lock"));
        File.CreateSymbolicLink(folder.Inside("m", "lock"), folder.Inside("m", "lock"));
        var error = Assert.Throws<StoreError>(() => StoreFolder.Open(folder.Inside("m")));
        Assert.NotEqual(StoreErrorKind.Held, error.Kind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_machine_whose_making_fails_leaves_no_files(bool wasThere)
    {
        if (wasThere)
            Directory.CreateDirectory(folder.Inside("m"));
        var full = new StoreError(StoreErrorKind.DiskFull, "no room");
        var error = Assert.Throws<StoreError>(() => StoreFolder.Create(
            folder.Inside("m"),
            store =>
            {
                MachineStore.Initialize(store, Root);
                throw full;
            },
            (_, home) => StoreIdentity.New(Random.Shared.NextBytes, home)));
        Assert.Same(full, error);
        Assert.Equal(wasThere, Directory.Exists(folder.Inside("m")));
        Assert.DoesNotContain(
            Directory.EnumerateFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories),
            entry => entry != folder.Inside("m"));
        StoreFolder.Create(folder.Inside("m"), Root, Random.Shared.NextBytes);
        StoreFolder.Open(folder.Inside("m")).Dispose();
    }

    [Fact]
    public void A_machine_is_not_made_over_another()
    {
        StoreFolder.Create(folder.Inside("m"), Root, Random.Shared.NextBytes);
        var before = folder.Contents();
        var error = Assert.Throws<StoreError>(
            () => StoreFolder.Create(folder.Inside("m"), Root, Random.Shared.NextBytes));
        Assert.Equal(StoreErrorKind.Occupied, error.Kind);
        Assert.Contains("is already a machine", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, folder.Contents());
    }

    [Fact]
    public void A_machine_without_its_store_is_damaged()
    {
        StoreFolder.Create(folder.Inside("m"), Root, Random.Shared.NextBytes);
        Directory.Delete(folder.Inside("m", "store"), recursive: true);
        AssertRefused(StoreErrorKind.Damaged, "m", "is missing");
    }

    [Fact]
    public void Damaged_files_are_never_returned()
    {
        StoreFolder.Create(folder.Inside("m"), Root, Random.Shared.NextBytes);
        using (var opened = StoreFolder.Open(folder.Inside("m")))
        {
            opened.BeginWriting(Random.Shared.NextBytes);
            for (var i = 0; i < 3; i++)
                opened.Store.Append(Row.Of(i, Pin.Make(Bar.Of(new byte[2000]))));
        }
        var files = Directory.EnumerateFiles(folder.Inside("m", "store"))
            .Where(file => new FileInfo(file).Length > 0)
            .ToArray();
        var foundCount = 0;
        foreach (var file in files)
        {
            var good = File.ReadAllBytes(file);
            for (var at = 0; at < good.Length; at += 1 + good.Length / 6)
            {
                var bad = (byte[])good.Clone();
                bad[at] ^= 0x40;
                File.WriteAllBytes(file, bad);
                foundCount += OpensAsWritten() ? 0 : 1;
            }
            File.WriteAllBytes(file, good);
        }
        Assert.True(OpensAsWritten());
        Assert.InRange(foundCount, 5, int.MaxValue);
    }

    [Fact]
    public void A_second_opener_in_this_process_gets_the_name_of_the_holder()
    {
        StoreFolder.Create(folder.Inside("m"), Root, Random.Shared.NextBytes);
        using (var first = StoreFolder.Open(folder.Inside("m")))
        {
            first.BeginWriting(Random.Shared.NextBytes);
            AssertRefused(
                StoreErrorKind.Held, "m", $"is in use by process {Environment.ProcessId}, started");
        }
        StoreFolder.Open(folder.Inside("m")).Dispose();
    }

    [Fact]
    public void A_second_opener_in_another_process_is_refused_until_the_first_ends()
    {
        StoreFolder.Create(folder.Inside("m"), Root, Random.Shared.NextBytes);
        // The command flock locks the file as another process of this program does.
        var start = new ProcessStartInfo("flock")
        {
            ArgumentList = { "--exclusive", folder.Inside("m", "lock"), "sleep", "60" },
        };
        using var other = Process.Start(start)!;
        try
        {
            Pallas.Tests.Machine.Wait.Until(IsHeld);
            AssertRefused(StoreErrorKind.Held, "m", "is in use by");
        }
        finally
        {
            other.Kill(entireProcessTree: true);
        }
        other.WaitForExit();
        Pallas.Tests.Machine.Wait.Until(() => !IsHeld());
    }

    [Fact]
    public void A_lock_file_of_a_dead_process_does_not_matter()
    {
        StoreFolder.Create(folder.Inside("m"), Root, Random.Shared.NextBytes);
        File.WriteAllText(folder.Inside("m", "holder"), "process 999999999, started long ago\n");
        using (StoreFolder.Open(folder.Inside("m")))
            AssertRefused(StoreErrorKind.Held, "m", "is in use by another process");
        StoreFolder.Open(folder.Inside("m")).Dispose();
    }

    private bool IsHeld()
    {
        try
        {
            StoreFolder.Open(folder.Inside("m")).Dispose();
            return false;
        }
        catch (StoreError error)
        {
            return error.Kind == StoreErrorKind.Held;
        }
    }

    /// <summary>
    /// Whether all data is read as it was written. Damage is an error of the store and no other.
    /// </summary>
    private bool OpensAsWritten()
    {
        try
        {
            using var opened = StoreFolder.Open(folder.Inside("m"));
            var snapshot = opened.Store.Snapshots.LoadLast();
            Assert.True(Order.Equal(Root.Item, snapshot.State));
            var records = opened.Store.Log.Read(snapshot.Position).ToArray();
            Assert.Equal(3, records.Length);
            for (var i = 0; i < records.Length; i++)
                Assert.True(Order.Equal(i, ((Row)records[i].Payload)[0]));
            return true;
        }
        catch (StoreError error)
        {
            Assert.Equal(StoreErrorKind.Damaged, error.Kind);
            Assert.DoesNotContain('\n', error.Message);
            return false;
        }
    }

    private void AssertRefused(StoreErrorKind kind, string name, string text)
    {
        var before = folder.Contents();
        var error = Assert.Throws<StoreError>(() => StoreFolder.Open(folder.Inside(name)));
        Assert.Equal(kind, error.Kind);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Equal(before, folder.Contents());
    }
}
