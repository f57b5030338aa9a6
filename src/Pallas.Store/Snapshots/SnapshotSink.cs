using Pallas.Formats.Chunks;
using Pallas.Store.Pins;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Store.Snapshots;

/// <summary>
/// Commits the chunks and pins of a snapshot in batches of bounded size, so that neither memory nor
/// another commit holds all of them.
/// </summary>
/// <remarks>
/// The parts of a snapshot that is never completed refer only to stored parts; the collector
/// deletes them.
/// </remarks>
internal sealed class SnapshotSink(IStore store, PinTable pins, int batchBytesMax) : IChunkSink
{
    private readonly List<StagedPins> staged = [];

    public StoreBatch Batch { get; private set; } = new();

    public bool IsKept(Hash256 chunk) => pins.IsStored(chunk);

    /// <summary>Whether a chunk is stored, or is in the batch that is not committed yet.</summary>
    public bool Holds(Hash256 chunk) =>
        Batch.Changes.Any(change => change.Space == StoreSpace.Chunks
            && Hash256.FromBytes(change.Key) == chunk)
        || store.Has(StoreSpace.Chunks, chunk.ToBytes());

    public void Put(Hash256 hash, byte[] bytes)
    {
        Invariant.Check(bytes.Length > 0, "a chunk has content");
        Batch.Put(StoreSpace.Chunks, hash.ToBytes(), bytes);
        if (bytes.Length >= ReferenceIndex.ContentBytesMin)
        {
            var (pinRefs, chunkRefs) = (new List<Hash256>(), new List<Hash256>());
            var isChunk = ChunkReader.TryReadRefs(bytes, pinRefs.Add, chunkRefs.Add);
            Invariant.Check(isChunk, $"the chunk {hash} can be read after it was written");
            ReferenceIndex.Stage(Batch, hash, bytes.Length, pinRefs, chunkRefs);
        }
        CommitIfBig();
    }

    public void Refer(Pin pin)
    {
        staged.Add(pins.Stage(Batch, pin));
        CommitIfBig();
    }

    public void Commit(bool durable)
    {
        try
        {
            store.Commit(Batch, durable);
        }
        catch
        {
            staged.ForEach(pins.Abandoned);
            throw;
        }
        staged.ForEach(pins.Committed);
        staged.Clear();
        Batch = new StoreBatch();
    }

    private void CommitIfBig()
    {
        if (Batch.BytesCount >= batchBytesMax)
            Commit(durable: false);
    }
}
