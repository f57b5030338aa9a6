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
}
