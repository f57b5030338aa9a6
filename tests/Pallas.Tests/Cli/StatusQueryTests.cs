using System.Text;
using System.Text.Json;
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

/// <summary>The status of a stopped machine.</summary>
public sealed class StatusQueryTests
{
    private readonly MemoryStore memory = new();

    public StatusQueryTests()
    {
        var state = MachineState.Empty.With(new CogId(1), CogState.Of(Cogs.LogOf(Cogs.Hear(1))));
        MachineStore.Initialize(memory, state.ToRoot());
        using var store = MachineStore.Open(memory);
        for (var i = 0; i < 3; i++)
        {
            store.Append(Row.Empty);
            store.Snapshots.Save(new MachineSnapshot(store.Log.Last, state.ToTab()));
        }
    }

    [Fact]
    public void An_undamaged_machine_is_shown_without_damage()
    {
        Assert.Contains("log: 3 records, snapshot at 3\n", Ask(json: false));
        Assert.DoesNotContain("damage", Ask(json: false));
        Assert.DoesNotContain("damage", Ask(json: true));
    }

    [Fact]
    public void An_unusable_snapshot_is_shown()
    {
        DamageNewestSnapshot();
        var text = Ask(json: false);
        Assert.Contains("log: 3 records, snapshot at 2\n", text);
        Assert.Contains(
            "damage: the snapshot after record 3 cannot be used (the store is damaged: a snapshot "
                + "does not match its checksum); a start replays the log after record 2, nothing "
                + "is missing\n",
            text);
        var report = JsonDocument.Parse(Ask(json: true)).RootElement;
        Assert.Equal(2, report.GetProperty("snapshotAt").GetInt32());
        var damaged = Assert.Single(report.GetProperty("damagedSnapshots").EnumerateArray());
        Assert.Equal(3, damaged.GetProperty("number").GetInt32());
        Assert.Equal(
            "the store is damaged: a snapshot does not match its checksum",
            damaged.GetProperty("why").GetString());
    }

    private void DamageNewestSnapshot()
    {
        var (key, entry) = memory.Last(StoreSpace.Snapshots)!.Value;
        var changed = (byte[])entry.Clone();
        changed[^1] ^= 1;
        memory.Damage(StoreSpace.Snapshots, key, changed);
    }

    private string Ask(bool json)
    {
        using var machine = new MemoryMachine(memory);
        using var output = new MemoryStream();
        new StatusQuery(json, All: false).Answer(machine, output);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
