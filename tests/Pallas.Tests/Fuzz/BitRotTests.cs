using Pallas.Fuzz.Simulation;
using Xunit;

namespace Pallas.Tests.Fuzz;

/// <summary>A bit of any file of a machine's folder may flip.</summary>
public sealed class BitRotTests
{
    private const int FlipsPerFile = 3;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_flipped_bit_is_found_or_makes_no_difference(bool isKilled)
    {
        var report = new StringWriter();
        var bad = RotCampaign.Run(FlipsPerFile, seed: 1, isKilled, report);
        Assert.True(bad.Count == 0, report.ToString());
        Assert.Matches(@"\.sst +[1-9]", report.ToString());
    }

    /// <summary>RocksDB alone would read such a manifest for ever.</summary>
    [Theory]
    [InlineData("MANIFEST", 2)]
    [InlineData(".log", 2)]
    [InlineData(".log", 3)]
    public void A_record_that_becomes_one_of_an_unknown_kind_is_found(string name, int bit)
    {
        using var rot = new BitRot(isKilled: true);
        var places = rot.KindsOfRecords().Where(each => each.File.Contains(name)).ToArray();
        foreach (var (file, offset) in new[] { places[0], places[places.Length / 2], places[^1] })
        {
            var trial = rot.Try(file, offset, bit);
            Assert.Equal(RotOutcome.Detected, trial.Outcome);
            Assert.Contains("a record of an unknown kind", trial.Message);
        }
    }
}
