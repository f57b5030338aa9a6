using System.Runtime.CompilerServices;
using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Machine;

/// <summary>Requests of cogs to the machine itself, run and replayed.</summary>
public sealed class CogCallTests
{
    private static readonly CogId One = new(1);

    [Fact]
    public async Task A_request_for_the_own_id_is_answered()
    {
        var rig = Rig.Boot(Cogs.Steps(Row.Of(Row.Of("cog", "who")), Row.Of(Cogs.Hear(1))));
        await CheckEvents(rig, 1, Event(0, 1));
    }

    [Fact]
    public async Task A_what_request_answers_if_the_devices_differ()
    {
        var rig = Rig.Boot(Cogs.Steps(
            Row.Of(Row.Of("what", Set.Of("time"))), Row.Of(Row.Of("what", Set.Of("test")))));
        await CheckEvents(rig, 1, Event(0, Set.Of("test")));
    }

    [Fact]
    public async Task Eval_answers_the_value()
    {
        var rig = Rig.Boot(Cogs.Steps(
            Row.Of(Row.Of("eval", 5, 3, 41)), Row.Of(Cogs.Hear(1))));
        await CheckEvents(rig, 1, Event(0, Row.Of(42)));
    }

    [Fact]
    public async Task Eval_answers_a_crash_with_its_code_and_value()
    {
        var rig = Rig.Boot(Cogs.Steps(
            Row.Of(Row.Of("eval", 5, 7, "boom")), Row.Of(Cogs.Hear(1))));
        await CheckEvents(rig, 1, Event(0, Row.Of(7, "boom")));
    }

    [Fact]
    public async Task Eval_answers_the_empty_row_when_it_takes_too_long()
    {
        var rig = Rig.Boot(Cogs.Steps(
            Row.Of(Row.Of("eval", 1, Cogs.Spin, 1, 2)), Row.Of(Cogs.Hear(1))));
        await CheckEvents(rig, 1, Event(0, Row.Empty));
    }

    [Fact]
    public async Task An_eval_that_is_withdrawn_stops()
    {
        await using var rig = Rig.Boot(
            TestEval.Options with { ThreadsMax = 2 },
            Cogs.Steps(
                Row.Of(Cogs.Hear(1), Row.Of("eval", 1000, Cogs.Spin, 1, 2)),
                Row.Of(Cogs.Hear(2), Row.Of("eval", 1000, Cogs.Spin, 1, 3)),
                Row.Of(Cogs.Hear(3))));
        rig.Device.Answer(One, 1, 0);
        rig.Device.Answer(One, 2, 0);
        Wait.Until(() => rig.Device.IsOpen(One, 3));
    }

    [Fact]
    public async Task Evals_wait_for_each_other_and_for_no_cog()
    {
        await using var rig = Rig.Boot(
            TestEval.Options with { EvalsMax = 1 },
            Cogs.LogOf(Cogs.Hear(1), Row.Of("eval", 1000, Cogs.Spin, 1, 2)),
            Cogs.LogOf(Cogs.Hear(1), Row.Of("eval", 5, 3, 41)),
            Cogs.Steps(
                Row.Of(Cogs.Hear(1)), Row.Of(Row.Of("cog", "stop", 1)), Row.Of(Cogs.Hear(2))));
        rig.Device.Answer(new CogId(2), 1, 0);
        rig.WaitFor(2, state => RunningMachineTests.HistoryOf(state).Count == 1);
        rig.Device.Answer(new CogId(3), 1, 0);
        rig.WaitFor(2, state => RunningMachineTests.HistoryOf(state).Count > 1);
        Rig.AssertEqual(
            Event(1, Row.Of(42)), RunningMachineTests.HistoryOf(rig.Find(2)!.State)[1]);
    }

