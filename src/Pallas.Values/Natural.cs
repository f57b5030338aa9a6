using System.Numerics;
using Pallas.Values.Numbers;

namespace Pallas.Values;

/// <summary>
/// Arithmetic on naturals of any size. It has no bound: a caller whose result can be large checks
/// the size first.
/// </summary>
internal static class Natural
{
    private const int WordBits = 64;

    /// <summary>Results up to this are made on the stack and copied.</summary>
    private const int ShortLength = 40;

    public static Nat Add(Nat x, Nat y)
    {
        if (x is SmallNat a && y is SmallNat b && a.Word + b.Word >= a.Word)
            return Nat.Of(a.Word + b.Word);
        if (x.BitLength < y.BitLength)
            (x, y) = (y, x);
        var longer = x.Words;
        var shorter = y.Words;
        var sum = GC.AllocateUninitializedArray<ulong>(longer.Length);
        var carry = Words.Add(longer, shorter, sum);
        if (carry != 0)
        {
            Array.Resize(ref sum, sum.Length + 1);
            sum[^1] = carry;
        }
        return Nat.OfWords(sum);
    }

    /// <param name="y">Not larger than the first.</param>
    public static Nat Subtract(Nat x, Nat y)
    {
        var difference = GC.AllocateUninitializedArray<ulong>(x.Words.Length);
        Words.Subtract(x.Words, y.Words, difference);
        return Nat.OfWords(difference);
    }

    public static Nat Multiply(Nat x, Nat y) => (x, y) switch
    {
        (BigNat big, SmallNat factor) => big.Times(factor.Word),
        (SmallNat factor, BigNat big) => big.Times(factor.Word),
        _ => Multiply(WordMath.Best, x, y),
    };

    public static Nat Multiply(WordMath math, Nat x, Nat y)
    {
        if (x.BitLength < y.BitLength)
            (x, y) = (y, x);
        var a = x.Words;
        var b = y.Words;
        if (b.Length == 0)
            return Nat.Zero;
        if (b.Length == 1)
            return Nat.OfWords(Multiply(math, a, b[0]));
        var length = a.Length + b.Length;
        if (length <= ShortLength)
        {
            Span<ulong> product = stackalloc ulong[length];
            math.Multiply(a, b, product);
            return Nat.OfWords(product);
        }
        var words = GC.AllocateUninitializedArray<ulong>(length);
        math.Multiply(a, b, words);
        return Nat.OfWords(words);
    }

    /// <summary>The words of a product, the highest not zero.</summary>
    /// <remarks>
    /// A product has as many bits as its factors together or one less, so that the array of the
    /// result is nearly always as long as it has to be, and nothing is copied.
    /// </remarks>
    /// <param name="words">Trimmed, not empty.</param>
    /// <param name="factor">Not zero.</param>
    public static ulong[] Multiply(WordMath math, ReadOnlySpan<ulong> words, ulong factor)
    {
        var bits = Words.BitLength(words) + WordBits - BitOperations.LeadingZeroCount(factor);
        var length = (bits + WordBits - 1) / WordBits;
        var product = GC.AllocateUninitializedArray<ulong>((int)length);
        var carry = math.Multiply(words, factor, product);
        if (length > words.Length)
            product[words.Length] = carry;
        return product[^1] == 0 ? product[..^1] : product;
    }

    /// <param name="y">Not zero.</param>
    public static (Nat Quotient, Nat Remainder) Divide(Nat x, Nat y) =>
        Divide(WordMath.Best, x, y);

    public static (Nat Quotient, Nat Remainder) Divide(WordMath math, Nat x, Nat y)
    {
        var a = x.Words;
        var b = y.Words;
        if (a.Length < b.Length)
            return (Nat.Zero, x);
        var length = a.Length - b.Length + 1;
        var quotient = length <= ShortLength
            ? stackalloc ulong[ShortLength]
            : GC.AllocateUninitializedArray<ulong>(length);
        var remainder = b.Length <= ShortLength
            ? stackalloc ulong[ShortLength]
            : GC.AllocateUninitializedArray<ulong>(b.Length);
        math.Divide(a, b, quotient[..length], remainder[..b.Length]);
        return (Nat.OfWords(quotient[..length]), Nat.OfWords(remainder[..b.Length]));
    }

