using System.Numerics;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Arithmetic modulo 2^N, for N = 32 and N = 64. A value that is no nat counts as 0.
/// </summary>
internal static class WordJets
{
    public static readonly Jet[] All =
    [
        .. Arithmetic<uint>(), .. Bits<uint>(),
        .. Arithmetic<ulong>(), .. Bits<ulong>(),

        // (iDiv64 x y) = x / y rounded to 0, both mod 2^64 and read as two's complement; 0 where
        // y is 0
        new()
        {
            Name = "iDiv64", Arity = 2, Force = [1, 2],
            Code = static (_, args) => SignedDiv(args[0], args[1]),
            Hashes = ["tJQF43B78SBkzN5hLnDvDbux6fRBEhZ3WjazYVoMBSd"],
        },
    ];

    private static Jet[] Arithmetic<T>()
        where T : unmanaged, IBinaryInteger<T>, IUnsignedNumber<T>, IMinMaxValue<T> =>
    [
        // (wN x) = x mod 2^N
        new()
        {
            Name = $"w{Word<T>.Bits}", Arity = 1, Force = [1],
            Shortcut = static (x, _) => x is SmallNat ? Word<T>.Low(x) : null,
            Code = static (_, args) => Word<T>.Low(args[0]),
            Hashes = [Word<T>.Bits == 32
                ? "75Y7bvtETWp2pyiH7cw2FamCWbtPozAaxjtryTHVRyEV"
                : "DBMbSnHhw96KYiaiFBQwYmMZrZbn1quHXWojsB7fUcKg"],
        },

        // (addN x y) = (x + y) mod 2^N
        Pair<T>(
            "add", Word<T>.Add,
            "FRmrUPQBfwXEg5jzrnWFgwwd6kuB5E5y89y2fxpCPNtg",
            "Gfhro53zr1EYuSaaJ15ptB5HGT13GWRE7kUPeo67oVKQ"),

        // (mulN x y) = (x * y) mod 2^N; 0 where y mod 2^N is 0, and x stays unevaluated
        Late<T>(
            "mul", 2, Word<T>.Mul,
            "87gy84iDhH2c3apkgbeLDELjgEooxmhyKB6tQpqBqK7e",
            "GTEJu6YrprQMTAZpqsn7JY7V1NbL7RyoVLyucmRtxxZN"),

        // (divN x y) = x / y, both mod 2^N; 0 where y is 0
        Pair<T>(
            "div", Word<T>.Div,
            "2fJDSdzysSzhbAAoQTXDfzMBvywu2m54HVg3qQQtgkYX",
            "6MzX5sV1czkdE59zBZZfMik3W2hwYiYGh8TVh8T8FZyz"),

        // (subN x y) = x - y, both mod 2^N, where that is not negative; else 2^N + x - y of the
        // numbers as they are, which may be 2^N and above
        Pair<T>(
            "sub", Word<T>.Sub,
            "pmaUKHWyyQF54t4PK9APGATFRBpxQz2fDxuW4PtH3CN",
            "3poQCVWizWJXY3HSbSWtF2L2Jx8StqqDyhHLo6og77YJ"),
    ];

