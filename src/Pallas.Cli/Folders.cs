using Pallas.Sire.Modules;

namespace Pallas.Cli;

/// <summary>Where Pallas keeps what is not a machine.</summary>
internal static class Folders
{
    /// <summary>Results of loading Sire modules; may be deleted at any time.</summary>
    public static string Cache => FromEnvironment("PALLAS_CACHE")
        ?? Path.Combine(Home("XDG_CACHE_HOME", ".cache"), "pallas");

    /// <summary>What the program keeps for its user; nothing in it can be made anew.</summary>
    public static string Data => Path.Combine(
        Home("XDG_DATA_HOME", Path.Combine(".local", "share")), "pallas");

    /// <summary>The machine of <c>pallas demo</c>.</summary>
    public static string Demo => Path.Combine(Data, "demo-counter");

    /// <summary>The lines that were typed at the prompt.</summary>
    public static string History => Path.Combine(Data, "history");

    /// <summary>The library that comes with the program.</summary>
    public static IReadOnlyList<string> Library { get; } =
    [
        Path.Combine(AppContext.BaseDirectory, "sire", "lib"),
        Path.Combine(AppContext.BaseDirectory, "sire", "boot"),
    ];

    public static string Example(string name) =>
        Path.Combine(AppContext.BaseDirectory, "examples", name);

    private static string Home(string variable, string fallback) =>
        FromEnvironment(variable) ?? Path.Combine(
            Environment.GetFolderPath(
                Environment.SpecialFolder.UserProfile,
                Environment.SpecialFolderOption.DoNotVerify),
            fallback);

    private static string? FromEnvironment(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
}

/// <summary>
/// Finds modules by name: in the folder of the file that is loaded, in the folders that the user
/// names, in our own library, in this order.
/// </summary>
/// <param name="library">The folders of our own library, if it is to be searched.</param>
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
