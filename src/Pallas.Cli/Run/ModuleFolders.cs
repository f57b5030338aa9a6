using Pallas.Sire.Modules;

namespace Pallas.Cli.Run;

/// <summary>
/// Finds modules by name: in the folder of the file that is loaded, in the folders that the user
/// names, in our own library, in this order.
/// </summary>
/// <param name="library">The folders of our own library; empty to leave it out.</param>
internal sealed class ModuleFolders(
    IEnumerable<string> folders, IReadOnlyList<string> library) : IModuleSource
{
    private readonly string[] folders = [.. folders, .. library];

    public ModuleFile? Find(string module)
    {
        if (module.Length == 0 || module.AsSpan().IndexOfAny('/', '\\', '\0') >= 0)
            return null;
        var path = folders
            .Select(folder => Path.Combine(folder, module + ".sire"))
            .FirstOrDefault(File.Exists);
        return path is null ? null : new ModuleFile(path, File.ReadAllBytes(path));
    }

    /// <summary>Whether a module comes from our own library, and not from the user.</summary>
    public bool IsOwn(string module) =>
        Find(module) is { } file
            && library.Contains(Path.GetDirectoryName(file.Path));
}
