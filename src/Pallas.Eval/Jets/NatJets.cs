using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Arithmetic on naturals. A value that is no nat counts as 0.</summary>
internal static class NatJets
{
    public static readonly Jet[] All =
    [
        // (isZero x) = 1 for the nat 0, else 0
        new()
        {
            Name = "_Eqz", Arity = 1, Force = [1],
            Shortcut = static (x, _) => Nat.Of(x is Nat { IsZero: true }),
            Hashes = ["HYgduheRaC4oQMy7qwLEGYLC9fhesds7HCgifxqfQHBR"],
        },

        // (toNat x) = x; 0 where x is no nat
        new()
        {
            Name = "_ToNat", Arity = 1, Force = [1],
            Shortcut = static (x, _) => Nat.Coerce(x),
            Hashes = ["HedgTAZEjCCShX97HZNsm4gGGWyxhRf9jepYzrtMR6RW"],
        },

        // (dec x) = x - 1; (dec 0) = 0
        new()
        {
            Name = "_Dec", Arity = 1, Force = [1],
            Shortcut = static (x, _) => x is SmallNat ? Dec((SmallNat)x) : null,
            Code = static (_, args) => Dec(Nat.Coerce(args[0])),
            Hashes = ["CQono44WNJmmGYhDL1zTmF38VwyZ2oUbhbeZxnyXcVhg"],
        },

        // (times f z n) = (f (f .. z)), n times, lazily. No native code.
        new()
        {
            Name = "_Times", Arity = 3,
            Hashes = ["FWYFvK5cNTUB1PAsYNvgzidAFxSMDTrqch7UsJjpJbvJ"],
        },

        // (add x y) = x + y
        new()
        {
            Name = "_Add", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) =>
                x is SmallNat a && y is SmallNat b && a.Word + b.Word >= a.Word
                    ? Nat.Of(a.Word + b.Word)
                    : null,
            Code = static (evaluator, args) =>
                Add(evaluator, Nat.Coerce(args[0]), Nat.Coerce(args[1])),
            Hashes = ["QeTTm1EFP1r7mkXJQVnBYUW2QeKUvjNfYA5PiGzFRVj"],
        },

        // (mul x y) = x * y; (mul x 0) = 0, and x stays unevaluated
        new()
        {
            Name = "_Mul", Arity = 2, Force = [2], Late = [1],
            Shortcut = static (x, y) => ControlJets.IsTrue(y) ? ShortMul(x, y) : Nat.Zero,
            Code = static (evaluator, args) =>
                Mul(evaluator, Nat.Coerce(args[0]), Nat.Coerce(args[1])),
            Hashes = ["E2TXQPG89ykcNK9s7XSwDhvgQsUrc8ogjvoPsEZu7zyp"],
        },

