using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Sequence, traces, choices and truth values.</summary>
/// <remarks>A nat other than 0 is true. 0, pins, laws and apps are false.</remarks>
internal static class ControlJets
{
    public static readonly Jet[] All =
    [
        // (force x) = x in normal form
        new()
        {
            Name = "_Force", Arity = 1,
            Code = static (evaluator, args) => evaluator.Normalize(args[0]),
            Hashes = ["A7ZtnajpFHHJ29VVzZoZ4BENtqNio1LZcG7Pdc9nMFvf"],
        },

        // (seq x y) = y, x being evaluated first
        new()
        {
            Name = "_Seq", Arity = 2, Force = [1], Control = JetControl.Seq,
            Code = static (_, args) => args[1],
            Hashes = ["7fPzp1b5QXpDDkvpt2oBGUm3w6eCPVKjDnUQ8i8w8mj5"],
        },

        // (trace x y) = y, x being normalized first and shown
        new()
        {
            Name = "_Trace", Arity = 2, Code = Trace,
            Hashes = ["DWsz4CYrc3xzUQRxtibBiSXUx8HzR3tRgGNsbAMJLe9w"],
        },

        // (deepTrace x y) = y, x being normalized first and shown
        new()
        {
            Name = "_DeepTrace", Arity = 2, Code = DeepTrace,
            Hashes = ["7oDjbbsyiM1paMXmzzaR3P3KEit8MHRVSRduAX3qan5V"],
        },

        // (if x t e) = t where x is true, else e
        new()
        {
            Name = "_If", Arity = 3, Force = [1], Control = JetControl.If,
            Code = static (_, args) => IsTrue(args[0]) ? args[1] : args[2],
            Hashes = ["CGWi51frV26N7KUBbso2WzBad8W2mbix6HaejVem5YaZ"],
        },

        // (ifz x t e) = t where x is the nat 0, else e
        new()
        {
            Name = "_Ifz", Arity = 3, Force = [1], Control = JetControl.Ifz,
            Code = static (_, args) => args[0] is Nat { IsZero: true } ? args[1] : args[2],
            Hashes = ["3C2F3FHjCiM8zaWbTKQnNJbCfs4vU11tpcj3wETVQJtZ"],
        },

        // (not x) = 0 where x is true, else 1
        new()
        {
            Name = "_Not", Arity = 1, Force = [1],
            Shortcut = static (x, _) => Nat.Of(!IsTrue(x)),
            Hashes = ["6mbxDTonsXzZJowVdsQtP5bbqfHn6DTghb11eYi6s9qB"],
        },

        // (bit x) = 1 where x is true, else 0
        new()
        {
            Name = "_Bit", Arity = 1, Force = [1],
            Shortcut = static (x, _) => Nat.Of(IsTrue(x)),
            Hashes = ["D518gnvYpR68fwAkvSghyATH1oCh8LVG9jeQDUuws7HG"],
        },

        // (and x y) = (bit y) where x is true, else 0 and y stays unevaluated
        new()
        {
            Name = "_And", Arity = 2, Force = [1], Late = [2], Control = JetControl.And,
            Shortcut = static (x, y) => !IsTrue(x) ? Nat.Zero : y.IsThunk ? null : Bit(y),
            Code = static (_, args) => Nat.Of(IsTrue(args[0]) && IsTrue(args[1])),
            Hashes = ["9JhVfFRzAkwjt7VyhC5yi7wHekWx7h4CLn36Pd9xjD7c"],
        },

        // (or x y) = 1 where x is true, and y stays unevaluated; else (bit y)
        new()
        {
            Name = "_Or", Arity = 2, Force = [1], Late = [2], Control = JetControl.Or,
            Shortcut = static (x, y) => IsTrue(x) ? Nat.One : y.IsThunk ? null : Bit(y),
            Code = static (_, args) => Nat.Of(IsTrue(args[0]) || IsTrue(args[1])),
            Hashes = ["ALbovHrbg3HkpkB1DPXDrkPCSSgNfoz5ZgF2j1z99yU1"],
        },

        // (xor x y) = 1 where one of the two is true, else 0
        new()
        {
            Name = "_Xor", Arity = 2, Force = [1, 2],
            Code = static (_, args) => Nat.Of(IsTrue(args[0]) != IsTrue(args[1])),
            Hashes = ["E4tUTqjvQrnCpGFWNRhUoH2ZzrjxLyi7iDNVcPetqyMW"],
        },

        // (nand x y) = (not y) where x is true, else 1 and y stays unevaluated
        new()
        {
            Name = "_Nand", Arity = 2, Force = [1], Late = [2], Control = JetControl.Nand,
            Shortcut = static (x, y) =>
                !IsTrue(x) ? Nat.One : y.IsThunk ? null : Nat.Of(!IsTrue(y)),
            Code = static (_, args) => Nat.Of(!IsTrue(args[0]) || !IsTrue(args[1])),
            Hashes = ["EcKTTCta47vbd1Fq85Dm214tZfuSbS5a3xeBX9LcPUkq"],
        },

        // (nor x y) = 0 where x is true, and y stays unevaluated; else (not y)
        new()
        {
            Name = "_Nor", Arity = 2, Force = [1], Late = [2], Control = JetControl.Nor,
            Shortcut = static (x, y) =>
                IsTrue(x) ? Nat.Zero : y.IsThunk ? null : Nat.Of(!IsTrue(y)),
            Code = static (_, args) => Nat.Of(!IsTrue(args[0]) && !IsTrue(args[1])),
            Hashes = ["5Q3KgaFr5KdNVhMSA7CRD2WfNvaZM2JSG1XWnp8aK5BD"],
        },

        // (xnor x y) = 1 where both or none of the two are true, else 0
        new()
        {
            Name = "_Xnor", Arity = 2, Force = [1, 2],
            Code = static (_, args) => Nat.Of(IsTrue(args[0]) == IsTrue(args[1])),
            Hashes = ["XwJTASftvk563i9uqWyCjEnjHbNdtjwXEXDN5pXFGhP"],
        },

        // (par x y) = y; the hint to evaluate x in parallel is not used
        new()
        {
            Name = "par", Arity = 2,
            Code = static (_, args) => args[1],
            Hashes = ["BfENjJMJwCJxcXUrfMkv2Z5Mpyt4npKH7aZaQ2BCDMEM"],
        },

        // (pseq x y) = (seq x y)
        new()
        {
            Name = "pseq", Arity = 2, Force = [1], Control = JetControl.Seq,
            Code = static (_, args) => args[1],
            Hashes = ["3oUDABdakHWyyZyPQVBjRtGG3dXrLG3FdB1P1QR9V4os"],
        },

        // (try [f x y ..]) = [1 (f x y ..)] in normal form, or [0 [op arg]] where it crashes;
        // 0 for an empty row. The row itself is normalized before anything is caught.
        new()
        {
            Name = "_Try", Arity = 1, Force = [1], Code = Try,
            Hashes =
            [
                "3UkUWS7GRBMmhqMx2fokCLCv3SgsRZoxCUtoiv7RA7Qr",
                "mDZLU1QcgubF21CaDuubaGtqvuv79ZHpMBdDFmQRpyU",
            ],
        },

        // (tryExp x) = the same for a tree of applications. No native code.
        new()
        {
            Name = "_TryExp", Arity = 1,
            Hashes =
            [
                "FpKGptdncF6G5z68HwVzwgHNQCBUB6fMvq451ASsRAcW",
                "13jCYcW35BkECDxnfNM3aAbgt5D4DzeK6VzQNp8Y89nd",
            ],
        },
    ];

