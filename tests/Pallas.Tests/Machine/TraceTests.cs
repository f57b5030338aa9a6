using Pallas.Eval;
using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Sire;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Machine;

/// <summary>A trace is shown once, after its event is durable, and never in a replay.</summary>
public sealed class TraceTests
{
    private static readonly CogId One = new(1);
    private static readonly MachineOptions WithJets =
        TestEval.Machine with { Evaluation = TestEval.WithJets };

    [Fact]
    public async Task A_trace_is_shown_after_its_event_is_durable_and_never_again()
    {
        var rig = Rig.Boot(WithJets, Tracing(await LoadTrace()));
        rig.Store.FailCommit = _ =>
        {
            Assert.Empty(rig.Traced);
            return null;
        };
        rig.Device.Answer(One, 1, "x");
        Wait.Until(() => rig.Traced.Count > 0);
        rig.Store.FailCommit = null;
        var (cog, value) = rig.Traced.Single();
        Assert.Equal(One, cog);
        Rig.AssertEqual(Tab.Of(Set.Of(0), "x"), value);
        var crashed = rig.Store.Crash();
        await rig.DisposeAsync();
        await using var again = Rig.Open(crashed, WithJets);
        Wait.Until(() => again.Device.IsOpen(One, 1));
        Assert.Empty(again.Traced);
        again.Device.Answer(One, 1, "y");
        Wait.Until(() => again.Traced.Count == 1);
    }

    [Fact]
    public async Task A_trace_of_an_event_that_was_not_kept_is_not_shown()
    {
        var rig = Rig.Boot(WithJets, Tracing(await LoadTrace()));
        rig.Store.FailCommit = _ => new Pallas.Store.StoreError(
            Pallas.Store.StoreErrorKind.WriteFailed, "the disk failed");
        rig.Device.Answer(One, 1, "x");
        await rig.Machine.Ended;
        await rig.Machine.StopAsync();
        Assert.Empty(rig.Traced);
    }

    [Fact]
    public async Task What_an_eval_traced_is_shown_with_the_event_that_takes_its_answer()
    {
        var rig = Rig.Boot(
            WithJets,
            Cogs.LogOf(Cogs.Hear(1), Row.Of("eval", 5, await LoadTrace(), "shown", "value")));
        Wait.Until(() => rig.Traced.Count > 0);
        Rig.AssertEqual("shown", rig.Traced[0].Value);
        await rig.DisposeAsync();
    }

    /// <summary>Shows every event: <c>(show row event) = trace event (show row)</c>.</summary>
    private static Value Tracing(Value trace) => App.Make(
        Law.Make(
            Nat.OfText("show"), Nat.Of(2), Cogs.Call(Cogs.Quote(trace), 2, Cogs.Call(0, 1))),
        Row.Of(Cogs.Hear(1)));

    /// <summary>The library's <c>trace</c>, which the machine knows by its hash.</summary>
    private static Task<Value> LoadTrace() => Task.Run(() =>
    {
        var session = new SireSession(new SireOptions
        {
            Evaluator = new Evaluator(TestEval.WithJets),
            Modules = new BootFolder(),
        });
        var state = session.Load("boot_01_plan").State!;
        return session.Find(state, "trace")!;
    });

    private sealed class BootFolder : IModuleSource
    {
        public ModuleFile? Find(string module)
        {
            var path = Path.Combine(Golden.Root, "sire", "boot", module + ".sire");
            return File.Exists(path) ? new ModuleFile(path, File.ReadAllBytes(path)) : null;
        }
    }
}
