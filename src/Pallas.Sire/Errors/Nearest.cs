using System.Text;
using Pallas.Values;

namespace Pallas.Sire.Errors;

/// <summary>Finds the nearest of the words offered, by number of edits, if one is near. Of equally
/// near words it prefers the first that begins with the wanted one.</summary>
public sealed class Nearest(string wanted)
{
    /// <summary>Longer names are not offered.</summary>
    private const int NameBytesMax = 64;

    private int leastEdits = Math.Max(1, wanted.Length / 3) + 1;
    private string? best;
    private bool isExtension;

    public string? Hint => best is null ? null : $"did you mean {best}?";

    public void Offer(ReadOnlySpan<char> word)
    {
        if (word.SequenceEqual(wanted) || Math.Abs(word.Length - wanted.Length) > leastEdits)
            return;
        var edits = CountEdits(word);
        var begins = word.StartsWith(wanted, StringComparison.Ordinal);
        var isBetter = edits < leastEdits
            || (edits == leastEdits && best is not null && begins && !isExtension);
        if (isBetter && edits < Math.Max(word.Length, wanted.Length))
            (leastEdits, best, isExtension) = (edits, word.ToString(), begins);
    }

    /// <summary>Offers the keys of a tab that are names.</summary>
    /// <remarks>A scope has thousands of names, and a text may have thousands of errors, so ASCII
    /// names are compared without making a string.</remarks>
    public void Offer(Tab tab)
    {
        Span<byte> bytes = stackalloc byte[NameBytesMax];
        Span<char> chars = stackalloc char[NameBytesMax];
        for (var i = 0; i < tab.Count; i++)
        {
            if (tab.KeyAt(i) is not Nat name || name.BitLength > 8 * NameBytesMax)
                continue;
            var count = name.BytesCount;
            name.CopyBytes(bytes);
            if (!bytes[..count].ContainsAnyExceptInRange((byte)' ', (byte)'~') && count > 0)
                Offer(chars[..Encoding.ASCII.GetChars(bytes[..count], chars)]);
            else
                Offer(NameText.Of(name));
        }
    }

    /// <summary>Counts insertions, deletions, replacements, and exchanges of neighbours.</summary>
    private int CountEdits(ReadOnlySpan<char> word)
    {
        // Offsets of three rows of the dynamic-programming table: for this character of the word
        // and for the two before.
        var width = wanted.Length + 1;
        var rows = width <= NameBytesMax ? stackalloc int[3 * width] : new int[3 * width];
        var (two, one, here) = (0, width, 2 * width);
        for (var j = 0; j < width; j++)
            rows[here + j] = j;
        for (var i = 1; i <= word.Length; i++)
        {
            (two, one, here) = (one, here, two);
            rows[here] = i;
            for (var j = 1; j < width; j++)
            {
                var replaced = rows[one + j - 1] + (word[i - 1] == wanted[j - 1] ? 0 : 1);
                var least = Math.Min(
                    replaced, Math.Min(rows[one + j], rows[here + j - 1]) + 1);
                if (i > 1 && j > 1 && word[i - 1] == wanted[j - 2] && word[i - 2] == wanted[j - 1])
                    least = Math.Min(least, rows[two + j - 2] + 1);
                rows[here + j] = least;
            }
        }
        return rows[here + wanted.Length];
    }
}
