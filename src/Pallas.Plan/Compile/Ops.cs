namespace Pallas.Plan;

/// <summary>Operations that are compiled in line where their operands are small.</summary>
internal enum Op : byte
{
    None, Inc, Dec, Add, Sub, Mul, Div, Mod, Lsh, Rsh, Con, Dis, Mix, Bex, Met, PopCount, Trunc,
    TestBit, BitSlice, ToNat, Eqz, Not, Bit, And, Or, Nand, Nor, Xor, Xnor, Eql, Neq, Lth, Lte, Gth,
    Gte, Cmp, Min, Max, IsNat, IsApp, IsPin, IsLaw, IsRow, Len, Idx, Get, W64, Add64, Sub64, Mul64,
    And64, Or64, Xor64, Lsh64, Rsh64, Ror64, Rol64, W32, Add32, Sub32, Mul32, And32, Or32, Xor32,
    Lsh32, Rsh32, Ror32, Rol32,
}

/// <summary>What is known of each operation.</summary>
internal static class Ops
{
    private static readonly Dictionary<string, Op> ByName = new()
    {
        ["_Dec"] = Op.Dec, ["_Add"] = Op.Add, ["_Sub"] = Op.Sub, ["_Mul"] = Op.Mul,
        ["_Div"] = Op.Div, ["_Mod"] = Op.Mod, ["_Lsh"] = Op.Lsh, ["_Rsh"] = Op.Rsh,
        ["_Con"] = Op.Con, ["_Dis"] = Op.Dis, ["_Mix"] = Op.Mix, ["_Bex"] = Op.Bex,
        ["_Met"] = Op.Met, ["_PopCount"] = Op.PopCount, ["_Trunc"] = Op.Trunc,
        ["_TestBit"] = Op.TestBit, ["_Bix"] = Op.TestBit, ["_BitSlice"] = Op.BitSlice,
        ["_ToNat"] = Op.ToNat, ["_Eqz"] = Op.Eqz, ["_Not"] = Op.Not, ["_Bit"] = Op.Bit,
        ["_And"] = Op.And, ["_Or"] = Op.Or, ["_Nand"] = Op.Nand, ["_Nor"] = Op.Nor,
        ["_Xor"] = Op.Xor, ["_Xnor"] = Op.Xnor, ["_Eql"] = Op.Eql, ["_Neq"] = Op.Neq,
        ["_Lth"] = Op.Lth, ["_Lte"] = Op.Lte, ["_Gth"] = Op.Gth, ["_Gte"] = Op.Gte,
        ["_Cmp"] = Op.Cmp, ["_Min"] = Op.Min, ["_Max"] = Op.Max, ["_IsNat"] = Op.IsNat,
        ["_IsApp"] = Op.IsApp, ["_IsPin"] = Op.IsPin, ["_IsLaw"] = Op.IsLaw,
        ["_IsRow"] = Op.IsRow, ["_Len"] = Op.Len, ["_Idx"] = Op.Idx, ["_Get"] = Op.Get,
        ["w64"] = Op.W64, ["add64"] = Op.Add64, ["sub64"] = Op.Sub64, ["mul64"] = Op.Mul64,
        ["and64"] = Op.And64, ["or64"] = Op.Or64, ["xor64"] = Op.Xor64, ["lsh64"] = Op.Lsh64,
        ["rsh64"] = Op.Rsh64, ["ror64"] = Op.Ror64, ["rol64"] = Op.Rol64, ["w32"] = Op.W32,
        ["add32"] = Op.Add32, ["sub32"] = Op.Sub32, ["mul32"] = Op.Mul32, ["and32"] = Op.And32,
        ["or32"] = Op.Or32, ["xor32"] = Op.Xor32, ["lsh32"] = Op.Lsh32, ["rsh32"] = Op.Rsh32,
        ["ror32"] = Op.Ror32, ["rol32"] = Op.Rol32,
    };

    public static Op Of(string name) => ByName.GetValueOrDefault(name);

    /// <summary>
    /// The operands by index in the order in which they are evaluated; the last one only if
    /// <see cref="IsLate"/>, and the item operations evaluate the index by themselves.
    /// </summary>
    public static int[] Order(Op op) => op switch
    {
        Op.Idx => [1],
        Op.Get => [0],
        Op.BitSlice => [1, 0, 2],
        Op.Inc or Op.Dec or Op.Bex or Op.Met or Op.PopCount or Op.ToNat or Op.Eqz or Op.Not
            or Op.Bit or Op.IsNat or Op.IsApp or Op.IsPin or Op.IsLaw or Op.IsRow or Op.Len
            or Op.W64 or Op.W32 => [0],
        Op.Add or Op.Sub or Op.Mul or Op.Div or Op.Mod or Op.Rsh or Op.Con or Op.Dis or Op.Mix
            or Op.Add64 or Op.Sub64 or Op.Mul64 or Op.And64 or Op.Or64 or Op.Xor64 or Op.Rsh64
            or Op.Rol64 or Op.Add32 or Op.Sub32 or Op.Mul32 or Op.And32 or Op.Or32 or Op.Xor32
            or Op.Rsh32 or Op.Rol32 => [1, 0],
        _ => [0, 1],
    };

    /// <summary>Whether the second operand in order is evaluated only where the first one is
    /// not 0.</summary>
    public static bool IsLate(Op op) =>
        op is Op.Mul or Op.Lsh or Op.Mul64 or Op.Lsh64 or Op.Mul32 or Op.Lsh32;

    /// <summary>Whether the operation compares whole values where they are no numbers.</summary>
    public static bool IsOrder(Op op) => op is >= Op.Eql and <= Op.Max;

    public static bool IsItem(Op op) => op is Op.Idx or Op.Get;

    /// <summary>Whether the result is a nat whatever the operands are.</summary>
    public static bool IsNat(Op op) => !IsItem(op) && op is not (Op.Min or Op.Max or Op.None);

    /// <summary>Whether the operands are meant to be numbers.</summary>
    public static bool TakesNats(Op op) =>
        op is not (Op.IsNat or Op.IsApp or Op.IsPin or Op.IsLaw or Op.IsRow or Op.Len or Op.Idx
            or Op.Get or Op.Eql or Op.Neq or Op.Cmp or Op.Min or Op.Max or Op.Not or Op.Bit
            or Op.Eqz or Op.ToNat or Op.Xor or Op.Xnor);

    /// <summary>
    /// Whether nothing else can happen once the operands are evaluated and are nats: no crash, no
    /// fault, no long work.
    /// </summary>
    public static bool IsTotal(Op op) => !IsItem(op) && op is not (Op.Mul or Op.Lsh or Op.Bex);

    /// <summary>Whether the result is 0 or 1.</summary>
    public static bool IsTest(Op op) =>
        op is Op.Eqz or Op.Not or Op.Bit or Op.Xor or Op.Xnor or Op.TestBit or Op.IsNat or Op.IsApp
            or Op.IsPin or Op.IsLaw or Op.IsRow or (>= Op.Eql and <= Op.Gte);
}
