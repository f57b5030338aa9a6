using Pallas.Rex;
using Pallas.Sire.Print;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Print;

public sealed class LootTests
{
    private static readonly Pin If = Function("if", 3);

    private static void Check(string expected, Value value) => Assert.Equal(
        expected, new RexPrinter().File(Loot.ToRex(value)).TrimEnd('\n'));

    private static void CheckDefinition(string expected, string name, Value value) => Assert.Equal(
        expected,
        new RexPrinter().File(Loot.Definition(Nat.OfText(name), value)).TrimEnd('\n'));

    private static Pin Function(string name, ulong args) => Pin.Make(Lambda(name, args, args));

    private static Value Lambda(string name, ulong args, Value body) =>
        Law.Make(Nat.OfText(name), Nat.Of(args), body);

    /// <summary>Code that calls.</summary>
    private static Value Call(Value function, params Value[] args) =>
        args.Aggregate(function, (code, arg) => App.Make(Nat.Of(0), code, arg));

    private static Value Constant(Value value) => App.Make(Nat.Of(2), value);

    [Fact]
    public void Numbers_are_words_texts_or_decimal()
    {
        Check("0", 0);
        Check("5", 5);
        Check("%a", "a");
        Check("%foo", "foo");
        Check("255", 255);
        Check("256", 256);
        Check("{21}", 12594);
        Check("{foo-bar}", "foo-bar");
        Check("{foo bar}", "foo bar");
        Check("{it's}", "it's");
        Check("123", 123);
        Check("}_{{_", "{{");
    }

    [Fact]
    public void Texts_that_are_long_or_have_lines_are_line_strings()
    {
        Check("} one\n} two", "one\ntwo");
        Check(
            "} forty characters or more do not fit in braces",
            "forty characters or more do not fit in braces");
        Check("[%a]", Row.Of("a"));
        Check("++   } one\n     } two", Row.Of("one\ntwo"));
    }

    [Fact]
    public void Bytes_are_words_texts_lines_or_hex()
    {
        Check("b#{}", Bar.Empty);
        Check("b#foo", Bar.OfText("foo"));
        Check("b#{foo bar}", Bar.OfText("foo bar"));
        Check("x#00ff", Bar.Of(0, 255));
    }

    [Fact]
    public void Containers_are_in_brackets()
    {
        Check("[]", Row.Empty);
        Check("[1 2 %foo]", Row.Of(1, 2, "foo"));
        Check("[0-1 1-(0-2) (1 2 0-3)]", Row.Of(
            App.Make(Nat.Of(0), 1),
            App.Make(Nat.Of(1), App.Make(Nat.Of(0), 2)),
            App.Make(Nat.Of(1), 2, App.Make(Nat.Of(0), 3))));
        Check("%[]", Set.Empty);
        Check("%[3 {a b} foo]", Set.Of(3, "foo", "a b"));
        Check("#[]", Tab.Empty);
        Check("[3=4 foo=(%bar)]", Tab.Of(Set.Of(3, "foo"), 4, "bar"));
        Check("[=if]", Tab.Of(Set.Of("if"), If));
        Check("C3", Law.Make(Nat.Zero, Nat.Of(4), 0));
        Check("(C3 1)", App.Make(Law.Make(Nat.Zero, Nat.Of(4), 0), 1));
    }

    [Fact]
    public void Laws_show_their_code()
    {
        Check("(K a b ? a)", Lambda("K", 2, 1));
        Check("(a b & a)", Lambda("", 2, 1));
        Check("a&a", Lambda("", 1, 1));
        Check("a&5", Lambda("", 1, 5));
        Check("(a & !(%it))", Lambda("", 1, Constant("it")));
        Check("a&(%it)", Lambda("", 1, "it"));
        Check("(S a b c ? a c b-c)", Lambda("S", 3, Call(1, 3, Call(2, 3))));
        CheckDefinition("(K a b)=a", "K", Pin.Make(Lambda("K", 2, 1)));
        var apply = Lambda("S", 3, Call(1, 3, Call(2, 3)));
        CheckDefinition("(S a b c)=(a c b-c)", "S", Pin.Make(apply));
    }

    [Fact]
    public void Pins_are_shown_by_the_names_of_their_laws()
    {
        Check("if", If);
        Check("(if 1)", App.Make(If, 1));
        Check("[if if]", Row.Of(If, If));
        Check("[if_1 if_2]", Row.Of(If, Function("if", 4)));
        Check("[.{0_1} .{0_2}]", Row.Of(Pin.Make(5), Pin.Make(6)));
    }
}
