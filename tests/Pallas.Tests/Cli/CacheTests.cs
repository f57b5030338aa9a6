using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>The cache makes a load fast and changes nothing else.</summary>
[Collection(CliCollection.Name)]
public sealed class CacheTests(CliHome home)
{
    private static readonly string[] Load = ["sire", "small.sire"];

    /// <summary>Modules of their own, so that a cold load of them is quick.</summary>
    private string Folder()
    {
        var folder = home.FolderWith("small.sire", "#### small <- first\n\n= y 4\n");
        File.WriteAllText(Path.Combine(folder, "first.sire"), "#### first\n\n= x 3\n");
        return folder;
    }

    private static Dictionary<string, string> CacheIn(string folder) =>
        new() { ["PALLAS_CACHE"] = Path.Combine(folder, "cache") };

    [Fact]
    public void A_prompt_with_the_cached_prelude_loads_no_module()
    {
        var folder = home.NewFolder();
        var result = home.Run(folder, "add 2 3\n", "sire");
        // A module that is loaded prints its definitions.
        Assert.Equal("5", result.Output.Trim());
    }

    [Fact]
    public void A_cached_module_is_not_loaded_again()
    {
        var folder = Folder();
        var cold = home.Run(folder, "y\n", CacheIn(folder), Load);
        var warm = home.Run(folder, "y\n", CacheIn(folder), Load);
        Assert.Equal("x=3\ny=4\n4", CliHome.Normal(cold.Output, folder));
        Assert.Equal("4", CliHome.Normal(warm.Output, folder));
    }

    [Fact]
    public void A_damaged_entry_is_replaced()
    {
        var folder = Folder();
        home.Run(folder, "", CacheIn(folder), Load);
        var entries = Directory.GetFiles(Path.Combine(folder, "cache"));
        Assert.Equal(2, entries.Length);
        var whole = entries.ToDictionary(entry => entry, File.ReadAllBytes);
        foreach (var (entry, bytes) in whole)
        {
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(entry, bytes);
            bytes[bytes.Length / 2] ^= 1;
        }
        var result = home.Run(folder, "y\n", CacheIn(folder), Load);
        Assert.Equal("x=3\ny=4\n4", CliHome.Normal(result.Output, folder));
        Assert.Equal("", result.Error);
        foreach (var (entry, bytes) in whole)
            Assert.Equal(bytes, File.ReadAllBytes(entry));
    }

    [Fact]
    public void Two_processes_may_fill_one_cache_at_once()
    {
        var folder = Folder();
        using var one = home.Start(folder, Load, CacheIn(folder));
        using var two = home.Start(folder, Load, CacheIn(folder));
        foreach (var process in new[] { one, two })
        {
            process.Input("y\n");
            var result = process.Finish(TimeSpan.FromSeconds(60));
            Assert.EndsWith("4\n", result.Output.TrimEnd() + "\n");
            Assert.Equal("", result.Error);
        }
        Assert.All(
            Directory.GetFiles(Path.Combine(folder, "cache")),
            file => Assert.EndsWith(".module", file));
    }

    [Fact]
    public void A_cache_is_cleared()
    {
        var folder = Folder();
        var variables = CacheIn(folder);
        var where = home.Run(folder, "", variables, ["cache", "path"]).Output.Trim();
        Assert.Equal(variables["PALLAS_CACHE"], where);
        home.Run(folder, "", variables, Load);
        var cleared = home.Run(folder, "", variables, ["cache", "clear"]);
        Assert.Equal($"deleted 2 entries from {where}\n", cleared.Output);
        Assert.Empty(Directory.GetFiles(where));
        Assert.Equal(0, home.Run(folder, "", variables, ["cache", "clear"]).ExitCode);
    }

    [Fact]
    public void A_cache_that_cannot_be_written_is_ignored()
    {
        var folder = Folder();
        var variables = new Dictionary<string, string>
        {
            ["PALLAS_CACHE"] = Path.Combine(folder, "small.sire", "cache"),
        };
        var result = home.Run(folder, "y\n", variables, Load);
        Assert.Equal("x=3\ny=4\n4", CliHome.Normal(result.Output, folder));
        Assert.Equal("", result.Error);
    }
}
