using CsCheck;
using Pallas.Rex;
using Pallas.Sire.Print;
using Pallas.Testing;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Print;

public sealed class LootReaderTests
{
    private static readonly RexPrinter Printer = new();

    private static Value Read(string text)
    {
        var result = LootReader.Read(text);
        Assert.True(
            result.Value is not null,
            string.Concat(result.Diagnostics.Select(d => d.Render("loot", null))) + text);
        return result.Value;
    }

    private static void CheckError(string expected, string text)
    {
        var result = LootReader.Read(text);
        Assert.Null(result.Value);
        var first = result.Diagnostics[0];
        Assert.Equal(expected, $"{first.Span.Line}:{first.Span.Column}: {first.Message}");
    }

    [Fact]
    public void A_value_printed_with_all_its_pins_reads_back() =>
        LootGen.Values.Sample(
            value =>
            {
                var text = Printer.File(Loot.ToFullRex(value));
                var result = LootReader.Read(text);
                if (result.Value is null)
                    throw new InvalidOperationException(string.Concat(
                        result.Diagnostics.Select(d => d.Render("loot", null))) + text);
                if (!Order.Equal(value, result.Value))
                    throw new InvalidOperationException(PlanText.Print(result.Value));
            },
            print: value => PlanText.Print(value) + "\n"
                + Printer.File(Loot.ToFullRex(value)),
            iter: 3000);

    /// <summary>
    /// The generated texts have none of these: the format counts the columns after them on a line
    /// in characters when it prints, and in bytes when it reads.
    /// </summary>
    [Fact]
    public void Texts_beyond_ascii_read_back_by_themselves()
    {
        var value = Row.Of(Nat.OfText("äöü"), Bar.OfText("äöü"), Bar.OfText("日本 語"));
        Assert.True(Order.Equal(value, Read(Printer.File(Loot.ToRex(value)))));
    }

    [Fact]
    public void The_caller_resolves_names_that_a_text_does_not_define()
    {
        var item = Row.Of(Pin.Make(Law.Make(Nat.OfText("foo"), Nat.One, Nat.One)), 5);
        var text = Printer.File(Loot.ToRex(item));
        Assert.Equal("[foo 5]\n", text);
        var read = LootReader.Read(text, name => name.ToText() == "foo" ? item[0] : null).Value;
        Assert.True(read is not null && Order.Equal(item, read));
    }

    [Fact]
    public void Definitions_read_in_order()
    {
        var value = Read("(K x y)=x\n(S x y z)=((x z) (y z))\n(I a)=(S K K a)\n[0-1 4 (K S-I)]\n");
        Assert.Equal("[0-1 4 (K S-I)]\n", Printer.File(Loot.ToRex(value)));
        Assert.Equal(
            "* (K a b)=a\n* (S a b c)=(a c b-c)\n* (I a)=(S K K a)\n* _=[0-1 4 (K S-I)]\n",
            Printer.File(Loot.ToFullRex(value)));
    }

    [Fact]
    public void Mistakes_have_a_place()
    {
        CheckError("1:2: foo is not defined", "[foo]\n");
        CheckError("2:1: g is not defined", "f=3\ng\n");
        CheckError(
            "1:1: a call with all of its 2 arguments is not a value", "(3 4 5)\n");
        CheckError("1:1: the set has a key twice", "%[a a]\n");
        CheckError("1:3: expected pairs of hexadecimal digits", "x#abc\n");
        CheckError("1:1: Rex as value cannot be read back", "`(a b)\n");
        CheckError("1:2: unexpected …", Printer.File(Loot.ToRex(5, 0)));
        CheckError("1:1: the text has no value", "\n");
        CheckError("1:3: a law takes at least one argument", "& (|)\n2\n");
        CheckError("1:3: a law takes at least one argument", "? (| f)\n2\n");
    }
}

/// <summary>Values that loot can express: see <see cref="LootReader"/> for the
/// exceptions.</summary>
internal static class LootGen
{
    private static readonly string[] PinNames =
        ["foo", "foo", "add", "a", "b", "foo-bar", "if", "two words", "_x"];

    private static readonly string[] LawNames = ["f", "go", "", "x y", "0", "loop_1"];

    private static readonly string[] Texts =
    [
        "foo", "foo bar", "it's", "say \"so\"", "{", "}}", "{}", "a\nb", "one\n\ntwo ", "tab\there",
        "it's \"{\" here", "a longer text, of more than forty characters, with spaces",
        "alongwordofmorethanfortylettersandlettersonly", "x_1", "1", "-", " ", "\n\n", "C3",
    ];