    public static Nat Power(Nat x, int exponent) => Power(WordMath.Best, x, exponent);

    public static Nat Power(WordMath math, Nat x, int exponent)
    {
        Nat power = Nat.One;
        for (var bit = 31 - BitOperations.LeadingZeroCount((uint)exponent); bit >= 0; bit--)
        {
            power = Multiply(math, power, power);
            if ((exponent >> bit & 1) != 0)
                power = Multiply(math, power, x);
        }
        return power;
    }

    /// <param name="x">Not zero.</param>
    public static Nat ShiftLeft(Nat x, int shift)
    {
        var (skipped, rest) = (shift / WordBits, shift % WordBits);
        var words = x.Words;
        var length = (x.BitLength + shift + WordBits - 1) / WordBits;
        var shifted = new ulong[length];
        var over = Words.ShiftLeft(words, rest, shifted.AsSpan(skipped));
        if (over != 0)
            shifted[^1] = over;
        return Nat.OfWords(shifted);
    }

    /// <summary>The bits from one on, so many of them.</summary>
    public static Nat Slice(Nat x, long start, long count)
    {
        count = Math.Min(count, x.BitLength - start);
        if (count <= 0)
            return Nat.Zero;
        var words = x.Words[(int)(start / WordBits)..];
        var length = (int)((count + WordBits - 1) / WordBits);
        var slice = length <= ShortLength
            ? stackalloc ulong[ShortLength]
            : GC.AllocateUninitializedArray<ulong>(length);
        slice = slice[..length];
        Words.ShiftRight(words, (int)(start % WordBits), slice);
        if (count % WordBits != 0)
            slice[^1] &= (1UL << (int)(count % WordBits)) - 1;
        return Nat.OfWords(slice);
    }

    public static bool IsSet(Nat x, long bit)
    {
        var at = bit / WordBits;
        return at < x.Words.Length && (x.Words[(int)at] >> (int)(bit % WordBits) & 1) != 0;
    }

    public static Nat And(Nat x, Nat y)
    {
        var a = x.Words;
        var b = y.Words;
        var words = new ulong[Math.Min(a.Length, b.Length)];
        for (var i = 0; i < words.Length; i++)
            words[i] = a[i] & b[i];
        return Nat.OfWords(words);
    }

    public static Nat Or(Nat x, Nat y)
    {
        var words = Longer(x, y, out var shorter);
        for (var i = 0; i < shorter.Length; i++)
            words[i] |= shorter[i];
        return Nat.OfWords(words);
    }

    public static Nat Xor(Nat x, Nat y)
    {
        var words = Longer(x, y, out var shorter);
        for (var i = 0; i < shorter.Length; i++)
            words[i] ^= shorter[i];
        return Nat.OfWords(words);
    }

    public static string ToDecimal(WordMath math, Nat x) =>
        x.IsZero ? "0" : math.ToDecimal(x.Words);

    /// <param name="digits">ASCII digits.</param>
    public static Nat OfDecimal(WordMath math, ReadOnlySpan<byte> digits)
    {
        digits = digits.TrimStart((byte)'0');
        return digits.Length == 0 ? Nat.Zero : Nat.OfWords(math.OfDecimal(digits));
    }

    private static ulong[] Longer(Nat x, Nat y, out ReadOnlySpan<ulong> shorter)
    {
        var isFirst = x.Words.Length >= y.Words.Length;
        shorter = isFirst ? y.Words : x.Words;
        return (isFirst ? x.Words : y.Words).ToArray();
    }
}
