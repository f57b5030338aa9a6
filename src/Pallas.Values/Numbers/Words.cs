using System.Numerics;

namespace Pallas.Values.Numbers;

/// <summary>
/// Arithmetic on numbers that are spans of 64-bit words, the lowest first. Inputs may not overlap
/// results unless it says so. What is better left to a library is in <see cref="WordMath"/>.
/// </summary>
internal static class Words
{
    /// <summary>The number of words without zeros at the high end.</summary>
    public static int Trim(ReadOnlySpan<ulong> words)
    {
        var length = words.Length;
        while (length > 0 && words[length - 1] == 0)
            length--;
        return length;
    }

    public static long BitLength(ReadOnlySpan<ulong> trimmed) => trimmed.Length == 0
        ? 0
        : 64L * trimmed.Length - BitOperations.LeadingZeroCount(trimmed[^1]);

    /// <param name="a">Trimmed, as is the other.</param>
    public static int Compare(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b)
    {
        if (a.Length != b.Length)
            return a.Length.CompareTo(b.Length);
        for (var i = a.Length - 1; i >= 0; i--)
        {
            if (a[i] != b[i])
                return a[i].CompareTo(b[i]);
        }
        return 0;
    }

    /// <summary>The sum of the longer number and the shorter one; returns the carry.</summary>
    /// <param name="sum">As long as the longer number.</param>
    public static ulong Add(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> sum)
    {
        ulong carry = 0;
        for (var i = 0; i < b.Length; i++)
        {
            var part = a[i] + b[i];
            var over = part < b[i] ? 1UL : 0;
            sum[i] = part + carry;
            carry = over | (sum[i] < part ? 1UL : 0);
        }
        for (var i = b.Length; i < a.Length; i++)
        {
            sum[i] = a[i] + carry;
            carry = sum[i] < carry ? 1UL : 0;
        }
        return carry;
    }

    /// <summary>The difference of a number and one that is not larger.</summary>
    /// <param name="difference">As long as the larger number; may be it.</param>
    public static void Subtract(
        ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> difference)
    {
        ulong borrow = 0;
        for (var i = 0; i < a.Length; i++)
        {
            var (x, y) = (a[i], i < b.Length ? b[i] : 0);
            difference[i] = x - y - borrow;
            borrow = x < y || (x == y && borrow != 0) ? 1UL : 0;
        }
    }

    /// <summary>Returns the highest word of the product.</summary>
    /// <param name="product">As long as the number.</param>
    public static ulong Multiply(ReadOnlySpan<ulong> a, ulong factor, Span<ulong> product)
    {
        ulong carry = 0;
        for (var i = 0; i < a.Length; i++)
        {
            var high = Math.BigMul(a[i], factor, out var low);
            product[i] = low + carry;
            carry = high + (product[i] < carry ? 1UL : 0);
        }
        return carry;
    }

    /// <summary>The product as one learns it at school.</summary>
    /// <param name="product">As long as both numbers together.</param>
    public static void Multiply(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> product)
    {
        product[a.Length] = Multiply(a, b[0], product);
        for (var j = 1; j < b.Length; j++)
        {
            var line = product.Slice(j, a.Length);
            var (factor, carry) = (b[j], 0UL);
            for (var i = 0; i < line.Length; i++)
            {
                var high = Math.BigMul(a[i], factor, out var low);
                low += line[i];
                high += low < line[i] ? 1UL : 0;
                line[i] = low + carry;
                carry = high + (line[i] < carry ? 1UL : 0);
            }
            product[j + a.Length] = carry;
        }
    }

    /// <summary>Returns the remainder.</summary>
    /// <param name="quotient">As long as the number.</param>
    public static ulong Divide(ReadOnlySpan<ulong> a, ulong divisor, Span<ulong> quotient)
    {
        var shift = BitOperations.LeadingZeroCount(divisor);
        divisor <<= shift;
        var inverse = Inverse(divisor);
        var rest = shift == 0 ? 0 : a[^1] >> (64 - shift);
        for (var i = a.Length - 1; i >= 0; i--)
        {
            var next = a[i] << shift;
            if (shift != 0 && i > 0)
                next |= a[i - 1] >> (64 - shift);
            quotient[i] = Divide(rest, next, divisor, inverse, out rest);
        }
        return rest >> shift;
    }

