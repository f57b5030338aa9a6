using Pallas.Plan;

namespace Pallas.Store;

/// <summary>The parts of values in memory that could be loaded again, within a bound.</summary>
/// <remarks>
/// What was loaded first is dropped first: who needs it again loads it again. A part that is in use
/// elsewhere stays in memory until that use ends, so the bound is one of what is held for later.
/// </remarks>
internal sealed class ValueCache(long bytesMax)
{
    private readonly Lock gate = new();
    private readonly Queue<(IDroppable Part, long BytesCount)> parts = new();
    private long bytesCount;

    /// <summary>About how much memory the parts take.</summary>
    public long BytesCount
    {
        get
        {
            lock (gate)
                return bytesCount;
        }
    }

    public void Add(IDroppable part, long partBytes)
    {
        lock (gate)
        {
            parts.Enqueue((part, partBytes));
            bytesCount += partBytes;
            while (bytesCount > bytesMax && parts.Count > 1)
            {
                var (oldest, size) = parts.Dequeue();
                bytesCount -= size;
                oldest.Drop();
            }
        }
    }
}
