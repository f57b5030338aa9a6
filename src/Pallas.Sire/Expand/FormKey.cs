using Pallas.Rex;
using Pallas.Values;

namespace Pallas.Sire.Expand;

/// <summary>A leaf without an heir, as a nat: a number, a name or a string.</summary>
internal readonly record struct FormKey(Nat Nat, bool IsName)
{
    /// <summary>Null unless the form is a leaf without an heir. Null also for a word that begins
    /// with a digit and is no decimal number.</summary>
    public static FormKey? Read(Form form)
    {
        if (form.Kind != FormKind.Leaf || form.LeafShape == LeafShape.Line || form.Heir is not null)
            return null;
        if (form.LeafShape == LeafShape.Text)
            return new FormKey(form.Head, IsName: false);
        var text = form.Text;
        if (text.Length == 0)
            return null;
        if (!char.IsAsciiDigit(text[0]))
            return new FormKey(form.Head, IsName: true);
        return text.All(char.IsAsciiDigit)
            ? new FormKey(Nat.OfDecimal(text), IsName: false)
            : null;
    }
}
