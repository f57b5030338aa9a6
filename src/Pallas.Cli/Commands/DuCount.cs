using Pallas.Cli.Control;
using Pallas.Machine;
using Pallas.Plan;
using Pallas.Store;

namespace Pallas.Cli.Commands;

/// <summary>Counts what takes room in a machine, and follows it to the cogs that hold it.</summary>
internal sealed class DuCount(MachineAccess machine)
{
    private readonly MachineView view = machine.View;
    private readonly Dictionary<Hash256, int> partBytes = [];
    private readonly Dictionary<CogId, (long Bytes, long Events)> logs = [];
    private readonly HashSet<Hash256> reachable = [];
    private long recordsCount;
    private long recordsBytes;

    public DuReport Run()
    {
        var pins = CountParts(StoreSpace.Pins);
        var chunks = CountParts(StoreSpace.Chunks);
        var snapshots = view.Snapshots.List().ToArray();
        foreach (var entry in snapshots)
            Reach(entry.Root, reachable);
        CountLog(snapshots[0].Position);
        var cogs = CountCogs(snapshots[^1]);
        return new DuReport(
            MachineSizes.Of(machine),
            pins,
            chunks,
            partBytes.Where(part => !reachable.Contains(part.Key)).Sum(part => (long)part.Value),
            new DuPart(recordsCount, recordsBytes),
            snapshots.Length,
            cogs);
    }

    private DuPart CountParts(StoreSpace space)
    {
        var (count, bytes) = (0L, 0L);
        foreach (var (key, part) in view.Reader.Scan(space, []))
        {
            partBytes[Hash256.FromBytes(key)] = part.Length;
            (count, bytes) = (count + 1, bytes + part.Length);
        }
        return new DuPart(count, bytes);
    }

    private void CountLog(LogPosition after)
    {
        foreach (var record in view.Log.Read(after))
        {
            recordsCount++;
            recordsBytes += record.BytesCount;
            foreach (var pin in PinRefs.Of(record.Payload))
                Reach(pin.Hash, reachable);
            var receipts = Receipt.ReadAll(record);
            foreach (var receipt in receipts)
            {
                var (bytes, events) = logs.GetValueOrDefault(receipt.Cog);
                logs[receipt.Cog] = (bytes + record.BytesCount / receipts.Length, events + 1);
            }
        }
    }

    private List<DuCog> CountCogs(SnapshotEntry last)
    {
        var state = MachineState.Read(view.Snapshots.Load(last).State)
            ?? throw new StoreError(
                StoreErrorKind.Damaged, "the store is damaged: a snapshot holds no machine");
        var holders = new Dictionary<Hash256, int>();
        var held = new Dictionary<CogId, HashSet<Hash256>>();
        foreach (var (id, cog) in state.Cogs)
        {
            held[id] = [];
            foreach (var pin in PinRefs.Of(cog.ToValue()))
                Reach(pin.Hash, held[id]);
            foreach (var hash in held[id])
                holders[hash] = holders.GetValueOrDefault(hash) + 1;
        }
        return
        [
            .. held.Keys.Union(logs.Keys)
                .Select(id => Count(id, state.Find(id), held.GetValueOrDefault(id, []), holders))
                .OrderByDescending(cog => cog.StateBytes + cog.OwnPinBytes + cog.LogBytes),
        ];
    }

    private DuCog Count(
        CogId id, CogState? state, HashSet<Hash256> held, Dictionary<Hash256, int> holders)
    {
        var (bytes, events) = logs.GetValueOrDefault(id);
        return new DuCog(
            id.ToString(),
            state is null ? 0 : ValueSize.Of(state.ToValue()),
            held.Sum(hash => (long)partBytes.GetValueOrDefault(hash)),
            held.Where(hash => holders[hash] == 1)
                .Sum(hash => (long)partBytes.GetValueOrDefault(hash)),
            bytes,
            events);
    }

    /// <summary>Adds a pin or chunk and all that it refers to.</summary>
    private void Reach(Hash256 root, HashSet<Hash256> into)
    {
        var todo = new Stack<Hash256>([root]);
        while (todo.TryPop(out var hash))
        {
            if (!into.Add(hash))
                continue;
            if (view.Reader.Get(StoreSpace.Pins, hash.ToBytes()) is { } blob)
            {
                if (PinBlob.TryReadRefs(blob, out var refs, out _))
                    Array.ForEach(refs, todo.Push);
            }
            else if (view.Reader.Get(StoreSpace.Chunks, hash.ToBytes()) is { } chunk)
                ChunkReader.TryReadRefs(chunk, todo.Push, todo.Push);
        }
    }
}

/// <summary>What the parts of a store take on disk.</summary>
internal static class MachineSizes
{
    public static Dictionary<string, long> Of(MachineAccess machine) => new()
    {
        ["pins"] = machine.SizeOf(StoreSpace.Pins),
        ["log"] = machine.SizeOf(StoreSpace.Log),
        ["snapshots"] =
            machine.SizeOf(StoreSpace.Snapshots) + machine.SizeOf(StoreSpace.Chunks),
    };
}
