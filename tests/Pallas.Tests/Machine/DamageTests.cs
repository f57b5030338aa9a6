using System.Collections.Concurrent;
using System.Net;
using Pallas.Devices.Http;
using Pallas.Devices.Sockets;
using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Store.Backup;
using Pallas.Store.Snapshots;
using Pallas.Testing;
using Pallas.Tests.Machine.Devices;
using Pallas.Values;
using Xunit;

// Each wait of these tests has a limit of its own.
#pragma warning disable xUnit1051

namespace Pallas.Tests.Machine;

/// <summary>A machine whose store is damaged uses the whole parts and reports the others.</summary>
public sealed class DamageTests
{
    private const int EventsCount = 7;

    private readonly ConcurrentQueue<string> messages = [];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_damaged_snapshot_is_skipped_for_an_older_one_and_a_longer_log(bool inEntry)
    {
        var (store, lived) = await Live();
        Damage(store, inEntry, fromNewest: 0);
        var broken = store.Crash();
        await using (var machine = RunningMachine.Start(broken, Options(new TestDevice())))
        {
            Assert.Equal(lived, Print(machine));
            var warning = Assert.Single(messages, text => text.StartsWith("warning: "));
            Assert.Contains("the store is damaged", warning);
            Assert.Contains("nothing is missing", warning);
            await machine.StopAsync();
        }
        // The snapshot at the end of that life is good again, in what it shares with the bad one
        // too.
        messages.Clear();
        var healed = broken.Crash();
        Assert.Equal([], ProblemsOf(healed));
        await using var again = RunningMachine.Start(healed, Options(new TestDevice()));
        Assert.Equal(lived, Print(again));
        Assert.Empty(messages);
    }

    [Fact]
    public async Task A_damaged_older_snapshot_is_removed_before_the_next()
    {
        var (store, lived) = await Live();
        Damage(store, inEntry: true, fromNewest: 1);
        var broken = store.Crash();
        var count = broken.Scan(StoreSpace.Snapshots, []).Count();
        var device = new TestDevice();
        var options = Options(device, snapshotEvents: 1);
        await using var machine = RunningMachine.Start(broken, options);
        Assert.Equal(lived, Print(machine));
        Assert.Equal(count - 1, broken.Scan(StoreSpace.Snapshots, []).Count());
        var warning = Assert.Single(messages, text => text.StartsWith("warning: "));
        Assert.Contains("which is not needed, is taken away", warning);
        device.Answer(new CogId(1), 1, 2000);
        Wait.Until(() => broken.Last(StoreSpace.Snapshots)!.Value.Key[^1] > EventsCount);
        await machine.StopAsync();
        Assert.Null((await machine.Ended).Failure);
        Assert.Equal([], ProblemsOf(broken.Crash()));
    }

    [Fact]
    public async Task Without_a_usable_snapshot_the_start_is_refused_and_nothing_is_written()
    {
        var (store, _) = await Live();
        var broken = store.Crash();
        var count = broken.Scan(StoreSpace.Snapshots, []).Count();
        for (var i = 0; i < count; i++)
            Damage(broken, inEntry: true, fromNewest: i);
        var commits = broken.CommitsCount;
        var error = Assert.Throws<StoreError>(
            () => RunningMachine.Start(broken, Options(new TestDevice())));
        Assert.Equal(StoreErrorKind.Damaged, error.Kind);
        Assert.Contains($"none of the {count} snapshots can be used", error.Message);
        Assert.Equal(commits, broken.CommitsCount);
    }

    [Fact]
    public async Task Damage_in_the_log_does_not_try_older_snapshots()
    {
        var (store, _) = await Live(snapshotAtEnd: false);
        var (key, record) = store.Last(StoreSpace.Log)!.Value;
        store.Damage(StoreSpace.Log, key, Flipped(record));
        var error = Assert.Throws<StoreError>(
            () => RunningMachine.Start(store.Crash(), Options(new TestDevice())));
        Assert.Contains("does not match its checksum", error.Message);
    }

