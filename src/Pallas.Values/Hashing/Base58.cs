using System.Text;

namespace Pallas.Values.Hashing;

/// <summary>
/// Base 58 with the Bitcoin alphabet: how hashes are written for people. A leading zero byte is a
/// leading <c>1</c>; the rest is the big-endian number in base 58. There is no checksum. The cost
/// is quadratic in the length: it is meant for hashes and keys, not for files.
/// </summary>
public static class Base58
{
    private const string Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var zeros = bytes.IndexOfAnyExcept((byte)0);
        if (zeros < 0)
            zeros = bytes.Length;

        // Digits are kept least significant first; 138/100 bounds log 256 / log 58 from above.
        var digits = new byte[bytes.Length * 138 / 100 + 1];
        var count = 0;
        foreach (var b in bytes[zeros..])
        {
            int carry = b;
            for (var i = 0; i < count; i++)
            {
                carry += digits[i] << 8;
                digits[i] = (byte)(carry % 58);
                carry /= 58;
            }

            for (; carry > 0; carry /= 58)

                digits[count++] = (byte)(carry % 58);
        }

        var text = new StringBuilder(zeros + count);
        text.Append(Alphabet[0], zeros);
        for (var i = count - 1; i >= 0; i--)
            text.Append(Alphabet[digits[i]]);
        return text.ToString();
    }

    /// <summary>
    /// Decodes into the whole of <paramref name="bytes"/>; false when a letter is not of the
    /// alphabet or the text does not stand for exactly that many bytes.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        bytes.Clear();
        var zeros = text.IndexOfAnyExcept(Alphabet[0]);
        if (zeros < 0)
            zeros = text.Length;

        var used = 0;
        foreach (var letter in text[zeros..])
        {
            var carry = Alphabet.IndexOf(letter);
            if (carry < 0)
                return false;
            for (var i = 0; i < used; i++)
            {
                carry += bytes[^(i + 1)] * 58;
                bytes[^(i + 1)] = (byte)carry;
                carry >>= 8;
            }

            for (; carry > 0; carry >>= 8)
            {
                if (used == bytes.Length)
                    return false;
                bytes[^(++used)] = (byte)carry;
            }
        }

        return zeros + used == bytes.Length;
    }
}
