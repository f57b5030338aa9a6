using CsCheck;
using Pallas.Eval;
using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Store.Folder;
using Pallas.Store.Log;
using Pallas.Testing;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Machine;

/// <summary>
/// Generated machines, stopped at every point of their history: what was acknowledged is there,
/// nothing is seen before it is kept, and replaying gives what was lived.
/// </summary>
public sealed class RecoveryTests
{
    private const ulong CogsCount = 3;
    private const ulong HearsAnswered = 50;

    private static readonly Row LastRow = Row.Of(Cogs.Hear(99));

    private static readonly Gen<Value> AnyRequest = Gen.OneOf<Value>(
        Gen.Int[1, 9].Select(number => (Value)Cogs.Hear(number)),
        Gen.Int[1, 9].Select(number => (Value)Cogs.Hear(number)),
        Gen.Int[1, 9].Select(number => (Value)Cogs.Say(number)),
        Gen.Int[1, 9].Select(number => (Value)Row.Of("eval", 5, 3, number)),
        Gen.Int[5, 9].Select(number => (Value)Row.Of("eval", 5, number, "boom")),
        Gen.Const((Value)Row.Of("cog", "who")),
        Gen.Const((Value)Row.Of("cog", "spin", App.Make(Cogs.Once, Row.Of(Cogs.Hear(3))))),
        Gen.Const((Value)Row.Of("cog", "spin", App.Make(Cogs.Crash, Row.Of(Cogs.Hear(3))))),
        Gen.ULong[1, 6].Select(cog => (Value)Row.Of("cog", "ask", cog, 1, "question")),
        Gen.Const((Value)Row.Of("cog", "tell", 1, CogCallTests.Teller)),
        Gen.ULong[99, 104].Select(cog => (Value)Row.Of("cog", "reap", cog)),
        Gen.ULong[2, 103].Select(cog => (Value)Row.Of("cog", "stop", cog)),
        Gen.ULong[99, 104].Select(cog => (Value)Row.Of("cog", "wait", cog)),
        Gen.Const((Value)0));

    private static readonly Gen<Value[]> AnyMachine =
        AnyRequest.Array[1, 4].Array[1, 7].Array[(int)CogsCount].Select(cogs =>
            cogs.Select(rows => Cogs.Steps(
                [.. rows.Select(row => Row.Of([.. row, Cogs.Hear(10)])), LastRow])).ToArray());

    [Fact]
    public void Replay_recovers_the_live_state() =>
        AnyMachine.Sample(
            functions =>
            {
                var context = new MachineContext
                {
                    Options = TestEval.Options with { SnapshotEventsCount = 7 },
                };
                var rig = Rig.Open(Rig.MakeStore(functions), context, HearsAnswered);
                rig.WaitForRest();
                rig.Machine.StopAsync(snapshot: false).Wait();
                var lived = rig.LiveRoot();
                var left = rig.Store.Crash();
                return Order.Equal(lived, Rig.Recover(left))
                    && Order.Equal(lived, Rig.Recover(left, replayAll: true));
            },
            iter: 30,
            threads: 1);

    [Fact]
    public void A_failed_commit_shows_nothing_and_leaves_the_history_before_it() =>
        CheckFailures(afterKeeping: false);

    [Fact]
    public void A_durable_commit_without_acknowledgement_is_history() =>
        CheckFailures(afterKeeping: true);

    private static void CheckFailures(bool afterKeeping) =>
        Gen.Select(AnyMachine, Gen.Int[0, 6]).Sample(
            (functions, goodCount) =>
            {
                var store = Rig.MakeStore(functions);
                var allowed = new Allowance(store, goodCount, afterKeeping);
                var rig = Rig.Open(store, null, HearsAnswered);
                rig.WaitForRest();
                rig.Machine.StopAsync().Wait();
                var left = store.Crash();
                using var opened = MachineStore.Open(left);
                var records = opened.Log.Read(opened.Snapshots.LoadFirst().Position).ToArray();
                var expected = allowed.Failed && afterKeeping ? goodCount + 1 : allowed.Count;
                Assert.Equal(expected, records.Length);
                Assert.Equal(allowed.Failed, rig.Machine.Ended.Result.Failure is StoreError);
                var seen = rig.Device.Said.Count;
                var kept = SaysIn(functions, records.Take(allowed.Count));
                // A cog runs ahead of the disk and may withdraw an effect before it may start.
                Assert.InRange(seen, 0, kept);
                var again = Rig.Open(left, null, HearsAnswered);
                again.WaitForRest();
                again.Machine.StopAsync(snapshot: false).Wait();
                return Order.Equal(again.LiveRoot(), Rig.Recover(left.Crash(), replayAll: true));
            },
            iter: 15,
            threads: 1);

    /// <summary>How many effects the first state and some records of the log ask for.</summary>
    private static int SaysIn(Value[] functions, IEnumerable<LogRecord> records)
    {
        var state = MachineState.Empty;
        for (var i = 0; i < functions.Length; i++)
            state = state.With(new CogId((ulong)i + 1), CogState.Of(functions[i]));
        var replayer = new Replayer(new Evaluator(TestEval.Plain));
        var count = functions.Sum(
            function => Pallas.Machine.Requests.RowOf(function).Count(IsSay));
        foreach (var record in records)
        {
            var told = new ToldAnswers();
            foreach (var receipt in ((Row)record.Payload).ToArray().Select(Receipt.Read))
            {
                var function = receipt is Receipt.Ran ran
                    ? replayer.Run(state, ran, new Dictionary<int, Value>(), told)
                    : null;
                var after = Replayer.ApplyReceipt(state, receipt!, function);
                count += NewSays(state, receipt!, after);
                state = after;
            }
        }
        return count;
    }

    private static int NewSays(MachineState before, Receipt receipt, MachineState after)
    {
        if (receipt is not Receipt.Ran ran || after.Find(ran.Cog) is not CogState.Spinning now)
            return 0;
        var then = Pallas.Machine.Requests.RowOf(before.Find(ran.Cog)!.Function);
        var open = then.Select((value, slot) => (value, slot))
            .Where(each => Pallas.Machine.Requests.IsRequest(each.value))
            .ToDictionary(each => each.slot, each => each.value);
        return RequestDiff.Of(
                open,
                ran.Items.Keys.ToHashSet(),
                Pallas.Machine.Requests.RowOf(now.Function))
            .Issued.Count(each => IsSay(each.Value));
    }

    private static bool IsSay(Value value) =>
        value is Row { Count: 4 } row && Order.Equal(row[2], "say");

    /// <summary>Lets a number of commits be, and fails the next.</summary>
    private sealed class Allowance
    {
        private readonly int goodCount;

        public Allowance(MemoryStore store, int goodCount, bool afterKeeping)
        {
            this.goodCount = goodCount;
            if (afterKeeping)
                store.FailAfterCommit = Fail;
            else
                store.FailCommit = Fail;
        }

        /// <summary>Commits of the log that were acknowledged.</summary>
        public int Count { get; private set; }

        public bool Failed { get; private set; }

        private StoreError? Fail(StoreBatch batch)
        {
            if (batch.Changes.All(put => put.Space != StoreSpace.Log))
                return null;
            Failed = Count == goodCount;
            Count += Failed ? 0 : 1;
            return Failed ? new StoreError(StoreErrorKind.WriteFailed, "the disk failed") : null;
        }
    }
}
