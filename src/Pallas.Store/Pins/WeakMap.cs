using System.Runtime.InteropServices;
using Pallas.Plan;

namespace Pallas.Store.Pins;

/// <summary>One object for each hash, as long as somebody has it in use.</summary>
/// <remarks>
/// Handles instead of <see cref="WeakReference{T}"/>: those are finalized each, which costs a
/// machine that takes in many small pins more than it costs to make them.
/// </remarks>
internal sealed class WeakMap<T>(Func<Hash256, T> make)
    where T : class
{
    private const int CountMin = 1 << 12;

    private readonly Lock gate = new();
    private readonly Dictionary<Hash256, WeakGCHandle<T>> all = [];
    private int countMax = CountMin;
    private List<T>? held;

    /// <summary>From here on everything is in use: what the collector of .NET does when is no part
    /// of a simulation.</summary>
    public void HoldAll() => held = [];

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

    /// <returns>False where another object stands for the hash.</returns>
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

    /// <summary>The hashes whose objects are in use, or were until a short time ago.</summary>
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
            ForgetUnused();
        all.Add(hash, new WeakGCHandle<T>(item));
    }

    private void ForgetUnused()
    {
        foreach (var (hash, handle) in all)
        {
            if (handle.TryGetTarget(out _))
                continue;
            all.Remove(hash);
            handle.Dispose();
        }
        countMax = Math.Max(CountMin, 2 * all.Count);
    }
}
