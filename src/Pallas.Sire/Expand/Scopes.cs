using Pallas.Values;

namespace Pallas.Sire.Expand;

/// <summary>Operations on scopes: tabs from names to bindings. Each takes one pass.</summary>
internal static class Scopes
{
    /// <summary>The entries of both; for a key of both, the entry of the first.</summary>
    public static Tab Union(Tab first, Tab second)
    {
        List<Value> keys = new(first.Count + second.Count);
        List<Value> values = new(first.Count + second.Count);
        var (i, j) = (0, 0);
        while (i < first.Count || j < second.Count)
        {
            var order = i == first.Count ? 1
                : j == second.Count ? -1
                : Order.Compare(first.KeyAt(i), second.KeyAt(j));
            keys.Add(order <= 0 ? first.KeyAt(i) : second.KeyAt(j));
            values.Add(order <= 0 ? first.ValueAt(i) : second.ValueAt(j));
            if (order <= 0)
                i++;
            if (order >= 0)
                j++;
        }
        return Tab.Of(Set.Of(keys), [.. values]);
    }

    public static Tab Only(Tab tab, HashSet<Nat> names)
    {
        List<Value> keys = [];
        List<Value> values = [];
        for (var i = 0; i < tab.Count; i++)
        {
            if (tab.KeyAt(i) is not Nat name || !names.Contains(name))
                continue;
            keys.Add(name);
            values.Add(tab.ValueAt(i));
        }
        return Tab.Of(Set.Of(keys), [.. values]);
    }
}
