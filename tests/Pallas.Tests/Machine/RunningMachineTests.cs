using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Store.Folder;
using Pallas.Testing;
using Pallas.Tests.Store;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Machine;

public sealed class RunningMachineTests
{
    private static readonly CogId One = new(1);

    [Fact]
    public async Task An_answer_becomes_an_event_of_its_cog()
    {
        await using var rig = Rig.Boot(Cogs.LogOf(Cogs.Hear(5), 0, Cogs.Hear(6)));
        rig.Device.Answer(One, 6, "x");
        rig.WaitFor(1, state => HistoryOf(state).Count == 1);
        Rig.AssertEqual(
            Tab.Of(Set.Of(2), "x"), HistoryOf(rig.Find(1)!.State).Single());
        Assert.Equal([0, 2], rig.Find(1)!.OpenRequests.Select(request => request.Slot));
    }

    [Fact]
    public async Task A_crash_recovers_the_same_state_by_replay()
    {
        var rig = Rig.Boot(Cogs.LogOf(Cogs.Hear(5)));
        for (var i = 0; i < 10; i++)
            rig.Device.Answer(One, 5, i);
        rig.WaitDurable(1, state => HistoryOf(state).Count == 10);
        var lived = rig.StateOf(1);
        await using var again = await rig.Restart();
        Rig.AssertEqual(lived, again.StateOf(1));
        again.Device.Answer(One, 5, "more");
        again.WaitFor(1, state => HistoryOf(state).Count == 11);
    }

    [Fact]
    public async Task Devices_that_cogs_call_load_beside_the_replay()
    {
        await using var asking = Rig.Boot(Cogs.LogOf(Cogs.Hear(5)));
        Assert.Equal(1, asking.Device.PreparedCount);
        await using var other = Rig.Boot(Cogs.LogOf(Row.Of("cog", "who")));
        Assert.Equal(0, other.Device.PreparedCount);
    }

    /// <summary>As one does for which the disk has no room.</summary>
    [Fact]
    public void A_failed_start_disposes_its_devices()
    {
        var full = new StoreError(StoreErrorKind.DiskFull, "no");
        var store = new WatchedStore(Rig.MakeStore(Cogs.LogOf(Cogs.Hear(5)))) { Refusal = full };
        var device = new TestDevice();
        var options = TestEval.Machine with { Devices = _ => [device] };
        Assert.Same(full, Assert.Throws<StoreError>(() => RunningMachine.Start(store, options)));
        Assert.True(device.IsDisposed);
    }

    [Fact]
    public async Task A_device_whose_dispose_fails_keeps_no_folder_locked()
    {
        using var temp = new TempFolder();
        var id = MachineFolder.Boot(temp.Inside("m"), Cogs.LogOf(Cogs.Hear(5)));
        var device = new TestDevice { DisposeError = new TimeoutException("no") };
        var machine = RunningMachine.Start(
            temp.Inside("m"), TestEval.Machine with { Devices = _ => [device] });
        device.Answer(id, 5, "x");
        await Assert.ThrowsAsync<TimeoutException>(() => machine.StopAsync());
        using var again = StoreFolder.Open(temp.Inside("m"));
    }

    [Fact]
    public async Task An_effect_happens_after_its_event_is_durable()
    {
        var rig = Rig.Boot(Cogs.Steps(
            Row.Of(Cogs.Hear(1)), Row.Of(Cogs.Hear(2), Cogs.Say("said")), Row.Of(Cogs.Hear(3))));
        var committed = rig.Store.CommitsCount;
        rig.Store.FailCommit = _ =>
        {
            Assert.Empty(rig.Device.Said);
            return null;
        };
        rig.Device.Answer(One, 1, 0);
        Wait.Until(() => !rig.Device.Said.IsEmpty);
        Assert.Equal(committed + 1, rig.Store.CommitsCount);
        await rig.DisposeAsync();
    }

