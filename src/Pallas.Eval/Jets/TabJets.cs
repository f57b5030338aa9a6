using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Tabs. The laws read every value as a tab: its head as the keys, and its last argument as the
/// values. Most jets here leave arguments that are no tabs to the law.
/// </summary>
internal static class TabJets
{
    public static readonly Jet[] All =
    [
        // (mkTab keys vals) = ({1 2 keys} vals), vals being lazy
        new()
        {
            Name = "_MkTab", Arity = 2,
            Code = static (evaluator, args) =>
                App.Make(SetJets.Of(evaluator.Normalize(args[0])), args[1]),
            Hashes = ["5hFXwrFMAS1ETGYZDANKd5Eo9xkjNnxPRKTL7H3Td4yv"],
        },

        // (tabSing k v) = the tab from k to v
        new()
        {
            Name = "tabSing", Arity = 2,
            Code = static (evaluator, args) =>
                Tab.Of(Set.OfAscending([evaluator.Normalize(args[0])]), args[1]),
            Hashes = ["7AfouhmiExP9KSySjrw4k4VZ5JY2TE4cW53xo1EhHsfz"],
        },

        // (isTab x) = 1 for a tab, else 0; where x is a set applied to a value, that is evaluated
        new()
        {
            Name = "isTab", Arity = 1, Force = [1],
            Code = static (evaluator, args) =>
                Nat.Of(TabView.Forced(evaluator, args[0]) is not null),
            Hashes = ["3NVgkveHYdmX8AHVLhwB7qpKhtNmFanxv4c6z3QuJqEe"],
        },

        // (tabKeys t) = (car t)
        new()
        {
            Name = "_TabKeys", Arity = 1, Force = [1],
            Code = static (_, args) => AppParts.Car(args[0]),
            Hashes = ["8b5KfdDnpHdUNavaYcVkyY4UWvgkmzhboa2WtHq8hvE8"],
        },

        // (tabVals t) = (cdr t)
        new()
        {
            Name = "_TabVals", Arity = 1, Force = [1],
            Code = static (_, args) => AppParts.Cdr(args[0]),
            Hashes = ["ChipTE8EqGJx8mKh7vKk3uLCoe87uzr57puknUVwGMGL"],
        },

        // (tabKeysRow t) = (lawBody (car t))
        new()
        {
            Name = "_TabKeysRow", Arity = 1, Force = [1],
            Code = static (_, args) => KeyRow(args[0]),
            Hashes = ["AbTABFk1h4qcAoW2nzQ37JtnzPfVgapUSXLBcZqid4rH"],
        },

        // (tabKeysList t) = [k_0 [k_1 .. 0]]
        new()
        {
            Name = "_TabKeysList", Arity = 1, Force = [1],
            Code = static (_, args) => List(AppParts.Items(KeyRow(args[0]))),
            Hashes = ["HJCWTAgwp23pzpsfcFtztNa8uaNit6cSdYN19CqmejyZ"],
        },

        // (tabLen t) = (len (cdr t))
        new()
        {
            Name = "_TabLen", Arity = 1, Force = [1],
            Code = static (evaluator, args) =>
                Nat.Of((ulong)AppParts.Count(ValueRow(evaluator, args[0]))),
            Hashes = ["4zBRGTdC8o8VqyVbae2RH7HhCXjkzahcyMvBKPegci3Z"],
        },

        // (tabIdx k t) = the value of k; 0 where there is none. Where t is empty, k stays
        // unevaluated.
        new()
        {
            Name = "tabIdx", Arity = 2, Force = [2],
            Code = static (evaluator, args) => Look(evaluator, args[0], args[1], Nat.Zero),
            Hashes = ["3TWf15DfN9xE991EbwQooXnD1wMQ1snqJBragTQ7vqai"],
        },

        // (tabIsEmpty t) = (null (cdr t))
        new()
        {
            Name = "_TabIsEmpty", Arity = 1, Force = [1],
            Code = static (evaluator, args) =>
                Nat.Of(!AppParts.IsApp(ValueRow(evaluator, args[0]))),
            Hashes = ["2pqKJoYtYzxGuojhjcD7APfxGauDgrJr6frjcEKY75Cr"],
        },

        // (tabHas k t) = 1 where k has a value, else 0
        new()
        {
            Name = "_TabHas", Arity = 2, Force = [2],
            Code = static (evaluator, args) => AppParts.Car(args[1]) is Set keys
                ? Nat.Of(KeySearch.Find(evaluator, keys, args[0]) >= 0)
                : null,
            Hashes = ["3CmdokqP7UZsYmUibrN8ZYenxxYNeg7pbujqL87uf7Yh"],
        },

        // (tabLookup k t) = (0 v), v being the value of k; 0 where there is none
        new()
        {
            Name = "_TabLookup", Arity = 2, Force = [2],
            Code = static (evaluator, args) =>
            {
                if (TabView.Of(args[1]) is not { } tab)
                    return null;
                var rank = KeySearch.Find(evaluator, tab.Keys, args[0]);
                return rank < 0 ? Nat.Zero : App.Make(Nat.Zero, tab.ValueAt(rank));
            },
            Hashes = ["4ZU8AC43kfUmio84VTUWxZzkRFLd9PUcn3FYhacStXmn"],
        },

        // (tabIns k v t) = t with v as the value of k
        new()
        {
            Name = "tabIns", Arity = 3, Force = [3],
            Code = static (evaluator, args) =>
                TabView.Of(args[2]) is { } tab && KeySearch.Normal(evaluator, args[0]) is { } key
                    ? tab.With(key, args[1])
                    : null,
            Hashes = ["6DntBfKNxnzojW5jz2HMm3qKMtMhTg5rzVyQ51zXc5uy"],
        },

        // (tabSwitch k fallback t) = the value of k; the fallback where there is none
        new()
        {
            Name = "tabSwitch", Arity = 3, Force = [3],
            Code = static (evaluator, args) => Look(evaluator, args[0], args[2], args[1]),
            Hashes = ["GAEvH1zJXuT4fpX9rhnonBPtQ1wxcDmgXgyz53vZxmSa"],
        },

        // (tabToPairs t) = [[k_0 v_0] [k_1 v_1] ..] up to the end of the shorter of keys and values
        new()
        {
            Name = "tabToPairs", Arity = 1, Force = [1],
            Code = static (evaluator, args) => Row.Of(Pairs(evaluator, args[0])),
            Hashes = ["7XNsmym7XdJvy2GqXPqLnFDgHaNbsh2adrFZBQrunB3c"],
        },

        // (tabFromPairs x) = the tab of the pairs in x; of equal keys the last one counts
        new()
        {
            Name = "tabFromPairs", Arity = 1, Force = [1], Code = FromPairs,
            Hashes = ["9vDNgbSC1eKiVfti8GnjiuBLYptbW8Ct6NY48y14sE7"],
        },

        // (tabToPairList t) = [[k_0 v_0] [[k_1 v_1] .. 0]]
        new()
        {
            Name = "tabToPairList", Arity = 1, Force = [1],
            Code = static (_, args) =>
                TabView.Of(args[0]) is { } tab ? List(Pairs(tab)) : null,
            Hashes = ["5BRqPnTopXM4gu9fTnrnxoDVWYZLiMK847eRjxn3tUj4"],
        },

        // (tabElemIdx i t) = [k_i v_i]; 0 where there is none, and where i is no nat
        new()
        {
            Name = "tabElemIdx", Arity = 2, Force = [1, 2],
            Code = static (evaluator, args) =>
            {
                if (TabView.Forced(evaluator, args[1]) is not { } tab)
                    return null;
                return args[0] is SmallNat i && i.Word < (ulong)tab.Count
                    ? Pair(tab, (int)i.Word)
                    : Nat.Zero;
            },
            Hashes = ["EKW4vsYbgp825gXmTmbuZHdJXvJJg5ZgMZLDhhTd5zQr"],
        },

        // (tabSplitAt n t) = [the first n keys with their values, the others], both lazy:
        // the law runs where an argument is not evaluated
        new()
        {
            Name = "tabSplitAt", Arity = 2,
            Code = static (_, args) => args[0].Resolved is SmallNat { Word: < int.MaxValue } at
                && args[1].Resolved is Tab tab
                    ? Split(tab, (int)at.Word)
                    : null,
            Hashes = ["HSJeEynaytuz6Har7pzrD38a9fERYycpCfn9DdWbsoww"],
        },

        // (tabSplitLT k t) = [the keys before k with their values, the others], both lazy:
        // the law runs where an argument is not evaluated
        new()
        {
            Name = "tabSplitLT", Arity = 2,
            Code = static (_, args) =>
                args[1].Resolved is Tab tab && LazyOrder.IsNormal(args[0])
                    ? Split(tab, KeySearch.CountBefore(tab.Keys, args[0].Resolved))
                    : null,
            Hashes = ["9YdjLVV4RVRWNEd7WqFppRKrnT2A5yYZCzrJYKwQyFos"],
        },

        // (tabAlter f k t) = t with the value of k changed by (f m): m is (0 v) for the value v of
        // k, or 0 where there is none; a nat removes k, (0 v) sets v
        new()
        {
            Name = "tabAlter", Arity = 3, Force = [3], Code = Alter,
            Hashes = ["GCz4BwUrQEWZpsprfRNJdrb342iSywauUKiGQ8usMsLB"],
        },

        // (tabMapWithKey f t) = t with (f k v) for each value v, k being its key
        new()
        {
            Name = "tabMapWithKey", Arity = 2, Force = [2],
            Code = static (evaluator, args) => Map(evaluator, args[0], args[1], withKey: true),
            Hashes = ["C5KJzWkVKbKe3BkxrE5MKEMPywwqjtS2Wg3uYAdhWxuX"],
        },

        // (tabMap f t) = t with (f v) for each value v
        new()
        {
            Name = "tabMap", Arity = 2, Force = [2],
            Code = static (evaluator, args) => Map(evaluator, args[0], args[1], withKey: false),
            Hashes = ["9d5ZFLjQTJiJWZ5nVu2HPERX87JE6useFs5hTLBxsEud"],
        },

        // (tabUnionWith f s t) = the keys of either, with (f v w) where both have a value
        new()
        {
            Name = "tabUnionWith", Arity = 3, Force = [2],
            Code = static (evaluator, args) => Union(evaluator, args[1], args[2], args[0]),
            Hashes = ["GwJdmG4nEoqdyQk59881fJEyXohj1FSRYUtJvtNUZb7t"],
        },

        // (tabWeld s t) = the keys of either, with the value in s where both have one
        new()
        {
            Name = "tabWeld", Arity = 2, Force = [1],
            Code = static (evaluator, args) => Union(evaluator, args[0], args[1], null),
            Hashes = ["5b6a45ecNGARY4eMDgoLBPR7rS4pLgXkYjSBsBeEdeHS"],
        },

        // (tabMinKey t) = the least key; 0 where there is none
        new()
        {
            Name = "tabMinKey", Arity = 1, Force = [1],
            Code = static (evaluator, args) =>
            {
                if (TabView.Forced(evaluator, args[0]) is not { } tab)
                    return null;
                return tab.Count == 0 ? Nat.Zero : tab.KeyAt(0);
            },
            Hashes = ["5e9RqAsaYgy7w8yt1DmgLN6e2nPUXqBT7ixPNvnG6MuW"],
        },

        // (tabFoldlWithKey f z t) = (f .. (f z k_0 v_0) .. k_n v_n), each evaluated before the next
        new()
        {
            Name = "tabFoldlWithKey", Arity = 3, Force = [3], Code = Fold,
            Hashes = ["DZ1uBEGqnQoVcC1sYiPSsSvZhfR4EZfghZAanHsag96M"],
        },

        // (tabFilterWithKey f t) = the keys k and values v of t for which (f k v) is true
        new()
        {
            Name = "_TabFilterWithKey", Arity = 2, Force = [2], Code = Filter,
            Hashes = ["LmKep1jfDMA1wRJUtMa4vQsotSPsrxfQeJySXapCzt8"],
        },
    ];

