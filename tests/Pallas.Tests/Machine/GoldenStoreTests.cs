using Pallas.Machine;
using Pallas.Plan;
using Pallas.Store;
using Pallas.Tests.Store;
using Xunit;

namespace Pallas.Tests.Machine;

/// <summary>
/// A machine's folder as the first version wrote it opens in this one, forever. It was written once
/// by <see cref="Write"/>, which runs where the variable PALLAS_GOLDEN_STORE names a new folder.
/// </summary>
public sealed class GoldenStoreTests
{
    private const string Root = "5Hm2Jjdd7PDN6pCCAJncEm5aAikowqmBHQBy2sYYE2HV";
    private const string LogHash = "CkLHwSrpFLAJAbmNrbXkkhuAbVEkgUq85ZHVPChYRdsf";

    [Fact]
    public void The_first_versions_store_opens_with_all_that_it_held()
    {
        if (Environment.GetEnvironmentVariable("PALLAS_GOLDEN_STORE") is { Length: > 0 } path)
            Write(path);
        using var folder = new TempFolder();
        TempFolder.Copy(Golden.PathOf("store-v1"), folder.Inside("m"));
        foreach (var replayAll in new[] { false, true })
        {
            var options = new MachineOptions
            {
                ReplayAll = replayAll,
                Devices = _ => [new TestDevice()],
            };
            var status = MachineFolder.Inspect(folder.Inside("m"), options);
            var state = status.Cogs.Aggregate(
                MachineState.Empty, (all, cog) => all.With(cog.Id, cog.State));
            Assert.Equal(Root, state.ToRoot().Hash.ToString());
            Assert.Equal(LogHash, status.Position.Hash.ToString());
        }
    }

    [Fact]
    public async Task The_first_versions_store_runs_on()
    {
        using var folder = new TempFolder();
        TempFolder.Copy(Golden.PathOf("store-v1"), folder.Inside("m"));
        var device = new TestDevice();
        var options = new MachineOptions { Devices = _ => [device] };
        await using var machine = RunningMachine.Start(folder.Inside("m"), options);
        var before = machine.Status().Position.Number;
        device.Answer(new CogId(1), 1, "later");
        Wait.Until(() => machine.Status().Position.Number == before + 1);
    }

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
        };
        var state = MachineState.Empty;
        for (var i = 0; i < functions.Length; i++)
            state = state.With(new CogId((ulong)i + 1), CogState.Of(functions[i]));
        StoreFolder.Create(path, state.ToRoot());
        var device = new TestDevice();
        var options = new MachineOptions
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
        Wait.Until(() => machine.Status().Cogs.All(cog => cog.Id.Number != 100));
        Thread.Sleep(500);
        machine.StopAsync(snapshot: false).Wait();
        File.Delete(Path.Combine(path, "holder"));
    }
}
