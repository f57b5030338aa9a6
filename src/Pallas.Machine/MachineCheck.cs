using Pallas.Store;
using Pallas.Store.Backup;
using Pallas.Store.Folder;
using Pallas.Store.Snapshots;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>The result of a check of a whole store.</summary>
/// <param name="Problems">The problems, one line each; at most
/// <see cref="MachineCheck.ProblemsMax"/>.</param>
/// <param name="Replayed">Whether the log was replayed and each snapshot compared with it.</param>
public sealed record CheckReport(
    long PinsCount, long ChunksCount, long RecordsCount, long EventsCount, long SnapshotsCount,
    bool Replayed, IReadOnlyList<string> Problems);

/// <summary>Reads all that a machine has stored and verifies every checksum, hash, link and
/// reference, and that log and snapshots hold a machine.</summary>
public sealed class MachineCheck
{
    public const int ProblemsMax = 100;

    private readonly MachineView view;
    private readonly List<string> problems = [];
    private readonly List<SnapshotEntry> snapshots = [];
    private long eventsCount;

    private MachineCheck(MachineView view) => this.view = view;

    /// <param name="replay">Also replay the log from the oldest snapshot: each later snapshot must
    /// equal the replayed state.</param>
    public static CheckReport Run(MachineView view, MachineContext context, bool replay)
    {
        var check = new MachineCheck(view);
        var contents = StoreCheck.Run(view.Reader, check.Say);
        check.Try(() => check.snapshots.AddRange(view.Snapshots.List()));
        if (check.problems.Count == 0)
            check.Try(check.CheckLog);
        foreach (var entry in check.snapshots)
            check.Try(() => check.StateOf(entry));
        var canReplay = replay && check.problems.Count == 0;
        if (canReplay)
        {
            context.Scheduler.Run(
                MachineFolder.StackBytes, () => check.Try(() => check.CheckReplay(context)));
        }
        return new CheckReport(
            contents.PinsCount, contents.ChunksCount, contents.RecordsCount, check.eventsCount,
            contents.SnapshotsCount, canReplay, check.problems);
    }

    private void CheckLog()
    {
        var rest = new Queue<SnapshotEntry>(snapshots.Skip(1));
        foreach (var record in view.Log.Read(snapshots[0].Position))
        {
            Try(() => eventsCount += Receipt.ReadAll(record).Length);
            if (!rest.TryPeek(out var next) || next.Position.Number != record.Position.Number)
                continue;
            if (rest.Dequeue().Position.Hash != record.Position.Hash)
                Say($"the snapshot after record {next.Position.Number} is of another log");
        }
        foreach (var entry in rest)
            Say($"the snapshot after record {entry.Position.Number} is ahead of the log");
    }

    private void CheckReplay(MachineContext context)
    {
        var state = StateOf(snapshots[0]);
        var replayer = Replayer.Unlimited(context.Options.Evaluation);
        var rest = new Queue<SnapshotEntry>(snapshots.Skip(1));
        foreach (var record in view.Log.Read(snapshots[0].Position))
        {
            state = replayer.Apply(state, Receipt.ReadAll(record));
            if (!rest.TryPeek(out var next) || next.Position != record.Position)
                continue;
            rest.Dequeue();
            if (!IsSame(state, StateOf(next)))
                Say($"the snapshot after record {next.Position.Number} is not what its log says");
        }
    }

    private MachineState StateOf(SnapshotEntry entry) =>
        MachineState.Of(view.Snapshots.Load(entry));

    private static bool IsSame(MachineState one, MachineState other) =>
        one.Cogs.Count == other.Cogs.Count
        && one.Cogs.Zip(other.Cogs).All(pair => pair.First.Key == pair.Second.Key
            && Order.Equal(pair.First.Value.ToValue(), pair.Second.Value.ToValue()));

    private void Try(Action part)
    {
        try
        {
            if (problems.Count < ProblemsMax)
                part();
        }
        catch (Exception error) when (error is StoreError or ReplayError)
        {
            Say(error.Message);
        }
    }

    private void Say(string problem)
    {
        if (problems.Count < ProblemsMax && !problems.Contains(problem))
            problems.Add(problem);
    }
}