    private static Value KeyRow(Value tab) =>
        tab is Tab fast ? fast.Keys.ToRow() : AppParts.Body(AppParts.Car(tab));

    private static Value ValueRow(Evaluator evaluator, Value tab) =>
        evaluator.Whnf(AppParts.Cdr(tab));

    private static Row Pair(Tab tab, int rank) => Row.Of(tab.KeyAt(rank), tab.ValueAt(rank));

    private static Value[] Pairs(Tab tab)
    {
        var (keys, values) = (new ItemCursor(tab.Keys.Keys), new ItemCursor(tab.Parts));
        var pairs = new Value[tab.Count];
        for (var i = 0; i < pairs.Length; i++)
        {
            pairs[i] = keys.TryWord(i, out var key)
                ? new Row(key, values[i])
                : Row.Of(keys[i], values[i]);
        }
        return pairs;
    }

    private static Value[] Pairs(Evaluator evaluator, Value tab)
    {
        if (tab is Tab fast)
            return Pairs(fast);
        var values = AppParts.Items(ValueRow(evaluator, tab));
        var keys = values.Length == 0 ? [] : AppParts.Items(KeyRow(tab));
        return [.. keys.Zip(values, (key, value) => Row.Of(key, value))];
    }

    private static Value List(Value[] items)
    {
        Value list = Nat.Zero;
        for (var i = items.Length - 1; i >= 0; i--)
            list = Row.Of(items[i], list);
        return list;
    }

