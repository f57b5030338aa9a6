namespace Pallas.Tests;

/// <summary>The files of recorded facts, tests/golden.</summary>
public static class Golden
{
    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <param name="name">Relative to tests/golden, with forward slashes.</param>
    public static string PathOf(string name) => Path.Combine(Root, "tests", "golden", name);

    public static string Read(string name) => File.ReadAllText(PathOf(name));

    /// <summary>Compares with a file; <c>tools/accept</c> writes it instead.</summary>
    public static void Check(string name, string actual)
    {
        if (Environment.GetEnvironmentVariable("PALLAS_ACCEPT") is { Length: > 0 })
            File.WriteAllText(PathOf(name), actual);
        else
            Xunit.Assert.Equal(Read(name), actual);
    }

    /// <summary>The rows of a tab-separated file, without comments and empty lines.</summary>
    public static IEnumerable<string[]> Rows(string name) =>
        File.ReadLines(PathOf(name))
            .Where(line => line.Length > 0 && !line.StartsWith('#'))
            .Select(line => line.Split('\t'));

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null;
            folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Pallas.slnx")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("Pallas.slnx is in no folder above the tests");
    }
}
