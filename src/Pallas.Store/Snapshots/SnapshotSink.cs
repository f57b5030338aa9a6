using Pallas.Plan;
using Pallas.Store.Pins;

namespace Pallas.Store.Snapshots;

/// <summary>
/// Takes the chunks and pins of a snapshot and commits them by and by, so that neither memory nor
/// a commit of somebody else has to hold all of them.
/// </summary>
/// <remarks>
/// Parts of a snapshot that is never finished refer to nothing that is missing, and are collected.
/// </remarks>
internal sealed class SnapshotSink(IStore store, PinTable pins, int batchBytesMax) : IChunkSink
{
    private readonly List<StagedPins> staged = [];

    public StoreBatch Batch { get; private set; } = new();

    public bool IsKept(Hash256 chunk) => pins.IsKept(chunk);

    public void Put(Hash256 hash, byte[] bytes)
    {
        Batch.Put(StoreSpace.Chunks, hash.ToBytes(), bytes);
        if (bytes.Length >= ReferenceIndex.ContentBytesMin)
        {
            var (pinRefs, chunkRefs) = (new List<Hash256>(), new List<Hash256>());
            ChunkReader.TryReadRefs(bytes, pinRefs.Add, chunkRefs.Add);
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
            staged.ForEach(pins.NotKept);
            throw;
        }
        staged.ForEach(pins.Kept);
        staged.Clear();
        Batch = new StoreBatch();
    }

    private void CommitIfBig()
    {
        if (Batch.BytesCount >= batchBytesMax)
            Commit(durable: false);
    }
}
