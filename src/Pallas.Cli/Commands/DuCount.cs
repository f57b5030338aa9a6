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

/// <summary>Counts what takes room in a machine, and follows it to the cogs that hold it.</summary>
/// <remarks>
/// Where the last snapshot cannot be used, an older one tells of the cogs; a part that cannot be
/// read counts as nothing. Both are said. A damaged log is the end, as it is of a start.
/// It follows references: of big pins and chunks it reads the lists of those, not the content. Its
/// memory is some 120 bytes for each pin and chunk that something reaches, whatever their size.
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
            machine.Say(
                $"pallas: warning: {missingCount} pins or chunks are missing or damaged and count "
                    + "as nothing\nhint: pallas check shows all that is wrong");
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

    /// <summary>By the last snapshot that can be used.</summary>
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
                machine.SayUnusable(entry.Position.Number, error);
                foreach (var hash in reached.Keys)
                    PartOf(hash).Holder = Part.Nobody;
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
            held[id] = Hold(cog, holder: ids.Count);
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

    /// <summary>Notes a cog as a holder of all that its state reaches.</summary>
    private (long StateBytes, long PinBytes) Hold(CogState cog, int holder)
    {
        var roots = new StateRoots(view.Reader);
        new ChunkWriter(view.Pins, roots).Write(cog.ToValue());
        var (stateBytes, pinBytes) = (roots.BytesCount, 0L);
        var all = new HashSet<Hash256>();
        Reach(roots.Parts, all.Add);
        foreach (var hash in all)
        {
            ref var part = ref PartOf(hash);
            part.Holder = part.Holder is Part.Nobody ? holder : Part.Several;
            if (part.Space == StoreSpace.Pins)
                pinBytes += part.Bytes;
            else
                stateBytes += part.Bytes;
        }
        return (stateBytes, pinBytes);
    }

    private ref Part PartOf(Hash256 hash) =>
        ref CollectionsMarshal.GetValueRefOrNullRef(reached, hash);

    /// <summary>Goes from parts to all that they refer to.</summary>
    /// <param name="isNew">Whether a part was not met before.</param>
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

    /// <returns>The size of a part; null where it cannot be read.</returns>
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
        public const int Nobody = -1;
        public const int Several = -2;

        /// <summary>The cog that reaches it, by its place in the order of ids.</summary>
        public int Holder { get; set; } = Nobody;
    }

    /// <summary>What a state stands on, found without reading it: chunks that are there stay what
    /// they are, and only what is above them is written, to nowhere.</summary>
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
