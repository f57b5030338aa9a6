using Pallas.Cli;
using Pallas.Store.Snapshots;
using Xunit;

namespace Pallas.Tests.Cli;

public sealed class AmountTests
{
    [Theory]
    [InlineData("100", 100)]
    [InlineData("2kB", 2000)]
    [InlineData("1.5KiB", 1536)]
    [InlineData("64MiB", 64 << 20)]
    [InlineData("1gib", 1 << 30)]
    [InlineData("none", long.MaxValue)]
    public void Sizes_are_read(string text, long expected) =>
        Assert.Equal(expected, Amount.Bytes("--size", text));

    [Theory]
    [InlineData("2", 2000)]
    [InlineData("500ms", 500)]
    [InlineData("1.5s", 1500)]
    [InlineData("2m", 120_000)]
    [InlineData("none", -1)]
    public void Times_are_read(string text, int expectedMs) =>
        Assert.Equal(TimeSpan.FromMilliseconds(expectedMs), Amount.Time("--time", text));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("12 MiB")]
    [InlineData("MiB")]
    [InlineData("1MiBs")]
    [InlineData("1e3")]
    [InlineData("99999999999TiB")]
    public void What_is_no_size_is_a_mistake_of_the_user(string text)
    {
        var failure = Assert.Throws<Failure>(() => Amount.Bytes("--size", text));
        Assert.Equal(
            $"--size needs a size, such as 64MiB, or none; it cannot be {text}", failure.Message);
    }

    [Fact]
    public void A_history_is_a_size_a_time_or_all()
    {
        Assert.Null(Amount.History("--history", null));
        Assert.Equal(HistoryPolicy.All, Amount.History("--history", "all"));
        Assert.Equal(new HistoryPolicy(1L << 30, null), Amount.History("--history", "1GiB"));
        Assert.Equal(
            new HistoryPolicy(null, TimeSpan.FromDays(365)), Amount.History("--history", "365d"));
        var failure = Assert.Throws<Failure>(() => Amount.History("--history", "none"));
        Assert.Equal(
            "--history needs a size or a time, such as 1GiB or 7d, or all; it cannot be none",
            failure.Message);
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(150 << 10, "150 KiB")]
    [InlineData(3L << 40, "3.0 TiB")]
    public void Sizes_are_shown(long bytes, string expected) =>
        Assert.Equal(expected, Amount.Show(bytes));
}
