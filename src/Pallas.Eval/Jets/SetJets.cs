using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Sets. The laws read every law as a set, and a value that is no law as an empty set. Most jets
/// here leave arguments that are no sets to the law.
/// </summary>
internal static class SetJets
{
    public static readonly Jet[] All =
    [
        // (mkSet x) = {1 2 x}
        new()
        {
            Name = "_MkSet", Arity = 1,
            Code = static (evaluator, args) => Of(evaluator.Normalize(args[0])),
            Hashes = ["4RUfSzoWUyiYQ5omEL7XWABd3bCpp6Q92Gx62fdDvrVu"],
        },

        // (setToRow s) = (lawBody s)
        new()
        {
            Name = "_SetToRow", Arity = 1, Force = [1],
            Code = static (_, args) => AppParts.Body(args[0]),
            Hashes = ["3GGGFTFjPGAJp75fDidHT2ir5gjRY96P9qhPAEi37L2R"],
        },

        // (setFromRow x) = {1 2 x'}, x' being the items of x in ascending order, equal ones once.
        // The law runs where an item is not evaluated: it sorts by insertion, so it decides
        // which of two crashing items comes first.
        new()
        {
            Name = "setFromRow", Arity = 1, Force = [1],
            Code = static (evaluator, args) => LazyOrder.IsNormal(args[0])
                ? Set.Of(AppParts.Items(evaluator.Normalize(args[0])))
                : null,
            Hashes = ["FZQycoF1ihZD9zykieRvnscrRTcYr1LMnLNWpsabzvzV"],
        },

        // (setSing k) = the set of k
        new()
        {
            Name = "setSing", Arity = 1,
            Code = static (evaluator, args) => Set.OfAscending([evaluator.Normalize(args[0])]),
            Hashes = ["2S8yfCmRiecvoxgLJVJg5L6MxLm5avjoGqGJmnbukt27"],
        },

        // (setIsEmpty s) = (null (lawBody s))
        new()
        {
            Name = "setIsEmpty", Arity = 1, Force = [1],
            Code = static (_, args) => Nat.Of(!AppParts.IsApp(AppParts.Body(args[0]))),
            Hashes = ["BDgQFXd9VbEEdoBcaqMys39ucwLS4WFhQLAxypncGj3W"],
        },

        // (setLen s) = (len (lawBody s))
        new()
        {
            Name = "setLen", Arity = 1, Force = [1],
            Code = static (_, args) => Nat.Of((ulong)AppParts.Count(AppParts.Body(args[0]))),
            Hashes = ["4yZ1gLVWzH46af8cUrqhJiAZdSNTpRMPw97JVZH3Z6Ya"],
        },

        // (setHas k s) = 1 where k is in s, else 0; where s is empty, k stays unevaluated
        new()
        {
            Name = "setHas", Arity = 2, Force = [2],
            Code = static (evaluator, args) => args[1] is Set set
                ? Nat.Of(KeySearch.Find(evaluator, set, args[0]) >= 0)
                : null,
            Hashes = ["H54z14ukWmmsPWW1hVvtmg9LgHXXqL3CDAxat7hxHqZg"],
        },

        // (setMin s) = the least member; 0 where there is none
        new()
        {
            Name = "setMin", Arity = 1, Force = [1],
            Code = static (_, args) => AppParts.Item(AppParts.Body(args[0]), 0),
            Hashes = ["99RzLRXhcLMYwmi3Z92BzxyP7ByJepiSNbMhH3tYThxr"],
        },

        // (setIns k s) = s with k
        new()
        {
            Name = "setIns", Arity = 2, Force = [2],
            Code = static (evaluator, args) =>
                args[1] is Set set && KeySearch.Normal(evaluator, args[0]) is { } key
                    ? set.With(key)
                    : null,
            Hashes = ["7XTSXHE3H5naGmKM1pHkN5K8Y5YCW2DXGKNmUZwSHSjW"],
        },

        // (setDel k s) = s without k; k is compared with every member
        new()
        {
            Name = "setDel", Arity = 2, Force = [2], Code = Delete,
            Hashes = ["DRtJToYcbs4CeWJbsim6AC1wfQAvhawXaXBTRf9j15em"],
        },

        // (setWeld s t) = the members of either
        new()
        {
            Name = "setWeld", Arity = 2, Force = [2, 1],
            Code = static (_, args) => args[0] is Set left && args[1] is Set right
                ? KeySearch.Union(left, right)
                : null,
            Hashes = ["DiwkKspYbznDoaAB4hTMTeqhB9CWSDsxnAYU8jaXrb2v"],
        },

        // (setCatRowAsc x) = {1 2 row} of the members of all sets in x one after the other, the
        // last set being evaluated first
        new()
        {
            Name = "setCatRowAsc", Arity = 1, Force = [1], Code = CatAscending,
            Hashes = ["3FxDUjMRkbL5YcH2VKrEcQrKqt1rxYjpE7jLVULvC4du"],
        },

        // (isSet x) = 1 for a set, else 0
        new()
        {
            Name = "isSet", Arity = 1, Force = [1],
            Shortcut = static (x, _) => Nat.Of(x is Set),
            Hashes = ["Cg5qw1nsmxJZvrxyDcQkxvibHgARN5kwy8KHLqY2p8JR"],
        },

        // (setDrop n s) = (mkSet (drop n (lawBody s)))
        new()
        {
            Name = "setDrop", Arity = 2, Force = [1, 2],
            Code = static (_, args) => Part(args[1], RowJets.Drop(args[0], Members(args[1]))),
            Hashes = ["59s1CVBM1sVCsu8goeVRtcZgo3MfSpsNpURxcugnJz5S"],
        },

        // (setTake n s) = (mkSet (take n (lawBody s)))
        new()
        {
            Name = "setTake", Arity = 2, Force = [1, 2],
            Code = static (_, args) => Part(args[1], RowJets.Take(args[0], Members(args[1]))),
            Hashes = ["6gHtpymH8Dr9mKh3ZVWK131L2xYXcn29PHUWokh3BBoC"],
        },

        // (setSplitAt n s) = [(setTake n s) (setDrop n s)], both lazy: the law runs where an
        // argument is not evaluated
        new()
        {
            Name = "setSplitAt", Arity = 2,
            Code = static (_, args) => args[0].Resolved is SmallNat { Word: < int.MaxValue } at
                && args[1].Resolved is Set set
                    ? Split(set, (int)at.Word)
                    : null,
            Hashes = ["8bHiTR25SEwWF44Jm4jxPb3dPpYjDobmjDYiJAkH3uXS"],
        },

        // (setIntersect s t) = the members of both; where t is empty, s stays unevaluated
        new()
        {
            Name = "setIntersect", Arity = 2, Force = [2], Code = Intersect,
            Hashes = ["6tABCWy2zvjbCbFyEFvrHBkJ54SWVpEGCymgZauuCeAf"],
        },

        // (setSub s t) = s without the members of t; s itself, whatever it is, where t is empty
        new()
        {
            Name = "setSub", Arity = 2, Force = [2], Code = Subtract,
            Hashes = ["H4X1JaHYoS8DUbSnsevKrqu8LuXebWiARUEoppmYL174"],
        },

        // (setSplitLT k s) = [the members before k, the others], both lazy: the law runs where
        // an argument is not evaluated
        new()
        {
            Name = "setSplitLT", Arity = 2,
            Code = static (_, args) =>
                args[1].Resolved is Set set && LazyOrder.IsNormal(args[0])
                    ? Split(set, KeySearch.CountBefore(set, args[0].Resolved))
                    : null,
            Hashes = ["C2ZGZw6xkURRqrDEVTyhYRCx31GRWKuDWJVj6KP91ACn"],
        },
    ];

