using System.Globalization;
using System.Text;
using Pallas.Rex;
using Pallas.Values;

namespace Pallas.Sire.Print;

/// <summary>
/// Numbers, names, keys and bytes as loot. Widths count code points.
/// </summary>
internal static class LootLeaf
{
    private const int ShortTextMax = 40;

    public static RexLeaf Word(string text) => new(LeafShape.Word, text);

    public static LootBox WordBox(string text) => LootBox.Leaf(RexText.WidthOf(text), Word(text));

    public static LootBox TextBox(string text) =>
        LootBox.Leaf(RexText.WidthOf(text) + 2, new RexLeaf(LeafShape.Text, text));

    /// <summary>A number: <c>%foo</c> for a word of letters, <c>{foo bar}</c> or <c>} foo bar</c>
    /// for another printable text, else decimal.</summary>
    public static LootBox NumberBox(Nat nat)
    {
        if (nat.IsZero || nat.ToText() is not { } text || !Ascii.IsValid(text))
            return WordBox(Decimal(nat));
        if (text.All(char.IsAsciiLetter))
            return LootBox.Leaf(
                text.Length + 1, new RexNode(NodeShape.Prefix, "%", [Word(text)]));
        if (nat is SmallNat { Word: < 256 } || !text.All(c => c is '\n' or >= ' ' and <= '~'))
            return WordBox(Decimal(nat));
        var isShort = text.Length < ShortTextMax && !text.Contains('\n');
        return isShort && (!text.Contains('\'') || !text.Contains('"') || RexText.BracesPair(text))
            ? TextBox(text)
            : LinesBox(text);
    }

    /// <summary>The name of a pin, law or variable: a word, else <c>.{foo-bar}</c> or <c>.7</c>.
    /// </summary>
    public static LootBox NameBox(Nat name)
    {
        if (name.IsZero)
            return Dotted(WordBox("0"));
        if (name.ToText() is not { } text)
            return Dotted(WordBox(Decimal(name)));
        if (IsIdentifier(text))
            return WordBox(text);
        return Dotted(IsKeyText(text) ? TextBox(text) : WordBox(Decimal(name)));
    }

    /// <summary>A number that is a key of a tab or set, or a name that is defined: a text is a word
    /// or <c>{foo-bar}</c>.</summary>
    public static LootBox KeyBox(Nat key)
    {
        if (key.IsZero)
            return WordBox("0");
        if (key.ToText() is not { } text)
            return NumberBox(key);
        if (IsIdentifier(text))
            return WordBox(text);
        return IsKeyText(text) ? TextBox(text) : NumberBox(key);
    }

    /// <summary>A key as text on one line.</summary>
    public static string KeyText(Nat key) => new RexPrinter().Line(KeyTree(key));

    /// <summary>A key as tree: wide, if it has a wide layout.</summary>
    public static RexTree KeyTree(Nat key)
    {
        var box = KeyBox(key);
        return box.Width is null ? box.Tree : box.Wide;
    }

    /// <summary>Bytes: <c>b#word</c>, <c>b#{a text}</c>, <c># b</c> with lines below, or
    /// <c>x#00ff</c>.</summary>
    public static LootBox BytesBox(Bar bar)
    {
        if (TextOf(bar) is { } text)
        {
            var length = RexText.WidthOf(text);
            var isShort = length < ShortTextMax;
            if (isShort && text.Length > 0 && Runes(text).All(IsNameRune))
                return LootBox.Leaf(length + 2, Hashed("b", Word(text)));
            if (isShort && Runes(text).All(IsTextRune) && RexText.BracesPair(text))
                return LootBox.Leaf(length + 4, Hashed("b", new RexLeaf(LeafShape.Text, text)));
            if (Runes(text).All(rune => rune.Value == '\n' || IsPrintable(rune)))
                return LootBox.OnlyTall(
                    new RexNode(NodeShape.Open, "#", [Word("b")], LinesBox(text).Tall),
                    length);
        }
        var hex = Convert.ToHexStringLower(bar.Bytes);
        return LootBox.Leaf(hex.Length + 2, Hashed("x", Word(hex)));
    }

    public static bool IsIdentifier(string text) =>
        text.Length > 0 && !char.IsAsciiDigit(text[0]) && Runes(text).All(IsNameRune);

    public static string Decimal(Nat nat) => nat.ToDecimal();

    private static LootBox LinesBox(string text)
    {
        RexLeaf? lines = null;
        foreach (var line in text.Split('\n').Reverse())
            lines = new RexLeaf(LeafShape.Line, line, lines);
        return LootBox.OnlyTall(lines!, text.Length);
    }

    /// <summary>The tall layout has no dot: names that long are rare, and the format is frozen.
    /// </summary>
    private static LootBox Dotted(LootBox box) => LootBox.Leaf(
        box.Width!.Value + 1, new RexNode(NodeShape.Prefix, ".", [box.Wide]), box.Tall);

    private static RexNode Hashed(string kind, RexLeaf leaf) =>
        new(NodeShape.Shut, "#", [Word(kind), leaf]);

    private static string? TextOf(Bar bar)
    {
        try
        {
            return StrictUtf8.GetString(bar.Bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private static IEnumerable<Rune> Runes(string text)
    {
        foreach (var rune in text.EnumerateRunes())
            yield return rune;
    }

    private static bool IsKeyText(string text) =>
        Runes(text).All(IsPrintable) && !(text.Contains('\'') && text.Contains('"'));

    private static bool IsTextRune(Rune rune) =>
        rune.Value == ' '
        || (IsPrintable(rune) && Rune.GetUnicodeCategory(rune) != UnicodeCategory.SpaceSeparator);

    private static bool IsNameRune(Rune rune) => rune.Value == '_' || Rune.GetUnicodeCategory(rune)
        is <= UnicodeCategory.OtherLetter
        or UnicodeCategory.DecimalDigitNumber
        or UnicodeCategory.LetterNumber
        or UnicodeCategory.OtherNumber;

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
            or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
