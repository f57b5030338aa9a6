using Pallas.Rex;
using Pallas.Sire.Print;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Print;

public sealed class LootLargeTests
{
    private static readonly RexPrinter Printer = new();

    private static Value Nested(int depth, Value start, Func<Value, Value> around)
    {
        var value = start;
        for (var i = 0; i < depth; i++)
            value = around(value);
        return value;
    }

    /// <summary>The number of nodes along the last son or heir.</summary>
    private static int DepthOf(RexTree tree)
    {
        var depth = 0;
        for (var at = tree; at is not null; depth++)
            at = at.Heir ?? (at is RexNode { Sons.Count: > 0 } node ? node.Sons[^1] : null);
        return depth;
    }

    [Fact]
    public void A_value_a_million_deep_prints()
    {
        Assert.True(DepthOf(Loot.ToRex(Nested(1_000_000, 0, x => Row.Of(x)))) >= 1_000_000);
        Assert.True(
            DepthOf(Loot.ToRex(Nested(100_000, 0, x => App.Make(Nat.Zero, x)))) >= 100_000);
    }

    [Fact]
    public void Code_many_thousands_deep_prints()
    {
        var calls = Nested(20_000, 1, x => App.Make(Nat.Zero, 1, x));
        Assert.True(DepthOf(Loot.ToRex(Law.Make("f".Nat(), Nat.One, calls))) >= 20_000);
        var lets = Nested(20_000, 1, x => App.Make(Nat.One, 1, x));
        Assert.True(DepthOf(Loot.ToRex(Law.Make("f".Nat(), Nat.One, lets))) >= 20_000);
        var laws = Nested(5_000, 1, x => Law.Make("f".Nat(), Nat.One, x));
        Assert.True(DepthOf(Loot.ToRex(laws)) >= 5_000);
    }

    [Fact]
    public void Many_arguments_of_a_law_are_cut_like_other_parts()
    {
        Value Wide(int argCount) => Law.Make("f".Nat(), Nat.Of((ulong)argCount), 0);
        var many = Row.Of([.. Enumerable.Repeat(Wide(1_000_000), 50)]);
        Assert.InRange(Loot.Show(many, 60).Length, 100, 1500);
        Assert.Contains("…", Loot.Show(many, 60));
        Assert.DoesNotContain("…", Loot.Show(Wide(16), 5));
        Assert.DoesNotContain("…", Loot.Show(Wide(1000)));
    }

    [Fact]
    public void Pins_in_pins_print_by_name_or_one_by_one()
    {
        var pins = Nested(20_000, 7, Pin.Make);
        Assert.Equal(".{0_20000}\n", Printer.File(Loot.ToRex(pins)));
        Assert.Equal(20_000, Loot.Show(pins).Count(c => c == '\n'));
    }

    [Fact]
    public void Quoted_rex_within_quoted_rex_prints()
    {
        var embed = Pin.Make(Law.Make("##EMBD".Nat(), Nat.Of(2), 0));
        var value = Nested(5_000, 5, x => Row.Of(App.Make(embed, x)));
        Assert.True(DepthOf(Loot.ToRex(value)) >= 5_000);
    }

    [Fact]
    public void A_limit_cuts_large_parts()
    {
        var row = Row.Of([.. Enumerable.Range(0, 1_000_000).Select(i => Nat.Of((ulong)i))]);
        Assert.Equal("[0 1 2 3 (…)]\n", Printer.File(Loot.ToRex(row, 5)));
        Assert.Equal("(…)\n", Printer.File(Loot.ToRex(Bar.Of(new byte[1000]), 5)));
        Assert.Equal("[[[[(…)]]]]\n", Printer.File(
            Loot.ToRex(Nested(1_000_000, 0, x => Row.Of(x)), 4)));
        Assert.Equal("[0=0 1=1 (…)=(…)]\n", Printer.File(Loot.ToRex(
            Tab.Of(Set.Of(0, 1, 2, 3), 0, 1, 2, 3), 5)));
    }

    [Fact]
    public void A_law_of_more_arguments_than_memory_holds_prints()
    {
        var law = Law.Make("f".Nat(), Nat.Of(1UL << 40), 5);
        Assert.IsType<RexNode>(Loot.ToRex(law));
    }
}

file static class Names
{
    public static Nat Nat(this string name) => Pallas.Values.Nat.OfText(name);
}
