using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Store.Folder;
using Pallas.Tests.Store;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Machine;

/// <summary>Tests that measure what a process does, with nothing beside them.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;

/// <summary>Machines in folders, as the command line makes and runs them.</summary>
[Collection(typeof(Alone))]
public sealed class MachineFolderTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly TestDevice device = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_booted_machine_survives_stops_and_starts()
    {
        var path = folder.Inside("m");
        var id = MachineFolder.Boot(path, Cogs.LogOf(Cogs.Hear(1)));
        for (var run = 1; run <= 4; run++)
        {
            var machine = RunningMachine.Start(path, Options());
            device.Answer(id, 1, run);
            Wait.Until(() => EventsCount(machine.Status()) == run);
            await machine.StopAsync(snapshot: run % 2 == 0);
            Assert.Equal(run, EventsCount(machine.Status()));
            var status = MachineFolder.Inspect(path, Options());
            Assert.Equal(run, EventsCount(status));
            Assert.Equal((ulong)run, status.Position.Number);
            Assert.Equal(run % 2 == 0 ? 0 : 1, status.EventsCount);
            Assert.Equal((ulong)(run - run % 2), status.SnapshotNumber);
            Assert.Equal(id, status.Cogs.Single().Id);
        }
    }

    [Fact]
    public void Booting_over_a_machine_is_refused()
    {
        var path = folder.Inside("m");
        MachineFolder.Boot(path, Cogs.LogOf(Cogs.Hear(1)));
        var before = folder.Contents();
        var error = Assert.Throws<StoreError>(() => MachineFolder.Boot(path, 5));
        Assert.Equal(StoreErrorKind.Occupied, error.Kind);
        Assert.Equal(before, folder.Contents());
    }

    [Fact]
    public async Task A_running_machine_can_be_neither_started_nor_inspected_again()
    {
        var path = folder.Inside("m");
        MachineFolder.Boot(path, Cogs.LogOf(Cogs.Hear(1)));
        await using var machine = RunningMachine.Start(path, Options());
        var error = Assert.Throws<StoreError>(() => RunningMachine.Start(path, Options()));
        Assert.Equal(StoreErrorKind.Held, error.Kind);
        Assert.Contains(
            $"process {Environment.ProcessId}", error.Message, StringComparison.Ordinal);
        Assert.Equal(
            StoreErrorKind.Held, Assert.Throws<StoreError>(() => MachineFolder.Inspect(path)).Kind);
    }

    [Fact]
    public void A_log_that_cannot_be_replayed_is_reported_and_nothing_is_written()
    {
        var path = folder.Inside("m");
        var id = MachineFolder.Boot(path, App.Make(Cogs.Crash, Row.Of(Cogs.Hear(1))));
        using (var opened = StoreFolder.Open(path))
        {
            opened.BeginWriting(Random.Shared.NextBytes);
            var good = new Receipt.Ran(
                id, SlotItems.Of(0, new ReceiptItem.Given(0)));
            opened.Store.Append(Row.Of(good.ToValue()));
        }
        var before = folder.Contents();
        var error = Assert.Throws<ReplayError>(() => RunningMachine.Start(path, Options()));
        Assert.Contains("ended well now ends in a crash", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, folder.Contents());
    }

    [Fact]
    public void A_record_that_holds_no_receipts_is_damage()
    {
        var path = folder.Inside("m");
        MachineFolder.Boot(path, Cogs.LogOf(Cogs.Hear(1)));
        using (var opened = StoreFolder.Open(path))
        {
            opened.BeginWriting(Random.Shared.NextBytes);
            opened.Store.Append(Row.Of(Row.Of(9, 9, 9)));
        }
        var error = Assert.Throws<StoreError>(() => RunningMachine.Start(path, Options()));
        Assert.Equal(StoreErrorKind.Damaged, error.Kind);
    }

    [Fact]
    public async Task An_idle_machine_sets_no_timer_and_writes_no_byte()
    {
        var path = folder.Inside("m");
        var id = MachineFolder.Boot(path, Cogs.LogOf(Cogs.Hear(1), Cogs.Hear(2)));
        var clock = new TestClock(DateTimeOffset.UnixEpoch);
        await using var machine = RunningMachine.Start(path, Options() with { Time = clock });
        device.Answer(id, 1, "x");
        Wait.Until(() => machine.Status().Position.Number == 1);
        Wait.Until(() => clock.SetCount == 0);
        var files = folder.Contents();
        clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1ul, machine.Status().Position.Number);
        Assert.Equal(0, clock.SetCount);
        Assert.Equal(files, folder.Contents());
    }

    private static int EventsCount(MachineStatus status) =>
        RunningMachineTests.HistoryOf(status.Cogs.Single().State).Count;

    private MachineContext Options() => TestEval.Machine with { Devices = _ => [device] };
}
