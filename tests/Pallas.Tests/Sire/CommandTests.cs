using System.Text;
using Pallas.Sire.Errors;
using Pallas.Sire.Expand;
using Pallas.Sire.Lower;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Sire;

public sealed class CommandTests
{
    [Fact]
    public void Definitions_may_follow_each_other_in_one_block() =>
        Assert.Equal("4", SireText.MainOf("= three | 3\n= main  | three three").ToString());

    [Fact]
    public void Bindings_are_numbered_from_one()
    {
        var session = new SireText(("a", "#### a\n\n= x 5\n= y 6\n= 9 z 7\n= w 8\n")).Open();
        var state = session.Load("a").State!;
        string[] names = ["x", "y", "z", "w"];
        var keys = names.Select(name => session.FindBinding(state, name)!.Key.ToString());
        Assert.Equal(["1", "2", "9", "3"], keys);
        Assert.Equal("a", ((Nat)session.FindBinding(state, "x")!.Location).ToText());
    }

    [Fact]
    public void A_binding_may_have_properties() => Assert.Equal(
        "5",
        Bound("= 0 (3 4) x 7", "x").Properties.ToString());

    private static Binding Bound(string body, string name)
    {
        var session = new SireText(("a", "#### a\n\n" + body)).Open();
        return session.FindBinding(session.Load("a").State!, name)!;
    }

    [Fact]
    public void An_assertion_reports_both_values()
    {
        var error = SireText.Error("=?= 5 | 3 4\n=?= 5 | 3 5");
        Assert.Equal(SireErrorKind.Assertion, error.Kind);
        Assert.Equal(4, error.Diagnostic.Span.Line);
        Assert.Equal(["5", "6"], error.Values.Select(value => value.ToString()));
    }

    [Fact]
    public void Exports_hide_the_other_names()
    {
        var session = new SireText(("a", "#### a\n\n= x 1\n= y 2\n= z 3\n\n^-^ x\n^-^ z\n")).Open();
        var state = session.Load("a").State!;
        Assert.NotNull(session.Find(state, "x"));
        Assert.Null(session.Find(state, "y"));
        Assert.NotNull(session.Find(state, "z"));
    }

    [Fact]
    public void A_star_runs_each_son_and_then_the_heir()
    {
        var text = new SireText(("a", "#### a\n\n* (3 1) (3 2)\n| 3 3\n"));
        Assert.NotNull(text.Open().Load("a").State);
        var values = text.Events.OfType<SireEvent.Evaluated>().Select(e => e.Value.ToString());
        Assert.Equal(["2", "3", "4"], values);
    }

    [Theory]
    [InlineData("= main | bax", "bax is not bound", "did you mean bar?", 10)]
    [InlineData("= bat 4\n= barrow 5\n= main ba", "ba is not bound", "did you mean bar?", 8)]
    [InlineData("= main $$$ 4", "the rune $$$ is not bound", null, 8)]
    [InlineData("= main | & (locale x) local", "local is not bound", "did you mean locale?", 23)]
    [InlineData("=?= 3", "an assertion takes two expressions",
        "write it like =?= expected actual", 1)]
    [InlineData("= main (@ x)", "@ takes a name, a value and a body",
        "write it like @ name value", 8)]
    [InlineData("= main 1x", "'1x' is neither a name nor a number",
        "a name does not begin with a digit; only a # macro could read other literals", 8)]
    [InlineData("^-^ bat", "bat is not bound here", "did you mean bar?", 1)]
    public void Mistakes_have_a_place_a_message_and_a_hint(
        string block, string message, string? hint, int column)
    {
        var error = SireText.Error("= bar 3\n\n" + block);
        Assert.Equal(message, error.Message);
        Assert.Equal(hint, error.Diagnostic.Hint);
        Assert.Equal(column, error.Diagnostic.Span.Column);
        Assert.StartsWith("a.sire:", error.Render(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_is_no_Rex_is_a_syntax_error()
    {
        var error = SireText.Error("= main (3");
        Assert.Equal(SireErrorKind.Syntax, error.Kind);
        Assert.Equal(3, error.Diagnostic.Span.Line);
    }

    [Fact]
    public void A_crash_names_the_function_and_its_argument()
    {
        var error = SireText.Error("= x 1\n\n= main | {die} {of thirst}");
        Assert.Equal(SireErrorKind.Crash, error.Kind);
        Assert.Equal("crash: die was applied to a value", error.Message);
        Assert.Equal("of thirst", ((Nat)Assert.Single(error.Values)).ToText());
        Assert.Equal(5, error.Diagnostic.Span.Line);
    }

    [Fact]
    public void A_value_that_needs_itself_is_a_fault() => Assert.Equal(
        SireErrorKind.Fault, SireText.Error("= main\n@@ = x (3 x)\n | x").Kind);

    [Fact]
    public void A_block_in_error_leaves_the_state_unchanged()
    {
        var session = new SireText().Open();
        var state = session.StartRepl().State!;
        Assert.Null(session.Run(state, SireText.Block("* (= x 5) nope")).State);
        state = session.Run(state, SireText.Block("= y 6")).State!;
        Assert.Null(session.Find(state, "x"));
        Assert.Equal("6", session.Find(state, "y")!.ToString());
    }

    [Fact]
    public void Long_and_deep_sources_are_read()
    {
        const int Count = 4000;
        var chain = new StringBuilder("= main\n");
        for (var i = 0; i < Count; i++)
            chain.Append("| 3\n");
        Assert.Equal(Count.ToString(), SireText.MainOf(chain.Append("0\n").ToString()).ToString());
        var nest = string.Concat(Enumerable.Repeat("(3 ", 3000)) + "0" + new string(')', 3000);
        Assert.Equal("3000", SireText.MainOf("= main " + nest).ToString());
    }
}
