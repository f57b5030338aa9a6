namespace Pallas.Plan;

/// <summary>Arithmetic modulo 2^32. What is no nat counts as 0.</summary>
internal static class Word32Jets
{
    public static readonly Jet[] All =
    [
        // (w32 x) = x mod 2^32
        new()
        {
            Name = "w32", Arity = 1, Force = [1],
            Shortcut = static (x, _) => x is SmallNat a ? Nat.Of(Word32.Of(a)) : null,
            Code = static (_, args) => Nat.Of(Word32.Of(args[0])),
            Hashes = ["75Y7bvtETWp2pyiH7cw2FamCWbtPozAaxjtryTHVRyEV"],
        },

        // (add32 x y) = (x + y) mod 2^32
        new()
        {
            Name = "add32", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) => Short(x, y, Word32.Add),
            Code = static (_, args) => Word32.Add(args[0], args[1]),
            Hashes = ["FRmrUPQBfwXEg5jzrnWFgwwd6kuB5E5y89y2fxpCPNtg"],
        },

        // (mul32 x y) = (x * y) mod 2^32; 0 where y mod 2^32 is 0, and x stays unevaluated
        new()
        {
            Name = "mul32", Arity = 2, Force = [2], Late = [1],
            Shortcut = static (x, y) =>
                Word32.Of(y) == 0 ? Nat.Zero : Short(x, y, Word32.Mul),
            Code = static (_, args) => Word32.Mul(args[0], args[1]),
            Hashes = ["87gy84iDhH2c3apkgbeLDELjgEooxmhyKB6tQpqBqK7e"],
        },

        // (div32 x y) = x / y, both mod 2^32; 0 where y is 0
        new()
        {
            Name = "div32", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) => Short(x, y, Word32.Div),
            Code = static (_, args) => Word32.Div(args[0], args[1]),
            Hashes = ["2fJDSdzysSzhbAAoQTXDfzMBvywu2m54HVg3qQQtgkYX"],
        },

        // (and32 x y) = x and y bit by bit, both mod 2^32
        new()
        {
            Name = "and32", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) => Short(x, y, Word32.And),
            Code = static (_, args) => Word32.And(args[0], args[1]),
            Hashes = ["FCTfDr3tXgmJkn7S6fHTgpkEDduGLyxWNvoYrCVNJaKs"],
        },

        // (or32 x y) = x or y bit by bit, both mod 2^32
        new()
        {
            Name = "or32", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) => Short(x, y, Word32.Or),
            Code = static (_, args) => Word32.Or(args[0], args[1]),
            Hashes = ["9exT4skhpbwupT7NMs9P3WhfZSMJGMPEJ8WtJrwhz3tZ"],
        },

        // (xor32 x y) = x or else y bit by bit, both mod 2^32
        new()
        {
            Name = "xor32", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) => Short(x, y, Word32.Xor),
            Code = static (_, args) => Word32.Xor(args[0], args[1]),
            Hashes = ["G8aQ6hEYU5zQxSwM2zzpKhQGvGdBw1p4bNsikwbGaSBF"],
        },

        // (lsh32 x y) = (x * 2^y) mod 2^32; 0 where x mod 2^32 is 0, and y stays unevaluated
        new()
        {
            Name = "lsh32", Arity = 2, Force = [1], Late = [2],
            Shortcut = static (x, y) =>
                Word32.Of(x) == 0 ? Nat.Zero : Short(x, y, Word32.Lsh),
            Code = static (_, args) => Word32.Lsh(args[0], args[1]),
            Hashes = ["DYk5Ni2veG7FsQBnbFbqEsNJUomvzfjU1eXx1NzwwTpG"],
        },

        // (rsh32 x y) = x / 2^y rounded down, both mod 2^32
        new()
        {
            Name = "rsh32", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) => Short(x, y, Word32.Rsh),
            Code = static (_, args) => Word32.Rsh(args[0], args[1]),
            Hashes = ["HURMVABJ4BgTQXpvNLqGusYmbxJEoe7WwAZt5Ah3HTP7"],
        },

        // (sub32 x y) = x - y, both mod 2^32, where that is not negative; else 2^32 + x - y of
        // the numbers as they are, which may be 2^32 and above
        new()
        {
            Name = "sub32", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) => Short(x, y, Word32.Sub),
            Code = static (_, args) => Word32.Sub(args[0], args[1]),
            Hashes = ["pmaUKHWyyQF54t4PK9APGATFRBpxQz2fDxuW4PtH3CN"],
        },

        // (ror32 x y) = (or32 (rsh32 x y) (lsh32 x (sub32 32 y)))
        new()
        {
            Name = "ror32", Arity = 2, Force = [1, 2],
            Shortcut = static (x, y) => Short(x, y, Word32.Ror),
            Code = static (_, args) => Word32.Ror(args[0], args[1]),
            Hashes = ["FqvahK5dGSuNLbkW8CckfCCk5E1hTRzgJZn49sN3n3Gk"],
        },

        // (rol32 x y) = (or32 (lsh32 x y) (rsh32 x (sub32 32 y)))
        new()
        {
            Name = "rol32", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) => Short(x, y, Word32.Rol),
            Code = static (_, args) => Word32.Rol(args[0], args[1]),
            Hashes = ["DkkPSvYjdeNfnHHRC7bEjcn59fBeJVpWhUVB3F344qjX"],
        },
    ];

    private static Nat? Short(Value x, Value y, Func<Value, Value, Nat> op) =>
        x is SmallNat && y is SmallNat ? op(x, y) : null;
}
