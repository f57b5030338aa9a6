using Pallas.Formats.Chunks;
using Pallas.Formats.Pins;
using Pallas.Store.Log;
using Pallas.Store.Pins;
using Pallas.Store.Snapshots;
using Pallas.Values.Hashing;

namespace Pallas.Store.Folder;

/// <summary>A machine's durable data at one moment, without later commits.</summary>
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

    /// <summary>All pairs of the store.</summary>
    public IStoreView Reader { get; }

    /// <summary>Follows the references of a pin or chunk, without reading the content of a large
    /// one.
    /// </summary>
    /// <returns>The size of its content; null if it is missing or damaged.</returns>
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