    [Fact]
    public async Task A_pin_that_is_gone_ends_the_machine_when_an_event_touches_it()
    {
        var lost = Pin.Make(Row.Of([.. Enumerable.Range(0, 100).Select(i => (Value)i)]));
        // It adds the answer to its log when told 1 by its device, and looks into the pin.
        var look = Law.Make(
            Nat.OfText("look"), Nat.Of(3), Cogs.Call(Cogs.Quote(Cogs.Log), Cogs.Call(1, 2), 2));
        var cog = App.Make(Pin.Make(look), lost, Row.Of(Cogs.Hear(1)));
        var store = Rig.MakeStore(cog, Cogs.LogOf(Cogs.Hear(1)));
        store.Damage(StoreSpace.Pins, lost.Hash.ToBytes(), null);
        var device = new TestDevice();
        var machine = RunningMachine.Start(store, Options(device));
        // The other cog goes on until then.
        device.Answer(new CogId(2), 1, 5);
        Wait.Until(() => machine.Status().Position.Number == 1);
        Assert.False(machine.Ended.IsCompleted);
        device.Answer(new CogId(1), 1, 5);
        var failure = Assert.IsType<StoreError>((await machine.Ended).Failure);
        Assert.Equal(StoreErrorKind.Damaged, failure.Kind);
        Assert.Contains($"the pin {lost.Hash} is missing", failure.Message);
        await machine.StopAsync();
        Assert.Single(store.Scan(StoreSpace.Log, []));
    }

    [Fact]
    public async Task A_served_function_that_touches_a_damaged_pin_answers_500_and_harms_no_other()
    {
        var lost = Pin.Make(HttpCalls.Const(0));
        var store = Rig.MakeStore(
            Cogs.LogOf(HttpCalls.Serve(lost)), Cogs.LogOf(HttpCalls.Serve(HttpCalls.Page)));
        var key = lost.Hash.ToBytes();
        store.Damage(StoreSpace.Pins, key, Flipped(store.Get(StoreSpace.Pins, key)!));
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(20) };
        await using var machine = RunningMachine.Start(
            store,
            Options(null) with
            {
                Devices = options => [new HttpDevice(options, new NetworkOptions())],
            });
        var urls = new Dictionary<string, Uri>();
        Wait.Until(() => FindUrls(urls) == 2);
        var broken = await client.GetAsync(urls["cog 1"]);
        Assert.Equal(HttpStatusCode.InternalServerError, broken.StatusCode);
        Assert.Contains("cannot be read", await broken.Content.ReadAsStringAsync());
        Assert.Contains(messages, text => text.Contains($"the pin {lost.Hash}"));
        Assert.Equal("served", await client.GetStringAsync(urls["cog 2"]));
        Assert.False(machine.Ended.IsCompleted);
    }

    /// <summary>A store with snapshots after its events, and what its machine was.</summary>
    private async Task<(MemoryStore Store, string Lived)> Live(bool snapshotAtEnd = true)
    {
        var store = Rig.MakeStore(Cogs.LogOf(Cogs.Hear(1)));
        var device = new TestDevice();
        var machine = RunningMachine.Start(
            store, Options(device, snapshotEvents: 2));
        for (var i = 1; i <= EventsCount; i++)
        {
            var number = (ulong)i;
            device.Answer(new CogId(1), 1, 1000 + number);
            Wait.Until(() => machine.Status().Position.Number == number);
        }
        var lived = Print(machine);
        await machine.StopAsync(snapshotAtEnd);
        messages.Clear();
        return (store, lived);
    }

    private static void Damage(MemoryStore store, bool inEntry, int fromNewest)
    {
        var (key, entry) = store.Scan(StoreSpace.Snapshots, []).Reverse().ElementAt(fromNewest);
        if (inEntry)
        {
            store.Damage(StoreSpace.Snapshots, key, Flipped(entry));
            return;
        }
        var root = SnapshotTable.ReadEntry(key, entry).Root.ToBytes();
        store.Damage(StoreSpace.Chunks, root, Flipped(store.Get(StoreSpace.Chunks, root)!));
    }

    private static byte[] Flipped(byte[] bytes)
    {
        var changed = (byte[])bytes.Clone();
        changed[^1] ^= 4;
        return changed;
    }

    private static List<string> ProblemsOf(MemoryStore store)
    {
        var problems = new List<string>();
        StoreCheck.Run(store, problems.Add);
        return problems;
    }

    private static string Print(RunningMachine machine) =>
        PlanText.Print(machine.Status().Cogs.Single().State.ToValue());

    private int FindUrls(Dictionary<string, Uri> urls)
    {
        foreach (var text in messages)
        {
            if (text.Split(" is at ") is [var cog, var url])
                urls[cog] = new Uri(url);
        }
        return urls.Count;
    }

    private MachineContext Options(
        TestDevice? device, int snapshotEvents = 50_000) => new()
        {
            Options = TestEval.Options with { SnapshotEventsCount = snapshotEvents },
            Message = messages.Enqueue,
            Devices = _ => [device!],
        };
}
