using Pallas.Machine;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Machine;

public sealed class RequestTests
{
    // open slots | answered slots | row after the event | cancelled | issued; a request is a letter
    [Theory]
    [InlineData("", "", "", "", "")]
    [InlineData("", "", "a", "", "0a")]
    [InlineData("", "", "-a-b", "", "1a 3b")]
    [InlineData("0a", "", "a", "", "")]
    [InlineData("0a", "", "b", "0", "0b")]
    [InlineData("0a", "", "-", "0", "")]
    [InlineData("0a", "", "", "0", "")]
    [InlineData("0a 1b", "", "b", "0 1", "0b")]
    [InlineData("0a 1b", "", "ba", "0 1", "0b 1a")]
    [InlineData("0a", "0", "a", "", "0a")]
    [InlineData("0a", "0", "b", "", "0b")]
    [InlineData("0a", "0", "-", "", "")]
    [InlineData("0a 1b 2c", "1", "abc", "", "1b")]
    [InlineData("0a 1b 2c", "0 2", "-b", "", "")]
    [InlineData("0a 1b 2c", "0", "-bd-e", "2", "2d 4e")]
    public void The_diff_matches_the_table(
        string open, string answered, string row, string cancelled, string issued)
    {
        var diff = RequestDiff.Of(
            Words(open).ToDictionary(word => word[0] - '0', word => (Value)word[1..]),
            Words(answered).Select(word => word[0] - '0').ToHashSet(),
            [.. row.Select(letter => letter == '-' ? (Value)0 : letter.ToString())]);
        Assert.Equal(cancelled, string.Join(' ', diff.Cancelled));
        Assert.Equal(
            issued,
            string.Join(
                ' ', diff.Issued.Select(each => $"{each.Key}{((Nat)each.Value).ToText()}")));
    }

    [Fact]
    public void Requests_are_compared_by_value()
    {
        var diff = RequestDiff.Of(
            new Dictionary<int, Value> { [0] = Row.Of("time", 0, "wait", 7) },
            new HashSet<int>(),
            [Row.Of("time", 0, "wait", 7)]);
        Assert.Empty(diff.Cancelled);
        Assert.Empty(diff.Issued);
    }

    [Fact]
    public void Requests_are_read_by_their_shape()
    {
        Check(new Request.Who(), "cog", "who");
        Check(new Request.Reap(new CogId(5)), "cog", "reap", 5);
        Check(new Request.Stop(new CogId(5)), "cog", "stop", 5);
        Check(new Request.Wait(new CogId(5)), "cog", "wait", 5);
        Assert.IsType<Request.Spin>(Request.Read(Row.Of("cog", "spin", 5)));
        Assert.IsType<Request.Ask>(Request.Read(Row.Of("cog", "ask", 5, 6, 7)));
        Assert.IsType<Request.Tell>(Request.Read(Row.Of("cog", "tell", 5, 6)));
        Assert.IsType<Request.Eval>(Request.Read(Row.Of("eval", 5, 6, 7)));
        Assert.IsType<Request.What>(Request.Read(Row.Of("what", Set.Of("time"))));
        Assert.IsType<Request.Call>(Request.Read(Row.Of("time", 1, "when")));
    }

    public static TheoryData<string, Value> UnknownShapes => new()
    {
        { "a nat", 7 },
        { "a bar", Bar.OfText("cog") },
        { "the empty row", Row.Empty },
        { "a name alone", Row.Of("time") },
        { "a flag alone", Row.Of("time", 0) },
        { "another flag", Row.Of("time", 2, "when") },
        { "no flag", Row.Of("time", "when", 0) },
        { "a name that is no nat", Row.Of(Row.Empty, 0, "when") },
        { "who with an argument", Row.Of("cog", "who", 1) },
        { "reap without a cog", Row.Of("cog", "reap") },
        { "reap of no id", Row.Of("cog", "reap", Row.Empty) },
        { "an ask too short", Row.Of("cog", "ask", 1, 2) },
        { "an ask on no channel", Row.Of("cog", "ask", 1, Row.Empty, 2) },
        { "a tell too long", Row.Of("cog", "tell", 1, 2, 3) },
        { "another cog call", Row.Of("cog", "bogus", 1) },
        { "an eval without arguments", Row.Of("eval", 5, 6) },
        { "an eval without a time", Row.Of("eval", Row.Empty, 6, 7) },
        { "a what of no set", Row.Of("what", Row.Of("time")) },
    };

    [Theory]
    [MemberData(nameof(UnknownShapes))]
    public void Other_shapes_are_unknown(string name, Value shape)
    {
        _ = name;
        Assert.IsType<Request.Unknown>(Request.Read(shape));
    }

    private static void Check(Request expected, params Value[] row) =>
        Assert.Equal(expected, Request.Read(Row.Of(row)));

    private static string[] Words(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
