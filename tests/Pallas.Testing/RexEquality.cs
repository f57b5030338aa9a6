using Pallas.Rex;

namespace Pallas.Testing;

/// <summary>Compares Rex trees, for properties and tests.</summary>
public static class RexEquality
{
    /// <summary>Whether two trees have equal content and layout. Spans do not count; embedded
    /// values are compared by their own <see cref="object.Equals(object)"/>.</summary>
    public static bool Same(RexTree? left, RexTree? right)
    {
        var pairs = new Stack<(RexTree? Left, RexTree? Right)>();
        pairs.Push((left, right));
        while (pairs.TryPop(out var pair))
        {
            if (ReferenceEquals(pair.Left, pair.Right))
                continue;
            if (pair.Left is null || pair.Right is null || !SameHead(pair.Left, pair.Right))
                return false;
            pairs.Push((pair.Left.Heir, pair.Right.Heir));
            if (pair is (RexNode l, RexNode r))
                for (var i = 0; i < l.Sons.Count; i++)
                    pairs.Push((l.Sons[i], r.Sons[i]));
        }
        return true;
    }

    private static bool SameHead(RexTree left, RexTree right) => (left, right) switch
    {
        (RexNode l, RexNode r) =>
            l.Shape == r.Shape && l.Rune == r.Rune && l.Sons.Count == r.Sons.Count,
        (RexLeaf l, RexLeaf r) => l.Shape == r.Shape && l.Text == r.Text,
        (RexEmbed l, RexEmbed r) => Equals(l.Value, r.Value),
        _ => false,
    };
}
