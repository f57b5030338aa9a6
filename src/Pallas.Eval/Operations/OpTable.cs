using System.Collections.Frozen;
using System.Reflection.Emit;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// The operations that compiled code does in line. To add one: a row here, and a method of
/// <see cref="WordEmitter"/> where none of those there serves.
/// </summary>
/// <remarks>
/// The equation of a row holds for words. Each row agrees with the laws of its jets on every
/// value; a test checks that in each tier.
/// </remarks>
internal static unsafe class OpTable
{
    private static readonly Result NoWord = Result.Of(null);

    // ---- The operations that the compiler knows by reference

    // (inc x) = x + 1: the opcode 3
    public static readonly Op Inc = new()
    {
        Name = "inc", TakesNats = true, Fast = static words => words.Increment(),
        Slow = SlowPaths.Inc,
    };

    // (dec x) = x - 1; 0 where x is 0
    public static readonly Op Dec = new("_Dec")
    {
        TakesNats = true, Fast = static words => words.Decrement(), Slow = SlowPaths.Dec,
        Unboxed = (nint)(delegate*<object?, Evaluator, ulong, Result>)&DecWord,
    };

    // (toNat x) = x
    public static readonly Op ToNat = new("_ToNat")
    {
        Fast = static words => words.Copy(),
    };

    // (isZero x) = 1 where x is 0, else 0
    public static readonly Op Eqz = new("_Eqz")
    {
        Fast = static words => words.Truth(isTrue: false),
    };

    // (not x) = 1 where x is 0, else 0
    public static readonly Op Not = new("_Not")
    {
        Fast = static words => words.Truth(isTrue: false), Slow = SlowPaths.Not,
    };

    // (bit x) = 0 where x is 0, else 1
    public static readonly Op Bit = new("_Bit")
    {
        Fast = static words => words.Truth(isTrue: true), Slow = SlowPaths.Bit,
    };

    // (isNat x) = 1
    public static readonly Op IsNat = new("_IsNat")
    {
        Kind = OpKind.Layout, Slow = SlowPaths.IsNat,
    };

