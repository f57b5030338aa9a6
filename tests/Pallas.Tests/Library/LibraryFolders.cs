using Pallas.Sire.Modules;

namespace Pallas.Tests.Library;

/// <summary>The modules of the library of this repository, and texts that a test adds.</summary>
public sealed class LibraryFolders : IModuleSource
{
    private static readonly string[] Folders = ["sire/boot", "sire/lib"];

    /// <summary>Texts by module name; they come before files of that name.</summary>
    public Dictionary<string, string> Added { get; } = [];

    public static IEnumerable<string> Files =>
        Folders.SelectMany(folder =>
            Directory.EnumerateFiles(Path.Combine(Golden.Root, folder), "*.sire"));

    public ModuleFile? Find(string module)
    {
        if (Added.TryGetValue(module, out var text))
            return new ModuleFile(module, System.Text.Encoding.UTF8.GetBytes(text));
        return Folders
            .Select(folder => Path.Combine(Golden.Root, folder, module + ".sire"))
            .Where(File.Exists)
            .Select(path => new ModuleFile(path, File.ReadAllBytes(path)))
            .FirstOrDefault();
    }
}
