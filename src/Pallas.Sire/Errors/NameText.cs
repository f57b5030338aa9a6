using Pallas.Values;

namespace Pallas.Sire.Errors;

/// <summary>A name as messages show it: its text where that is printable, else its
/// number.</summary>
internal static class NameText
{
    public static string Of(Nat name) =>
        name.ToText() is { Length: > 0 } text && !text.Any(char.IsControl)
            ? text
            : name.ToDecimal();
}