    /// <summary>Its argument is garbage, although the evaluation before it runs on.</summary>
    [Theory]
    [InlineData("withdrawn")]
    [InlineData("stopped")]
    public async Task A_waiting_eval_that_is_dropped_holds_no_memory(string how)
    {
        // (asks row event) = once [[%test 0 %hear 2] [%eval 1000 spin event 2]]
        var spin = Cogs.RowOf(
            Cogs.Quote("eval"), Cogs.Quote(1000), Cogs.Quote(Cogs.Spin), 2, Cogs.Quote(2));
        var asks = Law.Make(
            Nat.OfText("asks"),
            Nat.Of(2),
            Cogs.Call(Cogs.Quote(Cogs.Once), Cogs.RowOf(Cogs.Quote(Cogs.Hear(2)), spin)));
        var stops = Law.Make(
            Nat.OfText("stops"),
            Nat.Of(2),
            Cogs.Quote(App.Make(Cogs.Once, Row.Of(Row.Of("cog", "stop", 2)))));
        await using var rig = Rig.Boot(
            TestEval.Options with { EvalsMax = 1 },
            Cogs.LogOf(Cogs.Hear(1), Row.Of("eval", 1000, Cogs.Spin, 1, 2)),
            App.Make(asks, Row.Of(Cogs.Hear(1))),
            App.Make(stops, Row.Of(Cogs.Hear(1))));
        var argument = AnswerLong(rig.Device, new CogId(2), 1);
        Wait.Until(() => rig.Device.IsOpen(new CogId(2), 2));
        Assert.True(IsHeld());
        if (how == "withdrawn")
            rig.Device.Answer(new CogId(2), 2, 0);
        else
            rig.Device.Answer(new CogId(3), 1, 0);
        Wait.Until(() => !IsHeld());
        Assert.Equal(2, rig.Find(1)!.OpenRequests.Count);

        bool IsHeld()
        {
            GC.Collect();
            return argument.IsAlive;
        }
    }

    /// <summary>In a method of its own: its locals would hold the value.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference AnswerLong(TestDevice device, CogId cog, ulong number)
    {
        var answer = Bar.Of(new byte[1 << 20]);
        device.Answer(cog, number, answer);
        return new WeakReference(answer);
    }

    [Fact]
    public async Task Spin_makes_a_cog_and_answers_its_id()
    {
        var child = App.Make(Cogs.Once, Row.Of(Cogs.Hear(9)));
        var rig = Rig.Boot(Cogs.Steps(
            Row.Of(Row.Of("cog", "spin", child)), Row.Of(Cogs.Hear(1))));
        Wait.Until(() => rig.Device.IsOpen(new CogId(100), 9));
        await CheckEvents(rig, 1, Event(0, 100));
    }

    [Fact]
    public async Task Reap_waits_for_the_end_and_takes_the_state()
    {
        var child = App.Make(Cogs.Once, Row.Of(Cogs.Hear(9)));
        var rig = Rig.Boot(
            Cogs.Steps(Row.Of(Row.Of("cog", "reap", 2)), Row.Of(Cogs.Hear(1))), child);
        Assert.Empty(RunningMachineTests.HistoryOf(rig.Find(1)!.State));
        rig.Device.Answer(new CogId(2), 9, 0);
        Wait.Until(() => rig.Find(2) is null);
        var ended = Row.Of(1, App.Make(Cogs.Once, Row.Empty));
        await CheckEvents(rig, 1, Event(0, App.Make(0, ended)));
    }

    [Theory]
    [InlineData("reap")]
    [InlineData("stop")]
    public async Task Reap_and_stop_of_an_unknown_cog_answer_0(string call)
    {
        var rig = Rig.Boot(Cogs.Steps(Row.Of(Row.Of("cog", call, 77)), Row.Of(Cogs.Hear(1))));
        await CheckEvents(rig, 1, Event(0, 0));
    }

    [Fact]
    public async Task Stop_ends_a_cog_now_and_takes_its_state()
    {
        var rig = Rig.Boot(
            Cogs.Steps(
                Row.Of(Cogs.Hear(1)),
                Row.Of(Row.Of("cog", "stop", 2)),
                Row.Of(Cogs.Hear(2))),
            Cogs.LogOf(Cogs.Hear(9)));
        rig.Device.Answer(new CogId(2), 9, "x");
        rig.WaitFor(2, state => RunningMachineTests.HistoryOf(state).Count == 1);
        var last = rig.StateOf(2);
        rig.Device.Answer(One, 1, 0);
        Wait.Until(() => rig.Find(2) is null);
        Assert.False(rig.Device.IsOpen(new CogId(2), 9));
        await CheckEvents(rig, 1, Event(0, 0), Event(0, App.Make(0, last)));
    }

