using Pallas.Rex;
using Pallas.Values;

namespace Pallas.Sire;

/// <summary>What a leaf without an heir says: a number, a name or a string; as a nat.</summary>
internal readonly record struct Key(Nat Nat, bool IsName)
{
    /// <summary>Null for what is no leaf, has an heir, or is a word that begins with a digit and is
    /// no decimal number.</summary>
    public static Key? Read(Form form)
    {
        if (form.Kind != FormKind.Leaf || form.LeafShape == LeafShape.Line || form.Heir is not null)
            return null;
        if (form.LeafShape == LeafShape.Text)
            return new Key(form.Head, IsName: false);
        var text = form.Text;
        if (text.Length == 0)
            return null;
        if (!char.IsAsciiDigit(text[0]))
            return new Key(form.Head, IsName: true);
        return text.All(char.IsAsciiDigit)
            ? new Key(Nat.OfDecimal(text), IsName: false)
            : null;
    }
}

/// <summary>How a name is written in messages.</summary>
internal static class KeyText
{
    public static string Of(Nat name) =>
        name.ToText() is { Length: > 0 } text && !text.Any(char.IsControl)
            ? text
            : name.ToDecimal();
}

/// <summary>How a value that is in the way is shown in a message.</summary>
internal static class LootText
{
    private const int PartsMax = 30;
    private const int LengthMax = 200;

    public static string Line(Value value)
    {
        var text = new RexPrinter().Line(Loot.ToRex(value, PartsMax));
        return text.Length <= LengthMax ? text : text[..LengthMax] + "…";
    }
}
