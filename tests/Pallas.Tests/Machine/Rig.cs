using System.Runtime.CompilerServices;
using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Store.Folder;
using Pallas.Testing;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Machine;

/// <summary>A machine over a store in memory, with a test device and collected traces.</summary>
internal sealed class Rig : IAsyncDisposable
{
    private Rig(MemoryStore store, MachineContext context, ulong? answersBelow)
    {
        Store = store;
        Device = new TestDevice { AnswersBelow = answersBelow };
        Context = context with
        {
            Devices = _ => [Device],
            Trace = (cog, value) => Traced.Add((cog, value)),
        };
        Machine = RunningMachine.Start(store, Context);
    }

    public MemoryStore Store { get; }

    public MachineContext Context { get; }

    public TestDevice Device { get; }

    public List<(CogId Cog, Value Value)> Traced { get; } = [];

    public RunningMachine Machine { get; }

    public static Rig Boot(params Value[] functions) => Boot(TestEval.Options, functions);

    public static Rig Boot(MachineOptions options, params Value[] functions) =>
        Boot(new MachineContext { Options = options }, functions);

    public static Rig Boot(MachineContext context, params Value[] functions) =>
        Open(MakeStore(functions), context);

    /// <summary>The store of a new machine; its cogs are numbered from 1.</summary>
    public static MemoryStore MakeStore(params Value[] functions)
    {
        var state = MachineState.Empty;
        for (var i = 0; i < functions.Length; i++)
            state = state.With(new CogId((ulong)i + 1), CogState.Of(functions[i]));
        var store = new MemoryStore();
        MachineStore.Initialize(store, state.ToRoot());
        return store;
    }

    public static Rig Open(MemoryStore store, MachineOptions options) =>
        Open(store, new MachineContext { Options = options });

    public static Rig Open(
        MemoryStore store, MachineContext? context = null, ulong? answersBelow = null)
    {
        var next = 100ul;
        return new Rig(
            store,
            (context ?? TestEval.Machine) with { DrawCogId = () => next++ },
            answersBelow);
    }

    /// <summary>Waits until nothing happens any more by itself.</summary>
    public void WaitForRest()
    {
        var (quietCount, last) = (0, ulong.MaxValue);
        Wait.Until(() =>
        {
            var now = Machine.Status().Position.Number;
            quietCount = now == last ? quietCount + 1 : 0;
            last = now;
            return Machine.Ended.IsCompleted || quietCount >= 25;
        }, "nothing happens any more by itself");
    }

    /// <summary>The same machine after a crash that lost all that was not durable.</summary>
    public async Task<Rig> Restart(bool stopGracefully = false, bool replayAll = false)
    {
        if (stopGracefully)
            await Machine.StopAsync();
        var crashed = Store.Crash();
        await Machine.StopAsync(snapshot: false);
        return Open(crashed, Replaying(replayAll));
    }

    public CogStatus? Find(ulong cog) =>
        Machine.Status().Cogs.FirstOrDefault(status => status.Id.Number == cog);

    public Row StateOf(ulong cog) => Find(cog)!.State.ToValue();

    public void WaitFor(
        ulong cog,
        Func<CogState?, bool> condition,
        [CallerArgumentExpression(nameof(condition))] string what = "") =>
        Wait.Until(() => condition(Find(cog)?.State), $"cog {cog}: {what}");

    /// <summary>Waits until everything that happened is durable.</summary>
    public void WaitDurable(
        ulong cog,
        Func<CogState?, bool> condition,
        [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        WaitFor(cog, condition, what);
        Wait.Until(() => Order.Equal(DurableRoot().Item, LiveRoot().Item));
    }

    public Pin LiveRoot()
    {
        var state = Machine.Status().Cogs.Aggregate(
            MachineState.Empty, (all, cog) => all.With(cog.Id, cog.State));
        return state.ToRoot();
    }

    /// <summary>The state that a start after a crash would find.</summary>
    public Pin DurableRoot() => Recover(Store.Crash());

    public static Pin Recover(MemoryStore store, bool replayAll = false)
    {
        using var opened = MachineStore.Open(store);
        return Recovery.Run(opened, Replaying(replayAll)).State.ToRoot();
    }

    private static MachineContext Replaying(bool all) =>
        TestEval.Machine with { Options = TestEval.Options with { ReplayAll = all } };

    public static void AssertEqual(Value expected, Value actual) =>
        Assert.Equal(PlanText.Print(expected), PlanText.Print(actual));

    public async ValueTask DisposeAsync() => await Machine.StopAsync(snapshot: false);
}
