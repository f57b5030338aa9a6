using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Values;
using Xunit;

// Each wait of these tests has a limit of its own.
#pragma warning disable xUnit1051

namespace Pallas.Tests.Machine.Devices;

/// <summary>The contract of every device.</summary>
public sealed class DeviceContractTests
{
    public static TheoryData<string> Names => [.. DeviceDriver.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Input_from_outside_answers_a_call(string name)
    {
        using var bench = new Bench(name);
        var call = bench.Ask(1);
        Assert.Equal(bench.Driver.AnswersAtOnce, call.Answer is not null);
        bench.Driver.Feed(1);
        Assert.Equal(bench.Expected(1), bench.NumberOf(call));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Answers_come_in_the_order_of_the_calls(string name)
    {
        using var bench = new Bench(name);
        Bench.Asked[] calls = [bench.Ask(1), bench.Ask(2), bench.Ask(3)];
        for (var number = 1; number <= 3; number++)
        {
            bench.Driver.Feed(number);
            Assert.Equal(bench.Expected(number), bench.NumberOf(calls[number - 1]));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Input_after_a_cancelled_call_answers_the_next(string name)
    {
        using var bench = new Bench(name);
        var cancelled = bench.Ask(1);
        cancelled.Cancel?.Invoke();
        var next = bench.Ask(1);
        bench.Driver.Feed(1);
        Assert.Equal(bench.Expected(1), bench.NumberOf(next));
        Assert.Equal(bench.Driver.AnswersAtOnce, cancelled.Answer is not null);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_input_of_a_cancelled_call_is_not_lost(string name)
    {
        using var bench = new Bench(name);
        var cancelled = bench.Ask(1);
        bench.Driver.Feed(1);
        bench.NumberOf(cancelled);
        cancelled.Cancel?.Invoke();
        Assert.Equal(bench.Expected(1), bench.NumberOf(bench.Ask(1)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_device_stops_at_once_with_open_calls(string name)
    {
        var bench = new Bench(name);
        var call = bench.Ask(9);
        await Task.Run(bench.Dispose).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(bench.Driver.AnswersAtOnce, call.Answer is not null);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_cog_that_ended_blocks_no_other(string name)
    {
        using var bench = new Bench(name);
        var ended = bench.Ask(1, cog: 2);
        ended.Cancel?.Invoke();
        bench.Device.Forget(new CogId(2));
        var call = bench.Ask(2);
        bench.Driver.Feed(2);
        bench.NumberOf(call);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Unwanted_input_is_bounded(string name)
    {
        using var bench = new Bench(name);
        bench.Ask(1).Cancel?.Invoke();
        Assert.InRange(bench.Driver.Flood(40), 0, DeviceDriver.HeldMax);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_table_lists_its_requests(string name)
    {
        using var bench = new Bench(name);
        var samples = bench.Driver.Samples.ToDictionary(
            sample => ((Nat)sample[0]).ToText()!, sample => sample.ToArray());
        Assert.Equal(bench.Device.Calls.Select(call => call.Name).Order(), samples.Keys.Order());
        foreach (var call in bench.Device.Calls)
        {
            var args = samples[call.Name];
            Assert.Equal(call.Args.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length,
                args.Length - 1);
            Assert.NotEqual(CallKind.Unknown, call.Kind);
            Assert.Equal(call.Kind, bench.Device.KindOf(args));
            Assert.Equal(CallKind.Unknown, bench.Device.KindOf([.. args, 0]));
            Assert.Equal(CallKind.Unknown, bench.Device.KindOf(args.AsSpan(1)));
        }
        Assert.Equal(CallKind.Unknown, bench.Device.KindOf([]));
        Assert.Equal(CallKind.Unknown, bench.Device.KindOf([Row.Empty]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_restart_issues_open_requests_again_and_no_others(string name)
    {
        using var driver = DeviceDriver.Of(name);
        var counts = new CallCounter();
        var options = TestEval.Machine with
        {
            Time = driver.Clock,
            Devices = made => counts.Count(driver.Make(made)),
        };
        var rest = Row.Of("time", 0, "wait", 1ul << 63);
        var store = Rig.MakeStore(Cogs.Steps(
            Row.Of([driver.Taking(1), .. driver.Beside, rest]),
            Row.Of([rest, .. driver.Beside, driver.Taking(2)]),
            Row.Of([rest])));
        var machine = RunningMachine.Start(store, options);
        driver.Feed(1);
        Wait.Until(() => machine.Status().Position.Number >= 1);
        var crashed = store.Crash();
        await machine.StopAsync(snapshot: false);
        counts.Clear();
        var kept = CogState.Read(((Pin)((Tab)Rig.Recover(crashed).Item).ValueAt(0)).Item);
        Assert.Equal(0, counts.Total);
        await using var again = RunningMachine.Start(crashed, options);
        driver.Feed(2);
        Wait.Until(() => RunningMachineTests.HistoryOf(
            again.Status().Cogs[0].State).Count == 2);
        // A call that waits for nothing may have been answered twice before.
        var openCount = 2 - RunningMachineTests.HistoryOf(kept).Count;
        Assert.Equal(driver.AnswersAtOnce ? openCount : 1, counts.Of(driver.Taking(2)));
    }

    /// <summary>A device without a machine around it.</summary>
    private sealed class Bench : IDisposable
    {
        private readonly IDevice[] devices;

        public Bench(string name)
        {
            Driver = DeviceDriver.Of(name);
            devices = Driver.Make(TestEval.Machine with
            {
                Time = name == "time" ? Driver.Clock : TimeProvider.System,
            });
            foreach (var request in Driver.Beside)
                Start(request, 1);
        }

        public DeviceDriver Driver { get; }

        public IDevice Device => devices[^1];

        public Asked Ask(int number, ulong cog = 1) => Start(Driver.Taking(number), cog);

        public int? Expected(int number) => Device.Name == "time" ? null : number;

        public int? NumberOf(Asked call)
        {
            Wait.Until(() => call.Answer is not null);
            return Driver.NumberOf(call.Answer!);
        }

        public void Dispose()
        {
            foreach (var device in devices.Reverse())
                device.Dispose();
            Driver.Dispose();
        }

        private Asked Start(Row request, ulong cog)
        {
            var call = (Request.Call)Request.Read(request);
            var asked = new Asked();
            Assert.NotEqual(CallKind.Unknown, Device.KindOf(call.Args));
            asked.Cancel = Device.Start(new DeviceCall(
                new CogId(cog), call.Args, value => asked.Answer = value));
            return asked;
        }

        public sealed class Asked
        {
            private volatile Value? answer;

            public Value? Answer
            {
                get => answer;
                set => answer = value;
            }

            public Action? Cancel { get; set; }
        }
    }

    /// <summary>Counts the calls that reach devices.</summary>
    private sealed class CallCounter
    {
        private readonly Lock gate = new();
        private readonly List<Value[]> calls = [];

        public int Total
        {
            get
            {
                lock (gate)
                    return calls.Count;
            }
        }

        public void Clear()
        {
            lock (gate)
                calls.Clear();
        }

        public int Of(Row request)
        {
            var args = ((Request.Call)Request.Read(request)).Args;
            lock (gate)
                return calls.Count(each => Order.Equal(Row.Of(each), Row.Of(args)));
        }

        public IDevice[] Count(IDevice[] devices) =>
            [.. devices.Select(device => (IDevice)new Counted(device, this))];

        private sealed class Counted(IDevice inner, CallCounter counter) : IDevice
        {
            public string Name => inner.Name;

            public IReadOnlyList<CallShape> Calls => inner.Calls;

            public CallKind KindOf(ReadOnlySpan<Value> args) => inner.KindOf(args);

            public Action? Start(DeviceCall call)
            {
                lock (counter.gate)
                    counter.calls.Add(call.Args.ToArray());
                return inner.Start(call);
            }

            public void Forget(CogId cog) => inner.Forget(cog);

            public void Dispose() => inner.Dispose();
        }
    }
}