    private static Jet[] Bits<T>()
        where T : unmanaged, IBinaryInteger<T>, IUnsignedNumber<T>, IMinMaxValue<T> =>
    [
        // (andN x y) = x and y bit by bit, both mod 2^N
        Pair<T>(
            "and", Word<T>.And,
            "FCTfDr3tXgmJkn7S6fHTgpkEDduGLyxWNvoYrCVNJaKs",
            "3WfSJyX34w4pKe43aXeGgxXTzJf4XcPLUtqq3hHm2xrH"),

        // (orN x y) = x or y bit by bit, both mod 2^N
        Pair<T>(
            "or", Word<T>.Or,
            "9exT4skhpbwupT7NMs9P3WhfZSMJGMPEJ8WtJrwhz3tZ",
            "QksgZSJQKejVMUYSSrNKzg5M5miESqjf1n29i3XBz8Z"),

        // (xorN x y) = x or else y bit by bit, both mod 2^N
        Pair<T>(
            "xor", Word<T>.Xor,
            "G8aQ6hEYU5zQxSwM2zzpKhQGvGdBw1p4bNsikwbGaSBF",
            "CM1986Y3XmvK4eUfMDajLwqJW2AQBKQ3eVutR7wMLQ47"),

        // (lshN x y) = (x * 2^y) mod 2^N; 0 where x mod 2^N is 0, and y stays unevaluated
        Late<T>(
            "lsh", 1, Word<T>.Lsh,
            "DYk5Ni2veG7FsQBnbFbqEsNJUomvzfjU1eXx1NzwwTpG",
            "HBzV4W5EqLCwv1Tq7T7pgAxhSVxXdr2PgD4J25p2Y9PF"),

        // (rshN x y) = x / 2^y rounded down, both mod 2^N
        Pair<T>(
            "rsh", Word<T>.Rsh,
            "HURMVABJ4BgTQXpvNLqGusYmbxJEoe7WwAZt5Ah3HTP7",
            "8L5bR9nKiTpWCRGA6TZ7syiQv788niZohNVFPMSuSpV9"),

        // (rorN x y) = (orN (rshN x y) (lshN x (subN N y))); x is evaluated first
        Pair<T>(
            "ror", Word<T>.Ror,
            "FqvahK5dGSuNLbkW8CckfCCk5E1hTRzgJZn49sN3n3Gk",
            "4NFvztAE1SoJFUK9Tq5HGNgo6cdGzyPxfqUWVajCkyrc",
            isLeftFirst: true),

        // (rolN x y) = (orN (lshN x y) (rshN x (subN N y)))
        Pair<T>(
            "rol", Word<T>.Rol,
            "DkkPSvYjdeNfnHHRC7bEjcn59fBeJVpWhUVB3F344qjX",
            "D59osscU4cp8KkQbMzhcvhjmy8KSiP7vuACF4xZJgfAs"),
    ];

    private static Jet Pair<T>(
        string name, Func<Value, Value, Nat> op, string hash32, string hash64,
        bool isLeftFirst = false)
        where T : unmanaged, IBinaryInteger<T>, IUnsignedNumber<T>, IMinMaxValue<T> =>
        new()
        {
            Name = $"{name}{Word<T>.Bits}", Arity = 2,
            Force = isLeftFirst ? [1, 2] : [2, 1],
            Shortcut = (x, y) => x is SmallNat && y is SmallNat ? op(x, y) : null,
            Code = (_, args) => op(args[0], args[1]),
            Hashes = [Word<T>.Bits == 32 ? hash32 : hash64],
        };

    /// <summary>An operation that is 0 where the low bits of one argument are 0.</summary>
    /// <param name="first">That argument, counted from 1; the other one is late.</param>
    private static Jet Late<T>(
        string name, byte first, Func<Value, Value, Nat> op, string hash32, string hash64)
        where T : unmanaged, IBinaryInteger<T>, IUnsignedNumber<T>, IMinMaxValue<T> =>
        new()
        {
            Name = $"{name}{Word<T>.Bits}", Arity = 2, Force = [first], Late = [(byte)(3 - first)],
            Shortcut = (x, y) => T.IsZero(Word<T>.Of(first == 1 ? x : y)) ? Nat.Zero
                : x is SmallNat && y is SmallNat ? op(x, y)
                : null,
            Code = (_, args) => op(args[0], args[1]),
            Hashes = [Word<T>.Bits == 32 ? hash32 : hash64],
        };

    private static SmallNat SignedDiv(Value x, Value y)
    {
        var (a, b) = ((long)Word<ulong>.Of(x), (long)Word<ulong>.Of(y));
        if (b == 0)
            return Nat.Zero;
        var size = Size(a) / Size(b);
        return Nat.Of((a < 0) == (b < 0) ? size : 0 - size);
    }

    private static ulong Size(long number) =>
        number < 0 ? 0 - (ulong)number : (ulong)number;
}
