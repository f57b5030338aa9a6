using Pallas.Eval;
using Pallas.Values;
using Xunit;
using static Pallas.Tests.Plan.LawTerms;

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

    [Theory]
    [InlineData(0, new byte[0], "the jet _Planted has 0 arguments; give it 1 to 3")]
    [InlineData(4, new byte[0], "the jet _Planted has 4 arguments; give it 1 to 3")]
    [InlineData(2, new byte[] { 3 },
        "the jet _Planted evaluates the arguments 3 of 2; name each at most once")]
    [InlineData(2, new byte[] { 1, 1 },
        "the jet _Planted evaluates the arguments 1 1 of 2; name each at most once")]
    public void A_table_refuses_a_jet_that_compiled_code_cannot_call(
        int arity, byte[] force, string message)
    {
        var jet = new Jet
        {
            Name = "_Planted", Arity = arity, Force = force, Hashes = [],
        };
        var error = Assert.Throws<InvalidOperationException>(() => new JetTable([jet]));
        Assert.Equal(message, error.Message);
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
    public void A_law_with_the_name_of_a_jet_and_another_hash_is_a_mismatch()
    {
        var impostor = Pin.Make(Law.Make(Nat.OfText("_Add"), Nat.Of(2), 1));
        Assert.Null(JetTable.All.Match(impostor));
        Assert.True(JetTable.All.IsMismatch(impostor));
        Assert.False(JetTable.All.IsMismatch(Pin.Make(7)));
        Assert.False(JetTable.All.IsMismatch(Pin.Make(Law.Make(Nat.OfText("x"), Nat.One, 1))));
    }

    [Theory]
    [InlineData(Tier.Interpret)]
    [InlineData(Tier.Default)]
    [InlineData(Tier.Compile)]
    public void A_mismatch_is_reported_when_the_law_runs_and_not_when_it_is_inspected(Tier tier)
    {
        var (evaluator, reported, law) = Impostor(tier, isFatal: false);
        for (var i = 0; i < 5_000; i++)
            Assert.Equal("7", PlanText.Print(evaluator.Apply(law, Nat.Of(1))));
        Assert.Empty(reported);
        for (var i = 0; i < 5_000; i++)
            Assert.Equal("0", PlanText.Print(evaluator.Apply(law, Nat.Of(0))));
        Assert.Equal(["_Add"], reported.Select(pin => ((Law)pin.Item).Name.ToText()));
    }

    [Theory]
    [InlineData(Tier.Interpret)]
    [InlineData(Tier.Compile)]
    public void A_fatal_mismatch_ends_each_evaluation_that_runs_the_law(Tier tier)
    {
        var (evaluator, _, law) = Impostor(tier, isFatal: true);
        Assert.Equal("7", PlanText.Print(evaluator.Apply(law, Nat.Of(1))));
        for (var i = 0; i < 3; i++)
        {
            var fault = Assert.Throws<MachineFault>(() => evaluator.Apply(law, Nat.Of(0)));
            Assert.Equal(FaultKind.Jet, fault.Kind);
        }
        Assert.Equal("7", PlanText.Print(evaluator.Apply(law, Nat.Of(1))));
    }

    /// <summary><c>f n = if n 7 (_Add n n)</c>, where that is small and another law.</summary>
    private static (Evaluator Evaluator, List<Pin> Reported, Value Law) Impostor(
        Tier tier, bool isFatal)
    {
        var reported = new List<Pin>();
        var table = JetTable.All.Watched(
            pin =>
            {
                reported.Add(pin);
                if (isFatal)
                    throw new MachineFault(FaultKind.Jet, "another law");
            },
            null);
        var impostor = Pin.Make(Law.Make(Nat.OfText("_Add"), Nat.Of(2), 1));
        var law = MakeLaw(1, If(1, Quote(7), Call(Quote(impostor), 1, 1)));
        return (new Evaluator(new EvalOptions { Jets = table, Tier = tier }), reported, law);
    }
}
