using System.Numerics;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Searches for keys, which may be lazy in part, in sets and tabs.</summary>
internal static class KeySearch
{
    /// <summary>
    /// The rank of a key, or a negative number. The laws compare the key with each member in turn,
    /// up to an equal one. A program can tell that from a binary search where part of the key is
    /// not evaluated yet, so this method then does the same.
    /// </summary>
    public static int Find(Evaluator evaluator, Set keys, Value key)
    {
        if (keys.Count == 0)
            return -1;
        key = evaluator.Whnf(key);
        if (LazyOrder.IsNormal(key))
            return Math.Max(keys.Rank(key), -1);
        var members = new ItemCursor(keys.Keys);
        for (var rank = 0; rank < keys.Count; rank++)
        {
            if (LazyOrder.Equal(evaluator, key, members[rank]))
                return rank;
        }
        return -1;
    }

    /// <summary>
    /// The key in normal form, for laws that normalize it; null where that crashes. Which crash the
    /// program sees depends on the law's steps, so the caller runs the law then.
    /// </summary>
    public static Value? Normal(Evaluator evaluator, Value key)
    {
        if (key is Nat)
            return key;
        var mark = evaluator.Mark();
        try
        {
            var normal = evaluator.Normalize(key);
            evaluator.Pass(mark);
            return normal;
        }
        catch (PlanCrash crash)
        {
            evaluator.Unwind(mark, crash);
            return null;
        }
    }

    /// <summary>How many keys are less than a key in normal form.</summary>
    public static int CountBefore(Set keys, Value key)
    {
        var rank = keys.Rank(key);
        return rank < 0 ? ~rank : rank;
    }

    /// <summary>
    /// Whether to look up each entry of the smaller collection costs less than a pass over both.
    /// </summary>
    public static bool IsLookupCheaper(int small, int large) =>
        (long)small * BitOperations.Log2((uint)large | 1) < large >> 1;

    /// <summary>The members of both sets, or of the first alone.</summary>
    public static Set Select(Set keys, Set others, bool isInOthers)
    {
        if (IsLookupCheaper(others.Count, keys.Count))
            return isInOthers ? SelectFew(keys, others) : Subtract(keys, others);
        var isLookup = IsLookupCheaper(keys.Count, others.Count);
        var kept = new List<Value>();
        var at = 0;
        var (left, right) = (new ItemCursor(keys.Keys), new ItemCursor(others.Keys));
        for (var i = 0; i < keys.Count; i++)
        {
            var order = 1;
            if (isLookup && others.Contains(left[i]))
                order = 0;
            while (!isLookup && at < others.Count
                && (order = Order.Compare(left[i], right[at])) > 0)
                at++;
            if ((order == 0) == isInOthers)
                kept.Add(left[i]);
        }
        return Set.OfAscending([.. kept]);
    }

    /// <summary>The members of either set.</summary>
    public static Set Union(Set left, Set right)
    {
        if (left.Count == 0 || right.Count == 0)
            return left.Count == 0 ? right : left;
        if (IsLookupCheaper(right.Count, left.Count))
            return Add(left, right);
        if (IsLookupCheaper(left.Count, right.Count))
            return Add(right, left);
        var merged = new List<Value>(left.Count + right.Count);
        var (a, b) = (new ItemCursor(left.Keys), new ItemCursor(right.Keys));
        var (i, j) = (0, 0);
        while (i < left.Count || j < right.Count)
        {
            var order = i == left.Count ? 1 : j == right.Count ? -1 : Order.Compare(a[i], b[j]);
            merged.Add(order <= 0 ? a[i] : b[j]);
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }
        return Set.OfAscending([.. merged]);
    }

    private static Set Add(Set keys, Set few)
    {
        for (var i = 0; i < few.Count; i++)
            keys = keys.With(few[i]);
        return keys;
    }

    private static Set Subtract(Set keys, Set few)
    {
        for (var i = 0; i < few.Count; i++)
            keys = keys.Without(few[i]);
        return keys;
    }

    private static Set SelectFew(Set keys, Set few)
    {
        var kept = new List<Value>();
        for (var i = 0; i < few.Count; i++)
        {
            if (keys.Rank(few[i]) is >= 0 and var rank)
                kept.Add(keys[rank]);
        }
        return Set.OfAscending([.. kept]);
    }
}
