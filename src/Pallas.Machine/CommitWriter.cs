using Pallas.Store.Folder;
using Pallas.Store.Log;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>The receipts of an event, and its effects, which wait until the receipts are durable.
/// </summary>
/// <param name="Receipts">Empty if the effects only wait for the commits before them.</param>
/// <param name="After">The machine's state after the receipts.</param>
/// <param name="Effects">In order.</param>
internal sealed record Commit(
    IReadOnlyList<Receipt> Receipts, MachineState After, IReadOnlyList<Effect> Effects)
{
    /// <summary>The event, and the event of the ask that it answers.</summary>
    public const int ReceiptsMax = 2;

    /// <summary>The commit as text, a line for each receipt and effect.</summary>
    public IEnumerable<string> ToLines() =>
    [
        .. Receipts.Select(each => $"receipt of cog {each.Cog}: {PlanText.Print(each.ToValue())}"),
        .. Effects.Select(each => $"effect: {each}"),
    ];
}

/// <summary>A state that is on disk.</summary>
/// <param name="EventsCount">Receipts that were committed since the machine started.</param>
/// <param name="LogBytes">Bytes of log that were committed since the machine started.</param>
/// <param name="LogBytesTotal">Bytes of log since the machine was made.</param>
internal sealed record DurablePoint(
    LogPosition Position, MachineState State, long EventsCount, long LogBytes,
    long LogBytesTotal);

/// <summary>The only writer of the log. One sync makes all waiting commits durable.</summary>
/// <remarks>
/// The order of the queue is the order of the log. An effect runs after the record that holds its
/// event is durable, or never: a commit that fails ends the machine and drops the queue.
/// </remarks>
internal sealed class CommitWriter
{
    private const int RecordReceiptsMax = 1 << 10;
    private const int StackBytes = 16 << 20;

    private readonly Lock gate = new();
    private readonly Queue<Commit> queue = new();
    private readonly MachineMeter? meter;
    private readonly Queue<Effect> effects = new();
    private readonly EffectInterpreter interpreter;
    private readonly MachineStore store;
    private readonly Action<DurablePoint> committed;
    private readonly Action<Commit>? committedEach;
    private readonly Action<Exception> fail;
    private readonly WorkPool pool;
    private readonly ILane lane;
    private readonly int queuedMax;
    private DurablePoint durable;
    private long queuedAt;
    private ulong effectsOf;
    private bool isClosed;
    private bool full;
    private bool failed;

    /// <param name="pool">Held while the disk is far behind the events.</param>
    public CommitWriter(
        MachineStore store, MachineContext context, DurablePoint start, WorkPool pool,
        EffectInterpreter interpreter, Action<DurablePoint> committed, Action<Exception> fail)
    {
        this.store = store;
        this.pool = pool;
        queuedMax = context.Options.CommitsQueuedMax;
        meter = context.Meter;
        this.interpreter = interpreter;
        this.committed = committed;
        committedEach = context.Committed;
        this.fail = fail;
        durable = start with { EventsCount = 0, LogBytes = 0 };
        effectsOf = start.Position.Number;
        lane = context.Scheduler.Start("commit", StackBytes, Step);
    }

    /// <summary>The last state that is on disk.</summary>
    public DurablePoint Durable
    {
        get => Volatile.Read(ref durable);
        private set => Volatile.Write(ref durable, value);
    }

    public void Enqueue(Commit commit)
    {
        Invariant.Check(
            commit.Receipts.Count <= Commit.ReceiptsMax,
            $"{commit.Receipts.Count} receipts are of one event");
        foreach (var receipt in commit.Receipts)
        {
            Invariant.Check(
                receipt is not Receipt.Ran { Items.Count: 0 },
                $"an event of cog {receipt.Cog} answers something");
            Invariant.Check(
                receipt is Receipt.Ran or Receipt.Crashed or Receipt.TimedOut,
                $"a running machine writes no {receipt.GetType().Name} of an operator");
        }
        lock (gate)
        {
            Invariant.Check(!isClosed, "the loop has stopped before the writer is closed");
            if (failed)
                return;
            queue.Enqueue(commit);
            if (queue.Count == 1)
                queuedAt = meter?.Now() ?? 0;
            SetFull(queue.Count > queuedMax);
            Invariant.Check(
                full == queue.Count > queuedMax, $"{queue.Count} commits wait, of {queuedMax}");
            if (queue.Count == 1)
                lane.Wake();
        }
    }

