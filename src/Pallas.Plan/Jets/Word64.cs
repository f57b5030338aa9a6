namespace Pallas.Plan;

/// <summary>The operations of 64-bit words, on values that need not be below 2^64.</summary>
internal static class Word64
{
    private const int Bits = 64;

    public static ulong Of(Value value) => value switch
    {
        SmallNat small => small.Word,
        BigNat nat => nat.Words[0],
        _ => 0,
    };

    public static Nat Add(Value x, Value y) => Nat.Of(Of(x) + Of(y));

    public static Nat Mul(Value x, Value y) => Nat.Of((ulong)(Of(x) * Of(y)));

    public static Nat Div(Value x, Value y) => Nat.Of((ulong)(Of(y) == 0 ? 0 : Of(x) / Of(y)));

    public static Nat And(Value x, Value y) => Nat.Of((ulong)(Of(x) & Of(y)));

    public static Nat Or(Value x, Value y) => Nat.Of((ulong)(Of(x) | Of(y)));

    public static Nat Xor(Value x, Value y) => Nat.Of((ulong)(Of(x) ^ Of(y)));

    public static Nat Lsh(Value x, Value y) => Nat.Of((ulong)Left(Of(x), Of(y)));

    public static Nat Rsh(Value x, Value y) => Nat.Of((ulong)Right(Of(x), Of(y)));

    public static Nat Sub(Value x, Value y)
    {
        var (a, b) = (Of(x), Of(y));
        if (b <= a)
            return Nat.Of((ulong)(a - b));
        var (left, right) = (Nat.Coerce(x), Nat.Coerce(y));
        return NatJets.Sub(Nat.Of(left.Big + ulong.MaxValue + 1), right);
    }

    public static Nat Ror(Value x, Value y) =>
        Nat.Of((ulong)(Right(Of(x), Of(y)) | Left(Of(x), Back(y))));

    public static Nat Rol(Value x, Value y) =>
        Nat.Of((ulong)(Left(Of(x), Of(y)) | Right(Of(x), Back(y))));

    /// <summary>How far the bits that a rotation pushes out are moved.</summary>
    private static ulong Back(Value count) =>
        Of(count) <= Bits ? Bits - Of(count) : Of(Sub(Nat.Of(Bits), count));

    private static ulong Left(ulong word, ulong count) => count < Bits ? word << (int)count : 0;

    private static ulong Right(ulong word, ulong count) => count < Bits ? word >> (int)count : 0;
}
