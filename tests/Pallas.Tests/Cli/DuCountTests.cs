using Pallas.Cli.Commands;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Store.Folder;
using Pallas.Store.Snapshots;
using Pallas.Testing;
using Pallas.Tests.Machine;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>du attributes space to cogs by following references.</summary>
public sealed class DuCountTests
{
    private const int SharedBytes = 100_000;
    private const int OwnBytes = 50_000;

    private readonly MemoryStore memory = new();
    private readonly Pin shared = Pin.Make(Bar.OfText(new string('s', SharedBytes)));
    private readonly Pin own = Pin.Make(Bar.OfText(new string('o', OwnBytes)));

    public DuCountTests()
    {
        MachineStore.Initialize(memory, MachineState.Empty.ToRoot());
        using var store = MachineStore.Open(memory);
        var state = MachineState.Empty
            .With(new CogId(1), CogState.Of(Cogs.LogOf(Cogs.Hear(1), shared, own)))
            .With(new CogId(2), CogState.Of(Cogs.LogOf(Cogs.Hear(1), shared, Letters(3000))));
        store.Append(Row.Empty);
        store.Snapshots.Save(new MachineSnapshot(store.Log.Last, state.ToTab()));
    }

    [Fact]
    public void Big_pins_are_counted_and_not_read()
    {
        foreach (var pin in new[] { shared, own })
            memory.Damage(StoreSpace.Pins, pin.Hash.ToBytes(), [1]);
        var report = Count();
        Assert.InRange(report.Pins.Bytes, SharedBytes + OwnBytes, SharedBytes + OwnBytes + 2000);
        var (one, two) = (Of(report, 1), Of(report, 2));
        Assert.InRange(one.PinBytes, SharedBytes + OwnBytes, SharedBytes + OwnBytes + 2000);
        Assert.InRange(one.OwnPinBytes, OwnBytes, OwnBytes + 1000);
        Assert.InRange(two.PinBytes, SharedBytes, SharedBytes + 2000);
        Assert.InRange(two.OwnPinBytes, 0, 1000);
    }

    [Fact]
    public void A_state_takes_the_size_of_its_chunks()
    {
        var report = Count();
        Assert.InRange(Of(report, 1).StateBytes, 10, 1000);
        Assert.InRange(Of(report, 2).StateBytes, 3000, 4000);
    }

    [Fact]
    public void Unreachable_bytes_are_the_remaining_bytes()
    {
        Assert.Equal(0, Count().UnreachableBytes);
        var batch = new StoreBatch();
        batch.Put(StoreSpace.Pins, Pin.Make("lost").Hash.ToBytes(), new byte[700]);
        memory.Commit(batch, durable: true);
        Assert.Equal(700, Count().UnreachableBytes);
    }

    private static Bar Letters(int count) => Bar.OfText(new string('x', count));

    private static DuCog Of(DuReport report, ulong cog) =>
        report.Cogs.Single(each => each.Id == new CogId(cog).ToString());

    private DuReport Count()
    {
        using var machine = new MemoryMachine(memory);
        return new DuCount(machine).Run();
    }
}
