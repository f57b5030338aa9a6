using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Store.Folder;
using Pallas.Tests.Store;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Machine;

/// <summary>
/// Every later version opens the machine folders of all earlier formats. <see cref="Write"/> made
/// each of the golden ones. To make the next, name a new folder in PALLAS_GOLDEN_STORE.
/// </summary>
public sealed class GoldenStoreTests
{
    /// <summary>More than one chunk holds.</summary>
    private static readonly Value Big = Row.Of(
    [
        .. Enumerable.Range(0, 200).Select(i => (Value)Bar.Of([.. new byte[40], (byte)i])),
    ]);

    [Theory]
    [InlineData(
        "store-v1",
        "5Hm2Jjdd7PDN6pCCAJncEm5aAikowqmBHQBy2sYYE2HV",
        "CkLHwSrpFLAJAbmNrbXkkhuAbVEkgUq85ZHVPChYRdsf")]
    [InlineData(
        "store-v2",
        "FYp7aQJPTGHQHThQRnagnye8eZd5kS7BowGD3Tm2WKMD",
        "BcXYgLbTuiWw4X7p9Sw6dDvTB1xLdXbdsaPpoFxZgcsK")]
    public void A_store_of_each_format_opens_with_all_that_it_held(
        string name, string root, string logHash)
    {
        using var folder = new TempFolder();
        TempFolder.Copy(Golden.PathOf(name), folder.Inside("m"));
        foreach (var replayAll in new[] { false, true })
        {
            var options = TestEval.Machine with
            {
                ReplayAll = replayAll,
                Devices = _ => [new TestDevice()],
            };
            var status = MachineFolder.Inspect(folder.Inside("m"), options);
            Assert.Equal(root, RootOf(status));
            Assert.Equal(logHash, status.Position.Hash.ToString());
        }
    }

    [Theory]
    [InlineData("store-v1")]
    [InlineData("store-v2")]
    public async Task A_store_of_each_format_runs_on(string name)
    {
        using var folder = new TempFolder();
        TempFolder.Copy(Golden.PathOf(name), folder.Inside("m"));
        var device = new TestDevice();
        var options = TestEval.Machine with { Devices = _ => [device] };
        await using (var machine = RunningMachine.Start(folder.Inside("m"), options))
        {
            var before = machine.Status().Position.Number;
            device.Answer(new CogId(1), 1, "later");
            Wait.Until(() => machine.Status().Position.Number == before + 1);
            await machine.StopAsync(snapshot: true);
        }
        using var again = StoreFolder.Open(folder.Inside("m"));
        Assert.Equal(again.Store.Log.Last.Number, again.Store.Snapshots.LastNumber);
    }

    [Fact]
    public void A_store_of_this_format_recovers_the_same_from_its_snapshot_and_its_whole_log()
    {
        using var folder = new TempFolder();
        var chosen = Environment.GetEnvironmentVariable("PALLAS_GOLDEN_STORE");
        var path = chosen is { Length: > 0 } ? chosen : folder.Inside("m");
        Write(path);
        var options = new MachineOptions { Devices = _ => [new TestDevice()] };
        var recovered = MachineFolder.Inspect(path, options);
        var replayed = MachineFolder.Inspect(path, options with { ReplayAll = true });
        Assert.InRange(recovered.SnapshotNumber, 1ul, recovered.Position.Number - 1);
        Assert.Contains(recovered.Cogs, cog => cog.State is CogState.TimedOut);
        Assert.Contains(recovered.Cogs, cog => cog.State is CogState.Crashed);
        Assert.Contains(recovered.Cogs, cog => cog.State is CogState.Spinning);
        Assert.Equal(RootOf(recovered), RootOf(replayed));
    }

    private static string RootOf(MachineStatus status) => status.Cogs
        .Aggregate(MachineState.Empty, (all, cog) => all.With(cog.Id, cog.State))
        .ToRoot().Hash.ToString();

    /// <summary>Cogs in every state, requests of every kind, a snapshot amid the log.</summary>
    private static void Write(string path)
    {
        var functions = new Value[]
        {
            Cogs.Steps(
                Row.Of(Cogs.Hear(1), Row.Of("cog", "ask", 2, 1, "question")),
                Row.Of(Row.Of("eval", 5, 3, 41), Row.Of("eval", 5, 7, "boom")),
                Row.Of(Row.Of("eval", 5, 3, 41)),
                Row.Of(Row.Of("cog", "spin", App.Make(Cogs.Once, Row.Of(Cogs.Hear(3))))),
                Row.Of(Cogs.Hear(1), Cogs.Say(Pin.Make(Bar.OfText("a pin"))))),
            Cogs.LogOf(Row.Of("cog", "tell", 1, CogCallTests.Teller), Cogs.Hear(2)),
            App.Make(Cogs.Crash, Row.Of(Cogs.Hear(1))),
            App.Make(Cogs.Spin, Row.Of(Cogs.Hear(1))),
            Cogs.Steps(
                Row.Of(Row.Of("cog", "stop", 6)),
                Row.Of(Cogs.Hear(4)),
                Row.Of(Row.Of("cog", "reap", 100)),
                Row.Of(Cogs.Hear(4))),
            Cogs.LogOf(Cogs.Hear(1)),
            App.Make(Cogs.Log, Big, Row.Of(Cogs.Hear(9))),
        };
        var state = MachineState.Empty;
        for (var i = 0; i < functions.Length; i++)
            state = state.With(new CogId((ulong)i + 1), CogState.Of(functions[i]));
        StoreFolder.Create(path, state.ToRoot(), Random.Shared.NextBytes);
        var device = new TestDevice();
        var options = TestEval.Machine with
        {
            Devices = _ => [device],
            DrawCogId = () => 100,
            EventTimeMax = TimeSpan.FromMilliseconds(300),
        };
        var machine = RunningMachine.Start(path, options);
        device.Answer(new CogId(3), 1, Row.Of(1, 2));
        device.Answer(new CogId(4), 1, Tab.Of(Set.Of("key"), "value"));
        Wait.Until(() => machine.Status().Cogs.Any(cog => cog.State is CogState.TimedOut));
        Wait.Until(() => device.IsOpen(new CogId(100), 3) && device.IsOpen(new CogId(5), 4));
        machine.StopAsync(snapshot: true).Wait();
        machine = RunningMachine.Start(path, options);
        device.Answer(new CogId(5), 4, 0);
        device.Answer(new CogId(100), 3, Bar.OfText("bytes"));
        device.Answer(new CogId(2), 2, Pin.Make(Row.Of(Pin.Make("inner"), 1ul << 63)));
        device.Answer(new CogId(1), 1, Nat.Of(System.Numerics.BigInteger.One << 100));
        Wait.Until(() => machine.Status() is { EventsCount: >= 4, Cogs: var cogs }
            && cogs.All(cog => cog.Id.Number != 100));
        machine.StopAsync(snapshot: false).Wait();
        File.Delete(Path.Combine(path, "holder"));
    }
}