    private static Row Split(Tab tab, int at)
    {
        at = Math.Min(at, tab.Count);
        return Row.Of(tab.Slice(0, at), tab.Slice(at, tab.Count));
    }

    private static Value? Look(Evaluator evaluator, Value key, Value map, Value fallback)
    {
        if (map is not Tab tab)
        {
            if (map is not App { Head: Set keys, Count: 1 })
                return null;
            var at = KeySearch.Find(evaluator, keys, key);
            return at < 0 ? fallback : AppParts.Item(ValueRow(evaluator, map), at);
        }
        var rank = KeySearch.Find(evaluator, tab.Keys, key);
        return rank < 0 ? fallback : tab.ValueAt(rank);
    }

    private static Tab? FromPairs(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var pairs = AppParts.Items(args[0]);
        var keys = new Value[pairs.Length];
        for (var i = 0; i < pairs.Length; i++)
        {
            pairs[i] = evaluator.Whnf(pairs[i]);
            if (KeySearch.Normal(evaluator, AppParts.Item(pairs[i], 0)) is not { } key)
                return null;
            keys[i] = key;
        }
        return OfPairs(keys, pairs);
    }

    /// <summary>The tab of keys in normal form and the second items of pairs.</summary>
    private static Tab OfPairs(Value[] keys, Value[] pairs)
    {
        var order = Enumerable.Range(0, keys.Length).ToArray();
        Array.Sort(order, (i, j) =>
            Order.Compare(keys[i], keys[j]) is not 0 and var sign ? sign : i.CompareTo(j));
        var (ranked, values) = (new List<Value>(), new List<Value>());
        foreach (var i in order)
        {
            var value = AppParts.Item(pairs[i], 1);
            if (ranked.Count > 0 && Order.Equal(ranked[^1], keys[i]))
            {
                values[^1] = value;
                continue;
            }
            ranked.Add(keys[i]);
            values.Add(value);
        }
        return Tab.Of(Set.OfAscending([.. ranked]), [.. values]);
    }

