using System.Numerics;
using Pallas.Eval;
using Pallas.Tests.Library;
using Pallas.Tests.Plan;
using Pallas.Values;
using Xunit;
using static Pallas.Tests.Plan.LawTerms;

namespace Pallas.Tests.Jets;

/// <summary>
/// Each row of the table of operations against the law of its jet: the same value, the same one of
/// two crashes, the same traces; in both tiers, in every position that has code of its own.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class OpTableTests
{
    private const int CallsPerLaw = 8;
    private const int CallsAsWritten = 24;

    private static readonly Value[] Words =
    [
        0, 1, 2, 3, 5, 31, 32, 33, 63, 64, 65, 255, uint.MaxValue, 1UL << 32, (1UL << 32) + 3,
        1UL << 63, ulong.MaxValue - 1, ulong.MaxValue,
    ];

    private static readonly Value[] OddValues =
    [
        Nat.Of(BigInteger.One << 64), Nat.Of((BigInteger.One << 64) + 5),
        Nat.Of((BigInteger.One << 200) - 1), JetCalls.K(1), JetCalls.R(), JetCalls.R(7, 8, 9),
        JetCalls.R(1, 2, 3, 4, 5), JetCalls.S(1, 2), JetCalls.T((1, 2)), JetCalls.B("ab"),
        Pin.Make(5), Law.Make(Nat.Of(3), Nat.Of(2), 1), new Cow(Nat.Of(2)),
    ];

    public static TheoryData<string> Names => new(OpTable.All.Select(op => op.Name));

    [Fact]
    public void Jets_of_one_row_evaluate_the_same_arguments_in_the_same_order()
    {
        foreach (var op in OpTable.All)
        {
            foreach (var jet in op.Jets)
            {
                Assert.Same(op, OpTable.Of(jet));
                Assert.Equal(op.Jets[0].Arity, jet.Arity);
                Assert.Equal(op.Jets[0].Force, jet.Force);
                Assert.Equal(op.Jets[0].Late, jet.Late);
                Assert.Equal(op.IsItem ? 1 : jet.Arity, op.Order.Length);
            }
        }
        Assert.Null(OpTable.Of(JetTable.All.Find("_Pow")));
    }

    [Fact]
    public void Every_row_has_the_code_that_its_kind_needs()
    {
        foreach (var op in OpTable.All)
        {
            Assert.Equal(op.Kind is OpKind.Word or OpKind.Order, op.Fast is not null);
            Assert.Equal(op.Kind == OpKind.Layout && op.Layout is null
                || op == OpTable.Inc || op == OpTable.Dec || op == OpTable.Not
                || op == OpTable.Bit, op.Slow is not null);
            Assert.True(op.Jets.Length > 0 || op == OpTable.Inc);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_row_answers_as_the_law_of_its_jet_does_in_every_tier(string name)
    {
        var op = OpTable.All.Single(row => row.Name == name);
        var others = JetTable.All.Without(op.Jets.Select(jet => jet.Name));
        foreach (var function in FunctionsOf(op))
        {
            var arity = function.Arity;
            var random = new Random(name.Length + arity);
            var comparedCount = 0;
            foreach (var (number, law) in Laws(function, arity, random).Index())
            {
                for (var i = 0; i < (number == 0 ? CallsAsWritten : CallsPerLaw); i++)
                {
                    // The first calls show which of several crashes wins, and the order of traces.
                    var makers = Enumerable.Range(0, arity)
                        .Select(at => Argument(random, i switch { 0 => 0, 1 => 1, _ => -1 }, at))
                        .ToArray();
                    Value[] Args(Evaluator evaluator) =>
                        [.. makers.Select(make => make(evaluator))];
                    TierRuns.CheckSame(i, law, Args, 0, 1 + (i % 3));
                    if (number == 0 && TierRuns.CheckAsWritten(i, law, Args, others))
                        comparedCount++;
                }
            }
            Assert.InRange(comparedCount, CallsAsWritten / 4, CallsAsWritten);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_row_is_total_gives_a_nat_and_grows_as_it_says(string name)
    {
        var op = OpTable.All.Single(row => row.Name == name);
        Value[] values = [.. Words, .. OddValues];
        var random = new Random(name.Length);
        var evaluator = new Evaluator(
            new EvalOptions { Jets = JetTable.All, NatBitsMax = 1 << 16 });
        foreach (var function in FunctionsOf(op))
        {
            for (var i = 0; i < 200; i++)
            {
                var args = Enumerable.Range(0, function.Arity)
                    .Select(_ => values[random.Next(values.Length)]).ToArray();
                var areWords = args.All(arg => arg is SmallNat);
                Value? value = null;
                var outcome = JetCalls.Outcome(() =>
                {
                    value = evaluator.Normalize(evaluator.Apply(function, args));
                    return "";
                });
                if (op.IsTotal && !op.IsLate || (op.IsCheapOnWords && areWords))
                    Assert.Equal("", outcome);
                if (op.GivesNat && value is not null)
                    Assert.IsType<Nat>(value, exactMatch: false);
                if (value is not Nat nat || !args.All(arg => arg is Nat))
                    continue;
                var bits = args.Select(arg => ((Nat)arg).BitLength).ToArray();
                if (op.Growth == Growth.Bounded)
                    Assert.InRange(nat.BitLength, 0, Math.Max(bits.Max(), 64) + 1);
                if (op.Growth == Growth.Product)
                    Assert.InRange(nat.BitLength, 0, bits.Sum());
            }
        }
    }

    /// <summary>The laws of the row's jets, or the opcode.</summary>
    private static IEnumerable<Value> FunctionsOf(Op op)
    {
        if (op == OpTable.Inc)
            return [Nat.Of(Opcode.Increment)];
        var laws = op.Jets.Select(jet => LoadedLibrary.Shared.Find(jet.Name)).OfType<Pin>()
            .Where(pin => JetTable.All.Match(pin) is { } jet && OpTable.Of(jet) == op);
        Assert.NotEmpty(laws);
        return laws;
    }

    /// <summary>Laws that call the function in each position that the compiler emits differently.
    /// </summary>
    private static IEnumerable<Value> Laws(Value function, int arity, Random random)
    {
        Value[] variables = [.. Enumerable.Range(1, arity).Select(at => (Value)(ulong)at)];
        Value Of(params Value[] args) => Call(Quote(function), args);
        Value Law(Value body) => MakeLaw((ulong)arity, body);

        // The value; a number of another operation; a condition, and its opposite.
        yield return Law(Of(variables));
        yield return Law(Call(Lib("_Add"), Of(variables), Quote(1)));
        yield return Law(If(Of(variables), Quote(7), Quote(8)));
        yield return Law(If(Call(Lib("_Not"), Of(variables)), Quote(7), Quote(8)));

        // Computed at once in lazy position where that is safe; a let that is used twice.
        yield return Law(RowOf(Of(variables), variables[0]));
        yield return Law(App.Make(
            1, Of([.. variables]), RowOf((ulong)(arity + 1), (ulong)(arity + 1))));

        // Arguments that are evaluated numbers by then.
        yield return Law(variables.Aggregate(
            Of(variables), (body, variable) => Call(
                Lib("_Seq"), Call(Lib("_Add"), variable, Quote(0)), body)));

        // Constants, small and not, in each place.
        foreach (var constant in (Value[])[0, 1, 31, 63, 64, 1UL << 32, OddValues[0], OddValues[3]])
        {
            var at = random.Next(arity);
            var args = (Value[])variables.Clone();
            args[at] = Quote(constant);
            yield return Law(Of(args));
        }

        // A function that is passed on, and called on numbers without objects.
        if (arity > 2)
            yield break;
        var partial = arity == 1 ? Quote(function) : Of(variables[0]);
        yield return Law(Call(
            Lib("_Map"), partial, RowOf([.. Enumerable.Repeat(variables[^1], 4)])));
        yield return Law(Call(Lib("_Gen"), Quote(5), partial));
    }

    /// <param name="kind">0 for a crash, 1 for a trace, negative for any.</param>
    private static Func<Evaluator, Value> Argument(Random random, int kind, int at)
    {
        var value = random.Next(3) == 0
            ? OddValues[random.Next(OddValues.Length)]
            : Words[random.Next(random.Next(3) == 0 ? Words.Length : 5)];
        return (kind < 0 ? random.Next(8) : kind) switch
        {
            0 => evaluator => evaluator.Delay(Nat.Of(9), Nat.Of((ulong)at)),
            1 => evaluator => evaluator.Delay(Named("_Trace"), Nat.Of(1000 + (ulong)at), value),
            2 => evaluator => evaluator.Delay(Named("_Add"), value, Nat.Zero),
            _ => _ => value,
        };
    }
}
