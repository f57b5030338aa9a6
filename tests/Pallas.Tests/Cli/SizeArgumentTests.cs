using Pallas.Cli.Options;
using Pallas.Cli.Render;
using Pallas.Store.Snapshots;
using Xunit;

namespace Pallas.Tests.Cli;

public sealed class SizeArgumentTests
{
    [Theory]
    [InlineData("100", 100)]
    [InlineData("2kB", 2000)]
    [InlineData("1.5KiB", 1536)]
    [InlineData("64MiB", 64 << 20)]
    [InlineData("1gib", 1 << 30)]
    [InlineData("none", long.MaxValue)]
    public void Sizes_are_read(string text, long expected) =>
        Assert.Equal(expected, SizeArgument.ReadBytes("--size", text));

    [Theory]
    [InlineData("2", 2000)]
    [InlineData("500ms", 500)]
    [InlineData("1.5s", 1500)]
    [InlineData("2m", 120_000)]
    [InlineData("none", -1)]
    public void Times_are_read(string text, int expectedMs) =>
        Assert.Equal(TimeSpan.FromMilliseconds(expectedMs), SizeArgument.ReadTime("--time", text));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("12 MiB")]
    [InlineData("MiB")]
    [InlineData("1MiBs")]
    [InlineData("1e3")]
    [InlineData("99999999999TiB")]
    public void A_text_that_is_not_a_size_is_refused(string text)
    {
        var failure = Assert.Throws<Failure>(() => SizeArgument.ReadBytes("--size", text));
        Assert.Equal(
            $"--size cannot be {text}\nhint: give a size such as 64MiB, or none", failure.Message);
    }

    [Fact]
    public void A_history_is_a_size_a_time_or_all()
    {
        Assert.Null(SizeArgument.ReadHistory("--history", null));
        Assert.Equal(HistoryPolicy.All, SizeArgument.ReadHistory("--history", "all"));
        Assert.Equal(
            new HistoryPolicy(1L << 30, null), SizeArgument.ReadHistory("--history", "1GiB"));
        Assert.Equal(
            new HistoryPolicy(null, TimeSpan.FromDays(365)),
            SizeArgument.ReadHistory("--history", "365d"));
        var failure = Assert.Throws<Failure>(() => SizeArgument.ReadHistory("--history", "none"));
        Assert.Equal(
            "--history cannot be none\nhint: give a size or a time such as 1GiB or 7d, or all",
            failure.Message);
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(150 << 10, "150 KiB")]
    [InlineData(3L << 40, "3.0 TiB")]
    public void Sizes_are_shown(long bytes, string expected) =>
        Assert.Equal(expected, SizeText.Of(bytes));
}
