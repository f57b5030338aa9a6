using Pallas.Store.Folder;
using Pallas.Store.Log;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>What one event wants to be kept, and what may happen once it is.</summary>
/// <param name="Receipts">None where only the effects wait for all before them.</param>
/// <param name="After">The machine's state after the receipts.</param>
/// <param name="Effects">Run in order after the commit, on the writer's thread.</param>
internal sealed record Commit(
    IReadOnlyList<Receipt> Receipts, MachineState After, IReadOnlyList<Action> Effects);

/// <summary>A state that is on disk.</summary>
/// <param name="EventsCount">Receipts that were committed since the machine started.</param>
/// <param name="LogBytes">Bytes of log that were committed since the machine started.</param>
/// <param name="LogBytesTotal">Bytes of log from the machine's beginning on.</param>
internal sealed record DurablePoint(
    LogPosition Position, MachineState State, long EventsCount, long LogBytes,
    long LogBytesTotal);

/// <summary>The one writer: what is queued when it turns to the disk is kept by one sync.</summary>
/// <remarks>
/// The order of the queue is the order of the log. An effect runs after the record that holds its
/// event is durable, or never: a failed commit ends the machine and drops what is queued.
/// </remarks>
internal sealed class CommitWriter
{
    private const int RecordReceiptsMax = 1 << 10;
    private const int StackBytes = 16 << 20;

    private readonly Lock gate = new();
    private readonly Queue<Commit> queue = new();
    private readonly MachineMeter? meter;
    private readonly Queue<Action> effects = new();
    private readonly MachineStore store;
    private readonly Action<DurablePoint> committed;
    private readonly Action<Exception> fail;
    private readonly WorkPool pool;
    private readonly ILane lane;
    private readonly int queuedMax;
    private readonly bool effectsFirst;
    private DurablePoint durable;
    private long queuedAt;
    private bool full;
    private bool failed;

    /// <param name="pool">Held back while the disk is far behind the events.</param>
    public CommitWriter(
        MachineStore store, MachineOptions options, DurablePoint start, WorkPool pool,
        Action<DurablePoint> committed, Action<Exception> fail)
    {
        this.store = store;
        this.pool = pool;
        queuedMax = options.CommitsQueuedMax;
        effectsFirst = options.EffectsFirst;
        meter = options.Meter;
        this.committed = committed;
        this.fail = fail;
        durable = start with { EventsCount = 0, LogBytes = 0 };
        lane = options.Scheduler.Start("commit", StackBytes, Step);
    }

    /// <summary>The last state that is on disk.</summary>
    public DurablePoint Durable
    {
        get => Volatile.Read(ref durable);
        private set => Volatile.Write(ref durable, value);
    }

    public void Enqueue(Commit commit)
    {
        lock (gate)
        {
            if (failed)
                return;
            queue.Enqueue(commit);
            if (queue.Count == 1)
                queuedAt = meter?.Now() ?? 0;
            SetFull(queue.Count > queuedMax);
            if (queue.Count == 1)
                lane.Wake();
        }
    }

    /// <summary>How many commits wait for the disk.</summary>
    public int QueuedCount
    {
        get
        {
            lock (gate)
                return queue.Count;
        }
    }

    /// <summary>Commits what is queued, runs its effects, and ends.</summary>
    public void Close() => lane.Close();

    /// <summary>Releases one effect, or keeps what is queued.</summary>
    private bool Step()
    {
        try
        {
            if (effects.TryDequeue(out var effect))
            {
                effect();
                return true;
            }
            if (Take(out var oldestAt) is not { } commits)
                return false;
            if (effectsFirst)
                Release(commits);
            Keep(commits, oldestAt);
            if (!effectsFirst)
                Release(commits);
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

    private void Release(List<Commit> commits)
    {
        foreach (var each in commits.SelectMany(commit => commit.Effects))
        {
            if (effectsFirst)
                each();
            else
                effects.Enqueue(each);
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

    /// <param name="oldestAt">When the first of them was queued.</param>
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
            SetFull(queue.Count > queuedMax);
            return taken;
        }
    }

    private void Keep(List<Commit> commits, long oldestAt)
    {
        Value[] receipts =
            [.. commits.SelectMany(commit => commit.Receipts, (_, receipt) => receipt.ToValue())];
        if (receipts.Length == 0)
            return;
        using var span = MachineMeter.Span("commit");
        span?.SetTag("pallas.events", receipts.Length);
        var record = store.Append(Row.Of(receipts));
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
