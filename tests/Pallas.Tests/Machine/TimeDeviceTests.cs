using Pallas.Devices;
using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Store.Folder;
using Pallas.Testing;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Machine;

public sealed class TimeDeviceTests
{
    private static readonly DateTimeOffset Start =
        DateTimeOffset.FromUnixTimeMilliseconds(1_000_000_000_700);

    private readonly TestClock clock = new(Start);

    [Fact]
    public void When_answers_whole_seconds_since_1970() =>
        Assert.Equal([1_000_000_000ul], Ask("when").Answers);

    [Fact]
    public void Wait_for_a_time_that_has_passed_answers_0_at_once()
    {
        Assert.Equal([0ul], Ask("wait", 5).Answers);
        Assert.Equal([0ul], Ask("wait", 1_000_000_000).Answers);
        Assert.Equal(0, clock.SetCount);
    }

    [Fact]
    public void Wait_answers_when_its_second_has_come_and_not_before()
    {
        var call = Ask("wait", 1_000_000_002);
        clock.Advance(TimeSpan.FromMilliseconds(1299));
        Assert.Empty(call.Answers);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([0ul], call.Answers);
        Assert.Equal(0, clock.SetCount);
    }

    [Fact]
    public void Waits_are_answered_in_the_order_of_their_times_by_one_timer()
    {
        using var device = new TimeDevice(clock);
        var late = Ask(device, "wait", 1_000_000_009);
        var early = Ask(device, "wait", 1_000_000_003);
        Assert.Equal(1, clock.SetCount);
        clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal((1, 0), (early.Answers.Count, late.Answers.Count));
        clock.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal((1, 1), (early.Answers.Count, late.Answers.Count));
    }

    [Fact]
    public void A_cancelled_wait_is_not_answered_and_leaves_no_timer()
    {
        var call = Ask("wait", 1_000_000_009);
        Assert.Equal(1, clock.SetCount);
        call.Cancel!();
        Assert.Equal(0, clock.SetCount);
        clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Empty(call.Answers);
    }

    [Fact]
    public void A_time_beyond_63_bits_never_comes()
    {
        Assert.Empty(Ask("wait", 1ul << 63).Answers);
        Assert.Empty(Ask("wait", Nat.Of(System.Numerics.BigInteger.One << 80)).Answers);
        Assert.Equal(0, clock.SetCount);
    }

    [Fact]
    public void A_time_beyond_the_longest_timer_is_waited_for_in_parts()
    {
        var call = Ask("wait", 1_000_000_000 + 100 * 86_400);
        for (var day = 0; day < 100; day++)
        {
            Assert.Empty(call.Answers);
            clock.Advance(TimeSpan.FromDays(1));
        }
        Assert.Equal([0ul], call.Answers);
    }

    [Theory]
    [InlineData("whenever")]
    [InlineData("wait")]
    [InlineData("")]
    public void Other_shapes_are_unknown(string name)
    {
        using var device = new TimeDevice(clock);
        Assert.Equal(CallKind.Unknown, device.KindOf([name]));
        Assert.Equal(CallKind.Unknown, device.KindOf([name, Row.Empty]));
        Assert.Equal(CallKind.Unknown, device.KindOf([]));
    }

    [Fact]
    public async Task A_cog_waits_over_a_restart()
    {
        var store = new MemoryStore();
        var cog = Cogs.Steps(
            Row.Of(Row.Of("time", 0, "when")),
            Row.Of(0, Row.Of("time", 1, "wait", 1_000_000_060)),
            Row.Of(Row.Of("time", 0, "wait", 1ul << 63)));
        MachineStore.Initialize(
            store, MachineFolder.FirstState(new CogId(1), cog).ToRoot());
        var options = TestEval.Machine with
        {
            Time = clock,
            Devices = _ => [new TimeDevice(clock)],
        };
        await using (var machine = RunningMachine.Start(store, options))
            Wait.Until(() => Events(machine).Count == 1 && machine.Status().Position.Number == 1);
        clock.Advance(TimeSpan.FromSeconds(30));
        await using var again = RunningMachine.Start(store.Crash(), options);
        Wait.Until(() => clock.SetCount == 1);
        Assert.Single(Events(again));
        clock.Advance(TimeSpan.FromSeconds(30));
        Wait.Until(() => Events(again).Count == 2);
        Rig.AssertEqual(Tab.Of(Set.Of(0), 1_000_000_000), Events(again)[0]);
        Rig.AssertEqual(Tab.Of(Set.Of(1), 0), Events(again)[1]);
    }

    private static IReadOnlyList<Value> Events(RunningMachine machine) =>
        RunningMachineTests.HistoryOf(machine.Status().Cogs[0].State);

    private Asked Ask(params Value[] args) => Ask(new TimeDevice(clock), args);

    private static Asked Ask(TimeDevice device, params Value[] args)
    {
        var answers = new List<ulong>();
        Assert.NotEqual(CallKind.Unknown, device.KindOf(args));
        var cancel = device.Start(new DeviceCall(
            new CogId(1), args, value => answers.Add(((SmallNat)value).Word)));
        return new Asked(answers, cancel);
    }

    private sealed record Asked(List<ulong> Answers, Action? Cancel);
}
