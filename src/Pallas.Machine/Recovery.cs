using Pallas.Store;
using Pallas.Store.Folder;
using Pallas.Store.Log;

namespace Pallas.Machine;

/// <summary>The state at the end of the log: a snapshot, and what was logged after it.</summary>
/// <remarks>
/// A snapshot is a shortcut: where the newest cannot be read, an older one and the longer log
/// behind it come to the same state. What is damaged in the log itself no snapshot can make good.
/// Nothing is written here.
/// </remarks>
internal sealed class Recovery
{
    private readonly MachineStore store;
    private readonly MachineOptions options;
    private readonly Action<MachineState>? loaded;

    private Recovery(
        MachineStore store, MachineOptions options, Action<MachineState>? loaded)
    {
        this.store = store;
        this.options = options;
        this.loaded = loaded;
    }

    /// <summary>Silent: no trace, no effect, no limit of time.</summary>
    /// <param name="unusable">Gets the snapshots that cannot be read, the newest first.</param>
    /// <param name="loaded">Gets the state of a snapshot before the log is replayed.</param>
    /// <returns>In which <see cref="DurablePoint.EventsCount"/> and
    /// <see cref="DurablePoint.LogBytes"/> are what was replayed.</returns>
    /// <exception cref="StoreError">The store is damaged.</exception>
    /// <exception cref="ReplayError">The log cannot be replayed.</exception>
    public static DurablePoint Run(
        MachineStore store, MachineOptions options,
        ICollection<UnusableSnapshot>? unusable = null, Action<MachineState>? loaded = null)
    {
        DurablePoint? point = null;
        options.Scheduler.Run(
            MachineFolder.StackBytes,
            () => point = new Recovery(store, options, loaded).Find(unusable ?? []));
        return point!;
    }

    private DurablePoint Find(ICollection<UnusableSnapshot> unusable)
    {
        StoreError? newest = null;
        var numbers = store.Snapshots.Numbers();
        foreach (var number in options.ReplayAll ? numbers.Take(1) : numbers.Reverse())
        {
            try
            {
                var point = From(number);
                if (newest is not null)
                {
                    options.Message?.Invoke(
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

    /// <exception cref="SnapshotDamage">It cannot be read, or what stands on it.</exception>
    private DurablePoint From(ulong number)
    {
        var isReadingLog = false;
        try
        {
            var snapshot = store.Snapshots.Load(number);
            var state = MachineState.Of(snapshot);
            loaded?.Invoke(state);
            var replayer = Replayer.Unlimited(options);
            var (eventsCount, recordsBytes) = (0L, 0L);
            using var records = ReadRecords(snapshot.Position).GetEnumerator();
            while (true)
            {
                isReadingLog = true;
                if (!records.MoveNext())
                    break;
                isReadingLog = false;
                var record = records.Current;
                state = replayer.Apply(state, record.Receipts);
                eventsCount += record.Receipts.Length;
                recordsBytes += record.BytesCount;
            }
            return new DurablePoint(
                store.Log.Last, state, eventsCount, recordsBytes,
                snapshot.LogBytes + recordsBytes);
        }
        catch (StoreError error) when (error.Kind == StoreErrorKind.Damaged && !isReadingLog)
        {
            throw new SnapshotDamage(error);
        }
    }

    /// <summary>Reads, checks and decodes records beside the replay of those before.</summary>
    private IEnumerable<ReadRecord> ReadRecords(LogPosition after)
    {
        var records = store.Log.Read(after).Select(
            record => new ReadRecord(Receipt.ReadAll(record), record.BytesCount));
        return options.Scheduler.MayUseThreads ? ReadAhead.Of(records) : records;
    }

    private sealed record ReadRecord(Receipt[] Receipts, int BytesCount);

    private sealed class SnapshotDamage(StoreError error) : Exception(error.Message, error)
    {
        public StoreError Error { get; } = error;
    }
}
