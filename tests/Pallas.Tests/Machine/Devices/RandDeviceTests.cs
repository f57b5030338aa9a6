using Pallas.Devices;
using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Machine.Devices;

public sealed class RandDeviceTests
{
    [Fact]
    public void Byte_answers_the_given_number_of_bytes_of_the_source()
    {
        using var device = new RandDevice(buffer => buffer.AsSpan().Fill(7));
        Value? answer = null;
        var args = new Value[] { "byte", 3 };
        Assert.Equal(CallKind.TakesIn, device.KindOf(args));
        device.Start(new DeviceCall(new CogId(1), args, value => answer = value));
        Rig.AssertEqual(Bar.Of(7, 7, 7), answer!);
    }

    [Fact]
    public void No_bytes_are_the_empty_bar()
    {
        using var device = new RandDevice(TestEval.Machine.FillRandom);
        Value? answer = null;
        device.Start(new DeviceCall(new CogId(1), ["byte", 0], value => answer = value));
        Rig.AssertEqual(Bar.Empty, answer!);
    }

    [Fact]
    public void Other_shapes_are_unknown()
    {
        using var device = new RandDevice(TestEval.Machine.FillRandom);
        Assert.Equal(CallKind.Unknown, device.KindOf([]));
        Assert.Equal(CallKind.Unknown, device.KindOf(["byte"]));
        Assert.Equal(CallKind.Unknown, device.KindOf(["bytes", 3]));
        Assert.Equal(CallKind.Unknown, device.KindOf(["byte", Row.Empty]));
        Assert.Equal(CallKind.Unknown, device.KindOf(["byte", RandDevice.BytesMax + 1]));
    }

    [Fact]
    public async Task Drawn_bytes_are_replayed_and_not_drawn_again()
    {
        var draws = 0;
        var store = Rig.MakeStore(Cogs.Steps(
            Row.Of(Row.Of("rand", 0, "byte", 4)), Row.Of(Row.Of("time", 0, "wait", 1ul << 63))));
        var options = TestEval.Machine with
        {
            FillRandom = buffer => buffer.AsSpan().Fill((byte)++draws),
            Devices = made => [new TimeDevice(made.Time), new RandDevice(made.FillRandom)],
        };
        await using (var machine = RunningMachine.Start(store, options))
            Wait.Until(() => machine.Status().Position.Number == 1);
        await using var again = RunningMachine.Start(store.Crash(), options);
        var drawn = RunningMachineTests.HistoryOf(again.Status().Cogs[0].State).Single();
        Rig.AssertEqual(Tab.Of(Set.Of(0), Bar.Of(1, 1, 1, 1)), drawn);
        Assert.Equal(1, draws);
    }
}
