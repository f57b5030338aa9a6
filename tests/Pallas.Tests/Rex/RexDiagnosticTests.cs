using Pallas.Rex;
using Xunit;

namespace Pallas.Tests.Rex;

public sealed class RexDiagnosticTests
{
    private static void Check(string text, string expected)
    {
        var reports = RexReader.Read(text).Select(static b => b.Report("a.sire"));
        Assert.Equal(expected.ReplaceLineEndings("\n") + "\n", string.Concat(reports));
    }

    [Fact]
    public void A_nest_ends_on_its_line() => Check("= x (add 1\n  2)",
        """
        a.sire:1:5: error: unterminated nest
            = x (add 1
                ^
        hint: close it with ) on the same line
        a.sire:2:4: error: unexpected )
              2)
               ^
        hint: no bracket is open here
        """);

    [Fact]
    public void Every_open_nest_is_reported_from_the_inside_out() => Check("(a [b",
        """
        a.sire:1:4: error: unterminated nest
            (a [b
               ^
        hint: close it with ] on the same line
        a.sire:1:1: error: unterminated nest
            (a [b
            ^
        hint: close it with ) on the same line
        """);

    [Fact]
    public void The_wrong_bracket_is_reported() => Check("(a]",
        """
        a.sire:1:3: error: unexpected ]
            (a]
              ^
        hint: the open bracket is closed by )
        a.sire:1:1: error: unterminated nest
            (a]
            ^
        hint: close it with ) on the same line
        """);

    [Theory]
    [InlineData("- {a {b}", "1:3-1:9 unterminated text", "close it with } on the same line")]
    [InlineData("- \"ab", "1:3-1:6 unterminated text", "close it with \" on the same line")]
    [InlineData("- }_ab", "1:3-1:7 unterminated text", "close it with _ on the same line")]
    [InlineData("- }éab", "1:3-1:5 the delimiter after } is not ASCII",
        "choose a delimiter such as _ or #")]
    [InlineData("- (} a)", "1:3-1:4 unterminated nest", "close it with ) on the same line")]
    [InlineData("[a + b]", "1:4-1:5 a lone rune inside brackets",
        "write (a + b) or join the rune to its operands: [a+b]")]
    [InlineData("- é", "1:3-1:4 unexpected é", "put text in braces: {text}")]
    [InlineData("- 🙂b é", "1:3-1:4 unexpected 🙂", "put text in braces: {text}")]
    [InlineData("- \t", "1:3-1:4 unexpected tab", "indent with spaces")]
    [InlineData("a\r\n", "1:2-1:3 unexpected carriage return", "end lines with a line feed alone")]
    [InlineData("a \u0001", "1:3-1:4 unexpected control character U+0001", null)]
    [InlineData("}\0a", "1:1-1:2 a line string starts with a space", null)]
    public void The_first_diagnostic_has_a_message_and_a_place(
        string text, string expected, string? hint)
    {
        var block = Assert.Single(RexReader.Read(text));
        Assert.Null(block.Tree);
        var (line, column, endLine, endColumn) = block.Diagnostics[0].Span;
        Assert.Equal(expected,
            $"{line}:{column}-{endLine}:{endColumn} {block.Diagnostics[0].Message}");
        Assert.Equal(hint, block.Diagnostics[0].Hint);
    }

    [Fact]
    public void A_bad_block_does_not_hide_the_others()
    {
        var blocks = RexReader.Read("a\n(b\n\n- c\n  ]\n\n- d\n").ToList();
        Assert.Equal([1, 2, 4, 7], blocks.Select(static b => b.Line));
        Assert.Equal([true, false, false, true], blocks.Select(static b => b.Tree is not null));
        Assert.Equal(["- c", "  ]"], blocks[2].Lines);
    }

    [Fact]
    public void Carets_are_under_the_characters_of_the_span() => Check("- {é🙂} \"open",
        """
        a.sire:1:8: error: unterminated text
            - {é🙂} "open
                   ^^^^^
        hint: close it with " on the same line
        """);

    [Fact]
    public void A_diagnostic_without_place_shows_file_and_message() =>
        Assert.Equal("f: error: m\nhint: h\n", new Diagnostic(default, "m", "h").Render("f", "x"));

    [Fact]
    public void Only_a_window_of_a_long_line_is_shown()
    {
        var line = new string('x', 500) + "\t" + new string('y', 500);
        var report = new Diagnostic(new Span(1, 501, 1, 502), "tab").Render("f", line);
        var lines = report.Split('\n');
        Assert.True(lines[1].Length <= 110, $"{lines[1].Length}");
        Assert.Equal(lines[1].IndexOf('\t'), lines[2].IndexOf('^'));
    }

    [Theory]
    [InlineData("(- ")]
    [InlineData("- ")]
    [InlineData("a-b+")]
    public void Deep_texts_are_refused(string unit)
    {
        var text = string.Concat(Enumerable.Repeat(unit, RexReader.DepthMax + 1)) + "a"
            + (unit[0] == '(' ? new string(')', RexReader.DepthMax + 1) : "");
        var block = Assert.Single(RexReader.Read(text));
        var diagnostic = Assert.Single(block.Diagnostics);
        Assert.Equal("nested more than 10000 deep", diagnostic.Message);
    }

    [Fact]
    public void Garbage_gives_a_bounded_number_of_diagnostics() =>
        Assert.Equal(100, Assert.Single(RexReader.Read(new string('é', 1000))).Diagnostics.Count);
}
