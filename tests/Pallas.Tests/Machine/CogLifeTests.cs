using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Tests.Store;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Machine;

/// <summary>Limits of an event, and what is left of a cog that broke one.</summary>
public sealed class CogLifeTests : IDisposable
{
    private static readonly CogId One = new(1);
    private static readonly MachineContext Defaults = TestEval.Machine;

    private readonly TempFolder folder = new();
    private readonly TestDevice device = new();

    /// <summary>Never ends its first event and takes more memory with every turn.</summary>
    private static readonly Value Grow = Law.Make(
        Nat.OfText("grow"),
        Nat.Of(3),
        Cogs.Call(0, Cogs.Call(Cogs.Quote(0), 1, 3), 2, 3));

    [Fact]
    public async Task An_event_that_allocates_too_much_is_a_machine_fault_and_stays_one()
    {
        var rig = Rig.Boot(
            TestEval.Options with { EventBytesMax = 32 << 20 },
            App.Make(Grow, 0, Row.Of(Cogs.Hear(1))),
            Cogs.LogOf(Cogs.Hear(1)));
        rig.Device.Answer(One, 1, "x");
        rig.Device.Answer(new CogId(2), 1, "y");
        rig.WaitFor(2, state => RunningMachineTests.HistoryOf(state).Count == 1);
        await CheckMemoryFault(rig);
    }

    [Fact]
    public async Task A_large_event_ends_when_the_heap_is_full()
    {
        var rig = Rig.Boot(
            TestEval.Options with { HeapBytesMax = 1 }, App.Make(Grow, 0, Row.Of(Cogs.Hear(1))));
        rig.Device.Answer(One, 1, "x");
        await CheckMemoryFault(rig);
    }

    [Fact]
    public async Task A_small_event_never_ends_for_a_full_heap()
    {
        await using var rig = Rig.Boot(
            TestEval.Options with { HeapBytesMax = 1 }, Cogs.LogOf(Cogs.Hear(1)));
        for (var i = 1; i <= 20; i++)
            rig.Device.Answer(One, 1, i);
        rig.WaitFor(1, state => RunningMachineTests.HistoryOf(state).Count == 20);
    }

    [Fact]
    public async Task An_eval_that_allocates_too_much_answers_the_fault()
    {
        await using var rig = Rig.Boot(
            TestEval.Options with { EventBytesMax = 32 << 20 },
            Cogs.Steps(
                Row.Of(Row.Of("eval", 1000, App.Make(Grow, 0), 1, 2)), Row.Of(Cogs.Hear(1))));
        rig.WaitFor(1, state => RunningMachineTests.HistoryOf(state).Count == 1);
        Rig.AssertEqual(
            Tab.Of(Set.Of(0), (Value)Row.Of(CogState.FaultOp, "memory")),
            RunningMachineTests.HistoryOf(rig.Find(1)!.State).Single());
    }

    [Fact]
    public async Task A_cog_that_crashed_is_retried_from_the_state_before_the_event()
    {
        var (path, id) = await BootAndCrash();
        MachineFolder.Change(path, Defaults, _ => new Receipt.Retried(id));
        await using var machine = RunningMachine.Start(path, Options());
        Assert.IsType<CogState.Spinning>(machine.Status().Cogs.Single().State);
        device.Answer(id, 1, "x");
        Wait.Until(() => machine.Status().Cogs.Single().State is CogState.Crashed);
    }

    [Fact]
    public async Task A_replaced_cog_continues_with_its_new_function()
    {
        var (path, id) = await BootAndCrash();
        var other = Cogs.LogOf(Cogs.Hear(2));
        MachineFolder.Change(path, Defaults, _ => new Receipt.Placed(id, other));
        for (var run = 1; run <= 2; run++)
        {
            await using var machine = RunningMachine.Start(path, Options());
            device.Answer(id, 2, run);
            Wait.Until(() => RunningMachineTests.HistoryOf(
                machine.Status().Cogs.Single().State).Count == run);
            await machine.StopAsync(snapshot: false);
        }
        var all = new MachineContext { Options = TestEval.Options with { ReplayAll = true } };
        Rig.AssertEqual(
            MachineFolder.Inspect(path).Cogs.Single().State.ToValue(),
            MachineFolder.Inspect(path, all).Cogs.Single().State.ToValue());
    }

    [Fact]
    public async Task A_cog_is_added_and_removed()
    {
        var (path, id) = await BootAndCrash();
        var added = new CogId(77);
        MachineFolder.Change(
            path, Defaults, _ => new Receipt.Placed(added, Cogs.LogOf(Cogs.Hear(3))));
        Assert.Equal(2, MachineFolder.Inspect(path).Cogs.Count);
        MachineFolder.Change(path, Defaults, _ => new Receipt.Removed(id));
        var left = MachineFolder.Inspect(path).Cogs.Single();
        Assert.Equal(added, left.Id);
        Assert.IsType<CogState.Spinning>(left.State);
    }

    [Fact]
    public async Task An_operator_event_that_does_not_fit_the_state_changes_nothing()
    {
        var (path, id) = await BootAndCrash();
        MachineFolder.Change(
            path, Defaults, _ => new Receipt.Placed(id, Cogs.LogOf(Cogs.Hear(2))));
        var before = folder.Contents();
        foreach (var receipt in new Receipt[]
            { new Receipt.Retried(id), new Receipt.Retried(One), new Receipt.Removed(One) })
        {
            Assert.Throws<ReplayError>(
                () => MachineFolder.Change(path, Defaults, _ => receipt));
        }
        Assert.Equal(before, folder.Contents());
        await using var machine = RunningMachine.Start(path, Options());
        var held = Assert.Throws<StoreError>(
            () => MachineFolder.Change(path, Defaults, _ => new Receipt.Removed(id)));
        Assert.Equal(StoreErrorKind.Held, held.Kind);
    }

    [Fact]
    public void Operator_receipts_round_trip()
    {
        foreach (var receipt in new Receipt[]
            { new Receipt.Retried(One), new Receipt.Removed(One), new Receipt.Placed(One, "f") })
            Assert.Equal(receipt, Receipt.Read(receipt.ToValue()));
        Assert.Null(Receipt.Read(Row.Of(3, 1, 1)));
        Assert.Null(Receipt.Read(Row.Of(4, 1)));
        Assert.Null(Receipt.Read(Row.Of(6, 1)));
    }

    public void Dispose() => folder.Dispose();

    private async Task<(string Path, CogId Id)> BootAndCrash()
    {
        var path = folder.Inside("m");
        var id = MachineFolder.Boot(path, App.Make(Cogs.Crash, Row.Of(Cogs.Hear(1))));
        await using var machine = RunningMachine.Start(path, Options());
        device.Answer(id, 1, "x");
        await machine.Ended;
        return (path, id);
    }

    private MachineContext Options() => TestEval.Machine with { Devices = _ => [device] };

    private static async Task CheckMemoryFault(Rig rig)
    {
        rig.WaitDurable(1, state => state is CogState.Crashed);
        var crashed = (CogState.Crashed)rig.Find(1)!.State;
        Assert.Equal(CogState.FaultOp, crashed.Op);
        Assert.Equal("memory", ((Nat)crashed.Argument).ToText());
        await using var again = await rig.Restart();
        Rig.AssertEqual(rig.LiveRoot().Item, again.LiveRoot().Item);
    }
}