    [Fact]
    public async Task An_effect_of_a_lost_event_never_happens()
    {
        var rig = Rig.Boot(Cogs.Steps(
            Row.Of(Cogs.Hear(1)), Row.Of(Cogs.Hear(2), Cogs.Say("said")), Row.Of(Cogs.Hear(3))));
        rig.Store.FailCommit = _ => new Pallas.Store.StoreError(
            Pallas.Store.StoreErrorKind.DiskFull, "the disk is full");
        rig.Device.Answer(One, 1, 0);
        var end = await rig.Machine.Ended;
        Assert.IsType<Pallas.Store.StoreError>(end.Failure);
        await rig.Machine.StopAsync();
        Assert.Empty(rig.Device.Said);
        await using var again = Rig.Open(rig.Store.Crash());
        Assert.Empty(HistoryOf(again.Find(1)!.State));
    }

    [Fact]
    public async Task A_cog_that_crashes_harms_no_other()
    {
        var rig = Rig.Boot(
            App.Make(Cogs.Crash, Row.Of(Cogs.Hear(1))), Cogs.LogOf(Cogs.Hear(1)));
        rig.Device.Answer(One, 1, "x");
        rig.WaitFor(1, state => state is CogState.Crashed);
        rig.Device.Answer(new CogId(2), 1, "y");
        rig.WaitDurable(2, state => HistoryOf(state).Count == 1);
        Rig.AssertEqual(
            Row.Of(
                2, 7, Tab.Of(Set.Of(0), "x"), App.Make(Cogs.Crash, Row.Of(Cogs.Hear(1)))),
            rig.StateOf(1));
        Assert.Empty(rig.Find(1)!.OpenRequests);
        await using var again = await rig.Restart();
        Assert.IsType<CogState.Crashed>(again.Find(1)!.State);
        Rig.AssertEqual(rig.LiveRoot().Item, again.LiveRoot().Item);
    }

    [Fact]
    public async Task A_cog_that_failed_is_reported_once_it_is_durable()
    {
        var reports = new List<(CogId Cog, CogState State)>();
        var options = TestEval.Machine with
        {
            Notify = news =>
            {
                if (news is MachineNotification.CogEnded ended)
                    reports.Add((ended.Cog, ended.State));
            },
        };
        await using var rig = Rig.Boot(options, App.Make(Cogs.Crash, Row.Of(Cogs.Hear(1))));
        rig.Device.Answer(One, 1, "x");
        Wait.Until(() => reports.Count > 0);
        Assert.Equal(1ul, rig.Machine.Status().Position.Number);
        Assert.Equal(One, reports.Single().Cog);
        Assert.IsType<CogState.Crashed>(reports.Single().State);
    }

    [Fact]
    public async Task A_fault_of_the_machine_is_a_state_like_a_crash()
    {
        // (own row event) = x where x = inc x: a value that needs itself.
        var own = Law.Make(
            Nat.OfText("own"), Nat.Of(2), App.Make(1, Cogs.Call(Cogs.Quote(3), 3), 3));
        var rig = Rig.Boot(App.Make(own, Row.Of(Cogs.Hear(1))), Cogs.LogOf(Cogs.Hear(1)));
        rig.Device.Answer(One, 1, "x");
        rig.WaitDurable(1, state => state is CogState.Crashed);
        var crashed = Assert.IsType<CogState.Crashed>(rig.Find(1)!.State);
        Assert.Equal(CogState.FaultOp, crashed.Op);
        Assert.Equal("loop", ((Nat)crashed.Argument).ToText());
        await using var again = await rig.Restart();
        Rig.AssertEqual(rig.LiveRoot().Item, again.LiveRoot().Item);
    }

    [Fact]
    public async Task A_cog_that_takes_too_long_times_out_durably()
    {
        var options = TestEval.Options with { EventTimeMax = TimeSpan.FromMilliseconds(200) };
        var rig = Rig.Boot(
            options, App.Make(Cogs.Spin, Row.Of(Cogs.Hear(1))), Cogs.LogOf(Cogs.Hear(1)));
        rig.Device.Answer(One, 1, "x");
        rig.Device.Answer(new CogId(2), 1, "y");
        rig.WaitFor(2, state => HistoryOf(state).Count == 1);
        rig.WaitDurable(1, state => state is CogState.TimedOut);
        var timedOut = (CogState.TimedOut)rig.Find(1)!.State;
        Assert.InRange((double)timedOut.Nanoseconds.Big, 200e6, 20e9);
        await using var again = await rig.Restart();
        Rig.AssertEqual(timedOut.ToValue(), again.StateOf(1));
    }

