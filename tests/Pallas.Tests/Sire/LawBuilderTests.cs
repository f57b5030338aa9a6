using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Sire;

public sealed class LawBuilderTests
{
    private static Value Law(string name, int arity, Value body) =>
        Pallas.Values.Law.Make(Nat.OfText(name), Nat.Of((ulong)arity), body);

    private static Value Call(Value function, Value argument) =>
        App.Make(Nat.Zero, function, argument);

    private static Value Quote(Value value) => App.Make(Nat.Of(2), value);

    private static Value Where(Value value, Value body) => App.Make(Nat.One, value, body);

    private static void Check(Value expected, string body) =>
        Assert.Equal(expected.ToString(), SireText.MainOf(body).ToString());

    [Fact]
    public void A_function_is_a_pinned_law_of_its_name() =>
        Check(Pin.Make(Law("main", 2, 1)), "= (main x y) | x");

    [Fact]
    public void An_anonymous_function_is_a_law_without_name_and_pin() =>
        Check(Law("", 2, 2), "= main | & (x y) | y");

    [Fact]
    public void A_named_lambda_is_a_law_and_a_doubled_rune_pins_it()
    {
        Check(Law("f", 1, 1), "= main | ? (f x) | x");
        Check(Pin.Make(Law("f", 1, 1)), "= main | ?? (f x) | x");
        Check(Law("g", 1, 1), "= main | ? g (f x) | x");
    }

    [Fact]
    public void A_number_that_would_read_as_a_reference_is_quoted()
    {
        Check(Pin.Make(Law("main", 1, Quote(1))), "= (main x) | 1");
        Check(Pin.Make(Law("main", 1, 2)), "= (main x) | 2");
    }

    [Fact]
    public void A_constant_closure_that_would_read_as_code_is_quoted() =>
        Check(Pin.Make(Law("main", 1, Quote(App.Make(Nat.Zero, 7, 8)))), "= (main x) | 0 7 8");

    [Fact]
    public void A_let_that_is_used_once_moves_to_its_use() =>
        Check(Pin.Make(Law("main", 1, Call(3, Call(3, 1)))), "= (main x)\n@ y | 3 x\n| 3 y");

    [Fact]
    public void A_let_that_is_used_twice_stays() => Check(
        Pin.Make(Law("main", 1, Where(Call(3, 1), Call(2, 2)))),
        "= (main x)\n@ y | 3 x\n| y y");

    [Fact]
    public void A_let_that_is_not_used_disappears() =>
        Check(Pin.Make(Law("main", 1, 1)), "= (main x)\n@ y | 3 x\n| x");

    [Fact]
    public void Bindings_may_refer_to_each_other() => Check(
        Pin.Make(Law("main", 1, Where(Call(2, 1), 2))),
        "= (main x)\n@@ = y (y x)\n | y");

    [Fact]
    public void A_free_variable_becomes_a_leading_parameter() =>
        Check(Pin.Make(Law("main", 1, Call(Law("", 2, 1), 1))), "= (main x) | & y | x");

    [Fact]
    public void A_lifted_function_calls_itself_with_its_free_variables() => Check(
        Pin.Make(Law("main", 1, Call(Law("f", 2, Call(Call(0, 1), 1)), 1))),
        "= (main x) | ? (f y) | f x");

    [Fact]
    public void A_hole_takes_its_value_from_the_end_of_the_call() =>
        Check(Pin.Make(Law("main", 1, Call(Call(1, 7), 8))), "= (main f)\n^ f _ 8\n7");

    [Fact]
    public void A_marked_function_is_inlined() => Check(
        Pin.Make(Law("main", 1, Call(1, 1))), "= (**twice f) | f f\n\n= (main x) | twice x");

    [Fact]
    public void A_function_that_lacks_arguments_is_not_inlined() => Check(
        Pin.Make(Law("main", 1, Call(Pin.Make(Law("k", 2, 1)), 1))),
        "= (**k x y) | x\n\n= (main x) | k x");

    [Fact]
    public void A_call_may_request_inlining() => Check(
        Pin.Make(Law("main", 1, Call(1, 1))), "= (twice f) | f f\n\n= (main x) | **twice x");

    [Fact]
    public void A_marked_function_that_refers_to_itself_is_not_inlined() => Check(
        Pin.Make(Law("main", 1, Call(Pin.Make(Law("f", 1, Call(0, 1))), 1))),
        "= (**f x) | f x\n\n= (main x) | f x");

    [Fact]
    public void Inlining_that_does_not_end_is_an_error_at_its_place()
    {
        var error = SireText.Error("= (**w x) | x (**x x)\n\n= main | **w w");
        Assert.Equal("the inlining of functions does not end", error.Message);
        Assert.Equal(5, error.Diagnostic.Span.Line);
        Assert.Contains("take one ** away", error.Render(), StringComparison.Ordinal);
    }

    [Fact]
    public void Runes_have_second_names() =>
        Check(Pin.Make(Law("main", 1, Call(1, 1))), "#= main | #?? (main x) | #| x x");

    [Fact]
    public void A_text_of_lines_is_one_string() =>
        Check("a\nb", "= main\n  } a\n  } b");
}
