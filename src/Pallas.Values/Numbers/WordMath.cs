using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Pallas.Values.Numbers;

/// <summary>
/// What takes more than linear time on long numbers: by libgmp where the machine has it, else by
/// our own code for short numbers and System.Numerics for long ones. All give the same results.
/// </summary>
internal abstract class WordMath
{
    /// <summary>Without libgmp.</summary>
    public static WordMath Managed { get; } = new ManagedMath();

    /// <summary>With libgmp; null where the machine does not have it.</summary>
    public static WordMath? Native { get; } = GmpMath.TryLoad();

    public static WordMath Best { get; } = Native ?? Managed;

    /// <param name="a">Trimmed, not shorter than the other, which is not empty.</param>
    /// <param name="product">As long as both together.</param>
    public abstract void Multiply(
        ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> product);

    /// <summary>The product with a word; returns what goes beyond the length of the number.
    /// </summary>
    /// <param name="a">Trimmed, not empty.</param>
    /// <param name="product">At least as long as the number.</param>
    public abstract ulong Multiply(ReadOnlySpan<ulong> a, ulong factor, Span<ulong> product);

    /// <param name="b">Trimmed, not empty, not longer than the number.</param>
    /// <param name="quotient">One word longer than the difference of the lengths.</param>
    /// <param name="remainder">As long as the divisor.</param>
    public abstract void Divide(
        ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> quotient,
        Span<ulong> remainder);

    /// <param name="a">Trimmed, not empty.</param>
    public abstract string ToDecimal(ReadOnlySpan<ulong> a);

    /// <param name="digits">ASCII digits, at least one.</param>
    /// <returns>Words that are not trimmed.</returns>
    public abstract ulong[] OfDecimal(ReadOnlySpan<byte> digits);
}

internal sealed class ManagedMath : WordMath
{
    // Where System.Numerics overtakes our simple loops.
    private const int SchoolMultiplyMax = 48;
    private const int SchoolDivideMax = 96;

    public override void Multiply(
        ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> product)
    {
        if (b.Length <= SchoolMultiplyMax)
            Words.Multiply(a, b, product);
        else
            Write(Big(a) * Big(b), product);
    }

    public override ulong Multiply(ReadOnlySpan<ulong> a, ulong factor, Span<ulong> product) =>
        Words.Multiply(a, factor, product);

    public override void Divide(
        ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> quotient,
        Span<ulong> remainder)
    {
        if (b.Length == 1)
        {
            remainder[0] = Words.Divide(a, b[0], quotient);
        }
        else if (b.Length <= SchoolDivideMax || quotient.Length <= SchoolDivideMax)
        {
            Words.Divide(a, b, quotient, remainder);
        }
        else
        {
            var whole = BigInteger.DivRem(Big(a), Big(b), out var rest);
            Write(whole, quotient);
            Write(rest, remainder);
        }
    }

    public override string ToDecimal(ReadOnlySpan<ulong> a) =>
        Big(a).ToString(CultureInfo.InvariantCulture);

    public override ulong[] OfDecimal(ReadOnlySpan<byte> digits)
    {
        var big = BigInteger.Parse(
            Encoding.ASCII.GetString(digits), NumberStyles.None, CultureInfo.InvariantCulture);
        var words = new ulong[(big.GetByteCount(isUnsigned: true) + 7) / 8];
        Write(big, words);
        return words;
    }

    public static BigInteger Big(ReadOnlySpan<ulong> words) =>
        new(MemoryMarshal.AsBytes(words), isUnsigned: true);

    private static void Write(BigInteger big, Span<ulong> words)
    {
        var bytes = MemoryMarshal.AsBytes(words);
        big.TryWriteBytes(bytes, out var count, isUnsigned: true);
        bytes[count..].Clear();
    }
}