    [Fact]
    public async Task Stop_ends_a_cog_that_computes()
    {
        var busy = App.Make(Cogs.Spin, Row.Of(Cogs.Hear(9)));
        var clock = new TestClock(DateTimeOffset.UnixEpoch);
        var rig = Rig.Boot(
            TestEval.Machine with { Time = clock },
            Cogs.Steps(
                Row.Of(Cogs.Hear(1)),
                Row.Of(Row.Of("cog", "stop", 2)),
                Row.Of(Cogs.Hear(2))),
            busy);
        Wait.Until(() => rig.Device.IsOpen(One, 1));
        rig.Device.Answer(new CogId(2), 9, "x");
        Wait.Until(() => clock.SetCount == 1, "cog 2 computes");
        rig.Device.Answer(One, 1, 0);
        Wait.Until(() => rig.Find(2) is null);
        await CheckEvents(rig, 1, Event(0, 0), Event(0, App.Make(0, Row.Of(0, busy))));
    }

    [Fact]
    public async Task A_cog_that_stops_itself_is_gone()
    {
        var rig = Rig.Boot(
            Cogs.Steps(Row.Of(Cogs.Hear(1)), Row.Of(Row.Of("cog", "stop", 1))),
            Cogs.LogOf(Cogs.Hear(1)));
        rig.Device.Answer(One, 1, 0);
        Wait.Until(() => rig.Find(1) is null);
        Wait.Until(() => Order.Equal(rig.DurableRoot().Item, rig.LiveRoot().Item));
        await rig.DisposeAsync();
    }

    [Fact]
    public async Task Two_cogs_that_stop_each_other_end()
    {
        var rig = Rig.Boot(
            Cogs.Steps(Row.Of(Row.Of("cog", "stop", 2)), Row.Of(Cogs.Hear(1))),
            Cogs.Steps(Row.Of(Row.Of("cog", "stop", 1)), Row.Of(Cogs.Hear(1))));
        Wait.Until(() => rig.Machine.Status().Cogs.Count == 1);
        Wait.Until(() => Order.Equal(rig.DurableRoot().Item, rig.LiveRoot().Item));
        await rig.DisposeAsync();
    }

    [Fact]
    public async Task Wait_answers_when_the_cog_is_gone_and_not_when_it_has_finished()
    {
        var rig = Rig.Boot(
            Cogs.Steps(Row.Of(Row.Of("cog", "wait", 2)), Row.Of(Cogs.Hear(1))),
            App.Make(Cogs.Once, Row.Of(Cogs.Hear(9))),
            Cogs.Steps(
                Row.Of(Cogs.Hear(1)), Row.Of(Row.Of("cog", "reap", 2)), Row.Of(Cogs.Hear(2))));
        rig.Device.Answer(new CogId(2), 9, 0);
        rig.WaitFor(2, state => state is CogState.Finished);
        Assert.Empty(RunningMachineTests.HistoryOf(rig.Find(1)!.State));
        rig.Device.Answer(new CogId(3), 1, 0);
        Wait.Until(() => rig.Find(2) is null);
        await CheckEvents(rig, 1, Event(0, 0));
    }

    /// <summary>Tells <c>[to asker, to teller] = [(asker message), message]</c>.</summary>
    internal static readonly Value Teller = Law.Make(
        Nat.OfText("tell"), Nat.Of(2), Cogs.RowOf(Cogs.Call(Cogs.Quote(0), 1, 2), 2));

    [Fact]
    public async Task A_tell_answers_the_ask_in_the_same_commit()
    {
        var rig = Rig.Boot(
            Cogs.Steps(Row.Of(Row.Of("cog", "ask", 2, 6, "question")), Row.Of(Cogs.Hear(1))),
            Cogs.Steps(Row.Of(0, Row.Of("cog", "tell", 6, Teller)), Row.Of(Cogs.Hear(1))));
        rig.WaitFor(1, state => RunningMachineTests.HistoryOf(state).Count == 1);
        using (var store = Pallas.Store.Folder.MachineStore.Open(rig.Store.Crash()))
            Wait.Until(() => rig.Machine.Status().Position.Number == 1);
        var both = RunningMachineTests.HistoryOf(rig.Find(2)!.State);
        Rig.AssertEqual(Event(1, "question"), both.Single());
        await CheckEvents(rig, 1, Event(0, App.Make(0, App.Make(0, 1, "question"))));
    }