    public static readonly Op[] All =
    [
        Inc, Dec, ToNat, Eqz, Not, Bit, IsNat,

        // ---- Numbers

        // (add x y) = x + y
        new("_Add")
        {
            TakesNats = true, Fast = static words => words.Add(),
            Unboxed = (nint)(delegate*<object?, Evaluator, ulong, ulong, Result>)&AddWords,
        },

        // (sub x y) = x - y; 0 where y is larger
        new("_Sub")
        {
            TakesNats = true, Fast = static words => words.Subtract(),
            Unboxed = (nint)(delegate*<object?, Evaluator, ulong, ulong, Result>)&SubWords,
        },

        // (mul x y) = x * y
        new("_Mul")
        {
            TakesNats = true, Growth = Growth.Product, Fast = static words => words.Multiply(),
            SlowOnWords = SlowPaths.Mul,
            Unboxed = (nint)(delegate*<object?, Evaluator, ulong, ulong, Result>)&MulWords,
        },

        // (div x y) = x / y; 0 where y is 0
        new("_Div") { TakesNats = true, Fast = static words => words.Divide() },

        // (mod x y) = x mod y; x where y is 0
        new("_Mod")
        {
            TakesNats = true, Fast = static words => words.Remainder(),
            Unboxed = (nint)(delegate*<object?, Evaluator, ulong, ulong, Result>)&ModWords,
        },

        // ---- Bits

        // (lsh x n) = x * 2^n
        new("_Lsh")
        {
            TakesNats = true, Growth = Growth.Power, Fast = static words => words.ShiftLeft(),
        },

        // (rsh x n) = x / 2^n rounded down
        new("_Rsh")
        {
            TakesNats = true, Fast = static words => words.ShiftOrZero(OpCodes.Shr_Un),
        },

        // (con x y) = x and y, bit by bit
        new("_Con")
        {
            TakesNats = true, Fast = static words => words.Pair(OpCodes.And),
        },

        // (dis x y) = x or y, bit by bit
        new("_Dis")
        {
            TakesNats = true, Fast = static words => words.Pair(OpCodes.Or),
        },

        // (mix x y) = x or else y, bit by bit
        new("_Mix")
        {
            TakesNats = true, Fast = static words => words.Pair(OpCodes.Xor),
        },

        // (bex n) = 2^n
        new("_Bex")
        {
            TakesNats = true, Growth = Growth.Power, Fast = static words => words.PowerOfTwo(),
        },

        // (met n) = the number of bits of n up to the highest 1
        new("_Met") { TakesNats = true, Fast = static words => words.BitLength() },

        // (popCount n) = how many bits of n are 1
        new("_PopCount")
        {
            TakesNats = true, Fast = static words => words.CountOnes(),
        },

        // (trunc w n) = n mod 2^w
        new("_Trunc") { TakesNats = true, Fast = static words => words.Truncate() },

        // (testBit i n) = (n / 2^i) mod 2
        new("_TestBit", "_Bix")
        {
            TakesNats = true, Fast = static words => words.TestBit(),
        },

        // (bitSlice o w n) = (n / 2^o) mod 2^w
        new("_BitSlice") { TakesNats = true, Fast = static words => words.Slice() },

        // ---- Truth values

        // (xor x y) = 1 where one of x and y is 0, else 0
        new("_Xor") { Fast = static words => words.Truths(OpCodes.Xor) },

        // (xnor x y) = 0 where one of x and y is 0, else 1
        new("_Xnor") { Fast = static words => words.Truths(OpCodes.Ceq) },

        // ---- Order

        // (eql x y) = 1 where x = y, else 0
        new("_Eql")
        {
            Kind = OpKind.Order, Jump = new(OpCodes.Beq, OpCodes.Bne_Un),
            Fast = static words => words.Test(OpCodes.Ceq),
        },

        // (neq x y) = 0 where x = y, else 1
        new("_Neq")
        {
            Kind = OpKind.Order, Jump = new(OpCodes.Bne_Un, OpCodes.Beq),
            Fast = static words => words.TestNot(OpCodes.Ceq),
        },

        // (lth x y) = 1 where x < y, else 0
        new("_Lth")
        {
            Kind = OpKind.Order, TakesNats = true, Jump = new(OpCodes.Blt_Un, OpCodes.Bge_Un),
            Fast = static words => words.Test(OpCodes.Clt_Un),
        },

        // (lte x y) = 0 where x > y, else 1
        new("_Lte")
        {
            Kind = OpKind.Order, TakesNats = true, Jump = new(OpCodes.Ble_Un, OpCodes.Bgt_Un),
            Fast = static words => words.TestNot(OpCodes.Cgt_Un),
        },

        // (gth x y) = 1 where x > y, else 0
        new("_Gth")
        {
            Kind = OpKind.Order, TakesNats = true, Jump = new(OpCodes.Bgt_Un, OpCodes.Ble_Un),
            Fast = static words => words.Test(OpCodes.Cgt_Un),
        },

        // (gte x y) = 0 where x < y, else 1
        new("_Gte")
        {
            Kind = OpKind.Order, TakesNats = true, Jump = new(OpCodes.Bge_Un, OpCodes.Blt_Un),
            Fast = static words => words.TestNot(OpCodes.Clt_Un),
        },

        // (cmp x y) = 0 where x < y, 1 where x = y, 2 where x > y
        new("_Cmp")
        {
            Kind = OpKind.Order, Fast = static words => words.Compare(),
        },

        // (min x y) = the smaller one
        new("_Min")
        {
            Kind = OpKind.Order, GivesNat = false,
            Fast = static words => words.Call(Math.Min),
        },

        // (max x y) = the larger one
        new("_Max")
        {
            Kind = OpKind.Order, GivesNat = false,
            Fast = static words => words.Call(Math.Max),
        },

        // ---- Layouts

        // (isApp x) = 1 for an app, else 0
        new("_IsApp") { Kind = OpKind.Layout, Slow = SlowPaths.IsApp },

        // (isPin x) = 1 for a pin, else 0
        new("_IsPin") { Kind = OpKind.Layout, Layout = typeof(Pin) },

        // (isLaw x) = 1 for a law, else 0
        new("_IsLaw") { Kind = OpKind.Layout, Slow = SlowPaths.IsLaw },

        // (isRow x) = 1 for a row, else 0
        new("_IsRow") { Kind = OpKind.Layout, Layout = typeof(Row) },

        // (len x) = the number of items of x
        new("_Len") { Kind = OpKind.Layout, Slow = SlowPaths.Len },

        // ---- Items

        // (idx i x) = item i of x; 0 where there is none
        new("_Idx") { Kind = OpKind.Item, RowAt = 1, GivesNat = false },

        // (get x i) = item i of x; 0 where there is none
        new("_Get") { Kind = OpKind.Item, RowAt = 0, GivesNat = false },

        // ---- Words of 64 bits

        // (w64 x) = x
        new("w64") { TakesNats = true, Fast = static words => words.Copy() },

        // (add64 x y) = (x + y) mod 2^64
        new("add64") { TakesNats = true, Fast = static words => words.Pair(OpCodes.Add) },

        // (sub64 x y) = (x - y) mod 2^64
        new("sub64") { TakesNats = true, Fast = static words => words.Pair(OpCodes.Sub) },

        // (mul64 x y) = (x * y) mod 2^64
        new("mul64") { TakesNats = true, Fast = static words => words.Pair(OpCodes.Mul) },

        // (and64 x y) = x and y, bit by bit
        new("and64") { TakesNats = true, Fast = static words => words.Pair(OpCodes.And) },

        // (or64 x y) = x or y, bit by bit
        new("or64") { TakesNats = true, Fast = static words => words.Pair(OpCodes.Or) },

        // (xor64 x y) = x or else y, bit by bit
        new("xor64") { TakesNats = true, Fast = static words => words.Pair(OpCodes.Xor) },

        // (lsh64 x y) = (x * 2^y) mod 2^64
        new("lsh64")
        {
            TakesNats = true, Fast = static words => words.ShiftOrZero(OpCodes.Shl),
        },

        // (rsh64 x y) = x / 2^y rounded down
        new("rsh64")
        {
            TakesNats = true, Fast = static words => words.ShiftOrZero(OpCodes.Shr_Un),
        },

        // (ror64 x y) = x rotated by y bits to the low end, for y below 64
        new("ror64") { TakesNats = true, Fast = static words => words.RotateRight() },

        // (rol64 x y) = x rotated by y bits to the high end, for y below 64
        new("rol64") { TakesNats = true, Fast = static words => words.RotateLeft() },

        // ---- Words of 32 bits; x and y stand for their low 32 bits

        // (w32 x) = x
        new("w32")
        {
            TakesNats = true, IsOf32Bits = true, Fast = static words => words.Copy32(),
        },

        // (add32 x y) = (x + y) mod 2^32
        new("add32")
        {
            TakesNats = true, IsOf32Bits = true, Fast = static words => words.Pair32(OpCodes.Add),
        },

        // (sub32 x y) = (x - y) mod 2^32, where both numbers are below 2^32
        new("sub32")
        {
            TakesNats = true, IsOf32Bits = true, Fast = static words => words.Subtract32(),
        },

        // (mul32 x y) = (x * y) mod 2^32
        new("mul32")
        {
            TakesNats = true, IsOf32Bits = true, Fast = static words => words.Pair32(OpCodes.Mul),
        },

        // (and32 x y) = x and y, bit by bit
        new("and32")
        {
            TakesNats = true, IsOf32Bits = true, Fast = static words => words.Pair32(OpCodes.And),
        },

        // (or32 x y) = x or y, bit by bit
        new("or32")
        {
            TakesNats = true, IsOf32Bits = true, Fast = static words => words.Pair32(OpCodes.Or),
        },

        // (xor32 x y) = x or else y, bit by bit
        new("xor32")
        {
            TakesNats = true, IsOf32Bits = true, Fast = static words => words.Pair32(OpCodes.Xor),
        },

        // (lsh32 x y) = (x * 2^y) mod 2^32
        new("lsh32")
        {
            TakesNats = true, IsOf32Bits = true,
            Fast = static words => words.ShiftOrZero32(OpCodes.Shl),
        },

        // (rsh32 x y) = x / 2^y rounded down
        new("rsh32")
        {
            TakesNats = true, IsOf32Bits = true,
            Fast = static words => words.ShiftOrZero32(OpCodes.Shr_Un),
        },

        // (ror32 x y) = x rotated by y bits to the low end, for y below 32
        new("ror32")
        {
            TakesNats = true, IsOf32Bits = true, Fast = static words => words.RotateRight32(),
        },

        // (rol32 x y) = x rotated by y bits to the high end, for y below 32
        new("rol32")
        {
            TakesNats = true, IsOf32Bits = true, Fast = static words => words.RotateLeft32(),
        },
    ];

    private static readonly FrozenDictionary<Jet, Op> ByJet = All
        .SelectMany(op => op.Jets.Select(jet => (Jet: jet, Op: op)))
        .ToFrozenDictionary(pair => pair.Jet, pair => pair.Op);

    /// <summary>The operation that a jet is; null where it is none.</summary>
    public static Op? Of(Jet jet) => ByJet.GetValueOrDefault(jet);

    // ---- Unboxed forms: the operation as a function that is passed on

    private static Result DecWord(object? target, Evaluator evaluator, ulong x) =>
        Result.Of(x == 0 ? 0 : x - 1);

    private static Result AddWords(object? target, Evaluator evaluator, ulong x, ulong y) =>
        x + y < x ? NoWord : Result.Of(x + y);

    private static Result SubWords(object? target, Evaluator evaluator, ulong x, ulong y) =>
        Result.Of(x < y ? 0 : x - y);

    private static Result MulWords(object? target, Evaluator evaluator, ulong x, ulong y) =>
        Math.BigMul(x, y, out var product) == 0 ? Result.Of(product) : NoWord;

    private static Result ModWords(object? target, Evaluator evaluator, ulong x, ulong y) =>
        Result.Of(y == 0 ? x : x % y);
}
