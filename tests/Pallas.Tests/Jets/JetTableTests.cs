using Pallas.Plan;
using Xunit;

namespace Pallas.Tests.Jets;

/// <summary>Which laws have native code.</summary>
public sealed class JetTableTests
{
    /// <summary>The reference runs this law as it is written, in quadratic time.</summary>
    private const string OurOwn = "setFromRow";

    [Fact]
    public void Every_jet_answers_to_the_hash_of_the_reference_library()
    {
        var expected = Golden.Rows("jets.tsv").ToDictionary(row => row[0], row => row[1]);
        var jets = JetTable.All.Jets.Where(jet => jet.Name != OurOwn).ToArray();
        foreach (var jet in jets)
            Assert.Contains(expected[jet.Name], jet.Hashes);
        Assert.Equal(expected.Keys.Order(), jets.Select(jet => jet.Name).Order());
    }

    [Fact]
    public void Every_argument_that_a_jet_forces_exists()
    {
        foreach (var jet in JetTable.All.Jets)
            Assert.All(jet.Force, index => Assert.InRange(index, 1, jet.Arity));
    }

    [Fact]
    public void Jets_can_be_left_out_by_name()
    {
        var table = JetTable.All.Without("_Add", "no such jet");
        Assert.DoesNotContain(table.Jets, jet => jet.Name == "_Add");
        Assert.Equal(JetTable.All.Jets.Count - 1, table.Jets.Count);
        Assert.Equal(["_Sub"], JetTable.All.Only("_Sub").Jets.Select(jet => jet.Name));
    }

    [Fact]
    public void A_law_with_the_name_of_a_jet_and_another_hash_is_told()
    {
        var impostor = Pin.Make(Law.Make(Nat.OfText("_Add"), Nat.Of(2), 1));
        Assert.Null(JetTable.All.Match(impostor));
        Assert.True(JetTable.All.IsMismatch(impostor));
        Assert.False(JetTable.All.IsMismatch(Pin.Make(7)));
        Assert.False(JetTable.All.IsMismatch(Pin.Make(Law.Make(Nat.OfText("x"), Nat.One, 1))));
    }
}