    [Fact]
    public async Task A_cog_without_requests_has_finished()
    {
        var rig = Rig.Boot(App.Make(Cogs.Once, Row.Of(Cogs.Hear(1))));
        rig.Device.Answer(One, 1, 0);
        Assert.Null((await rig.Machine.Ended).Failure);
        Assert.IsType<CogState.Finished>(rig.Find(1)!.State);
        await using var again = await rig.Restart();
        Assert.IsType<CogState.Finished>(again.Find(1)!.State);
    }

    [Fact]
    public async Task Unknown_requests_stay_open_and_are_shown()
    {
        await using var rig = Rig.Boot(Cogs.LogOf(
            Row.Of("test", 2, "hear", 1), 7, Row.Of("unknown", 0, "x"), Cogs.Hear(1),
            Row.Of("test", 0, "bogus")));
        Assert.Equal(
            [true, true, true, false, true],
            rig.Find(1)!.OpenRequests.Select(request => request.IsUnknown));
        Assert.False(rig.Machine.Ended.IsCompleted);
    }

    [Fact]
    public async Task A_stop_with_a_snapshot_leaves_nothing_to_replay()
    {
        var rig = Rig.Boot(Cogs.LogOf(Cogs.Hear(5)));
        for (var i = 0; i < 10; i++)
            rig.Device.Answer(One, 5, i);
        rig.WaitFor(1, state => HistoryOf(state).Count == 10);
        await rig.Machine.StopAsync(snapshot: true);
        var crashed = rig.Store.Crash();
        using (var store = Pallas.Store.Folder.MachineStore.Open(crashed))
        {
            Assert.Equal(store.Log.Last.Number, store.Snapshots.LastNumber);
            Assert.Empty(store.Log.Read(store.Snapshots.LoadLast().Position));
        }
        Rig.AssertEqual(Rig.Recover(crashed).Item, Rig.Recover(crashed, replayAll: true).Item);
        await using var again = Rig.Open(crashed);
        Assert.Equal(10, HistoryOf(again.Find(1)!.State).Count);
    }

    [Fact]
    public async Task Many_events_trigger_a_snapshot()
    {
        await using var rig = Rig.Boot(
            TestEval.Options with { SnapshotEventsCount = 5 }, Cogs.LogOf(Cogs.Hear(5)));
        for (var i = 0; i < 12; i++)
            rig.Device.Answer(One, 5, i);
        Wait.Until(() => rig.Machine.Status().SnapshotNumber > 0);
        var crashed = rig.Store.Crash();
        Rig.AssertEqual(Rig.Recover(crashed).Item, Rig.Recover(crashed, replayAll: true).Item);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_an_event_that_runs()
    {
        // On a clock that stands still, the event runs without end.
        var clock = new TestClock(DateTimeOffset.UnixEpoch);
        var rig = Rig.Boot(
            TestEval.Machine with { Time = clock }, App.Make(Cogs.Spin, Row.Of(Cogs.Hear(1))));
        rig.Device.Answer(One, 1, "x");
        Wait.Until(() => clock.SetCount == 1, "the event runs");
        await rig.Machine.StopAsync()
            .WaitAsync(Wait.Patience, TestContext.Current.CancellationToken);
        await using var again = Rig.Open(rig.Store.Crash());
        Assert.IsType<CogState.Spinning>(again.Find(1)!.State);
        Wait.Until(() => again.Device.IsOpen(One, 1));
    }

    /// <summary>The events that a <see cref="Cogs.Log"/> remembers, first one first.</summary>
    internal static IReadOnlyList<Value> HistoryOf(CogState? state)
    {
        var events = new List<Value>();
        var history = state?.Function is App { Count: > 1 } app ? app[0] : Nat.Zero;
        while (history is App { Count: 2 } pair)
        {
            events.Insert(0, pair[1]);
            history = pair[0];
        }
        return events;
    }
}
