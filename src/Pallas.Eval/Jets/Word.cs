using System.Numerics;
using System.Runtime.CompilerServices;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>The operations of words of 32 or 64 bits, on values that need not be below 2^32 or
/// 2^64.</summary>
/// <typeparam name="T">The word: <c>uint</c> or <c>ulong</c>.</typeparam>
internal static class Word<T>
    where T : unmanaged, IBinaryInteger<T>, IUnsignedNumber<T>, IMinMaxValue<T>
{
    public static int Bits => Unsafe.SizeOf<T>() * 8;

    public static T Of(Value value) => value switch
    {
        SmallNat small => T.CreateTruncating(small.Word),
        BigNat nat => T.CreateTruncating(nat.Words[0]),
        _ => T.Zero,
    };

    public static Nat Low(Value x) => ToNat(Of(x));

    public static Nat Add(Value x, Value y) => ToNat(Of(x) + Of(y));

    public static Nat Mul(Value x, Value y) => ToNat(Of(x) * Of(y));

    public static Nat Div(Value x, Value y) => ToNat(T.IsZero(Of(y)) ? T.Zero : Of(x) / Of(y));

    public static Nat And(Value x, Value y) => ToNat(Of(x) & Of(y));

    public static Nat Or(Value x, Value y) => ToNat(Of(x) | Of(y));

    public static Nat Xor(Value x, Value y) => ToNat(Of(x) ^ Of(y));

    public static Nat Lsh(Value x, Value y) => ToNat(Left(Of(x), Of(y)));

    public static Nat Rsh(Value x, Value y) => ToNat(Right(Of(x), Of(y)));

    public static Nat Sub(Value x, Value y)
    {
        var (a, b) = (Of(x), Of(y));
        if (b <= a)
            return ToNat(a - b);
        var (left, right) = (Nat.Coerce(x), Nat.Coerce(y));
        return NatJets.Sub(Nat.Of(left.Big + ulong.CreateTruncating(T.MaxValue) + 1), right);
    }

    public static Nat Ror(Value x, Value y) =>
        ToNat(Right(Of(x), Of(y)) | Left(Of(x), Rest(y)));

    public static Nat Rol(Value x, Value y) =>
        ToNat(Left(Of(x), Of(y)) | Right(Of(x), Rest(y)));

    private static T Size => T.CreateTruncating(Bits);

    private static SmallNat ToNat(T word) => Nat.Of(ulong.CreateTruncating(word));

    /// <summary>The distance that a rotation moves the bits it pushes out.</summary>
    private static T Rest(Value count) =>
        Of(count) <= Size ? Size - Of(count) : Of(Sub(Nat.Of((ulong)Bits), count));

    private static T Left(T word, T count) =>
        count < Size ? word << int.CreateTruncating(count) : T.Zero;

    private static T Right(T word, T count) =>
        count < Size ? word >> int.CreateTruncating(count) : T.Zero;
}