    [Fact]
    public async Task Asks_of_many_cogs_are_answered_one_by_one()
    {
        var askers = Enumerable.Range(0, 5).Select(
            i => Cogs.Steps(Row.Of(Row.Of("cog", "ask", 6, 1, i)), Row.Of(Cogs.Hear(1))));
        var rig = Rig.Boot(
            [.. askers, Cogs.LogOf(Row.Of("cog", "tell", 1, Teller))]);
        rig.WaitFor(6, state => RunningMachineTests.HistoryOf(state).Count == 5);
        for (var i = 0; i < 5; i++)
        {
            var asked = RunningMachineTests.HistoryOf(rig.Find((ulong)i + 1)!.State);
            Rig.AssertEqual(Event(0, App.Make(0, App.Make(0, i + 1, i))), asked.Single());
        }
        await CheckReplay(rig);
    }

    [Fact]
    public async Task An_ask_whose_tell_crashes_is_answered_0()
    {
        var rig = Rig.Boot(
            Cogs.Steps(Row.Of(Row.Of("cog", "ask", 2, 6, "question")), Row.Of(Cogs.Hear(1))),
            Cogs.Steps(Row.Of(Row.Of("cog", "tell", 6, 7)), Row.Of(Cogs.Hear(1))));
        rig.WaitFor(2, state => state is CogState.Crashed);
        await CheckEvents(rig, 1, Event(0, 0));
    }

    [Fact]
    public async Task An_ask_of_an_unknown_cog_is_answered_0()
    {
        var rig = Rig.Boot(Cogs.Steps(
            Row.Of(Row.Of("cog", "ask", 2, 6, "question")), Row.Of(Cogs.Hear(1))));
        await CheckEvents(rig, 1, Event(0, 0));
    }

    [Fact]
    public async Task An_ask_of_a_cog_that_is_stopped_is_answered_0()
    {
        var rig = Rig.Boot(
            Cogs.Steps(Row.Of(Row.Of("cog", "ask", 2, 6, "question")), Row.Of(Cogs.Hear(1))),
            Cogs.LogOf(Cogs.Hear(1)),
            Cogs.Steps(
                Row.Of(Cogs.Hear(1)), Row.Of(Row.Of("cog", "stop", 2)), Row.Of(Cogs.Hear(2))));
        rig.Device.Answer(new CogId(3), 1, 0);
        rig.WaitFor(1, state => RunningMachineTests.HistoryOf(state).Count == 1);
        await CheckEvents(rig, 1, Event(0, 0));
    }

    [Fact]
    public async Task A_cog_may_ask_itself()
    {
        var rig = Rig.Boot(Cogs.LogOf(
            Row.Of("cog", "ask", 1, 6, "q"), Row.Of("cog", "tell", 6, Teller)));
        rig.WaitFor(1, state => RunningMachineTests.HistoryOf(state).Count >= 4);
        var events = RunningMachineTests.HistoryOf(rig.Find(1)!.State);
        Rig.AssertEqual(Event(1, "q"), events[0]);
        Rig.AssertEqual(Event(0, App.Make(0, App.Make(0, 1, "q"))), events[1]);
        await rig.Machine.StopAsync(snapshot: false);
        Rig.AssertEqual(Rig.Recover(rig.Store.Crash()).Item, rig.LiveRoot().Item);
    }

    private static Tab Event(int slot, Value answer) => Tab.Of(Set.Of(slot), answer);

    private static async Task CheckEvents(Rig rig, ulong cog, params Value[] events)
    {
        rig.WaitFor(cog, state => RunningMachineTests.HistoryOf(state).Count == events.Length);
        var history = RunningMachineTests.HistoryOf(rig.Find(cog)!.State);
        foreach (var (expected, actual) in events.Zip(history))
            Rig.AssertEqual(expected, actual);
        await CheckReplay(rig);
    }

    /// <summary>A start after a crash replays the same events.</summary>
    private static async Task CheckReplay(Rig rig)
    {
        Wait.Until(() => Order.Equal(rig.DurableRoot().Item, rig.LiveRoot().Item));
        await using var again = await rig.Restart();
        Rig.AssertEqual(rig.LiveRoot().Item, again.LiveRoot().Item);
    }
}