    /// <summary>Division as one learns it at school, with words for digits (Knuth's D).</summary>
    /// <param name="b">At least two words, the highest not zero; not longer than the number.
    /// </param>
    /// <param name="quotient">One word longer than the difference of the lengths.</param>
    /// <param name="remainder">As long as the divisor.</param>
    public static void Divide(
        ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> quotient, Span<ulong> remainder)
    {
        var shift = BitOperations.LeadingZeroCount(b[^1]);
        var rest = a.Length < 64 ? stackalloc ulong[a.Length + 1] : new ulong[a.Length + 1];
        var by = b.Length <= 64 ? stackalloc ulong[b.Length] : new ulong[b.Length];
        rest[^1] = ShiftLeft(a, shift, rest);
        ShiftLeft(b, shift, by);
        var inverse = Inverse(by[^1]);
        for (var j = a.Length - b.Length; j >= 0; j--)
        {
            var part = rest.Slice(j, b.Length + 1);
            var digit = Estimate(part, by, inverse);
            quotient[j] = SubtractTimes(part, by, digit) ? digit : digit - 1;
        }
        ShiftRight(rest[..b.Length], shift, remainder);
    }

    /// <summary>Shifts by less than a word; returns what falls out at the high end.</summary>
    /// <param name="target">At least as long as the number.</param>
    public static ulong ShiftLeft(ReadOnlySpan<ulong> a, int shift, Span<ulong> target)
    {
        if (shift == 0)
        {
            a.CopyTo(target);
            return 0;
        }
        ulong carry = 0;
        for (var i = 0; i < a.Length; i++)
        {
            target[i] = a[i] << shift | carry;
            carry = a[i] >> (64 - shift);
        }
        return carry;
    }

    /// <summary>Shifts by less than a word; what falls out is lost.</summary>
    /// <param name="target">As long as the number; or shorter, then the high end is left out.
    /// </param>
    public static void ShiftRight(ReadOnlySpan<ulong> a, int shift, Span<ulong> target)
    {
        if (shift == 0)
        {
            a[..target.Length].CopyTo(target);
            return;
        }
        for (var i = 0; i < target.Length; i++)
            target[i] = a[i] >> shift | (i + 1 < a.Length ? a[i + 1] << (64 - shift) : 0);
    }

    /// <summary>The next digit of a quotient, or one more than it.</summary>
    private static ulong Estimate(ReadOnlySpan<ulong> part, ReadOnlySpan<ulong> by, ulong inverse)
    {
        var (high, middle, low) = (part[^1], part[^2], part[^3]);
        ulong digit, rest;
        if (high >= by[^1])
        {
            (digit, rest) = (ulong.MaxValue, middle + by[^1]);
            if (rest < middle)
                return digit;
        }
        else
        {
            digit = Divide(high, middle, by[^1], inverse, out rest);
        }
        while (true)
        {
            var over = Math.BigMul(digit, by[^2], out var under);
            if (over < rest || (over == rest && under <= low))
                return digit;
            digit--;
            rest += by[^1];
            if (rest < by[^1])
                return digit;
        }
    }

    /// <summary>Subtracts a multiple; false where one time less had to do.</summary>
    private static bool SubtractTimes(Span<ulong> part, ReadOnlySpan<ulong> by, ulong times)
    {
        ulong carry = 0;
        for (var i = 0; i < by.Length; i++)
        {
            var high = Math.BigMul(by[i], times, out var low);
            low += carry;
            carry = high + (low < carry ? 1UL : 0);
            carry += part[i] < low ? 1UL : 0;
            part[i] -= low;
        }
        var isEnough = part[^1] >= carry;
        part[^1] -= carry;
        if (!isEnough)
            part[^1] += Add(part[..^1], by, part[..^1]);
        return isEnough;
    }

    /// <summary>What makes a multiplication of dividing two words by one (Möller, Granlund).
    /// </summary>
    /// <param name="divisor">Its highest bit is set.</param>
    private static ulong Inverse(ulong divisor) =>
        (ulong)(UInt128.MaxValue / divisor - ((UInt128)1 << 64));

    /// <param name="high">Less than the divisor.</param>
    private static ulong Divide(
        ulong high, ulong low, ulong divisor, ulong inverse, out ulong remainder)
    {
        var quotient = Math.BigMul(inverse, high, out var part);
        part += low;
        quotient += high + 1 + (part < low ? 1UL : 0);
        remainder = low - quotient * divisor;
        if (remainder > part)
        {
            quotient--;
            remainder += divisor;
        }
        if (remainder >= divisor)
        {
            quotient++;
            remainder -= divisor;
        }
        return quotient;
    }
}