    private static readonly Gen<Nat> Nats = Gen.OneOf(
        Gen.ULong[0, 8].Select(word => (Nat)Nat.Of(word)),
        Gen.ULong.Select(word => (Nat)Nat.Of(word)).Where(nat => IsPlain(nat.ToBytes())),
        Pick(Texts).Select(Nat.OfText),
        Gen.Byte.Array[0, 40].Where(IsPlain).Select(bytes => Nat.OfBytes(bytes)));

    private static readonly Gen<Value> Bars = Gen.OneOf(
        Gen.Byte.Array[0, 40].Where(IsPlain).Select(bytes => (Value)Bar.Of(bytes)),
        Pick(Texts).Select(text => (Value)Bar.OfText(text)));

    private static readonly Gen<Value> Keys = Gen.OneOf(
        Nats.Select(nat => (Value)nat),
        Bars,
        Nats.Array[0, 12].Select(nats => (Value)Row.Of([.. nats])));

    public static readonly Gen<Value> Values = Gen.Int[0, 5].SelectMany(OfDepth);

    /// <summary>Whether bytes are no text, or ASCII text.</summary>
    private static bool IsPlain(byte[] bytes) =>
        System.Text.Ascii.IsValid(bytes) || !System.Text.Unicode.Utf8.IsValid(bytes);

    private static Gen<string> Pick(string[] texts) =>
        Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static Gen<Value> OfDepth(int depth)
    {
        var leaf = Gen.OneOf(Nats.Select(nat => (Value)nat), Bars);
        if (depth == 0)
            return leaf;
        var inner = OfDepth(depth - 1);
        return Gen.OneOf(
            leaf,
            inner.Array[0, 5].Select(items => (Value)Row.Of(items)),
            Keys.Array[0, 4].Select(keys => (Value)Set.Of(keys)),
            Gen.Select(Keys.Array[0, 4], inner.Array[4]).Select(MakeTab),
            Gen.ULong[2, 5].Select(count => Law.Make(Nat.Zero, Nat.Of(count), Nat.Zero)),
            Gen.Select(inner, inner.Array[1, 4]).Select(MakeApp),
            LawOf(depth - 1, LawNames),
            LawOf(depth - 1, PinNames).Select(law => (Value)Pin.Make(law)),
            inner.Where(value => value is not Law)
                .Select(value => (Value)Pin.Make(value)));
    }

    private static Value MakeTab(Value[] keys, Value[] values)
    {
        var set = Set.Of(keys);
        return Tab.Of(set, values[..set.Count]);
    }

    private static Value MakeApp(Value head, Value[] args)
    {
        var count = Math.Min(args.Length, head.Arity - 1);
        return count == 0 ? head : App.Make(head, args[..count]);
    }

    private static Gen<Value> LawOf(int depth, string[] names) =>
        Gen.Select(Pick(names), Gen.ULong[1, 3]).SelectMany((name, args) =>
            Code(depth, name.Length == 0 ? 1UL : 0, args).Select(body =>
                Law.Make(Nat.OfText(name), Nat.Of(args), body)));

    /// <param name="first">1 if code must not refer to its own law: loot writes an unnamed law that
    /// does like an unnamed pin.</param>
    private static Gen<Value> Code(int depth, ulong first, ulong last)
    {
        var variable = Gen.ULong[first, last].Select(word => (Value)Nat.Of(word));
        var raw = OfDepth(Math.Max(depth - 1, 0))
            .Where(value => first == 0 || value is not Nat { IsZero: true });
        if (depth == 0)
            return Gen.OneOf(variable, raw);
        var code = Code(depth - 1, first, last);
        var under = Code(depth - 1, first, last + 1);
        return Gen.OneOf(
            variable,
            raw,
            raw.Select(value => (Value)App.Make(Nat.Of(2), value)),
            Gen.Select(code, code).Select((f, x) => (Value)App.Make(Nat.Of(0), f, x)),
            Gen.Select(code, code, code).Select(
                (f, x, y) => (Value)App.Make(Nat.Of(0), App.Make(Nat.Of(0), f, x), y)),
            Gen.Select(under, under).Select((v, k) => (Value)App.Make(Nat.Of(1), v, k)));
    }
}