        // (sub x y) = x - y; 0 where y is larger
        new()
        {
            Name = "_Sub", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) => x is SmallNat a && y is SmallNat b
                ? Nat.Of(a.Word < b.Word ? 0 : a.Word - b.Word)
                : null,
            Code = static (_, args) => Sub(Nat.Coerce(args[0]), Nat.Coerce(args[1])),
            Hashes = ["xruy2CzBgGc8fbn6wYDw4ofa4XXNgCsVGhySX6wr7LS"],
        },

        // (pow x y) = x to the power of y; (pow x 0) = 1, and x stays unevaluated
        new()
        {
            Name = "_Pow", Arity = 2, Force = [2], Late = [1],
            Shortcut = static (_, y) => ControlJets.IsTrue(y) ? null : Nat.One,
            Code = static (evaluator, args) =>
                Pow(evaluator, Nat.Coerce(args[0]), Nat.Coerce(args[1])),
            Hashes = ["ENxYwA7Jp7wRsyaR8sHE3SPF3MoGzkmHWPC9g3ohSgR2"],
        },

        // (bex n) = 2 to the power of n
        new()
        {
            Name = "_Bex", Arity = 1, Force = [1],
            Shortcut = static (n, _) =>
                n is SmallNat { Word: < 64 } small ? Nat.Of(1UL << (int)small.Word) : null,
            Code = static (evaluator, args) => Bex(evaluator, Nat.Coerce(args[0])),
            Hashes = ["DGnbYD2zjfxzUt8WYxXPELfu2bULGhsjVeSyqBJdn97S"],
        },

        // (ordWeld x y) = y where x is 1, that is "equal"; else x
        new()
        {
            Name = "_OrdWeld", Arity = 2, Force = [1],
            Code = static (_, args) => args[0] is SmallNat { Word: 1 } ? args[1] : args[0],
            Hashes = ["8ZeTyQLBT1MSmfbD8ZBdaXJHzwv1MEpL2DSZfRTcyY8h"],
        },

        // (div x y) = x / y rounded down; (div x 0) = 0, where the law never ends
        new()
        {
            Name = "_Div", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) => x is SmallNat a && y is SmallNat b
                ? Nat.Of(b.Word == 0 ? 0 : a.Word / b.Word)
                : null,
            Code = static (_, args) => Div(Nat.Coerce(args[0]), Nat.Coerce(args[1])),
            Hashes = ["7vNXXnoaLsR9p2YNq3rSxjMCFYiFStXY1BMDrh8xdqcN"],
        },

        // (mod x y) = x - y * (div x y); so (mod x 0) = x
        new()
        {
            Name = "_Mod", Arity = 2, Force = [2, 1],
            Shortcut = static (x, y) => x is SmallNat a && y is SmallNat b
                ? Nat.Of(b.Word == 0 ? a.Word : a.Word % b.Word)
                : null,
            Code = static (_, args) => Mod(Nat.Coerce(args[0]), Nat.Coerce(args[1])),
            Hashes = ["AgLLsdcyTj4rs3WhqHq3jSSPDjPcfbLzovkxLgzo7xjD"],
        },

        // (divMod x y) = (0 (div x y) (mod x y)), both parts lazy: the law runs where an
        // argument is not evaluated
        new()
        {
            Name = "_DivMod", Arity = 2,
            Code = static (_, args) => args[0].Resolved is Nat x && args[1].Resolved is Nat y
                ? App.Make(Nat.Zero, Div(x, y), Mod(x, y))
                : null,
            Hashes = ["4YtDMfWgzMfLyVpB7E2LXewzNSS5LdMt12NBnVUMxuJv"],
        },
    ];

    public static Nat Dec(Nat x) => x switch
    {
        SmallNat { Word: 0 } => x,
        SmallNat small => Nat.Of(small.Word - 1),
        _ => Natural.Subtract(x, Nat.One),
    };

    public static Nat Add(Evaluator evaluator, Nat x, Nat y)
    {
        if (x is SmallNat a && y is SmallNat b && a.Word + b.Word >= a.Word)
            return Nat.Of(a.Word + b.Word);
        SizeLimits.CheckBits(evaluator, Math.Max(x.BitLength, y.BitLength) + 1);
        return Natural.Add(x, y);
    }

    public static Nat Mul(Evaluator evaluator, Nat x, Nat y)
    {
        if (ShortMul(x, y) is { } product)
            return product;
        SizeLimits.CheckProduct(evaluator, x, y);
        return Natural.Multiply(x, y);
    }

    public static Nat Sub(Nat x, Nat y)
    {
        if (x is SmallNat a && y is SmallNat b)
            return Nat.Of(a.Word < b.Word ? 0 : a.Word - b.Word);
        return x.CompareTo(y) <= 0 ? Nat.Zero : Natural.Subtract(x, y);
    }

    public static Nat Div(Nat x, Nat y)
    {
        if (y.IsZero)
            return Nat.Zero;
        return x is SmallNat a && y is SmallNat b
            ? Nat.Of(a.Word / b.Word)
            : Natural.Divide(x, y).Quotient;
    }

    public static Nat Mod(Nat x, Nat y)
    {
        if (y.IsZero)
            return x;
        return x is SmallNat a && y is SmallNat b
            ? Nat.Of(a.Word % b.Word)
            : Natural.Divide(x, y).Remainder;
    }

    public static Nat Bex(Evaluator evaluator, Nat n)
    {
        if (n is SmallNat { Word: < 64 } small)
            return Nat.Of(1UL << (int)small.Word);
        return Natural.ShiftLeft(Nat.One, SizeLimits.Bits(evaluator, n));
    }

    private static Nat Pow(Evaluator evaluator, Nat x, Nat y)
    {
        if (x is SmallNat { Word: <= 1 })
            return x;
        var exponent = SizeLimits.Bits(evaluator, y);
        SizeLimits.CheckBits(evaluator, (x.BitLength - 1) * exponent);
        return Natural.Power(x, exponent);
    }

    private static SmallNat? ShortMul(Value x, Value y)
    {
        if (x is not SmallNat a || y is not SmallNat b)
            return null;
        return Math.BigMul(a.Word, b.Word, out var product) == 0 ? Nat.Of(product) : null;
    }
}
