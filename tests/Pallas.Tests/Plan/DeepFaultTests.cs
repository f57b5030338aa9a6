using Pallas.Plan;
using Xunit;
using static Pallas.Tests.Plan.LawTerms;

namespace Pallas.Tests.Plan;

/// <summary>Deep recursion that ends well, in a crash, or in a fault somewhere on its way: the
/// evaluator goes on as if nothing had been.</summary>
[Collection(AloneCollection.Name)]
public sealed class DeepFaultTests
{
    private const int ProgramsCount = 16;

    [Fact]
    public void Deep_programs_end_the_same_in_both_tiers_and_leave_nothing_behind() =>
        CheckAll(0, ProgramsCount, 3_000);

    internal static void CheckAll(int from, int to, int depthMax)
    {
        for (var seed = from; seed < to; seed++)
        {
            var random = new Random(seed);
            var end = (DeepPrograms.End)random.Next(4);
            var law = new DeepPrograms(seed).Make(end);
            var depth = Nat.Of((ulong)random.Next(1, depthMax));
            var interpreted = new Deep(Tier.Interpret, 0, random.Next());
            var expected = interpreted.Run(law, depth, Limit.None);
            foreach (var (tier, unwindEvery) in
                new[] { (Tier.Compile, 0), (Tier.Compile, 1 + (seed % 5)), (Tier.Default, 0) })
            {
                var deep = new Deep(tier, unwindEvery, random.Next());
                var where =
                    $"seed {seed}, {tier}, at each {unwindEvery}, {end} below {depth.Word}";
                deep.Run(law, depth, Limit.Polls);
                deep.Run(law, depth, Limit.Interrupt);
                var actual = deep.Run(law, depth, Limit.None);
                Assert.True(expected == actual, $"{where}: {law}\n{expected}\n{actual}");
                Assert.True(deep.IsAtRest, where);
            }
            var bounded = new Deep(Tier.Compile, 0, random.Next(), 2 + random.Next(5_000));
            bounded.Run(law, depth, Limit.None);
            Assert.True(bounded.IsAtRest, $"seed {seed}, bounded");
        }
    }

    private enum Limit
    {
        None,

        /// <summary>A fault at one of the next polls.</summary>
        Polls,

        /// <summary>An interruption that is there from the beginning.</summary>
        Interrupt,
    }

    private sealed class Deep
    {
        private readonly Evaluator evaluator;
        private readonly Random random;
        private readonly List<string> traces = [];
        private int pollsLeft = int.MaxValue;

        public Deep(Tier tier, int unwindEvery, int seed, int frameCountMax = 8 << 20)
        {
            random = new Random(seed);
            evaluator = new Evaluator(new EvalOptions
            {
                Jets = JetTable.All, Tier = tier, UnwindEvery = unwindEvery,
                DepthMax = frameCountMax,
                Trace = value => traces.Add(PlanText.Print(value)),
                Watch = () =>
                {
                    if (--pollsLeft < 0)
                        throw new MachineFault(FaultKind.Timeout, "out of polls");
                },
            });
        }

        /// <summary>Whether a small evaluation goes well, and nothing waits.</summary>
        public bool IsAtRest
        {
            get
            {
                pollsLeft = int.MaxValue;
                evaluator.Reset();
                var law = MakeLaw(1, If(1, Call(Quote(3), Call(0, Dec(1))), Quote(7)));
                return PlanText.Print(evaluator.Apply(law, Nat.Of(0))) == "7"
                    && evaluator.Stack.Count == 0 && evaluator.Exit.Floors.Count == 0
                    && !evaluator.IsUnwinding;
            }
        }

        public string Run(Value law, Nat depth, Limit limit)
        {
            traces.Clear();
            evaluator.Reset();
            evaluator.RequestSample();

            // What is endless ends after so many polls.
            pollsLeft = limit == Limit.Polls ? random.Next(4) : 30;
            if (limit == Limit.Interrupt)
                evaluator.Interrupt(FaultKind.Interrupt);
            var thunk = evaluator.Delay(law, depth);
            var first = Outcome(thunk);
            Assert.Equal(first, Outcome(thunk));
            return $"{first}: {string.Join(' ', traces)}";
        }

        private string Outcome(Value thunk) =>
            Jets.JetCalls.Outcome(() => PlanText.Print(evaluator.Normalize(thunk)));
    }
}
