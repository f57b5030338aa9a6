using System.Runtime.InteropServices;
using Pallas.Values;

namespace Pallas.Store.Pins;

/// <summary>Bounds the memory of those parts of values that can be loaded again.</summary>
/// <remarks>
/// Eviction is first in, first out; an evicted part is loaded again when it is needed. The cache
/// holds loaded parts, since they may be asked for by their hash. It only watches parts that were
/// made here and then stored: they live as long as something refers to them. A part that is also
/// referenced elsewhere stays in memory, so the bound is one of what the cache holds.
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

    /// <summary>Holds a loaded part.</summary>
    public void Add(IDroppable part, long partBytes)
    {
        lock (gate)
            Add(new Entry(part, default, partBytes));
    }

    /// <summary>Evicts a part in its turn, if it is still referenced then.</summary>
    public void Watch(IDroppable part, long partBytes)
    {
        lock (gate)
        {
            if (watchedCount >= watchedMax)
                RemoveDead();
            watchedCount++;
            Add(new Entry(null, new WeakGCHandle<IDroppable>(part), partBytes));
        }
    }

    private void Add(Entry entry)
    {
        Invariant.Check(entry.BytesCount >= 0, "a part has a size");
        parts.Enqueue(entry);
        bytesCount += entry.BytesCount;
        while (bytesCount > bytesMax && parts.Count > 1)
        {
            var oldest = parts.Dequeue();
            oldest.Part?.Drop();
            Remove(oldest);
        }
        Invariant.Check(bytesCount <= bytesMax || parts.Count == 1,
            "the cache is within its bound, or holds one part that is larger");
    }

    private void RemoveDead()
    {
        for (var rest = parts.Count; rest > 0; rest--)
        {
            var entry = parts.Dequeue();
            if (entry.Part is null)
                Remove(entry);
            else
                parts.Enqueue(entry);
        }
        Invariant.Check(watchedCount <= parts.Count, "each watched part is in the queue");
        watchedMax = Math.Max(WatchedMin, 2 * watchedCount);
    }

    private void Remove(Entry entry)
    {
        bytesCount -= entry.BytesCount;
        if (entry.Held is null)
            watchedCount--;
        Invariant.Check(bytesCount >= 0 && watchedCount >= 0, "a part leaves the cache once");
        entry.Release();
    }

    /// <param name="Held">Null if the part is only watched.</param>
    private readonly record struct Entry(
        IDroppable? Held, WeakGCHandle<IDroppable> Watched, long BytesCount)
    {
        /// <summary>Null if the part is garbage.</summary>
        public IDroppable? Part =>
            Held ?? (Watched.TryGetTarget(out var part) ? part : null);

        public void Release()
        {
            if (Held is null)
                Watched.Dispose();
        }
    }
}
