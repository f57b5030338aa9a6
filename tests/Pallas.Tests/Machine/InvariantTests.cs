using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Machine;

/// <summary>A planted bug trips a check, and the machine stops before the log is touched.</summary>
public sealed class InvariantTests
{
    [Fact]
    public async Task A_device_that_answers_a_call_twice_stops_the_machine()
    {
        var store = Rig.MakeStore(Cogs.LogOf(Row.Of("twice", 0, "hear")));
        var machine = RunningMachine.Start(
            store, TestEval.Machine with { Devices = _ => [new TwiceDevice()] });
        var end = await machine.Ended.WaitAsync(
            TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await machine.StopAsync(snapshot: false);
        var broken = Assert.IsType<InvariantBroken>(end.Failure);
        Assert.Contains("a request is answered once: slot 0 of cog 1", broken.Message);
        Assert.Empty(store.Scan(StoreSpace.Log, []));
    }

    [Fact]
    public void A_receipt_answers_each_slot_once()
    {
        ReceiptItem[] items = [new ReceiptItem.EvalDone(), new ReceiptItem.EvalDone()];
        Assert.Throws<InvariantBroken>(() => SlotItems.Of([3, 3], items));
        Assert.Throws<InvariantBroken>(() => SlotItems.Of([3], items));
    }

    [Fact]
    public void Cogs_are_in_the_order_of_their_ids()
    {
        var state = CogState.Of(0);
        Assert.Throws<InvariantBroken>(() => CogMap.Of(
        [
            new(new CogId(2), state), new(new CogId(1), state),
        ]));
    }

    /// <summary>Breaks the contract of devices.</summary>
    private sealed class TwiceDevice : IDevice
    {
        public string Name => "twice";

        public CallKind KindOf(ReadOnlySpan<Value> args) => CallKind.TakesIn;

        public Action? Start(DeviceCall call)
        {
            call.Answer(1);
            call.Answer(2);
            return null;
        }

        public void Dispose()
        {
        }
    }
}
