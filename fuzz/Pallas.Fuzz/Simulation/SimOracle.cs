using Pallas.Eval;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Store.Folder;
using Pallas.Store.Log;
using Pallas.Testing;
using Pallas.Values;

namespace Pallas.Fuzz.Simulation;

/// <summary>Something that must hold does not.</summary>
public sealed class SimViolation(string what) : Exception(what);

/// <summary>Follows the disk batch by batch from outside. It archives every record that was ever
/// durable, and replays it from the very first state.</summary>
internal sealed class SimOracle
{
    private readonly SimClock clock = new();
    private readonly Replayer replayer;
    private readonly HashSet<ulong> taken = [];
    private readonly Dictionary<CogId, List<ulong>> takenBy = [];
    private readonly HashSet<CogId> failed = [];
    private readonly Dictionary<string, int> traces = [];
    private StoreImage archive;
    private MachineState? state;
    private LogPosition at;

    /// <param name="first">The image of a machine that was just made.</param>
    public SimOracle(StoreImage first, JetTable jets)
    {
        archive = first;
        replayer = new Replayer(new Evaluator(TestEval.Plain with
        {
            Jets = jets,
            Trace = value => traces[KeyOf(value)] = traces.GetValueOrDefault(KeyOf(value)) + 1,
        }));
        CatchUp();
    }

    /// <summary>Where the durable log ends.</summary>
    public LogPosition Last => at;

    public long EventsCount { get; private set; }

    /// <summary>The ids of messages that durable events took.</summary>
    public IReadOnlySet<ulong> Taken => taken;

    /// <summary>The state after all that is durable.</summary>
    public MachineState State
    {
        get
        {
            CatchUp();
            return state!;
        }
    }

    /// <summary>A batch has become durable.</summary>
    public void Keep(StoreBatch batch) => archive = archive.With(batch, keepAll: true);

    /// <summary>An effect is about to be seen: the request for it must be durable.</summary>
    public void CheckCause(CogId cog, Value args)
    {
        var open = State.Find(cog) is CogState.Spinning spinning
            ? Requests.RowOf(spinning.Function)
            : [];
        var isThere = open.Any(value =>
            Requests.IsRequest(value)
            && Request.Read(value) is Request.Call call
            && Order.Equal(Row.Of(call.Args), args));
        if (!isThere)
            throw new SimViolation($"cog {cog} has an effect without a durable cause: {args}");
    }

    /// <summary>Before a trace is shown, durable events must have traced it that often.</summary>
    public void CheckTrace(Value value)
    {
        CatchUp();
        var key = KeyOf(value);
        var left = traces.GetValueOrDefault(key) - 1;
        if (left < 0)
            throw new SimViolation($"a trace without a durable cause: {value}");
        traces[key] = left;
    }

    /// <summary>A failure is about to be reported.</summary>
    public void CheckFailure(CogId cog)
    {
        CatchUp();
        if (!failed.Contains(cog))
            throw new SimViolation($"the failure of cog {cog} is reported and not durable");
    }

    /// <summary>A restart must find all durable records and no others.</summary>
    public void CheckLog(StoreImage image)
    {
        CatchUp();
        var entries = image[StoreSpace.Log];
        foreach (var entry in entries)
        {
            var kept = archive.Get(StoreSpace.Log, entry.Key);
            if (kept is null || !kept.AsSpan().SequenceEqual(entry.Value))
                throw new SimViolation("the log holds a record that was never committed");
        }
        using var store = MachineStore.Open(new SimStore(image, SimFaults.None(clock)));
        if (store.Log.Last != at)
            throw new SimViolation($"the log ends at {store.Log.Last}, not at {at}");
    }

    /// <summary>A recovered state must be that of a replay of everything durable.</summary>
    public void CheckState(MachineState recovered)
    {
        if (Fingerprint.Of(recovered) != Fingerprint.Of(State))
            throw new SimViolation($"the state after record {at.Number} is not what its log says");
    }

    /// <summary>An event took every message whose acknowledgement reached its client.</summary>
    public void CheckAcknowledged(IEnumerable<ulong> acknowledged)
    {
        CatchUp();
        foreach (var id in acknowledged)
        {
            if (!taken.Contains(id))
                throw new SimViolation($"message {id} was acknowledged and is lost");
        }
    }

    /// <summary>
    /// Cogs keep all their events: the messages in them must be those that the log says they took,
    /// in its order.
    /// </summary>
    public void CheckLedgers()
    {
        foreach (var (cog, ids) in takenBy)
        {
            if (SimCogs.HistoryOf(State.Find(cog)?.Function) is not { } history)
                continue;
            var kept = history.SelectMany(SimCogs.MessagesIn).ToArray();
            if (!ids.TakeLast(kept.Length).SequenceEqual(kept))
                throw new SimViolation($"cog {cog} does not have the messages that it took");
        }
    }

    private void CatchUp()
    {
        using var store = MachineStore.Open(new SimStore(archive, SimFaults.None(clock)));
        if (state is null)
        {
            var first = store.Snapshots.LoadFirst();
            at = first.Position;
            state = MachineState.Read(first.State)
                ?? throw new SimViolation("the first snapshot holds no machine");
        }
        if (store.Log.Last.Number == at.Number)
            return;
        foreach (var record in store.Log.Read(at))
        {
            var receipts = ((Row)record.Payload).ToArray().Select(Read).ToArray();
            state = replayer.Apply(state, receipts);
            at = record.Position;
            EventsCount += receipts.Length;
            foreach (var receipt in receipts)
                Note(receipt);
        }
    }

    private static Receipt Read(Value value) =>
        Receipt.Read(value) ?? throw new SimViolation($"no receipt: {value}");

    private void Note(Receipt receipt)
    {
        if (receipt is not Receipt.Ran ran)
        {
            failed.Add(receipt.Cog);
            return;
        }
        foreach (var item in ran.Items.Values)
        {
            if (item is not ReceiptItem.Given given)
                continue;
            if (SimCogs.MessageOf(given.Answer) is not { } id)
                continue;
            if (!taken.Add(id))
                throw new SimViolation($"message {id} was applied twice");
            if (!takenBy.TryGetValue(ran.Cog, out var ids))
                takenBy.Add(ran.Cog, ids = []);
            ids.Add(id);
        }
    }

    private static string KeyOf(Value value) => PlanText.Print(value);
}
