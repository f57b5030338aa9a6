using Pallas.Store;
using Pallas.Store.Folder;
using Pallas.Store.Log;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>Computes the state at the end of the log: a snapshot, and the replay of the log after
/// it.</summary>
/// <remarks>
/// A snapshot is a shortcut: if the newest cannot be read, an older one and the longer log behind
/// it give the same state. No snapshot repairs damage in the log itself. Recovery writes nothing.
/// </remarks>
internal sealed class Recovery
{
    private readonly MachineStore store;
    private readonly MachineContext context;
    private readonly Action<MachineState>? loaded;

    private Recovery(
        MachineStore store, MachineContext context, Action<MachineState>? loaded)
    {
        this.store = store;
        this.context = context;
        this.loaded = loaded;
    }

    /// <summary>Replays without traces, effects and limits of time.</summary>
    /// <param name="unusable">Gets the snapshots that cannot be read, the newest first.</param>
    /// <param name="loaded">Gets the state of a snapshot before the log is replayed.</param>
    /// <returns>The state, with the counts of what was replayed.</returns>
    /// <exception cref="StoreError">The store is damaged.</exception>
    /// <exception cref="ReplayError">The log cannot be replayed.</exception>
    public static DurablePoint Run(
        MachineStore store, MachineContext context,
        ICollection<UnusableSnapshot>? unusable = null, Action<MachineState>? loaded = null)
    {
        DurablePoint? point = null;
        context.Scheduler.Run(
            MachineFolder.StackBytes,
            () => point = new Recovery(store, context, loaded).Find(unusable ?? []));
        Invariant.Check(point is not null, "a recovery ends with a state or an exception");
        return point;
    }

    private DurablePoint Find(ICollection<UnusableSnapshot> unusable)
    {
        StoreError? newest = null;
        var numbers = store.Snapshots.Numbers();
        for (var i = 1; i < numbers.Length; i++)
        {
            Invariant.Check(
                numbers[i - 1] < numbers[i],
                $"snapshot {numbers[i]} comes after snapshot {numbers[i - 1]}");
        }
        foreach (var number in context.Options.ReplayAll ? numbers.Take(1) : numbers.Reverse())
        {
            try
            {
                var point = From(number);
                if (newest is not null)
                {
                    context.Message?.Invoke(
                        $"warning: {newest.Message}; the snapshot after record {number} and the "
                            + "log behind it were used instead, and nothing is missing");
                }
                return point;
            }
            catch (SnapshotDamage damage)
            {
                newest ??= damage.Error;
                unusable.Add(new UnusableSnapshot(number, damage.Error.Message));
            }
        }
        if (newest is null || unusable.Count == 1)
            throw newest ?? StoreError.Damaged("there is no snapshot");
        throw new StoreError(
            StoreErrorKind.Damaged,
            $"{newest.Message}, and none of the {unusable.Count} snapshots can be used\n"
                + "hint: pallas check shows all that is wrong; pallas restore makes a machine of "
                + "a backup",
            newest);
    }

    /// <exception cref="SnapshotDamage">The snapshot cannot be read, or a part of the state that it
    /// refers to.</exception>
    private DurablePoint From(ulong number)
    {
        var isReadingLog = false;
        try
        {
            var snapshot = store.Snapshots.Load(number);
            Invariant.Check(
                snapshot.Position.Number == number,
                $"snapshot {number} is of record {snapshot.Position.Number}");
            var state = MachineState.Of(snapshot);
            loaded?.Invoke(state);
            var replayer = Replayer.Unlimited(context.Options.Evaluation);
            var (recordsCount, eventsCount, recordsBytes) = (0ul, 0L, 0L);
            using var records = ReadRecords(snapshot.Position).GetEnumerator();
            while (true)
            {
                isReadingLog = true;
                if (!records.MoveNext())
                    break;
                isReadingLog = false;
                var record = records.Current;
                state = replayer.Apply(state, record.Receipts);
                recordsCount++;
                eventsCount += record.Receipts.Length;
                recordsBytes += record.BytesCount;
            }
            Invariant.Check(
                snapshot.Position.Number + recordsCount == store.Log.Last.Number,
                $"{recordsCount} records lead from {snapshot.Position.Number} to the log's end, "
                    + $"{store.Log.Last.Number}");
            return new DurablePoint(
                store.Log.Last, state, eventsCount, recordsBytes,
                snapshot.LogBytes + recordsBytes);
        }
        catch (StoreError error) when (error.Kind == StoreErrorKind.Damaged && !isReadingLog)
        {
            throw new SnapshotDamage(error);
        }
    }

    /// <summary>Reads, checks and decodes records while earlier ones are replayed.</summary>
    private IEnumerable<ReadRecord> ReadRecords(LogPosition after)
    {
        var records = store.Log.Read(after).Select(
            record => new ReadRecord(Receipt.ReadAll(record), record.BytesCount));
        return context.Scheduler.MayUseThreads ? ReadAhead.Of(records) : records;
    }

    private sealed record ReadRecord(Receipt[] Receipts, int BytesCount);

    private sealed class SnapshotDamage(StoreError error) : Exception(error.Message, error)
    {
        public StoreError Error { get; } = error;
    }
}
