using Pallas.Eval;
using Pallas.Values;
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
    public void Deep_programs_have_the_same_outcome_in_both_tiers_and_free_their_frames()
    {
        var ownEnds = new int[4];
        var (exitsCount, cutsCount, tracesCount) = (0, 0, 0);
        for (var seed = 0; seed < ProgramsCount; seed++)
        {
            var random = new Random(seed);
            var end = (DeepPrograms.End)(seed % 4);
            var law = new DeepPrograms(seed).Make(end);
            // Some leave the native stack though nothing makes them.
            var depthMax = seed < ProgramsCount - 4 ? 3_000 : 30_000;
            var depth = (SmallNat)Nat.Of((ulong)random.Next(depthMax / 2, depthMax));
            var interpreted = new Deep(Tier.Interpret, 0, random.Next());
            var expected = interpreted.Run(law, depth, Limit.None);
            tracesCount += expected.EndsWith(": ", StringComparison.Ordinal) ? 0 : 1;
            if (expected.StartsWith(StartOf(end), StringComparison.Ordinal))
                ownEnds[(int)end]++;
            else
                Assert.True(char.IsDigit(expected[0]), $"seed {seed}: {expected}");
            var every = 1 + (seed % 5);
            foreach (var (tier, unwindEvery) in new[]
            {
                (Tier.Compile, 0), (Tier.Compile, every), (Tier.Default, 0), (Tier.Default, every),
            })
            {
                var deep = new Deep(tier, unwindEvery, random.Next());
                var where =
                    $"seed {seed}, {tier}, at each {unwindEvery}, {end} below {depth.Word}";
                foreach (var limit in new[] { Limit.Fault, Limit.Interrupt, Limit.Fault })
                    cutsCount += IsCut(deep.Run(law, depth, limit)) ? 1 : 0;
                exitsCount += unwindEvery == 0 ? deep.ExitsCount : 0;
                var actual = deep.Run(law, depth, Limit.None);
                Assert.True(expected == actual, $"{where}: {law}\n{expected}\n{actual}");
                Assert.True(deep.IsAtRest, where);
            }
            var bounded = new Deep(Tier.Compile, 0, random.Next(), 2 + random.Next(5_000));
            bounded.Run(law, depth, Limit.None);
            Assert.True(bounded.IsAtRest, $"seed {seed}, bounded");
        }
        Assert.All(ownEnds, count => Assert.InRange(count, ProgramsCount / 8, ProgramsCount));
        Assert.InRange(tracesCount, 1, ProgramsCount);
        Assert.InRange(exitsCount, 1, int.MaxValue);
        Assert.InRange(cutsCount, 3 * ProgramsCount, int.MaxValue);
    }

    private static bool IsCut(string outcome) =>
        outcome.StartsWith("fault Timeout", StringComparison.Ordinal)
        || outcome.StartsWith("fault Interrupt", StringComparison.Ordinal);

    /// <summary>How a program ends that comes to its end; others give a number.</summary>
    private static string StartOf(DeepPrograms.End end) => end switch
    {
        DeepPrograms.End.Crash => "crash 9 ",
        DeepPrograms.End.Loop => "fault Loop",
        DeepPrograms.End.Endless => "fault Timeout",
        _ => "",
    };

    private enum Limit
    {
        None,

        /// <summary>A fault at one of the calls on the way.</summary>
        Fault,

        /// <summary>An interruption between two of them.</summary>
        Interrupt,
    }

    private sealed class Deep
    {
        private readonly Evaluator evaluator;
        private readonly Random random;
        private readonly List<string> traces = [];
        private Limit limit;
        private int pollsLeft = int.MaxValue;

        public Deep(Tier tier, int unwindEvery, int seed, int frameCountMax = 8 << 20)
        {
            random = new Random(seed);
            evaluator = new Evaluator(new EvalOptions
            {
                Jets = JetTable.All, Tier = tier, UnwindEvery = unwindEvery,
                DepthMax = frameCountMax,
                Trace = value => traces.Add(PlanText.Print(value)),
                Watch = Watch,
            });
        }

        public int ExitsCount => evaluator.Exit.Count;

        private void Watch()
        {
            // Each call is a poll then.
            if (limit != Limit.None)
                evaluator.RequestSample();
            if (--pollsLeft >= 0)
                return;
            if (limit == Limit.Interrupt)
                evaluator.Interrupt(FaultKind.Interrupt);
            else
                throw new MachineFault(FaultKind.Timeout, "out of polls");
        }

        /// <summary>Whether a small evaluation goes well, and nothing waits.</summary>
        public bool IsAtRest
        {
            get
            {
                (limit, pollsLeft) = (Limit.None, int.MaxValue);
                evaluator.Reset();
                var law = MakeLaw(1, If(1, Call(Quote(3), Call(0, Dec(1))), Quote(7)));
                return PlanText.Print(evaluator.Apply(law, Nat.Of(0))) == "7"
                    && evaluator.Stack.Count == 0 && evaluator.Exit.Floors.Count == 0
                    && !evaluator.IsUnwinding;
            }
        }

        public string Run(Value law, SmallNat depth, Limit howLong)
        {
            traces.Clear();
            evaluator.Reset();
            evaluator.RequestSample();

            // What is endless ends after so many polls.
            limit = howLong;
            pollsLeft = limit == Limit.None ? 30 : random.Next((int)depth.Word);
            var thunk = evaluator.Delay(law, depth);
            var first = Outcome(thunk);
            Assert.Equal(first, Outcome(thunk));
            return $"{first}: {string.Join(' ', traces)}";
        }

        private string Outcome(Value thunk) =>
            Jets.JetCalls.Outcome(() => PlanText.Print(evaluator.Normalize(thunk)));
    }
}
