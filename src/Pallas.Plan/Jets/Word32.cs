namespace Pallas.Plan;

/// <summary>The operations of 32-bit words, on values that need not be below 2^32.</summary>
internal static class Word32
{
    private const int Bits = 32;

    public static uint Of(Value value) => value switch
    {
        SmallNat small => (uint)small.Word,
        BigNat nat => (uint)nat.Words[0],
        _ => 0,
    };

    public static Nat Add(Value x, Value y) => Nat.Of((ulong)(Of(x) + Of(y)));

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
        return NatJets.Sub(Nat.Of(left.Big + uint.MaxValue + 1), right);
    }

    public static Nat Ror(Value x, Value y) =>
        Nat.Of((ulong)(Right(Of(x), Of(y)) | Left(Of(x), Back(y))));

    public static Nat Rol(Value x, Value y) =>
        Nat.Of((ulong)(Left(Of(x), Of(y)) | Right(Of(x), Back(y))));

    /// <summary>How far the bits that a rotation pushes out are moved.</summary>
    private static uint Back(Value count) =>
        Of(count) <= Bits ? Bits - Of(count) : Of(Sub(Nat.Of(Bits), count));

    private static uint Left(uint word, uint count) => count < Bits ? word << (int)count : 0;

    private static uint Right(uint word, uint count) => count < Bits ? word >> (int)count : 0;
}
