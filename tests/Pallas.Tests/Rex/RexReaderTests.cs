using Pallas.Rex;
using Xunit;

namespace Pallas.Tests.Rex;

public sealed class RexReaderTests
{
    private static void Check(string text, string expected) =>
        Assert.Equal(expected, RexText.Notation(RexText.One(text)));

    [Theory]
    [InlineData("foo_1", "foo_1")]
    [InlineData("12", "12")]
    [InlineData("{some text}", "{some text}")]
    [InlineData("{}", "{}")]
    [InlineData("{a {b} c}", "{a {b} c}")]
    [InlineData("{a ; (b] \" c}", "{a ; (b] \" c}")]
    [InlineData("\"a } b\"", "{a } b}")]
    [InlineData("\"\"", "{}")]
    [InlineData("}_a } b_", "{a } b}")]
    [InlineData("}\"a\"", "{a}")]
    [InlineData("}}a}", "{a}")]
    [InlineData("{grüße}", "{grüße}")]
    [InlineData("} a line; (not] a comment ", "<a line; (not] a comment >")]
    [InlineData("}", "<>")]
    [InlineData("}  x", "< x>")]
    public void Leaves(string text, string expected) => Check(text, expected);

    [Theory]
    [InlineData("\"", "{}")]
    [InlineData("}_", "{}")]
    public void A_lone_opening_delimiter_at_the_end_of_the_line_is_the_empty_text(
        string text, string expected) => Check(text, expected);

    [Theory]
    [InlineData("-a", "P(- a)")]
    [InlineData("=?=a", "P(=?= a)")]
    [InlineData("a-b", "S(- a b)")]
    [InlineData("a+b+c", "S(+ a b c)")]
    [InlineData("a+b-c", "S(- S(+ a b) c)")]
    [InlineData("a-b+c-d", "S(- S(+ S(- a b) c) d)")]
    [InlineData("-a+b", "P(- S(+ a b))")]
    [InlineData("(-a)+b", "S(+ P(- a) b)")]
    [InlineData("b#{text}", "S(# b {text})")]
    [InlineData("b#} line", "S(# b <line>)")]
    [InlineData("`(a b)", "P(` N(| a b))")]
    [InlineData("'a", "P(' a)")]
    public void Prefix_and_shut_forms(string text, string expected) => Check(text, expected);

    [Theory]
    [InlineData("a(b)", "a^b")]
    [InlineData("a(b c)(d)", "a^N(| b c)^d")]
    [InlineData("(a b)c", "N(| a b)^c")]
    [InlineData("a[b]{c}", "a^N(, b)^{c}")]
    [InlineData("{a}{b}", "{a}^{b}")]
    [InlineData("a} b", "a^<b>")]
    [InlineData("(a(b))(c)", "a^b^c")]
    [InlineData("a(b)+c", "S(+ a^b c)")]
    [InlineData("-a(b)", "P(- a^b)")]
    [InlineData("(-a)(b)", "P(- a)^b")]
    public void Juxtaposed_forms_are_heirs(string text, string expected) => Check(text, expected);

    [Theory]
    [InlineData("()", "N(|)")]
    [InlineData("(a)", "a")]
    [InlineData("((a))", "a")]
    [InlineData("(a b)", "N(| a b)")]
    [InlineData("(| a)", "N(| a)")]
    [InlineData("( |  a  b )", "N(| a b)")]
    [InlineData("(+ 3 4)", "N(+ 3 4)")]
    [InlineData("(~)", "N(~)")]
    [InlineData("(| a | b c | d)", "N(| a N(| b c N(| d)))")]
    [InlineData("(+ x y + z)", "N(+ x y N(+ z))")]
    [InlineData("(+a +b)", "N(| P(+ a) P(+ b))")]
    [InlineData("[]", "N(,)")]
    [InlineData("[a b-c (d)]", "N(, a S(- b c) d)")]
    [InlineData("(, a)", "N(, a)")]
    public void Nests(string text, string expected) => Check(text, expected);

    [Theory]
    [InlineData("(a + b)", "I(+ a b)")]
    [InlineData("(a + b + c)", "I(+ a b c)")]
    [InlineData("(a + b - c)", "I(- I(+ a b) c)")]
    [InlineData("(f x + g y z)", "I(+ N(| f x) N(| g y z))")]
    [InlineData("(3, 4 , 5)", "I(, 3 4 5)")]
    [InlineData("(a +)", "I(+ a N(|))")]
    [InlineData("(a + + b)", "I(+ a N(+ b))")]
    [InlineData("(a + b | c - d | e)", "I(| I(- I(| I(+ a b) c) d) e)")]
    [InlineData("(n*n > n > m)", "I(> S(* n n) n m)")]
    [InlineData("(x | f | g)", "I(| x f g)")]
    public void Infix_forms(string text, string expected) => Check(text, expected);

    [Theory]
    [InlineData("-", "O(-)")]
    [InlineData("- a", "O(- a)")]
    [InlineData("- a b-c (d e)", "O(- a S(- b c) N(| d e))")]
    [InlineData("- a\n  b\n  c", "O(- a b c)")]
    [InlineData("- a - b - c", "O(- a O(- b O(- c)))")]
    [InlineData("- a\n    - b\n  c", "O(- a O(- b) c)")]
    [InlineData("= x 3\n| print x", "O(= x 3)^O(| print x)")]
    [InlineData("= x 3\nprint", "O(= x 3)^print")]
    [InlineData("= x 3\nprint(x)", "O(= x 3)^print^x")]
    [InlineData("- a\n- b\n- c", "O(- a)^O(- b)^O(- c)")]
    [InlineData("- x- y", "O(- x O(- y))")]
    [InlineData("x- y", "O(| x O(- y))")]
    [InlineData("x y", "O(| x y)")]
    [InlineData("-;note\n a", "O(- a)")]
    public void Open_forms(string text, string expected) => Check(text, expected);

