using System.Runtime.InteropServices;
using Pallas.Cli.Control;
using Pallas.Formats.Chunks;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Store.Folder;
using Pallas.Store.Log;
using Pallas.Store.Snapshots;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Cli.Commands;

/// <summary>Counts the space that a machine takes, and attributes it to cogs.</summary>
/// <remarks>
/// If the last snapshot cannot be used, the cogs come from an older one; an unreadable part counts
/// as 0 bytes. Both cause a warning. A damaged log ends the count, as it ends a start.
/// The count follows references: of big pins and chunks it reads only the lists of references. It
/// needs about 120 bytes of memory for each pin and chunk, whatever their size.
/// </remarks>
internal sealed class DuCount(MachineAccess machine)
{
    private readonly MachineView view = machine.View;
    private readonly Dictionary<Hash256, Part> reached = [];
    private readonly Dictionary<CogId, (long Bytes, long Events)> logs = [];
    private long recordsCount;
    private readonly List<UnusableSnapshot> unusable = [];
    private long recordsBytes;
    private long missingCount;

    public DuReport Run()
    {
        var snapshots = machine.Snapshots(unusable);
        foreach (var entry in snapshots)
            Reach([(entry.Space, entry.Root)], hash => !reached.ContainsKey(hash));
        CountLog(snapshots[0].Position);
        var (cogs, number) = CountCogs(snapshots);
        var (pins, chunks) = (SumOf(StoreSpace.Pins), SumOf(StoreSpace.Chunks));
        var all = view.Reader.ContentBytes(StoreSpace.Pins)
            + view.Reader.ContentBytes(StoreSpace.Chunks);
        if (missingCount > 0)
        {
            machine.Warn(
                $"pallas: warning: {missingCount} pins or chunks are missing or damaged and count "
                    + "as 0 bytes\nhint: pallas check STORE lists all damage");
        }
        return new DuReport(
            machine.Sizes(),
            pins,
            chunks,
            Math.Max(0, all - pins.Bytes - chunks.Bytes),
            new DuPart(recordsCount, recordsBytes),
            snapshots.Length,
            number,
            unusable.Count > 0 ? unusable : null,
            cogs);
    }

    private DuPart SumOf(StoreSpace space)
    {
        var (count, bytes) = (0L, 0L);
        foreach (var part in reached.Values)
        {
            if (part.Space == space)
                (count, bytes) = (count + 1, bytes + part.Bytes);
        }
        return new DuPart(count, bytes);
    }

    private void CountLog(LogPosition after)
    {
        foreach (var record in view.Log.Read(after))
        {
            recordsCount++;
            recordsBytes += record.BytesCount;
            Reach(
                PinRefs.Of(record.Payload).Select(pin => (StoreSpace.Pins, pin.Hash)),
                hash => !reached.ContainsKey(hash));
            var receipts = Receipt.ReadAll(record);
            foreach (var receipt in receipts)
            {
                var (bytes, events) = logs.GetValueOrDefault(receipt.Cog);
                logs[receipt.Cog] = (bytes + record.BytesCount / receipts.Length, events + 1);
            }
        }
    }

    /// <summary>From the last usable snapshot.</summary>
    private (List<DuCog> Cogs, ulong Number) CountCogs(SnapshotEntry[] snapshots)
    {
        StoreError? newest = null;
        foreach (var entry in snapshots.Reverse())
        {
            try
            {
                return (CountCogs(entry), entry.Position.Number);
            }
            catch (StoreError error) when (error.Kind == StoreErrorKind.Damaged)
            {
                newest ??= error;
                unusable.Add(new UnusableSnapshot(entry.Position.Number, error.Message));
                machine.WarnUnusable(entry.Position.Number, error);
                foreach (var hash in reached.Keys)
                    PartOf(hash).Holder = Part.NoHolder;
            }
        }
        throw newest!;
    }

