namespace Pallas.Store;

/// <summary>A kind of store on disk: a row of <c>StoreBackends.All</c>.</summary>
/// <param name="FolderName">The folder in the machine's folder that holds such a store.</param>
/// <param name="Create">Makes a store in a folder that does not exist.</param>
/// <param name="Open">Opens a store for reading.</param>
/// <param name="IsBegun">Whether a folder may hold more than the first steps of making a store.
/// </param>
/// <param name="Load">Loads the engine before it is needed.</param>
public sealed record StoreBackend(
    string FolderName, Func<string, IStore> Create, Func<string, IStore> Open,
    Func<string, bool> IsBegun, Action Load)
{
    public string PathIn(string machineFolder) => Path.Combine(machineFolder, FolderName);

    public bool IsIn(string machineFolder) => Directory.Exists(PathIn(machineFolder));
}