    /// <summary>The law <c>{1 2 row}</c>.</summary>
    /// <param name="row">In normal form.</param>
    public static Value Of(Value row) => Law.Make(Nat.One, Nat.Of(2), row);

    private static ItemSeq Members(Value set) => AppParts.Sequence(AppParts.Body(set));

    /// <summary>The law <c>{1 2 members}</c> of some members of a set, in their order.</summary>
    private static Value Part(Value set, ItemSeq members) =>
        set is Set ? Set.OfAscending(members) : Of(Row.Of(members));

    private static Row Split(Set set, int at)
    {
        at = Math.Min(at, set.Count);
        return Row.Of(set.Slice(0, at), set.Slice(at, set.Count));
    }

    private static Set? Delete(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        if (args[1] is not Set set || set.Count == 0)
            return args[1] as Set;
        var key = evaluator.Whnf(args[0]);
        if (LazyOrder.IsNormal(key))
            return set.Without(key);
        var kept = set.Keys.ToArray().Where(member => !LazyOrder.Equal(evaluator, key, member));
        return Set.OfAscending([.. kept]);
    }

    private static Value CatAscending(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var sets = AppParts.Items(args[0]);
        for (var i = sets.Length - 1; i >= 0; i--)
            sets[i] = evaluator.Whnf(sets[i]);
        return Of(Row.Of([.. sets.SelectMany(set => Members(set).ToArray())]));
    }

    private static Set? Intersect(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        if (args[1] is not Set right || right.Count == 0)
            return args[1] as Set;
        return evaluator.Whnf(args[0]) is Set left
            ? KeySearch.Select(right, left, isInOthers: true)
            : null;
    }

    private static Value? Subtract(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        if (args[1] is not Set right)
            return null;
        if (right.Count == 0)
            return args[0];
        return evaluator.Whnf(args[0]) is Set left
            ? KeySearch.Select(left, right, isInOthers: false)
            : null;
    }
}
