using System.Runtime.InteropServices;
using Pallas.Values;
using Pallas.Values.Hashing;

namespace Pallas.Store.Pins;

/// <summary>One object for each hash, as long as the object is referenced.</summary>
/// <remarks>
/// It uses handles instead of <see cref="WeakReference{T}"/>: each of those is finalized, which
/// costs a machine with many small new pins more than making them.
/// </remarks>
internal sealed class WeakMap<T>(Func<Hash256, T> make)
    where T : class
{
    private const int CountMin = 1 << 12;

    private readonly Lock gate = new();
    private readonly Dictionary<Hash256, WeakGCHandle<T>> all = [];
    private int countMax = CountMin;
    private List<T>? held;

    /// <summary>Keeps every object from here on: the moments at which .NET collects are not part of
    /// a simulation.</summary>
    public void HoldAll()
    {
        Invariant.Check(all.Count == 0, "objects are held from the first one on");
        held = [];
    }

    public T Find(Hash256 hash)
    {
        lock (gate)
        {
            if (all.TryGetValue(hash, out var known) && known.TryGetTarget(out var found))
                return found;
            var made = make(hash);
            Add(hash, made);
            return made;
        }
    }

    /// <returns>False if another object represents the hash.</returns>
    public bool TryAdd(Hash256 hash, T item)
    {
        lock (gate)
        {
            if (all.TryGetValue(hash, out var known) && known.TryGetTarget(out var other))
            {
                held?.Add(item);
                return ReferenceEquals(other, item);
            }
            Add(hash, item);
            return true;
        }
    }

    /// <summary>The hashes of the objects that .NET has not collected.</summary>
    public Hash256[] Hashes()
    {
        lock (gate)
            return [.. all.Where(pair => pair.Value.TryGetTarget(out _)).Select(pair => pair.Key)];
    }

    ~WeakMap()
    {
        foreach (var handle in all.Values)
            handle.Dispose();
    }

    private void Add(Hash256 hash, T item)
    {
        held?.Add(item);
        if (all.TryGetValue(hash, out var known))
        {
            known.SetTarget(item);
            return;
        }
        if (all.Count >= countMax)
            RemoveDead();
        all.Add(hash, new WeakGCHandle<T>(item));
    }

    private void RemoveDead()
    {
        foreach (var (hash, handle) in all)
        {
            if (handle.TryGetTarget(out _))
                continue;
            all.Remove(hash);
            handle.Dispose();
        }
        countMax = Math.Max(CountMin, 2 * all.Count);
        Invariant.Check(all.Count < countMax, "the map has room without its dead entries");
    }
}