    [Fact]
    public void Runes_of_different_widths_line_up_on_their_last_character() =>
        Check("""
              =?=  ++ a
                   ++ b
                 | c
                ` d
              """,
            "O(=?= O(++ a)^O(++ b) O(| c))^O(` d)");

    [Fact]
    public void A_rune_alone_takes_the_lines_below_it() =>
        Check("""
              >>
                |
                x
                z
                |
                y
                z
              """,
            "O(>> O(| x z)^O(| y)^z)");

    [Fact]
    public void A_second_heir_makes_the_first_a_son() =>
        Check("- a\nb\nc\n  d", "O(- a b c)^d");

    [Theory]
    [InlineData("} a\n} b\n} c", "<a>^<b>^<c>")]
    [InlineData("- } a\n  } b", "O(- <a>^<b>)")]
    [InlineData("- x} a\n   } b", "O(- x^<a>^<b>)")]
    [InlineData("- } a\n    } b", "O(- <a> <b>)")]
    [InlineData("- } a\n  ; note\n  } b", "O(- <a> <b>)")]
    [InlineData("  } a\n  } b", "<a>^<b>")]
    public void Line_strings_at_one_column_are_one_string(string text, string expected) =>
        Check(text, expected);

    [Theory]
    [InlineData("a=b\nb=c", new[] { "S(= a b)", "S(= b c)" })]
    [InlineData("| x\ng=g\n\ng=g", new[] { "O(| x)^S(= g g)", "S(= g g)" })]
    [InlineData("| x\n\ng=g", new[] { "O(| x)", "S(= g g)" })]
    [InlineData("| x\n   \ng", new[] { "O(| x)", "g" })]
    [InlineData("} a\nb", new[] { "<a>", "b" })]
    [InlineData("} a\n; note\n} b", new[] { "<a>", "<b>" })]
    [InlineData("} a\n } b", new[] { "<a>", "<b>" })]
    [InlineData("  - a\n- b", new[] { "O(- a)", "O(- b)" })]
    [InlineData("  - a\n; note\n  - b", new[] { "O(- a)^O(- b)" })]
    [InlineData("(a)\n- b", new[] { "a", "O(- b)" })]
    [InlineData("-a\n-b", new[] { "P(- a)", "P(- b)" })]
    [InlineData("", new string[0])]
    [InlineData("\n\n; only a note\n", new string[0])]
    [InlineData("a\0 ( b", new[] { "a" })]
    public void Texts_are_cut_into_blocks(string text, string[] expected) =>
        Assert.Equal(expected, RexText.All(text));

    [Theory]
    [InlineData("(a ;b)", "a")]
    [InlineData("(;)", "N(|)")]
    public void A_comment_that_ends_in_the_bracket_closes_the_nest(string text, string expected) =>
        Check(text, expected);

    [Fact]
    public void Layout_counts_bytes_and_spans_count_characters()
    {
        // The second rune is in the column of the first, but one byte further left.
        Check("- {é} - x\n      - y", "O(- {é} O(- x) O(- y))");
        var open = Assert.IsType<RexNode>(RexText.One("- {é} - x"));
        Assert.Equal(new Span(1, 7, 1, 10), open.Sons[1].Span);
    }

    [Fact]
    public void Spans_cover_a_tree_without_its_heir()
    {
        var first = Assert.IsType<RexNode>(RexText.One("= x\n  (f y)(z)\n| g"));
        Assert.Equal(new Span(1, 1, 2, 11), first.Span);
        Assert.Equal(new Span(1, 3, 1, 4), first.Sons[0].Span);
        Assert.Equal(new Span(2, 3, 2, 8), first.Sons[1].Span);
        Assert.Equal(new Span(2, 9, 2, 10), first.Sons[1].Heir!.Span);
        Assert.Equal(new Span(3, 1, 3, 4), first.Heir!.Span);
    }

    [Fact]
    public void A_block_reader_returns_each_block_as_soon_as_it_is_complete()
    {
        var reader = new BlockReader();
        Assert.Equal("1:a", Feed("a"));
        Assert.Equal("", Feed("- b"));
        Assert.True(reader.InBlock);
        Assert.Equal("", Feed("  c"));
        Assert.Equal("2:O(- b c)", Feed(""));
        Assert.False(reader.InBlock);
        Assert.Equal("", Feed("} d"));
        Assert.Equal("5:<d> 6:e", Feed("e"));
        Assert.Null(reader.End());
        Assert.Equal("", Feed("- f"));
        Assert.Equal("O(- f)", RexText.Notation(reader.End()!.Tree!));

        string Feed(string line) => string.Join(' ',
            reader.Feed(line).Select(static b => $"{b.Line}:{RexText.Notation(b.Tree!)}"));
    }

    [Fact]
    public void Deep_and_wide_texts_are_read_without_recursion()
    {
        var nest = string.Concat(Enumerable.Repeat("(- ", RexReader.DepthMax))
            + new string(')', RexReader.DepthMax);
        Assert.NotNull(Assert.Single(RexReader.Read(nest)).Tree);

        var parentheses = new string('(', 100_000) + "a" + new string(')', 100_000);
        Assert.Equal("a", RexText.Notation(RexText.One(parentheses)));

        var heir = RexText.One(string.Concat(Enumerable.Repeat("- a\n", 100_000)));
        var length = 0;
        for (var at = heir; at is not null; at = at.Heir)
            length++;
        Assert.Equal(100_000, length);
    }
}
