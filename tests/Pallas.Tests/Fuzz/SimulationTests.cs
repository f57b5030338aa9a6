using Pallas.Fuzz.Simulation;
using Xunit;

namespace Pallas.Tests.Fuzz;

/// <summary>The whole machine, from one seed, with everything going wrong around it.</summary>
public sealed class SimulationTests
{
    private const int SeedsCount = 200;

    [Fact]
    public void Every_kind_of_fault_breaks_no_promise()
    {
        var report = new StringWriter();
        var isGood = SimCampaign.RunMany(1, SeedsCount, 1, SimFlaw.None, report);
        Assert.True(isGood, report.ToString());
        Assert.DoesNotMatch(@"(?m)^  \w+ +0$", report.ToString());
    }

    [Theory]
    [InlineData(SimFlaw.EffectsFirst, 1, 3)]
    [InlineData(SimFlaw.SyncIgnored, 1, 3)]
    [InlineData(SimFlaw.ChecksumsIgnored, 222, 60)]
    [InlineData(SimFlaw.SnapshotTruncated, 240, 60)]
    [InlineData(SimFlaw.PinDeleted, 1, 30)]
    [InlineData(SimFlaw.LogNotMarked, 240, 60)]
    public void A_machine_that_is_broken_on_purpose_is_found(SimFlaw flaw, ulong from, int count)
    {
        Assert.False(SimCampaign.RunMany(from, count, 1, flaw, TextWriter.Null));
        Assert.True(SimCampaign.RunMany(from, count, 1, SimFlaw.None, TextWriter.Null));
    }

    [Fact]
    public void Every_call_of_the_store_may_fail()
    {
        Assert.Empty(SimCampaign.RunEveryCall(1, 12, TextWriter.Null));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public void A_seed_is_the_same_run_every_time(ulong seed)
    {
        var (first, second) = (new List<string>(), new List<string>());
        var result = SimCampaign.RunOne(seed, SimFlaw.None, first.Add);
        Assert.Equal(result, SimCampaign.RunOne(seed, SimFlaw.None, second.Add));
        Assert.Equal(first, second);
    }

    [Fact]
    public void Writes_are_acknowledged()
    {
        var result = SimCampaign.RunOne(1);
        Assert.InRange(result.AcknowledgedCount, 1, result.SentCount);
    }
}
