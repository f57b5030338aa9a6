using Pallas.Eval;
using Pallas.Fuzz;
using Pallas.Values;
using Xunit;
using static Pallas.Tests.Jets.JetCalls;

namespace Pallas.Tests.Jets;

/// <summary>What native code answers, against figures worked out from the laws by hand.</summary>
public sealed class JetTests
{
    private static readonly Value Huge = Nat.Of(System.Numerics.BigInteger.One << 200);
    private static readonly Value Max = Nat.Of(ulong.MaxValue);

    private readonly Evaluator evaluator = new(TestEval.Plain with { NatBitsMax = 1 << 20 });

    [Fact]
    public void Numbers_add_up_and_what_is_no_number_counts_as_0()
    {
        Check(7, "_Add", 3, 4);
        Check("18446744073709551616", "_Add", Max, 1);
        Check(3, "_Add", 3, K(1));
        Check(0, "_Sub", 3, 4);
        Check(Max, "_Sub", Nat.Of(System.Numerics.BigInteger.One << 64), 1);
        Check(0, "_Sub", Max, Huge);
        Check("340282366920938463426481119284349108225", "_Mul", Max, Max);
        Check(0, "_Dec", 0);
        Check(0, "_Dec", R(1));
        Check(Max, "_Dec", Nat.Of(System.Numerics.BigInteger.One << 64));
        Check(81, "_Pow", 3, 4);
        Check(1, "_Pow", 0, 0);
        Check(0, "_Pow", 0, Huge);
        Check(1, "_Pow", 1, Huge);
        Check(Huge, "_Bex", 200);
        Check("fault Memory", "_Bex", Huge);
        Check("fault Memory", "_Pow", 2, Huge);
        Check("fault Memory", "_Lsh", 1, Huge);
    }

    [Fact]
    public void Dividing_by_0_ends()
    {
        Check(3, "_Div", 7, 2);
        Check(1, "_Mod", 7, 2);
        Check(0, "_Div", 7, 0);
        Check(7, "_Mod", 7, 0);
        Check(7, "_Mod", 7, K(1));
        Check("(0 3 1)", "_DivMod", 7, 2);
    }

    [Fact]
    public void Bits_are_counted_from_the_lowest()
    {
        Check(40, "_Lsh", 5, 3);
        Check(5, "_Rsh", 40, 3);
        Check(0, "_Rsh", 40, Huge);
        Check(1, "_Bix", 3, 8);
        Check(0, "_TestBit", Huge, 8);
        Check(7, "_Dis", 5, 3);
        Check(1, "_Con", 5, 3);
        Check(6, "_Mix", 5, 3);
        Check(3, "_PopCount", 7);
        Check(64, "_PopCount", Max);
        Check(201, "_Met", Huge);
        Check(0, "_Met", K(1));
        Check(5, "_Trunc", 3, 13);
        Check(6, "_BitSlice", 1, 3, 13);
        Check(13, "_SetBit", 3, 5);
        Check(1, "_ClearBit", 2, 5);
        Check(Text(K(1)), "_ClearBit", 2, K(1));
    }

    [Fact]
    public void The_order_of_forcing_decides_which_crash_wins()
    {
        CheckCrash(2, "_Add", "_Sub", "_Div", "_Mod", "_Mul", "_Rsh", "_Dis", "_Con", "_Mix");
        CheckCrash(2, "add32", "div64", "and32", "rsh64", "rol32", "sub64", "barWeld", "padWeld");
        CheckCrash(1, "_Lsh", "_Trunc", "_SetBit", "_Bix", "ror32", "ror64", "lsh64", "iDiv64");
        CheckCrash(1, "_Cmp", "_Eql", "_Lth", "_Max", "_Xor", "zip", "take", "drop", "barTake");
        CheckCrash(2, "_Weld", "rowCons", "setIns", "setHas", "tabIdx", "setIntersect", "_Idx");
        CheckCrash(1, "_Get", "_Put", "rowSnoc", "tabWeld", "barIdx", "setTake", "_SizedListToRow");
    }