    private static Tab? Alter(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var (f, key) = (args[0], args[1]);
        if (TabView.Of(args[2]) is not { } tab)
            return null;
        var rank = KeySearch.Find(evaluator, tab.Keys, key);
        var old = rank < 0 ? Nat.Zero : App.Make(Nat.Zero, tab.ValueAt(rank));
        var changed = evaluator.Apply(f, old);
        if (rank < 0)
        {
            return changed is Nat
                ? tab
                : tab.With(evaluator.Normalize(key), AppParts.Cdr(changed));
        }
        return changed is Nat
            ? tab.WithoutAt(rank)
            : tab.WithAt(rank, AppParts.Cdr(changed));
    }

    private static Tab? Map(Evaluator evaluator, Value f, Value map, bool withKey)
    {
        if (TabView.Forced(evaluator, map) is not { } tab)
            return null;
        var values = new Value[tab.Count];
        var (keys, old) = (new ItemCursor(tab.Keys.Keys), new ItemCursor(tab.Parts));
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = withKey
                ? evaluator.Delay(f, keys[i], old[i])
                : evaluator.Delay(f, old[i]);
        }
        return Tab.Of(tab.Keys, values);
    }

    /// <param name="f">Joins two values of one key; null to keep the left one.</param>
    private static Tab? Union(Evaluator evaluator, Value left, Value right, Value? f)
    {
        if (TabView.Forced(evaluator, left) is not { } a
            || TabView.Forced(evaluator, evaluator.Whnf(right)) is not { } b)
            return null;
        if (KeySearch.IsLookupCheaper(b.Count, a.Count))
            return Add(evaluator, a, b, f, fewAreLeft: false);
        return KeySearch.IsLookupCheaper(a.Count, b.Count)
            ? Add(evaluator, b, a, f, fewAreLeft: true)
            : Merge(evaluator, a, b, f);
    }

    private static Value Both(Evaluator evaluator, Value? f, Value left, Value right) =>
        f is null ? left : evaluator.Delay(f, left, right);

    private static Tab Add(Evaluator evaluator, Tab tab, Tab few, Value? f, bool fewAreLeft)
    {
        for (var i = 0; i < few.Count; i++)
        {
            var (key, value) = (few.KeyAt(i), few.ValueAt(i));
            if (tab.Find(key) is { } old)
            {
                value = fewAreLeft
                    ? Both(evaluator, f, value, old)
                    : Both(evaluator, f, old, value);
            }
            tab = tab.With(key, value);
        }
        return tab;
    }

    private static Tab Merge(Evaluator evaluator, Tab left, Tab right, Value? f)
    {
        var (keys, values) = (new List<Value>(), new List<Value>());
        var (leftKeys, rightKeys) =
            (new ItemCursor(left.Keys.Keys), new ItemCursor(right.Keys.Keys));
        var (leftValues, rightValues) = (new ItemCursor(left.Parts), new ItemCursor(right.Parts));
        var (i, j) = (0, 0);
        while (i < left.Count || j < right.Count)
        {
            var order = i == left.Count ? 1
                : j == right.Count ? -1
                : Order.Compare(leftKeys[i], rightKeys[j]);
            keys.Add(order <= 0 ? leftKeys[i] : rightKeys[j]);
            values.Add(
                order < 0 ? leftValues[i]
                : order > 0 ? rightValues[j]
                : Both(evaluator, f, leftValues[i], rightValues[j]));
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }
        return Tab.Of(Set.OfAscending([.. keys]), [.. values]);
    }

    private static Value? Fold(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var (f, state) = (args[0], args[1]);
        if (TabView.Forced(evaluator, args[2]) is not { } tab)
            return null;
        var (keys, values) = (new ItemCursor(tab.Keys.Keys), new ItemCursor(tab.Parts));
        for (var i = 0; i < tab.Count; i++)
            state = evaluator.Apply(f, state, keys[i], values[i]);
        return state;
    }

    private static Tab? Filter(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var f = args[0];
        if (TabView.Of(args[1]) is not { } tab)
            return null;
        var (keys, values) = (new List<Value>(), new List<Value>());
        var (oldKeys, old) = (new ItemCursor(tab.Keys.Keys), new ItemCursor(tab.Parts));
        for (var i = 0; i < tab.Count; i++)
        {
            if (!ControlJets.IsTrue(evaluator.Apply(f, oldKeys[i], old[i])))
                continue;
            keys.Add(oldKeys[i]);
            values.Add(old[i]);
        }
        return Tab.Of(Set.OfAscending([.. keys]), [.. values]);
    }
}