    /// <summary>The number of commits that wait for the disk.</summary>
    public int QueuedCount
    {
        get
        {
            lock (gate)
                return queue.Count;
        }
    }

    /// <summary>Commits the queue, runs its effects, and ends.</summary>
    public void Close()
    {
        lane.Close();
        lock (gate)
        {
            Invariant.Check(failed || queue.Count == 0, $"{queue.Count} commits are left");
            isClosed = true;
        }
        Invariant.Check(effects.Count == 0, $"{effects.Count} effects are left");
    }

    /// <summary>Runs one effect, or makes the queue durable.</summary>
    private bool Step()
    {
        try
        {
            if (effects.TryDequeue(out var effect))
            {
                Invariant.Check(
                    store.Log.Last.Number == effectsOf && Durable.Position.Number == effectsOf,
                    $"the effects of record {effectsOf} run when it is the last on disk");
                interpreter.Run(effect);
                return true;
            }
            if (Take(out var oldestAt) is not { } commits)
                return false;
            Write(commits, oldestAt);
            effectsOf = Durable.Position.Number;
            if (committedEach is not null)
                commits.ForEach(committedEach);
            foreach (var each in commits.SelectMany(commit => commit.Effects))
                effects.Enqueue(each);
            return true;
        }
        catch (Exception error)
        {
            lock (gate)
            {
                failed = true;
                queue.Clear();
                SetFull(false);
            }
            effects.Clear();
            fail(error);
            return false;
        }
    }

    private void SetFull(bool value)
    {
        if (value == full)
            return;
        full = value;
        if (value)
            pool.Hold();
        else
            pool.Release();
    }

    /// <param name="oldestAt">The time at which the first of them was queued.</param>
    private List<Commit>? Take(out long oldestAt)
    {
        lock (gate)
        {
            oldestAt = queuedAt;
            queuedAt = meter?.Now() ?? 0;
            if (queue.Count == 0)
                return null;
            var taken = new List<Commit>();
            var receiptsCount = 0;
            while (receiptsCount < RecordReceiptsMax && queue.TryDequeue(out var commit))
            {
                taken.Add(commit);
                receiptsCount += commit.Receipts.Count;
            }
            Invariant.Check(taken.Count > 0, "a queue that is not empty gives a commit");
            SetFull(queue.Count > queuedMax);
            return taken;
        }
    }

    private void Write(List<Commit> commits, long oldestAt)
    {
        Invariant.Check(effects.Count == 0, "effects run before the next record is written");
        Value[] receipts =
            [.. commits.SelectMany(commit => commit.Receipts, (_, receipt) => receipt.ToValue())];
        if (receipts.Length == 0)
            return;
        Invariant.Check(
            receipts.Length < RecordReceiptsMax + Commit.ReceiptsMax,
            $"{receipts.Length} receipts are in one record");
        Invariant.Check(
            store.Log.Last == Durable.Position,
            $"the log ends at record {store.Log.Last.Number}, after {Durable.Position.Number}");
        using var span = MachineMeter.Span("commit");
        span?.SetTag("pallas.events", receipts.Length);
        var record = store.Append(Row.Of(receipts));
        Invariant.Check(
            record.Position.Number == Durable.Position.Number + 1,
            $"record {record.Position.Number} is next after {Durable.Position.Number}");
        Invariant.Check(record.BytesCount > 0, "a record takes bytes of the log");
        meter?.Commit(receipts.Length, record.BytesCount, oldestAt);
        Durable = new DurablePoint(
            record.Position,
            commits[^1].After,
            Durable.EventsCount + receipts.Length,
            Durable.LogBytes + record.BytesCount,
            Durable.LogBytesTotal + record.BytesCount);
        committed(Durable);
    }
}
