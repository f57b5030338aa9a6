using Pallas.Eval;
using Pallas.Fuzz;
using Pallas.Values;
using Xunit;
using static Pallas.Tests.Plan.LawTerms;

namespace Pallas.Tests.Plan;

/// <summary>Rows of one item or two whose first item may be a number without an object.</summary>
[Collection(AloneCollection.Name)]
public sealed class CellTests
{
    private const int ProgramsCount = 250;
    private const ulong Large = 1UL << 32;

    private static readonly ulong[] Words =
        [0, 1, 1023, 1024, Large - 1, Large, ulong.MaxValue];

    [Fact]
    public void Generated_programs_end_the_same_however_their_cells_are_laid_out()
    {
        var ends = 0;
        for (var seed = 0; seed < ProgramsCount; seed++)
        {
            var (function, args) = new CellPrograms(seed).Make();
            var outcome = TierRuns.CheckSame(seed, function, args, 0, 1, 2 + (seed % 5));
            TierRuns.CheckAsWritten(seed, function, args);
            ends += outcome.StartsWith("fault", StringComparison.Ordinal) ? 0 : 1;
        }
        Assert.InRange(ends, ProgramsCount * 3 / 4, ProgramsCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_unboxed_item_is_indistinguishable_from_a_boxed_one(bool isPair)
    {
        Value[] others = [
            .. Words.Select(Nat.Of), Nat.Of(System.Numerics.BigInteger.One << 70), Row.Of(1),
        ];
        foreach (var word in Words)
        {
            var (bare, plain) = (Bare(word, isPair), Plain(word, isPair));
            Assert.Equal(word < Large, bare.HasNumber);
            Assert.False(plain.HasNumber);
            Assert.Equal(plain.Count, bare.Count);
            Assert.Equal(plain.ToArray(), bare.ToArray());
            Assert.Equal(plain.Parts.Count, bare.Parts.Count);
            Assert.Equal(Nat.Of(word), bare[0]);
            Assert.True(bare.TryWord(0, out var found));
            Assert.Equal(word, found);
            Assert.Equal(PlanText.Print(plain), PlanText.Print(bare));
            Assert.Equal(Pin.Make(plain).Hash, Pin.Make(bare).Hash);
            foreach (var other in others)
            {
                var beside = isPair ? Row.Of(other, 5) : Row.Of(other);
                Assert.Equal(Order.Compare(plain, beside), Order.Compare(bare, beside));
                Assert.Equal(Order.Compare(beside, plain), Order.Compare(beside, bare));
            }
        }
    }

    [Fact]
    public void Reading_a_cell_keeps_it_unboxed()
    {
        var evaluator = new Evaluator(TestEval.WithJets);
        var cell = new Row(7, evaluator.Delay(Named("_Add"), 2, 3));
        Assert.False(LazyOrder.IsNormal(cell));
        evaluator.Normalize(cell);
        Assert.True(LazyOrder.IsNormal(cell));
        Assert.Equal([7, 5], cell.ToArray());
        Assert.True(cell.HasNumber);
    }

    [Fact]
    public void A_list_of_small_numbers_takes_40_bytes_an_element()
    {
        // @ rest (up (dec n)) | if n (seq rest [n rest]) 0
        var cell = Call(Lib("_Seq"), 2, RowOf(1, 2));
        var law = MakeLaw(1, App.Make(1, Call(0, Dec(1)), If(1, cell, Quote(0))));
        var evaluator = new Evaluator(new EvalOptions { Jets = JetTable.All, Tier = Tier.Compile });
        const int Count = 100_000;
        evaluator.Apply(law, 5_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var list = evaluator.Apply(law, Count);
        var taken = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(((Row)list).HasNumber);
        Assert.InRange(taken, 40 * Count, 44 * Count);
    }

    private static Row Bare(ulong word, bool isPair) => new(word, isPair ? 5 : null);

    private static Row Plain(ulong word, bool isPair) =>
        isPair ? Row.Of(Nat.Of(word), 5) : Row.Of(Nat.Of(word));
}