    [Fact]
    public void An_unneeded_argument_stays_unevaluated()
    {
        var crash = Crash(evaluator, 1);
        Check(0, "_Mul", crash, 0);
        Check(0, "mul32", crash, Nat.Of(1UL << 32));
        Check(0, "_Lsh", 0, crash);
        Check(1, "_Pow", crash, 0);
        Check(0, "_And", 0, crash);
        Check(1, "_Or", 5, crash);
        Check(0, "_Get", 7, crash);
        Check(7, "_Put", 7, crash, crash);
        Check(0, "setHas", crash, S());
        Check(5, "_If", 1, 5, crash);
        Check(5, "_Ifz", R(1), crash, 5);
        Check(5, "par", crash, 5);
        Check(0, "bsearch", crash, R());
        Check(3, "barElemIndexOff", crash, 9, B("abc"));
        Check(0, "barElemIndexEnd", crash, B(""));
        Check(8, "setSub", 8, S());
    }

    [Fact]
    public void Items_of_rows_stay_lazy()
    {
        var crash = Crash(evaluator, 1);
        Check(2, "_Get", R(crash, 2), 1);
        Check("crash 9 1", "_Get", R(crash, 2), 0);
        Assert.Equal(3, Assert.IsType<Row>(Answer("_Gen", 3, crash)).Count);
        Assert.Equal(2, Assert.IsType<Row>(Answer("_Map", crash, R(crash, crash))).Count);
        Assert.Equal(3, Assert.IsType<Row>(Answer("_Weld", R(crash), R(1, crash))).Count);
        Assert.Equal(2, Assert.IsType<Row>(Answer("_Put", R(1, 2), 0, crash)).Count);
        Assert.Equal(1, Assert.IsType<Tab>(Answer("tabIns", 1, crash, T())).Count);
        Assert.Equal(1, Assert.IsType<Tab>(Answer("tabMap", crash, T((1, crash)))).Count);
    }

    [Fact]
    public void Row_laws_read_any_application_as_a_row()
    {
        Check(2, "_Len", K(7, 8));
        Check(8, "_Idx", 0, K(7, 8));
        Check(7, "_Last", K(7, 8));
        Check(Text(K(9, 8)), "_Put", K(7, 8), 1, 9);
        Check(Text(R(8, 7, 1)), "_Weld", K(7, 8), R(1));
        Check(Text(R(2, 1)), "_Rev", R(1, 2));
        Check(Text(R(5, 1)), "rowCons", 5, R(1));
        Check(Text(R(1, 5)), "rowSnoc", R(1), 5);
        Check(6, "sum", R(1, 2, 3));
        Check(Text(R(1, 2, 3)), "cat", R(R(1), 0, R(2, 3)));
        Check(Text(R(R(1, 3), R(2, 4))), "zip", R(1, 2, 9), R(3, 4));
        Check(Text(R(2)), "drop", 1, R(1, 2));
        Check(Text(R(1, 2)), "drop", K(1), R(1, 2));
        Check(Text(R(1)), "take", 1, R(1, 2));
        Check(Text(R(1, 2)), "take", K(1), R(1, 2));
        Check(9, "_Switch", 2, 9, R(1, 2));
        Check(9, "_Switch", K(1), 9, R(1, 2));
        Check(2, "_Switch", 1, 9, R(1, 2));
    }

    private void Check(Value expected, string name, params Value[] args) =>
        Check(Text(expected), name, args);

    private void Check(string expected, string name, params Value[] args) =>
        Assert.Equal(expected, Call(evaluator, name, args));

    private Value? Answer(string name, params Value[] args) =>
        JetCalls.Answer(evaluator, name, args);

    /// <summary>Each jet crashes with the argument of this index where all of them crash.</summary>
    private void CheckCrash(int winner, params string[] names)
    {
        foreach (var name in names)
        {
            var args = Enumerable.Range(1, JetTable.All.Jets.Single(jet => jet.Name == name).Arity);
            Value[] crashes = [.. args.Select(number => Crash(evaluator, (ulong)number))];
            Assert.Equal($"{name} crash 9 {winner}", $"{name} {Call(evaluator, name, crashes)}");
        }
    }
}
