using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Formats.Chunks;

/// <summary>A source of values that keeps them as chunks; see <see cref="ChunkCode"/>.</summary>
public abstract class ChunkSource : ValueSource
{
    /// <summary>The bytes of a chunk, checked against its hash.</summary>
    protected internal abstract byte[] ReadChunk(Hash256 hash);

    /// <summary>The pin of a hash; the same object as long as it is in use.</summary>
    protected internal abstract Pin FindPin(Hash256 hash);

    /// <summary>
    /// The place of a chunk; the same object as long as it is in use, so that a source knows
    /// which chunks can still be read.
    /// </summary>
    protected internal abstract StoredAt FindPlace(Hash256 chunk);

    internal sealed override ItemNode LoadNode(StoredAt place, out long bytesCount) =>
        ChunkReader.ReadNode(this, place.Chunk, out bytesCount);
}
