using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Store.Folder;
using Pallas.Store.Snapshots;
using Pallas.Tests.Store;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Machine;

/// <summary>Machines that are copied: by backup, by fork, behind our back.</summary>
public sealed class MachineBackupTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly TestDevice device = new();

    private string Original => folder.Inside("m");

    private string Other => folder.Inside("other");

    [Fact]
    public async Task A_backup_of_a_running_machine_holds_its_state_at_that_time()
    {
        var id = MachineFolder.Boot(Original, Cogs.LogOf(Cogs.Hear(1)));
        await using var machine = RunningMachine.Start(Original, Options());
        Live(machine, id, 3);
        var backup = Backup(machine);
        Live(machine, id, 5);
        var identity = MachineBackup.Restore(new MemoryStream(backup), Other, asNew: false);
        Assert.Equal(2ul, identity.Life);
        var restored = MachineFolder.Inspect(Other).Cogs.Single();
        Assert.Equal(3, RunningMachineTests.HistoryOf(restored.State).Count);
        await machine.StopAsync();
        Assert.Equal(1ul, Identity(Original).Life);
        Assert.Equal(identity.Id, Identity(Original).Id);
        await using var again = RunningMachine.Start(Other, Options());
        Live(again, id, 4);
    }

    [Fact]
    public async Task A_damaged_backup_is_refused_and_leaves_nothing()
    {
        var id = MachineFolder.Boot(Original, Cogs.LogOf(Cogs.Hear(1)));
        byte[] backup;
        await using (var machine = RunningMachine.Start(Original, Options()))
        {
            Live(machine, id, 2);
            backup = Backup(machine);
        }
        for (var i = 0; i < backup.Length; i += 1 + (backup.Length / 40))
        {
            var changed = backup.ToArray();
            changed[i] ^= 0x20;
            CheckRefused(changed);
            CheckRefused(backup[..i]);
        }
        CheckRefused([.. backup, 0]);
        MachineBackup.Restore(new MemoryStream(backup), Other, asNew: true);
        Assert.NotEqual(Identity(Original).Id, Identity(Other).Id);
    }

    [Fact]
    public async Task A_fork_has_the_state_after_a_record()
    {
        var id = MachineFolder.Boot(Original, Cogs.LogOf(Cogs.Hear(1)));
        await using var machine = RunningMachine.Start(Original, Options());
        Live(machine, id, 6);
        using var view = machine.View();
        for (var at = 0ul; at <= 6; at += 2)
        {
            var path = folder.Inside($"fork{at}");
            using var forked = new MemoryStream();
            MachineBackup.WriteFork(view, at, forked);
            forked.Position = 0;
            Assert.Equal(1ul, MachineBackup.Restore(forked, path, asNew: true).Life);
            var made = MachineFolder.Inspect(path);
            Assert.Equal(at, made.Position.Number);
            Assert.Equal(
                (int)at, RunningMachineTests.HistoryOf(made.Cogs.Single().State).Count);
        }
        Assert.Throws<ArgumentOutOfRangeException>(
            () => MachineBackup.WriteFork(view, 7, new MemoryStream()));
    }

    [Fact]
    public async Task A_fork_at_the_oldest_record_runs_and_has_nothing_later()
    {
        var id = MachineFolder.Boot(Original, Cogs.LogOf(Cogs.Hear(1)));
        var options = Options() with
        {
            Options = TestEval.Options with
            {
                SnapshotEventsCount = 2,
                History = new HistoryPolicy(0, null),
            },
        };
        using var forked = new MemoryStream();
        await using (var machine = RunningMachine.Start(Original, options))
        {
            // Two snapshots at least, however long each takes, and time to take the first one away.
            Live(machine, id, 4);
            Wait.Until(() => machine.Status().SnapshotNumber == 4);
            Live(machine, id, 9);
            Wait.Until(() => machine.Status().SnapshotNumber == 8 && OldestOf(machine) > 0);
            using var view = machine.View();
            var oldest = view.Snapshots.Numbers()[0];
            Assert.InRange(oldest, 1ul, 8ul);
            MachineBackup.WriteFork(view, oldest, forked);
            Assert.Throws<ArgumentOutOfRangeException>(
                () => MachineBackup.WriteFork(view, oldest - 1, new MemoryStream()));
            Assert.True(view.Reader.Has(StoreSpace.Pins, Pin.Make(8).Hash.ToBytes()));
        }
        forked.Position = 0;
        MachineBackup.Restore(forked, Other, asNew: true);
        int eventsCount;
        using (var opened = StoreFolder.Open(Other))
        {
            eventsCount = (int)opened.Store.Log.Last.Number;
            Assert.Equal((ulong)eventsCount, opened.Store.Snapshots.Numbers().Single());
            using var view = opened.Store.View();
            for (var i = 0; i < 9; i++)
            {
                var hash = Pin.Make(i).Hash.ToBytes();
                Assert.Equal(i < eventsCount, view.Reader.Has(StoreSpace.Pins, hash));
            }
        }
        await using var other = RunningMachine.Start(Other, Options());
        Live(other, id, eventsCount + 2);
    }

    [Fact]
    public void A_fork_at_a_record_that_is_missing_is_refused()
    {
        var memory = Rig.MakeStore(Cogs.LogOf(Cogs.Hear(1)));
        using var store = MachineStore.Open(memory);
        for (var i = 0; i < 3; i++)
            store.Append(Row.Empty);
        memory.Damage(StoreSpace.Log, [0, 0, 0, 0, 0, 0, 0, 2], null);
        using var view = store.View();
        var error = Assert.Throws<StoreError>(
            () => MachineBackup.WriteFork(view, 2, new MemoryStream()));
        Assert.Equal("the store is damaged: record 2 of the log is missing", error.Message);
    }

    [Fact]
    public async Task A_copy_does_not_run_before_it_is_adopted()
    {
        var id = MachineFolder.Boot(Original, Cogs.LogOf(Cogs.Hear(1)));
        await using (var machine = RunningMachine.Start(Original, Options()))
            Live(machine, id, 1);
        var moved = folder.Inside("moved");
        Directory.Move(Original, moved);
        await using (var machine = RunningMachine.Start(moved, Options()))
            Live(machine, id, 2);

        Copy(moved, Other);
        var before = Directory.GetFiles(Other, "*", SearchOption.AllDirectories);
        var refused = Assert.Throws<StoreError>(() => RunningMachine.Start(Other, Options()));
        Assert.Equal(StoreErrorKind.Copied, refused.Kind);
        Assert.Equal(before, Directory.GetFiles(Other, "*", SearchOption.AllDirectories));
        Assert.Throws<StoreError>(
            () => MachineFolder.Change(Other, Options(), _ => new Receipt.Removed(id)));
        using (var opened = StoreFolder.Open(Other))
            opened.BeginNextLife(asNew: false, Random.Shared.NextBytes);
        Assert.Equal(Identity(moved).Next(Identity(Other).Home), Identity(Other));
        await using var copy = RunningMachine.Start(Other, Options());
        Live(copy, id, 3);
    }

    public void Dispose() => folder.Dispose();

    private void Live(RunningMachine machine, CogId id, int eventsCount)
    {
        for (var i = Count(); i < eventsCount; i++)
        {
            var last = machine.Status().Position.Number;
            device.Answer(id, 1, Pin.Make(i));
            Wait.Until(() => Count() == i + 1 && machine.Status().Position.Number == last + 1);
        }

        int Count() =>
            RunningMachineTests.HistoryOf(machine.Status().Cogs.Single().State).Count;
    }

    private static ulong OldestOf(RunningMachine machine)
    {
        using var view = machine.View();
        return view.Snapshots.Numbers()[0];
    }

    private void CheckRefused(byte[] backup)
    {
        var error = Assert.Throws<StoreError>(
            () => MachineBackup.Restore(new MemoryStream(backup), Other, asNew: false));
        Assert.Contains(
            error.Kind,
            new[] { StoreErrorKind.Damaged, StoreErrorKind.NotOurs, StoreErrorKind.NewerFormat });
        Assert.False(Directory.Exists(Other));
    }

    private static byte[] Backup(RunningMachine machine)
    {
        using var view = machine.View();
        using var bytes = new MemoryStream();
        MachineBackup.Write(view, bytes);
        return bytes.ToArray();
    }

    private static StoreIdentity Identity(string path)
    {
        using var opened = StoreFolder.Open(path);
        return opened.Identity!.Value;
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private MachineContext Options() => TestEval.Machine with { Devices = _ => [device] };
}
