using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// The order on values. It evaluates the parts that the law of <c>cmp</c> evaluates, in the law's
/// order: two applications of the same length and head are compared part by part from the head, the
/// left one first, up to the first difference.
/// </summary>
internal static class LazyOrder
{
    /// <summary>0 for less, 1 for equal, 2 for greater: the nats that <c>cmp</c> answers.</summary>
    public static Nat Ordinal(int order) => Nat.Of((ulong)(Math.Sign(order) + 1));

    /// <returns>Negative, zero or positive.</returns>
    public static int Compare(Evaluator evaluator, Value a, Value b) =>
        Compare(evaluator, a, b, isEquality: false);

    public static bool Equal(Evaluator evaluator, Value a, Value b) =>
        Compare(evaluator, a, b, isEquality: true) == 0;

    /// <summary>Whether all parts of the value are evaluated; evaluates none.</summary>
    public static bool IsNormal(Value value)
    {
        value = value.Resolved;
        if (value is not Compound top)
            return !value.IsThunk;
        if (top.Normality == NormalState.Normal)
            return true;
        var open = new Stack<object>();
        open.Push(top);
        while (open.TryPop(out var next))
        {
            switch (next)
            {
                case Compound { InlineCount: > 0 } small:
                    for (var i = small.HasNumber ? 1 : 0; i < small.InlineCount; i++)
                    {
                        if (!PushOpen(open, small.Part(i)))
                            return false;
                    }
                    break;
                case Compound { Parts: { IsFlat: false } parts }:
                    PushOpen(open, parts.Tree);
                    break;
                case ItemNode { Kids: { } kids }:
                    PushOpen(open, kids);
                    break;
                case var last:
                    var run = last is ItemNode leaf ? leaf.Run : ((Compound)last).Parts.Flat;
                    if (run.Values is { } fields && !PushOpen(open, fields))
                        return false;
                    break;
            }
        }
        return true;
    }

    private static void PushOpen(Stack<object> open, params ReadOnlySpan<ItemNode> nodes)
    {
        foreach (var node in nodes)
        {
            if (!node.IsNormal)
                open.Push(node);
        }
    }

    /// <returns>False where a field is not evaluated.</returns>
    private static bool PushOpen(Stack<object> open, Value[] fields)
    {
        foreach (var field in fields)
        {
            if (!PushOpen(open, field.Resolved))
                return false;
        }
        return true;
    }

    private static bool PushOpen(Stack<object> open, Value part)
    {
        if (part.IsThunk)
            return false;
        if (part is Compound { Normality: not NormalState.Normal } inner)
            open.Push(inner);
        return true;
    }

    private static int Compare(Evaluator evaluator, Value a, Value b, bool isEquality)
    {
        Stack<(Value A, Value B, int Next)>? open = null;
        while (true)
        {
            a = evaluator.Whnf(a);
            b = evaluator.Whnf(b);
            var order = CompareOuter(a, b, isEquality);
            if (order != 0)
                return order;
            if (AppParts.Count(a) is > 0 and var count && !IsKnownSame(a, b))
                (open ??= []).Push((a, b, count - 1));
            if (open is null || !open.TryPop(out var frame))
                return 0;
            if (frame.Next > 0)
                open.Push((frame.A, frame.B, frame.Next - 1));
            a = AppParts.Item(frame.A, frame.Next);
            b = AppParts.Item(frame.B, frame.Next);
        }
    }

    private static bool IsKnownSame(Value a, Value b) =>
        ReferenceEquals(a, b) && a is Compound { Normality: NormalState.Normal };

    /// <summary>Zero where the values are equal but for the arguments of applications.</summary>
    private static int CompareOuter(Value a, Value b, bool isEquality)
    {
        var (aCount, bCount) = (AppParts.Count(a), AppParts.Count(b));
        if (aCount == 0 && bCount == 0)
        {
            return isEquality && a is Pin p && b is Pin q
                ? p.Hash.CompareTo(q.Hash)
                : Order.Compare(a, b);
        }
        if (aCount != bCount)
            return aCount.CompareTo(bCount);
        return a is Row && b is Row ? 0 : Order.Compare(AppParts.Head(a), AppParts.Head(b));
    }
}
