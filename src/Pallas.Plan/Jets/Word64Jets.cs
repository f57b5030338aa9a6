namespace Pallas.Plan;

/// <summary>Arithmetic modulo 2^64. What is no nat counts as 0.</summary>
internal static class Word64Jets
{
    public static readonly Jet[] All =
    [
        // (w64 x) = x mod 2^64
        new()
        {
            Name = "w64", Arity = 1, Force = [1],
            Shortcut = static (x, _) => x is SmallNat a ? Nat.Of(Word64.Of(a)) : null,
            Code = static (_, args) => Nat.Of(Word64.Of(args[0])),
            Hashes = ["DBMbSnHhw96KYiaiFBQwYmMZrZbn1quHXWojsB7fUcKg"],
        },

        // (add64 x y) = (x + y) mod 2^64
        new()
        {
            Name = "add64", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) => Short(x, y, Word64.Add),
            Code = static (_, args) => Word64.Add(args[0], args[1]),
            Hashes = ["Gfhro53zr1EYuSaaJ15ptB5HGT13GWRE7kUPeo67oVKQ"],
        },

        // (mul64 x y) = (x * y) mod 2^64; 0 where y mod 2^64 is 0, and x stays unevaluated
        new()
        {
            Name = "mul64", Arity = 2, Force = [2], Late = [1],
            Shortcut = static (x, y) =>
                Word64.Of(y) == 0 ? Nat.Zero : Short(x, y, Word64.Mul),
            Code = static (_, args) => Word64.Mul(args[0], args[1]),
            Hashes = ["GTEJu6YrprQMTAZpqsn7JY7V1NbL7RyoVLyucmRtxxZN"],
        },

        // (div64 x y) = x / y, both mod 2^64; 0 where y is 0
        new()
        {
            Name = "div64", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) => Short(x, y, Word64.Div),
            Code = static (_, args) => Word64.Div(args[0], args[1]),
            Hashes = ["6MzX5sV1czkdE59zBZZfMik3W2hwYiYGh8TVh8T8FZyz"],
        },

        // (and64 x y) = x and y bit by bit, both mod 2^64
        new()
        {
            Name = "and64", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) => Short(x, y, Word64.And),
            Code = static (_, args) => Word64.And(args[0], args[1]),
            Hashes = ["3WfSJyX34w4pKe43aXeGgxXTzJf4XcPLUtqq3hHm2xrH"],
        },

        // (or64 x y) = x or y bit by bit, both mod 2^64
        new()
        {
            Name = "or64", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) => Short(x, y, Word64.Or),
            Code = static (_, args) => Word64.Or(args[0], args[1]),
            Hashes = ["QksgZSJQKejVMUYSSrNKzg5M5miESqjf1n29i3XBz8Z"],
        },

        // (xor64 x y) = x or else y bit by bit, both mod 2^64
        new()
        {
            Name = "xor64", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) => Short(x, y, Word64.Xor),
            Code = static (_, args) => Word64.Xor(args[0], args[1]),
            Hashes = ["CM1986Y3XmvK4eUfMDajLwqJW2AQBKQ3eVutR7wMLQ47"],
        },

        // (lsh64 x y) = (x * 2^y) mod 2^64; 0 where x mod 2^64 is 0, and y stays unevaluated
        new()
        {
            Name = "lsh64", Arity = 2, Force = [1], Late = [2],
            Shortcut = static (x, y) =>
                Word64.Of(x) == 0 ? Nat.Zero : Short(x, y, Word64.Lsh),
            Code = static (_, args) => Word64.Lsh(args[0], args[1]),
            Hashes = ["HBzV4W5EqLCwv1Tq7T7pgAxhSVxXdr2PgD4J25p2Y9PF"],
        },

        // (rsh64 x y) = x / 2^y rounded down, both mod 2^64
        new()
        {
            Name = "rsh64", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) => Short(x, y, Word64.Rsh),
            Code = static (_, args) => Word64.Rsh(args[0], args[1]),
            Hashes = ["8L5bR9nKiTpWCRGA6TZ7syiQv788niZohNVFPMSuSpV9"],
        },

        // (sub64 x y) = x - y, both mod 2^64, where that is not negative; else 2^64 + x - y of
        // the numbers as they are, which may be 2^64 and above
        new()
        {
            Name = "sub64", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) => Short(x, y, Word64.Sub),
            Code = static (_, args) => Word64.Sub(args[0], args[1]),
            Hashes = ["3poQCVWizWJXY3HSbSWtF2L2Jx8StqqDyhHLo6og77YJ"],
        },

        // (ror64 x y) = (or64 (rsh64 x y) (lsh64 x (sub64 64 y)))
        new()
        {
            Name = "ror64", Arity = 2, Force = [1, 2],
            Shortcut = static (x, y) => Short(x, y, Word64.Ror),
            Code = static (_, args) => Word64.Ror(args[0], args[1]),
            Hashes = ["4NFvztAE1SoJFUK9Tq5HGNgo6cdGzyPxfqUWVajCkyrc"],
        },

        // (rol64 x y) = (or64 (lsh64 x y) (rsh64 x (sub64 64 y)))
        new()
        {
            Name = "rol64", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) => Short(x, y, Word64.Rol),
            Code = static (_, args) => Word64.Rol(args[0], args[1]),
            Hashes = ["D59osscU4cp8KkQbMzhcvhjmy8KSiP7vuACF4xZJgfAs"],
        },

        // (iDiv64 x y) = x / y rounded to 0, both mod 2^64 and read as two's complement; 0 where
        // y is 0
        new()
        {
            Name = "iDiv64", Arity = 2, Force = [1, 2],
            Code = static (_, args) => SignedDiv(args[0], args[1]),
            Hashes = ["tJQF43B78SBkzN5hLnDvDbux6fRBEhZ3WjazYVoMBSd"],
        },
    ];

    private static Nat? Short(Value x, Value y, Func<Value, Value, Nat> op) =>
        x is SmallNat && y is SmallNat ? op(x, y) : null;

    private static SmallNat SignedDiv(Value x, Value y)
    {
        var (a, b) = ((long)Word64.Of(x), (long)Word64.Of(y));
        if (b == 0)
            return Nat.Zero;
        var size = Size(a) / Size(b);
        return Nat.Of((a < 0) == (b < 0) ? size : 0 - size);
    }

    private static ulong Size(long number) =>
        number < 0 ? 0 - (ulong)number : (ulong)number;
}
