using System.Runtime.InteropServices;
using Pallas.Plan;

namespace Pallas.Store.Pins;

/// <summary>The parts of values in memory that could be loaded again, within a bound.</summary>
/// <remarks>
/// What came first is dropped first: who needs it again loads it again. What was loaded is held,
/// since it may be asked for by its hash; what was made here and kept in the store is only watched:
/// it lives as long as somebody has it in hand. A part that is in use elsewhere stays in memory
/// until that use ends, so the bound is one of what is held for later.
/// </remarks>
internal sealed class ValueCache(long bytesMax)
{
    private const int WatchedMin = 1 << 12;

    private readonly Lock gate = new();
    private readonly Queue<Entry> parts = new();
    private long bytesCount;
    private int watchedCount;
    private int watchedMax = WatchedMin;

    ~ValueCache()
    {
        foreach (var entry in parts)
            entry.Release();
    }

    /// <summary>About how much memory the parts take.</summary>
    public long BytesCount
    {
        get
        {
            lock (gate)
                return bytesCount;
        }
    }

    /// <summary>Holds a part that was loaded.</summary>
    public void Add(IDroppable part, long partBytes)
    {
        lock (gate)
            Add(new Entry(part, default, partBytes));
    }

    /// <summary>Drops a part in its turn if somebody still has it then.</summary>
    public void Watch(IDroppable part, long partBytes)
    {
        lock (gate)
        {
            if (watchedCount >= watchedMax)
                ForgetUnused();
            watchedCount++;
            Add(new Entry(null, new WeakGCHandle<IDroppable>(part), partBytes));
        }
    }

    private void Add(Entry entry)
    {
        parts.Enqueue(entry);
        bytesCount += entry.BytesCount;
        while (bytesCount > bytesMax && parts.Count > 1)
        {
            var oldest = parts.Dequeue();
            oldest.Part?.Drop();
            Forget(oldest);
        }
    }

    private void ForgetUnused()
    {
        for (var rest = parts.Count; rest > 0; rest--)
        {
            var entry = parts.Dequeue();
            if (entry.Part is null)
                Forget(entry);
            else
                parts.Enqueue(entry);
        }
        watchedMax = Math.Max(WatchedMin, 2 * watchedCount);
    }

    private void Forget(Entry entry)
    {
        bytesCount -= entry.BytesCount;
        if (entry.Held is null)
            watchedCount--;
        entry.Release();
    }

    /// <param name="Held">Null where the part is only watched.</param>
    private readonly record struct Entry(
        IDroppable? Held, WeakGCHandle<IDroppable> Watched, long BytesCount)
    {
        /// <summary>Null where nobody has it any more.</summary>
        public IDroppable? Part =>
            Held ?? (Watched.TryGetTarget(out var part) ? part : null);

        public void Release()
        {
            if (Held is null)
                Watched.Dispose();
        }
    }
}
