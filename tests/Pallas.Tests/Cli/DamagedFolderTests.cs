using System.Text;
using System.Text.Json;
using Pallas.Cli.Commands;
using Pallas.Cli.Control;
using Pallas.Cli.Render;
using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Store.Backends.Rocks;
using Pallas.Store.Folder;
using Pallas.Store.Log;
using Pallas.Store.Snapshots;
using Pallas.Testing;
using Pallas.Tests.Machine;
using Pallas.Tests.Store;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>
/// Commands report a damaged folder with one line and an exit code, never a
/// bug of ours, and nothing in the folder has changed.
/// </summary>
public sealed class DamagedFolderTests : IDisposable
{
    private const int RecordsCount = 3;

    private static readonly MachineState State =
        MachineState.Empty.With(new CogId(1), CogState.Of(Cogs.LogOf(Cogs.Hear(1))));

    private readonly TempFolder folder = new();

    /// <summary>Three records, with a snapshot before them and after each of the last two.
    /// </summary>
    public DamagedFolderTests()
    {
        StoreFolder.Create(Machine, State.ToRoot(), Random.Shared.NextBytes);
        using var opened = StoreFolder.Open(Machine);
        opened.BeginWriting(Random.Shared.NextBytes);
        for (var i = 1; i <= RecordsCount; i++)
        {
            opened.Store.Append(Row.Empty);
            if (i > 1)
            {
                opened.Store.Snapshots.Save(
                    new MachineSnapshot(opened.Store.Log.Last, State.ToTab()));
            }
        }
    }

