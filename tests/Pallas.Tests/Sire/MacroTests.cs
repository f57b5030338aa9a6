using Pallas.Eval;
using Pallas.Fuzz;
using Pallas.Rex;
using Pallas.Sire;
using Pallas.Sire.Errors;
using Pallas.Sire.Expand;
using Pallas.Sire.Print;
using Pallas.Testing;
using Xunit;

namespace Pallas.Tests.Sire;

public sealed class MacroTests
{
    /// <summary>Macros: <c>$$</c> returns 7; <c>++</c> its heir or its first son; <c>!!</c> fails;
    /// <c>??!</c> returns a malformed reply.</summary>
    private const string Macros = """
        = EMBD | 4 | 0 {##EMBD} 2 0

        = ({$$} st rex bad good) | good st (EMBD 7)

        = (last x)             | 1 (_ & 0) (_ _ _ & 0) (h t & t) (_ & 0) x
        = (init x)             | 1 (_ & 0) (_ _ _ & 0) (h t & h) (_ & 0) x
        = ({++} st rex bad good) | good st (last (last (init rex)))
        = ({!!} st rex bad good) | bad rex {no such luck}
        = ({~~} st rex bad good) | 5
        = ({||} st rex bad good) | {bang} rex


        """;

    private static SireError Error(string block)
    {
        var error = SireText.Error(Macros + block);
        var line = 2 + (Macros + block).Split('\n').Length;
        Assert.Equal(line, error.Diagnostic.Span.Line);
        return error;
    }

    [Fact]
    public void A_macro_may_embed_a_value() =>
        Assert.Equal("7", SireText.MainOf(Macros + "= main | $$ 3 4").ToString());

    [Fact]
    public void A_macro_gets_the_form_as_a_value() =>
        Assert.Equal("9", SireText.MainOf(Macros + "= main (++ 9)").ToString());

    [Fact]
    public void A_macro_takes_precedence_over_a_builtin_rune() => Assert.Equal(
        "7", SireText.MainOf(Macros + "= {|} (. {$$})\n\n= main (3 4)").ToString());

    [Fact]
    public void The_reply_of_a_macro_runs_as_a_command()
    {
        var text = new SireText(("a", "#### a\n\n" + Macros + "$$ 1"));
        Assert.NotNull(text.Open().Load("a").State);
        var value = Assert.Single(text.Events.OfType<SireEvent.Evaluated>()).Value;
        Assert.Equal("7", value.ToString());
    }

    [Fact]
    public void A_macro_reports_an_error()
    {
        var error = Error("= main | (!! 3)");
        Assert.Equal(SireErrorKind.Macro, error.Kind);
        Assert.Equal("no such luck", error.Message);
        Assert.Equal(10, error.Diagnostic.Span.Column);
    }

    [Fact]
    public void A_crash_of_a_macro_names_the_macro_and_the_function()
    {
        var error = Error("= main (|| 3)");
        Assert.Equal(SireErrorKind.Crash, error.Kind);
        Assert.Equal("the macro || crashed: bang was applied to a value", error.Message);
        Assert.Single(error.Values);
    }

    [Fact]
    public void A_macro_with_a_malformed_reply_is_an_error() =>
        Assert.Equal(SireErrorKind.Macro, Error("= main (~~ 3)").Kind);

    [Fact]
    public void A_form_that_passes_a_macro_keeps_its_place()
    {
        var error = Error("= main | 3 (++ | 3 noSuchName)");
        Assert.Equal("noSuchName is not bound", error.Message);
        Assert.Equal(20, error.Diagnostic.Span.Column);
    }

    [Fact]
    public void A_name_that_a_macro_copied_is_found_in_its_input()
    {
        const string Copying = """
            = WORD | 4 | 0 {##WORD} 3 0

            = ({%%} st rex bad good) | good st (WORD {lost} 0)


            """;
        var error = SireText.Error(Copying + "= main | 3 (%% 5 lost)");
        Assert.Equal("lost is not bound", error.Message);
        Assert.Equal(18, error.Diagnostic.Span.Column);
    }

    [Fact]
    public void A_form_that_is_read_back_is_the_same_tree()
    {
        var text = "= (f x) {a b}(c) -d\n* e-f\n* [1 2]\n} line";
        var tree = SireText.Block(text).Tree!;
        var seen = new List<SireEvent>();
        var quoting = new SireSession(new SireOptions
        {
            Evaluator = new Evaluator(TestEval.Plain),
            Modules = new SireText(),
            Report = seen.Add,
        });
        quoting.Run(SireState.Initial, new RexBlock(
            1, [], new RexNode(NodeShape.Open, "=?=", [tree]), []));
        var noun = Assert.IsType<SireEvent.Asserting>(Assert.Single(seen)).Rex;
        var read = Assert.IsType<RexNode>(Loot.ToQuotedRex(noun));
        Assert.True(RexEquality.Same(tree, Assert.Single(read.Sons)));
    }
}
