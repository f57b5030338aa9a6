namespace Pallas.Cli.Run;

/// <summary>Folders outside of machines.</summary>
internal static class Folders
{
    /// <summary>Results of loading Sire modules; may be deleted at any time.</summary>
    public static string Cache => FromEnvironment("PALLAS_CACHE")
        ?? Path.Combine(Home("XDG_CACHE_HOME", ".cache"), "pallas");

    /// <summary>Data of the user, which the program cannot make again.</summary>
    public static string Data => Path.Combine(
        Home("XDG_DATA_HOME", Path.Combine(".local", "share")), "pallas");

    /// <summary>The machine of <c>pallas demo</c>.</summary>
    public static string Demo => Path.Combine(Data, "demo-counter");

    /// <summary>The history of the prompt.</summary>
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
