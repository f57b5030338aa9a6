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

    // ---- Operations that the compiler knows by reference

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
    public static readonly Op ToNat = new("_ToNat") { Fast = static words => words.Copy() };

    // (isZero x) = 1 where x is 0, else 0
    public static readonly Op Eqz = new("_Eqz") { Fast = static words => words.Truth(false) };

    // (not x) = 1 where x is 0, else 0
    public static readonly Op Not = new("_Not")
    {
        Fast = static words => words.Truth(false), Slow = SlowPaths.Not,
    };

    // (bit x) = 0 where x is 0, else 1
    public static readonly Op Bit = new("_Bit")
    {
        Fast = static words => words.Truth(true), Slow = SlowPaths.Bit,
    };

    // (isNat x) = 1
    public static readonly Op IsNat = Layout("_IsNat", SlowPaths.IsNat);

    public static readonly Op[] All =
    [
        Inc, Dec, ToNat, Eqz, Not, Bit, IsNat,

        // ---- Numbers

        // (add x y) = x + y
        Number("_Add", static words => words.Add(), &AddWords),
        // (sub x y) = x - y; 0 where y is larger
        Number("_Sub", static words => words.Subtract(), &SubWords),
        // (mul x y) = x * y
        Number(
            "_Mul", static words => words.Multiply(), &MulWords, Growth.Product, SlowPaths.Mul),
        // (div x y) = x / y; 0 where y is 0
        Number("_Div", static words => words.Divide()),
        // (mod x y) = x mod y; x where y is 0
        Number("_Mod", static words => words.Remainder(), &ModWords),

        // ---- Bits

        // (lsh x n) = x * 2^n
        Number("_Lsh", static words => words.ShiftLeft(), growth: Growth.Power),
        // (rsh x n) = x / 2^n rounded down
        Number("_Rsh", static words => words.ShiftOrZero(OpCodes.Shr_Un)),
        // (con x y) = x and y, bit by bit
        Number("_Con", static words => words.Pair(OpCodes.And)),
        // (dis x y) = x or y, bit by bit
        Number("_Dis", static words => words.Pair(OpCodes.Or)),
        // (mix x y) = x or else y, bit by bit
        Number("_Mix", static words => words.Pair(OpCodes.Xor)),
        // (bex n) = 2^n
        Number("_Bex", static words => words.PowerOfTwo(), growth: Growth.Power),
        // (met n) = the number of bits of n up to the highest 1
        Number("_Met", static words => words.BitLength()),
        // (popCount n) = how many bits of n are 1
        Number("_PopCount", static words => words.CountOnes()),
        // (trunc w n) = n mod 2^w
        Number("_Trunc", static words => words.Truncate()),
        // (testBit i n) = (n / 2^i) mod 2
        new("_TestBit", "_Bix") { TakesNats = true, Fast = static words => words.TestBit() },
        // (bitSlice o w n) = (n / 2^o) mod 2^w
        Number("_BitSlice", static words => words.Slice()),

        // ---- Truth values

        // (xor x y) = 1 where one of x and y is 0, else 0
        new("_Xor") { Fast = static words => words.Truths(OpCodes.Xor) },
        // (xnor x y) = 0 where one of x and y is 0, else 1
        new("_Xnor") { Fast = static words => words.Truths(OpCodes.Ceq) },

        // ---- Order

        // (eql x y) = 1 where x = y, else 0
        Order("_Eql", static words => words.Test(OpCodes.Ceq), OpCodes.Beq, OpCodes.Bne_Un),
        // (neq x y) = 0 where x = y, else 1
        Order("_Neq", static words => words.TestNot(OpCodes.Ceq), OpCodes.Bne_Un, OpCodes.Beq),
        // (lth x y) = 1 where x < y, else 0
        Order(
            "_Lth", static words => words.Test(OpCodes.Clt_Un), OpCodes.Blt_Un, OpCodes.Bge_Un,
            takesNats: true),
        // (lte x y) = 0 where x > y, else 1
        Order(
            "_Lte", static words => words.TestNot(OpCodes.Cgt_Un), OpCodes.Ble_Un, OpCodes.Bgt_Un,
            takesNats: true),
        // (gth x y) = 1 where x > y, else 0
        Order(
            "_Gth", static words => words.Test(OpCodes.Cgt_Un), OpCodes.Bgt_Un, OpCodes.Ble_Un,
            takesNats: true),
        // (gte x y) = 0 where x < y, else 1
        Order(
            "_Gte", static words => words.TestNot(OpCodes.Clt_Un), OpCodes.Bge_Un, OpCodes.Blt_Un,
            takesNats: true),
        // (cmp x y) = 0 where x < y, 1 where x = y, 2 where x > y
        new("_Cmp") { Kind = OpKind.Order, Fast = static words => words.Compare() },
        // (min x y) = the smaller one
        new("_Min")
        {
            Kind = OpKind.Order, GivesNat = false, Fast = static words => words.Call(Math.Min),
        },
        // (max x y) = the larger one
        new("_Max")
        {
            Kind = OpKind.Order, GivesNat = false, Fast = static words => words.Call(Math.Max),
        },

        // ---- Layouts

        // (isApp x) = 1 for an app, else 0
        Layout("_IsApp", SlowPaths.IsApp),
        // (isPin x) = 1 for a pin, else 0
        Layout("_IsPin", null, typeof(Pin)),
        // (isLaw x) = 1 for a law, else 0
        Layout("_IsLaw", SlowPaths.IsLaw),
        // (isRow x) = 1 for a row, else 0
        Layout("_IsRow", null, typeof(Row)),
        // (len x) = the number of items of x
        Layout("_Len", SlowPaths.Len),

        // ---- Items

        // (idx i x) = item i of x; 0 where there is none
        new("_Idx") { Kind = OpKind.Item, RowAt = 1, GivesNat = false },
        // (get x i) = item i of x; 0 where there is none
        new("_Get") { Kind = OpKind.Item, RowAt = 0, GivesNat = false },

        // ---- Words of 64 bits

        // (w64 x) = x
        Number("w64", static words => words.Copy()),
        // (add64 x y) = (x + y) mod 2^64
        Number("add64", static words => words.Pair(OpCodes.Add)),
        // (sub64 x y) = (x - y) mod 2^64
        Number("sub64", static words => words.Pair(OpCodes.Sub)),
        // (mul64 x y) = (x * y) mod 2^64
        Number("mul64", static words => words.Pair(OpCodes.Mul)),
        // (and64 x y) = x and y, bit by bit
        Number("and64", static words => words.Pair(OpCodes.And)),
        // (or64 x y) = x or y, bit by bit
        Number("or64", static words => words.Pair(OpCodes.Or)),
        // (xor64 x y) = x or else y, bit by bit
        Number("xor64", static words => words.Pair(OpCodes.Xor)),
        // (lsh64 x y) = (x * 2^y) mod 2^64
        Number("lsh64", static words => words.ShiftOrZero(OpCodes.Shl)),
        // (rsh64 x y) = x / 2^y rounded down
        Number("rsh64", static words => words.ShiftOrZero(OpCodes.Shr_Un)),
        // (ror64 x y) = x rotated by y bits to the low end, for y below 64
        Number("ror64", static words => words.RotateRight()),
        // (rol64 x y) = x rotated by y bits to the high end, for y below 64
        Number("rol64", static words => words.RotateLeft()),

        // ---- Words of 32 bits: x and y are the low 32 bits of the operands

        // (w32 x) = x
        Number32("w32", static words => words.Copy32()),
        // (add32 x y) = (x + y) mod 2^32
        Number32("add32", static words => words.Pair32(OpCodes.Add)),
        // (sub32 x y) = (x - y) mod 2^32, where both operands are below 2^32
        Number32("sub32", static words => words.Subtract32()),
        // (mul32 x y) = (x * y) mod 2^32
        Number32("mul32", static words => words.Pair32(OpCodes.Mul)),
        // (and32 x y) = x and y, bit by bit
        Number32("and32", static words => words.Pair32(OpCodes.And)),
        // (or32 x y) = x or y, bit by bit
        Number32("or32", static words => words.Pair32(OpCodes.Or)),
        // (xor32 x y) = x or else y, bit by bit
        Number32("xor32", static words => words.Pair32(OpCodes.Xor)),
        // (lsh32 x y) = (x * 2^y) mod 2^32
        Number32("lsh32", static words => words.ShiftOrZero32(OpCodes.Shl)),
        // (rsh32 x y) = x / 2^y rounded down
        Number32("rsh32", static words => words.ShiftOrZero32(OpCodes.Shr_Un)),
        // (ror32 x y) = x rotated by y bits to the low end, for y below 32
        Number32("ror32", static words => words.RotateRight32()),
        // (rol32 x y) = x rotated by y bits to the high end, for y below 32
        Number32("rol32", static words => words.RotateLeft32()),
    ];

    private static readonly FrozenDictionary<Jet, Op> ByJet = All
        .SelectMany(op => op.Jets.Select(jet => (Jet: jet, Op: op)))
        .ToFrozenDictionary(pair => pair.Jet, pair => pair.Op);

    /// <summary>The operation that a jet is; null where it is none.</summary>
    public static Op? Of(Jet jet) => ByJet.GetValueOrDefault(jet);

    private static Op Number(
        string jet, Action<WordEmitter> fast,
        delegate*<object?, Evaluator, ulong, ulong, Result> unboxed = null,
        Growth growth = default, Delegate? slowOnWords = null) =>
        new(jet)
        {
            TakesNats = true, Fast = fast, Unboxed = (nint)unboxed, Growth = growth,
            SlowOnWords = slowOnWords,
        };

    private static Op Number32(string jet, Action<WordEmitter> fast) =>
        new(jet) { TakesNats = true, IsOf32Bits = true, Fast = fast };

    private static Op Order(
        string jet, Action<WordEmitter> fast, OpCode whenTrue, OpCode whenFalse,
        bool takesNats = false) =>
        new(jet)
        {
            Kind = OpKind.Order, TakesNats = takesNats, Fast = fast,
            Jump = new(whenTrue, whenFalse),
        };

    private static Op Layout(string jet, Delegate? slow, Type? layout = null) =>
        new(jet) { Kind = OpKind.Layout, Slow = slow, Layout = layout };

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
