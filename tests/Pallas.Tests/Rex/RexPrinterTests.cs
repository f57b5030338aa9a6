using Pallas.Rex;
using Pallas.Testing;
using Xunit;

namespace Pallas.Tests.Rex;

public sealed class RexPrinterTests
{
    private static void CheckFile(string text, string expected) =>
        Assert.Equal(expected.ReplaceLineEndings("\n") + "\n",
            new RexPrinter().File(RexText.One(text)));

    private static RexLeaf Word(string text, RexTree? heir = null) =>
        new(LeafShape.Word, text, heir);

    private static RexLeaf Text(string text) => new(LeafShape.Text, text);

    private static RexNode Node(NodeShape shape, string rune, params RexTree[] sons) =>
        new(shape, rune, sons);

    [Theory]
    [InlineData("(| f x)", "(f x)")]
    [InlineData("(| f)", "(| f)")]
    [InlineData("( + x   y)", "(+ x y)")]
    [InlineData("(, 1 2)", "[1 2]")]
    [InlineData("(3, 4)", "(3 , 4)")]
    [InlineData("(f x + g y)", "(f x + g y)")]
    [InlineData("(a + b - c)", "((a + b) - c)")]
    [InlineData("(f x)(y)", "(f x)y")]
    [InlineData("-a+b", "-(a+b)")]
    [InlineData("-(-a)", "-(-a)")]
    [InlineData("(-a)+b+(c-d)", "(-a)+b+(c-d)")]
    [InlineData("(a+b)c", "(a+b)c")]
    [InlineData("a(-b)", "a(-b)")]
    [InlineData("- a\n- b", "(- a)(- b)")]
    [InlineData("- a\n  } b c", "(- a {b c})")]
    [InlineData("()", "()")]
    [InlineData("[]", "[]")]
    public void On_one_line(string text, string expected) =>
        Assert.Equal(expected, new RexPrinter().Line(RexText.One(text)));

    [Theory]
    [InlineData("a b", "{a b}")]
    [InlineData("{}", "{{}}")]
    [InlineData("}{", "}_}{_")]
    [InlineData("}", "}_}_")]
    [InlineData("a } b", "}|a } b|")]
    [InlineData("a_}", "}|a_}|")]
    [InlineData("1234567}", "}|1234567}|")]
    [InlineData("éééééé}", "}_éééééé}_")]
    [InlineData("a | }", "}#a | }#")]
    [InlineData("} |#$!%&*+,-./:<=>?@\\^`'\"~", "}_} |#$!%&*+,-./:<=>?@\\^`'\"~_")]
    public void Texts_have_braces_or_the_first_delimiter_that_they_lack(
        string text, string expected) => Assert.Equal(expected, new RexPrinter().Line(Text(text)));

    [Fact]
    public void A_word_that_is_no_word_prints_as_a_text() =>
        Assert.Equal("[{a b} {} x}_}_]", new RexPrinter().Line(
            Node(NodeShape.Nest, ",", Word("a b"), Word(""), Word("x", Word("}")))));

    [Fact]
    public void A_prefix_without_sons_prints_as_a_nest() =>
        Assert.Equal("(-)", new RexPrinter().Line(Node(NodeShape.Prefix, "-")));

    [Fact]
    public void Sons_before_and_after_the_open_ones_share_rows() => CheckFile(
        """
        | f a
                | g x
            | h
          b
          c
        """,
        """
        | f a   | g x
            | h
          b c
        """);

    [Fact]
    public void Rows_are_broken_at_forty_columns() => CheckFile(
        "| aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee ffffffffff",
        """
        | aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd
          eeeeeeeee ffffffffff
        """);

    [Fact]
    public void A_row_of_forty_one_is_broken() => CheckFile(
        "| aaaaaaaaa bbbbbbbbb ccccccccc ddddddddddd",
        """
        | aaaaaaaaa bbbbbbbbb ccccccccc
          ddddddddddd
        """);

    [Fact]
    public void Small_sons_between_open_ones_join_the_staircase() => CheckFile(
        """
        - a
              - b
            c
            d
          - e
        """,
        """
        - a         - b
                c d
            - e
        """);

    [Fact]
    public void The_widest_rune_of_a_heir_chain_moves_it_right() => CheckFile(
        "= x\n      ++ a\n  =====> b\n` c\n",
        """
        = x    ++ a
           =====> b
        ` c
        """);

    [Fact]
    public void A_wide_rune_at_the_start_indents_its_heirs() => CheckFile(
        "=?= a\n  ` c",
        "=?= a\n  ` c");

    [Fact]
    public void Line_strings_keep_their_column() => CheckFile(
        "| f } a\n    }\n    } b\n",
        """
        | f } a
            }
            } b
        """);

    [Fact]
    public void Runes_without_sons_have_lines_of_their_own() => CheckFile("-\n+\n", "-\n+");

    [Fact]
    public void Colors_do_not_change_the_layout()
    {
        var tree = RexText.One("= x (f {t} [y])\n    - z\n| `q (a + b)\n} line");
        var printer = new RexPrinter(RexColors.Bold);
        const string Nest = "\x1b[35;1m";
        const string End = "\x1b[0m";
        Assert.Equal(
            $"\x1b[33m={End} x {Nest}({End}f \x1b[32m{{t}}{End} "
            + $"{Nest}[{End}y{Nest}]{End}{Nest}){End}\n"
            + $"    \x1b[33;1m-{End} z\n"
            + $"\x1b[33m|{End} \x1b[33;1m`{End}q {Nest}({End}a \x1b[33m+{End} b{Nest}){End}\n"
            + $"\x1b[32m}} line{End}\n",
            printer.File(tree));
        Assert.Equal($"{Nest}({End}| a{Nest}){End}", printer.Line(RexText.One("(| a)")));
    }

    [Fact]
    public void A_blank_line_separates_blocks() =>
        Assert.Equal("a\n\n- b\n", new RexPrinter().Blocks(
            RexReader.Read("a\n- b").Select(static b => b.Tree!)));

    [Fact]
    public void The_caller_prints_embedded_values()
    {
        var shown = new List<object>();
        var printer = new RexPrinter(RexColors.None, value =>
        {
            shown.Add(value);
            return Node(NodeShape.Open, "=", Word($"v{value}"));
        });
        var tree = Node(NodeShape.Open, "|", Word("a", new RexEmbed(1)), new RexEmbed(2));
        Assert.Equal("| a(= v1)\n    = v2\n", printer.File(tree));
        Assert.Equal([2, 1], shown.Order().Reverse());
        Assert.Throws<InvalidOperationException>(() => new RexPrinter().Line(tree));
    }

    [Fact]
    public void Deep_trees_are_printed_without_recursion()
    {
        RexTree nest = Word("a");
        RexTree open = Word("a");
        for (var i = 0; i < 100_000; i++)
        {
            nest = Node(NodeShape.Prefix, "-", nest);
            open = new RexNode(NodeShape.Open, "-", [Word("b")], open);
        }
        Assert.Equal(3 * 100_000 - 1, new RexPrinter().Line(nest).Length);
        Assert.Equal(4 * 100_000 + 2, new RexPrinter().File(open).Length);
        Assert.True(RexEquality.Same(open, open.WithHeir(open.Heir)));
    }
}
