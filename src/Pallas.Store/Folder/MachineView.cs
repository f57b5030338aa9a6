using Pallas.Plan;
using Pallas.Store.Log;
using Pallas.Store.Pins;
using Pallas.Store.Snapshots;

namespace Pallas.Store.Folder;

/// <summary>What a machine kept until a certain moment, whatever is committed since.</summary>
public sealed class MachineView : IDisposable
{
    private const long CacheBytesMax = 64 << 20;

    internal MachineView(IStoreView view)
    {
        Reader = view;
        Pins = new PinTable(view, CacheBytesMax);
        Log = EventLog.Open(view, Pins);
        Snapshots = new SnapshotTable(view, null, Pins);
    }

    public PinTable Pins { get; }

    public EventLog Log { get; }

    public SnapshotTable Snapshots { get; }

    /// <summary>Everything, as the store keeps it.</summary>
    public IStoreView Reader { get; }

    /// <summary>What a pin or chunk refers to. Of a big one, no more than that is read.</summary>
    /// <returns>The size of its content; null where it is missing or damaged.</returns>
    public int? Follow(
        StoreSpace space, Hash256 hash, Action<Hash256> onPin, Action<Hash256> onChunk)
    {
        if (ReferenceIndex.Read(Reader, hash, onPin, onChunk) is { } bytesCount)
            return bytesCount;
        if (Reader.Get(space, hash.ToBytes()) is not { } bytes)
            return null;
        if (space == StoreSpace.Chunks)
            return ChunkReader.TryReadRefs(bytes, onPin, onChunk) ? bytes.Length : null;
        if (!PinBlob.TryReadRefs(bytes, out var refs, out _))
            return null;
        Array.ForEach(refs, onPin);
        return bytes.Length;
    }

    public void Dispose() => Reader.Dispose();
}
