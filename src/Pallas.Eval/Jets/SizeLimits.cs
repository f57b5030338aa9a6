using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Refuses values that are larger than the configured size, before they are made.
/// </summary>
internal static class SizeLimits
{
    // System.Numerics.BigInteger holds less than 2^31 bits.
    private const long BigIntegerBits = int.MaxValue - 64L;
    private const int ItemBits = 64;

    /// <param name="bits">The length of the result, or one bit more.</param>
    /// <exception cref="MachineFault">A natural number would have too many bits.</exception>
    public static void CheckBits(Evaluator evaluator, long bits)
    {
        if (bits - 1 > BitsMax(evaluator))
            throw TooLarge($"a natural number of {bits:N0} bits");
    }

    /// <summary>As <see cref="CheckBits"/>, for a product. A factor that is an unevaluated product
    /// is multiplied out only where the limit is near.</summary>
    public static void CheckProduct(Evaluator evaluator, Nat x, Nat y)
    {
        if (x.BitLengthMax + y.BitLengthMax - 1 > BitsMax(evaluator))
            CheckBits(evaluator, x.BitLength + y.BitLength);
    }

    /// <summary>Checks a size that is used as a number of bits.</summary>
    public static int Bits(Evaluator evaluator, Nat size)
    {
        var bits = size is SmallNat { Word: < int.MaxValue } s ? (long)s.Word : long.MaxValue;
        CheckBits(evaluator, bits);
        return (int)bits;
    }

    /// <summary>Checks a size that is used as the length of a row.</summary>
    public static int RowLength(Evaluator evaluator, Nat size)
    {
        if (size is not SmallNat { Word: <= int.MaxValue } small)
            throw TooLarge($"a row of {size.Big:N0} items");
        CheckRow(evaluator, (long)small.Word);
        return (int)small.Word;
    }

    /// <exception cref="MachineFault">A row would have too many items.</exception>
    public static void CheckRow(Evaluator evaluator, long length)
    {
        if (length > Math.Min(evaluator.Options.NatBitsMax / ItemBits, Array.MaxLength))
            throw TooLarge($"a row of {length:N0} items");
    }

    private static long BitsMax(Evaluator evaluator) =>
        Math.Min(evaluator.Options.NatBitsMax, BigIntegerBits);

    private static MachineFault TooLarge(string what) =>
        new(FaultKind.Memory, $"{what} is larger than the configured size");
}
