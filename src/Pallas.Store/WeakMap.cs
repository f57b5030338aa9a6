using Pallas.Plan;

namespace Pallas.Store;

/// <summary>One object for each hash, as long as somebody has it in use.</summary>
internal sealed class WeakMap<T>(Func<Hash256, T> make)
    where T : class
{
    private const int CountMin = 1 << 12;

    private readonly Lock gate = new();
    private readonly Dictionary<Hash256, WeakReference<T>> all = [];
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
            if (all.Count >= countMax)
                ForgetUnused();
            var made = make(hash);
            held?.Add(made);
            if (known is null)
                all.Add(hash, new WeakReference<T>(made));
            else
                known.SetTarget(made);
            return made;
        }
    }

    /// <returns>False where another object stands for the hash.</returns>
    public bool TryAdd(Hash256 hash, T item)
    {
        lock (gate)
        {
            held?.Add(item);
            if (all.TryGetValue(hash, out var known))
            {
                if (known.TryGetTarget(out var other))
                    return ReferenceEquals(other, item);
                known.SetTarget(item);
                return true;
            }
            if (all.Count >= countMax)
                ForgetUnused();
            all.Add(hash, new WeakReference<T>(item));
            return true;
        }
    }

    /// <summary>The hashes whose objects are in use, or were until a short time ago.</summary>
    public Hash256[] Hashes()
    {
        lock (gate)
            return [.. all.Where(pair => pair.Value.TryGetTarget(out _)).Select(pair => pair.Key)];
    }

    private void ForgetUnused()
    {
        foreach (var (hash, reference) in all)
        {
            if (!reference.TryGetTarget(out _))
                all.Remove(hash);
        }
        countMax = Math.Max(CountMin, 2 * all.Count);
    }
}
