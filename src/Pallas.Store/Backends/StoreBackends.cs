using Pallas.Store.Backends.Rocks;

namespace Pallas.Store.Backends;

/// <summary>The kinds of stores on disk. A new machine uses the first one.</summary>
public static class StoreBackends
{
    public static readonly IReadOnlyList<StoreBackend> All = [RocksStore.Backend];

    /// <summary>The backend of a machine's folder; null if its store is missing.</summary>
    internal static StoreBackend? In(string machineFolder) =>
        All.FirstOrDefault(backend => backend.IsIn(machineFolder));
}