    private string Machine => folder.Inside("m");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(71)]
    public void A_record_that_is_cut_short(int bytesCount)
    {
        Damage(StoreSpace.Log, EventLog.KeyOf(2), bytes => bytes[..bytesCount]);
        Check(new ForkQuery(2), 3, "the store is damaged: record 2 of the log is cut short");
        Check(new ForkQuery(3), 3, "the store is damaged: record 2 of the log cannot be read");
        Check(new LogQuery(false, 0, 9, null, false), 3,
            "the store is damaged: record 2 of the log is cut short");
        Check(new DuQuery(false), 3, "the store is damaged: record 2 of the log is cut short");
        // The last snapshot is later than the damage.
        Check(new StatusQuery(false, false), 0, "");
        Assert.Contains(
            "damage: the store is damaged: record 2 of the log is cut short\n",
            Check(new CheckQuery(false, true), 3, ""));
    }

    [Fact]
    public void A_receipt_that_names_a_missing_cog()
    {
        var ghost = new Receipt.Retried(new CogId(99));
        using (var opened = StoreFolder.Open(Machine))
        {
            opened.BeginWriting(Random.Shared.NextBytes);
            opened.Store.Append(Row.Of(ghost.ToValue()));
        }
        const string Said =
            "the log cannot be replayed at an event of cog 99: it has not failed";
        Check(new StatusQuery(false, false), 3, Said);
        Check(new CogQuery(99, false), 3, Said);
        Assert.Contains("     4  cog 99  is tried again\n",
            Check(new LogQuery(false, 0, 9, null, false), 0, ""));
        Assert.Contains("cog 99: ", Check(new DuQuery(false), 0, ""));
        Assert.Contains($"damage: {Said}\n", Check(new CheckQuery(false, true), 3, ""));
        var error = Assert.Throws<ReplayError>(
            () => RunningMachine.Start(Machine, TestEval.Machine));
        Assert.Equal(Said, error.Message);
    }

    [Fact]
    public void A_chunk_that_all_snapshots_need_is_missing()
    {
        foreach (var (number, space) in new[]
        {
            (0ul, StoreSpace.Pins), (2ul, StoreSpace.Chunks), (3ul, StoreSpace.Chunks),
        })
            Damage(space, RootOf(number), _ => null);
        var said = Failing(new StatusQuery(false, false), 3);
        Assert.StartsWith("pallas: the store is damaged: the chunk ", said);
        Assert.Contains(" is missing, and none of the 3 snapshots can be used\nhint: ", said);
        said = Failing(new DuQuery(false), 3);
        Assert.EndsWith(" is missing\n", said);
        Assert.Equal(3, said.Split("cannot be used").Length - 1);
        said = Failing(new ForkQuery(3), 3);
        Assert.EndsWith(", which the machine needs, is missing or damaged\n", said);
        Check(new LogQuery(false, 0, 9, null, false), 0, "");
    }

    [Fact]
    public void There_is_no_snapshot()
    {
        foreach (var number in new[] { 0ul, 2ul, 3ul })
            Damage(StoreSpace.Snapshots, EventLog.KeyOf(number), _ => null);
        foreach (var query in new MachineQuery[]
        {
            new StatusQuery(false, false), new DuQuery(false), new ForkQuery(2),
            new LogQuery(false, 0, 9, null, false), new BackupQuery(),
        })
            Check(query, 3, "the store is damaged: there is no snapshot");
        Assert.Contains(
            "damage: the store is damaged: there is no snapshot\n",
            Check(new CheckQuery(false, false), 3, ""));
    }

    [Theory]
    [InlineData(true, "a snapshot does not match its checksum")]
    [InlineData(false, "the chunk ")]
    public void The_newest_snapshot_is_damaged(bool inEntry, string why)
    {
        if (inEntry)
            Damage(StoreSpace.Snapshots, EventLog.KeyOf(3), Flipped);
        else
            Damage(StoreSpace.Chunks, RootOf(3), Flipped);
        var (output, said) = Ask(new DuQuery(true), 0);
        Assert.StartsWith($"pallas: warning: the store is damaged: {why}", said);
        Assert.Contains("; the snapshot after record 3 cannot be used\n", said);
        var report = JsonDocument.Parse(output).RootElement;
        // Both snapshots are of the same state, so of the same chunk.
        Assert.Equal(inEntry ? 2 : 0, report.GetProperty("snapshotAt").GetInt32());
        Assert.Equal("1", report.GetProperty("cogs")[0].GetProperty("id").GetString());
        Assert.Equal(RecordsCount, report.GetProperty("log").GetProperty("count").GetInt32());
        Assert.Equal(
            3,
            report.GetProperty("damagedSnapshots")[0].GetProperty("number").GetInt32());
        if (inEntry)
            Assert.Equal(said, Ask(new LogQuery(false, 3, 3, null, false), 0).Said);
    }

    [Fact]
    public void A_fork_leaves_out_a_damaged_snapshot()
    {
        Damage(StoreSpace.Snapshots, EventLog.KeyOf(2), Flipped);
        using var forked = new MemoryStream();
        using (var opened = StoreFolder.Open(Machine))
        using (var view = opened.Store.View())
            MachineBackup.WriteFork(view, 3, forked);
        forked.Position = 0;
        MachineBackup.Restore(forked, folder.Inside("fork"), asNew: true);
        using var fork = StoreFolder.Open(folder.Inside("fork"));
        Assert.Equal([0ul, 3ul], fork.Store.Snapshots.Numbers());
        Assert.Equal(RecordsCount, fork.Store.Log.Read(fork.Store.Snapshots.LoadFirst().Position)
            .Count());
        Assert.StartsWith(
            "pallas: warning: the store is damaged: a snapshot does not match its checksum; the "
                + "snapshot after record 2 cannot be used\n",
            Failing(new ForkQuery(3), 0));
    }

    [Fact]
    public void A_full_disk_is_not_an_error_of_the_user()
    {
        using var said = new StringWriter();
        var exitCode = Failure.Guard(
            () => throw new IOException("No space left on device : 'x'"), said);
        Assert.Equal((3, "pallas: the disk is full: No space left on device : 'x'\n"),
            (exitCode, said.ToString()));
    }

    private static byte[] Flipped(byte[] bytes)
    {
        var changed = (byte[])bytes.Clone();
        changed[^1] ^= 4;
        return changed;
    }

    private byte[] RootOf(ulong number)
    {
        using var opened = StoreFolder.Open(Machine);
        return opened.Store.Snapshots.List((_, _) => { })
            .Single(entry => entry.Position.Number == number).Root.ToBytes();
    }

    /// <summary>Puts other bytes under a key, or none, as no disk would do it.</summary>
    private void Damage(StoreSpace space, byte[] key, Func<byte[], byte[]?> change)
    {
        using var rocks = RocksStore.Open(Path.Combine(Machine, "store"));
        var batch = new StoreBatch();
        if (change(rocks.Get(space, key) ?? []) is { } bytes)
            batch.Put(space, key, bytes);
        else
            batch.Delete(space, key);
        rocks.BeginWriting();
        rocks.Commit(batch, durable: true);
    }

    /// <param name="message">The message; empty for none.</param>
    /// <returns>The answer.</returns>
    private string Check(MachineQuery query, int exitCode, string message)
    {
        var (output, said) = Ask(query, exitCode);
        Assert.Equal(message.Length == 0 ? "" : $"pallas: {message}\n", said);
        return output;
    }

    private string Failing(MachineQuery query, int exitCode) => Ask(query, exitCode).Said;

    /// <summary>Asks as the program does, from the folder to the message.</summary>
    private (string Output, string Said) Ask(MachineQuery query, int exitCode)
    {
        var before = folder.Contents();
        using var output = new MemoryStream();
        using var said = new StringWriter();
        var code = Failure.Guard(
            () =>
            {
                using var machine = MachineAccess.Stopped(
                    StoreFolder.Open(Machine), TestEval.WithJets, said.WriteLine);
                return query.Answer(machine, output);
            },
            said);
        Assert.True(exitCode == code, $"{code}: {said}");
        Assert.Equal(before, folder.Contents());
        return (Encoding.UTF8.GetString(output.ToArray()), said.ToString());
    }
}
