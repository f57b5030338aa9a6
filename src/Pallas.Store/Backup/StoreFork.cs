using Pallas.Store.Folder;
using Pallas.Store.Log;
using Pallas.Store.Pins;
using Pallas.Store.Snapshots;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Store.Backup;

/// <summary>
/// A store as if a record were the last one of its log: the log and the snapshots up to it, and the
/// pins and chunks that these need.
/// </summary>
/// <remarks>
/// Memory holds one pair at a time, and the hashes of all. A snapshot that cannot be read is left
/// out if there is another one, as it is at a start.
/// </remarks>
internal sealed class StoreFork
{
    private readonly MachineView view;
    private readonly LogPosition last;
    private readonly Dictionary<ulong, SnapshotEntry> snapshots = [];
    private readonly HashSet<Hash256> needed = [];
    private readonly Stack<(StoreSpace Space, Hash256 Hash)> pending = new();

    /// <param name="number">Of a stored record, or of the oldest snapshot.</param>
    /// <exception cref="StoreError">A part that the fork needs is missing or damaged.</exception>
    public StoreFork(MachineView view, ulong number)
    {
        this.view = view;
        StoreError? damage = null;
        foreach (var entry in view.Snapshots.List((_, error) => damage ??= error))
        {
            if (entry.Position.Number <= number)
                snapshots.Add(entry.Position.Number, entry);
        }
        if (snapshots.Count == 0)
            throw damage ?? StoreError.Damaged("there is no snapshot");
        last = PositionOf(number);
        Invariant.Check(snapshots.Keys.All(each => each <= last.Number),
            "a fork has no snapshot of what comes after its last record");
        Mark();
        Invariant.Check(pending.Count == 0, "all that a fork needs is marked");
        Invariant.Check(snapshots.Values.All(entry => needed.Contains(entry.Root)),
            "a fork has the state of each of its snapshots");
    }

    public IEnumerable<(StoreSpace Space, byte[] Key, byte[] Value)> Pairs()
    {
        foreach (var space in Enum.GetValues<StoreSpace>())
        {
            foreach (var (key, value) in view.Reader.Scan(space, []))
            {
                if (IsNeeded(space, key))
                    yield return (space, key, IsHead(space, key) ? EventLog.HeadOf(last) : value);
            }
        }
    }

    private bool IsNeeded(StoreSpace space, byte[] key) => space switch
    {
        StoreSpace.Log => EventLog.NumberOf(key) <= last.Number,
        StoreSpace.Snapshots => snapshots.ContainsKey(EventLog.NumberOf(key)),
        StoreSpace.Pins or StoreSpace.Chunks =>
            key.Length == Hash256.BytesCount && needed.Contains(Hash256.FromBytes(key)),
        _ => ReferenceIndex.HashOf(key) is not { } hash || needed.Contains(hash),
    };

    private static bool IsHead(StoreSpace space, byte[] key) =>
        space == StoreSpace.Meta && key.AsSpan().SequenceEqual(EventLog.HeadKey);

    private LogPosition PositionOf(ulong number)
    {
        if (view.Reader.Get(StoreSpace.Log, EventLog.KeyOf(number)) is { } record)
            return EventLog.PositionOf(number, record);
        return snapshots.TryGetValue(number, out var entry)
            ? entry.Position
            : throw StoreError.Damaged($"record {number} of the log is missing");
    }

    private void Mark()
    {
        foreach (var entry in snapshots.Values)
            pending.Push((entry.Space, entry.Root));
        foreach (var (key, record) in view.Reader.Scan(StoreSpace.Log, []))
        {
            if (EventLog.NumberOf(key) > last.Number)
                break;
            foreach (var hash in EventLog.RefsOf(key, record))
                PushPin(hash);
            MarkPending();
        }
        MarkPending();
    }

    private void MarkPending()
    {
        while (pending.TryPop(out var next))
        {
            if (needed.Add(next.Hash)
                && view.Follow(next.Space, next.Hash, PushPin, PushChunk) is null)
            {
                throw StoreError.Damaged(
                    $"{next.Hash}, which the machine needs, is missing or damaged");
            }
        }
    }

    private void PushPin(Hash256 hash) => pending.Push((StoreSpace.Pins, hash));

    private void PushChunk(Hash256 hash) => pending.Push((StoreSpace.Chunks, hash));
}
