using Pallas.Store.Snapshots;

namespace Pallas.Testing;

/// <summary>Loads the snapshots at the ends of a table.</summary>
public static class SnapshotReads
{
    public static MachineSnapshot LoadFirst(this SnapshotTable table) =>
        table.Load(table.Numbers().FirstOrDefault());

    public static MachineSnapshot LoadLast(this SnapshotTable table) =>
        table.Load(table.Numbers().LastOrDefault());
}