    /// <summary>Whether a value in weak head normal form counts as true.</summary>
    public static bool IsTrue(Value value) => value is Nat { IsZero: false };

    private static SmallNat Bit(Value value) => Nat.Of(IsTrue(value));

    private static Value DeepTrace(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var shown = evaluator.Normalize(args[0]);
        (evaluator.Options.DeepTrace ?? evaluator.Options.Trace)?.Invoke(shown);
        return args[1];
    }

    private static Value Trace(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var shown = evaluator.Normalize(args[0]);
        evaluator.Options.Trace?.Invoke(shown);
        return args[1];
    }

    private static Value Try(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var call = AppParts.Items(args[0]);
        if (call.Length == 0)
            return Nat.Zero;
        call = ((Row)evaluator.Normalize(Row.Of(call))).ToArray();
        if (call.Length == 1)
            return Row.Of(Nat.One, call[0]);
        var mark = evaluator.Mark();
        try
        {
            var value = evaluator.Normalize(evaluator.Apply(call[0], call.AsSpan(1)));
            evaluator.Pass(mark);
            return Row.Of(Nat.One, value);
        }
        catch (PlanCrash crash)
        {
            evaluator.Unwind(mark, crash);
            return Row.Of(Nat.Zero, Row.Of(crash.Op, crash.Argument));
        }
    }
}