    private List<DuCog> CountCogs(SnapshotEntry last)
    {
        var state = MachineState.Of(view.Snapshots.Load(last));
        var held = new Dictionary<CogId, (long StateBytes, long PinBytes)>();
        var ids = new List<CogId>();
        foreach (var (id, cog) in state.Cogs)
        {
            held[id] = AssignHolder(cog, holder: ids.Count);
            ids.Add(id);
        }
        var own = new long[ids.Count];
        foreach (var part in reached.Values)
        {
            if (part is { Space: StoreSpace.Pins, Holder: >= 0 })
                own[part.Holder] += part.Bytes;
        }
        var ownPins = ids.Zip(own).ToDictionary();
        return
        [
            .. held.Keys.Union(logs.Keys)
                .Select(id => new DuCog(
                    id.ToString(),
                    held.GetValueOrDefault(id).StateBytes,
                    held.GetValueOrDefault(id).PinBytes,
                    ownPins.GetValueOrDefault(id),
                    logs.GetValueOrDefault(id).Bytes,
                    logs.GetValueOrDefault(id).Events))
                .OrderByDescending(cog => cog.StateBytes + cog.OwnPinBytes + cog.LogBytes),
        ];
    }

    /// <summary>Marks a cog as a holder of everything that its state reaches.</summary>
    private (long StateBytes, long PinBytes) AssignHolder(CogState cog, int holder)
    {
        var roots = new StateRoots(view.Reader);
        new ChunkWriter(view.Pins, roots).Write(cog.ToValue());
        var (stateBytes, pinBytes) = (roots.BytesCount, 0L);
        var all = new HashSet<Hash256>();
        Reach(roots.Parts, all.Add);
        foreach (var hash in all)
        {
            ref var part = ref PartOf(hash);
            part.Holder = part.Holder is Part.NoHolder ? holder : Part.Several;
            if (part.Space == StoreSpace.Pins)
                pinBytes += part.Bytes;
            else
                stateBytes += part.Bytes;
        }
        return (stateBytes, pinBytes);
    }

    private ref Part PartOf(Hash256 hash) =>
        ref CollectionsMarshal.GetValueRefOrNullRef(reached, hash);

    /// <summary>Follows references from parts.</summary>
    /// <param name="isNew">Whether a part is visited for the first time.</param>
    private void Reach(
        IEnumerable<(StoreSpace Space, Hash256 Hash)> roots, Predicate<Hash256> isNew)
    {
        var todo = new Stack<(StoreSpace Space, Hash256 Hash)>(roots);
        while (todo.TryPop(out var next))
        {
            if (!isNew(next.Hash))
                continue;
            var bytesCount = Follow(next.Space, next.Hash, todo);
            if (reached.TryAdd(next.Hash, new Part(next.Space, bytesCount ?? 0))
                && bytesCount is null)
                missingCount++;
        }
    }

    /// <returns>The size of a part; null if it cannot be read.</returns>
    private int? Follow(
        StoreSpace space, Hash256 hash, Stack<(StoreSpace Space, Hash256 Hash)> todo)
    {
        try
        {
            return view.Follow(
                space,
                hash,
                pin => todo.Push((StoreSpace.Pins, pin)),
                chunk => todo.Push((StoreSpace.Chunks, chunk)));
        }
        catch (StoreError error) when (error.Kind == StoreErrorKind.Damaged)
        {
            return null;
        }
    }

    /// <summary>A pin or chunk.</summary>
    private record struct Part(StoreSpace Space, int Bytes)
    {
        public const int NoHolder = -1;
        public const int Several = -2;

        /// <summary>The cog that reaches it, by its index in the order of ids.</summary>
        public int Holder { get; set; } = NoHolder;
    }

    /// <summary>The pins and chunks that a state refers to, found without reading it: stored chunks
    /// stay, and the parts above them are written to nowhere.</summary>
    private sealed class StateRoots(IStoreReader store) : IChunkSink
    {
        private readonly HashSet<(StoreSpace, Hash256)> parts = [];

        public IReadOnlyCollection<(StoreSpace, Hash256)> Parts => parts;

        public long BytesCount { get; private set; }

        public bool IsKept(Hash256 chunk)
        {
            if (!store.Has(StoreSpace.Chunks, chunk.ToBytes()))
                return false;
            parts.Add((StoreSpace.Chunks, chunk));
            return true;
        }

        public void Put(Hash256 hash, byte[] bytes) => BytesCount += bytes.Length;

        public void Refer(Pin pin) => parts.Add((StoreSpace.Pins, pin.Hash));
    }
}
