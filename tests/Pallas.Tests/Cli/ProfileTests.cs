using System.Text.Json;
using Xunit;

namespace Pallas.Tests.Cli;

/// <summary><c>--profile</c> writes what speedscope opens, in every tier.</summary>
[Collection(CliCollection.Name)]
public sealed class ProfileTests(CliHome home)
{
    /// <summary>Long enough for some samples on any machine.</summary>
    private static string Program(int n) =>
        $"""
        #### busy <- prelude

        :| prelude

        = (fibonacci n)
        | if (lth n 2) n
        | add (fibonacci (sub n 1)) (fibonacci (sub n 2))

        = result | fibonacci {n}
        """;

    [Theory]
    [InlineData("interpret", "--profile", 27)]
    [InlineData("default", "--profile-output", 34)]
    [InlineData("compile", "-p", 34)]
    public void A_profile_names_the_laws_that_took_the_time(string tier, string option, int n)
    {
        var folder = home.FolderWith("busy.sire", Program(n));
        var result = home.Run(
            folder, "", "sire", "--batch", "busy.sire", "--no-cache", "--tier", tier,
            option, "out.json");
        Assert.True(result.ExitCode == 0, result.Error);
        using var json = JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(folder, "out.json")));
        var names = json.RootElement.GetProperty("shared").GetProperty("frames")
            .EnumerateArray().Select(frame => frame.GetProperty("name").GetString()).ToList();
        Assert.Contains("fibonacci", names);
        var profiles = json.RootElement.GetProperty("profiles").EnumerateArray().ToList();
        Assert.Equal(
            ["milliseconds", "bytes"],
            profiles.Select(profile => profile.GetProperty("unit").GetString()));
        foreach (var profile in profiles)
        {
            var weights = profile.GetProperty("weights").EnumerateArray()
                .Select(weight => weight.GetDouble()).ToList();
            var samples = profile.GetProperty("samples").EnumerateArray().ToList();
            Assert.Equal(samples.Count, weights.Count);
            Assert.True(weights.Sum() > 0);
            Assert.All(
                samples.SelectMany(sample => sample.EnumerateArray()),
                frame => Assert.InRange(frame.GetInt32(), 0, names.Count - 1));
        }
    }

    [Fact]
    public void A_profile_that_cannot_be_written_is_a_mistake_before_anything_runs()
    {
        var folder = home.FolderWith("busy.sire", Program(27));
        var result = home.Run(
            folder, "", "sire", "--batch", "busy.sire", "--profile", "none/out.json");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(
            $"pallas: cannot write none/out.json: there is no folder {Path.Join(folder, "none")}\n",
            result.Error);
        Assert.Empty(result.Output);
    }
}
