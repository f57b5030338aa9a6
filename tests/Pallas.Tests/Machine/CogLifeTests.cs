using Pallas.Machine;
using Pallas.Plan;
using Xunit;

namespace Pallas.Tests.Machine;

/// <summary>Limits of an event, and what is left of a cog that broke one.</summary>
public sealed class CogLifeTests
{
    private static readonly CogId One = new(1);

    /// <summary>Never ends its first event and takes more memory with every turn.</summary>
    private static readonly Value Grow = Law.Make(
        Nat.OfText("grow"),
        Nat.Of(3),
        Cogs.Call(0, Cogs.Call(Cogs.Quote(0), 1, 3), 2, 3));

    [Fact]
    public async Task An_event_that_allocates_too_much_is_a_machine_fault_and_stays_one()
    {
        var rig = Rig.Boot(
            new MachineOptions { EventBytesMax = 32 << 20 },
            App.Make(Grow, 0, Row.Of(Cogs.Hear(1))),
            Cogs.LogOf(Cogs.Hear(1)));
        rig.Device.Answer(One, 1, "x");
        rig.Device.Answer(new CogId(2), 1, "y");
        rig.WaitFor(2, state => RunningMachineTests.HistoryOf(state).Count == 1);
        await CheckMemoryFault(rig);
    }

    [Fact]
    public async Task A_large_event_pays_for_a_heap_that_is_full()
    {
        var rig = Rig.Boot(
            new MachineOptions { HeapBytesMax = 1 }, App.Make(Grow, 0, Row.Of(Cogs.Hear(1))));
        rig.Device.Answer(One, 1, "x");
        await CheckMemoryFault(rig);
    }

    [Fact]
    public async Task A_small_event_never_pays_for_a_heap_that_is_full()
    {
        await using var rig = Rig.Boot(
            new MachineOptions { HeapBytesMax = 1 }, Cogs.LogOf(Cogs.Hear(1)));
        for (var i = 1; i <= 20; i++)
            rig.Device.Answer(One, 1, i);
        rig.WaitFor(1, state => RunningMachineTests.HistoryOf(state).Count == 20);
    }

    [Fact]
    public async Task An_eval_that_allocates_too_much_answers_the_fault()
    {
        await using var rig = Rig.Boot(
            new MachineOptions { EventBytesMax = 32 << 20 },
            Cogs.Steps(
                Row.Of(Row.Of("eval", 1000, App.Make(Grow, 0), 1, 2)), Row.Of(Cogs.Hear(1))));
        rig.WaitFor(1, state => RunningMachineTests.HistoryOf(state).Count == 1);
        Rig.AssertEqual(
            Tab.Of(Set.Of(0), (Value)Row.Of(CogState.FaultOp, "memory")),
            RunningMachineTests.HistoryOf(rig.Find(1)!.State).Single());
    }

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
