using Pallas.Values;

namespace Pallas.Sire.Lower;

/// <summary>Questions about the variables of an expression.</summary>
internal static class Scoping
{
    /// <summary>Whether the variable of the index occurs in an expression.</summary>
    public static bool HasReference(int index, Expr expr)
    {
        if (!StackGuard.HasRoom)
            return HasReferenceDeeper(index, expr);
        while (true)
        {
            switch (expr)
            {
                case Variable variable:
                    return variable.Index == index;
                case Apply apply:
                    if (HasReference(index, apply.Argument))
                        return true;
                    expr = apply.Function;
                    break;
                case Let let:
                    if (HasReference(index, let.Value))
                        return true;
                    (expr, index) = (let.Body, index + 1);
                    break;
                case LetRec rec:
                    index += rec.Values.Length;
                    if (rec.Values.Any(value => HasReference(index, value)))
                        return true;
                    expr = rec.Body;
                    break;
                case Inlined inlined:
                    expr = inlined.Body;
                    break;
                case Lambda lambda:
                    (expr, index) = (lambda.Body, index + 1 + lambda.ArgCount);
                    break;
                default:
                    return false;
            }
        }
    }

    private static bool HasReferenceDeeper(int index, Expr expr) =>
        StackGuard.OnFreshStack(() => HasReference(index, expr));

    /// <summary>The expression with its free variables adjusted to another number of binders around
    /// it.</summary>
    /// <param name="from">The number of binders around it so far.</param>
    /// <param name="to">The number of binders around its new place.</param>
    /// <param name="bound">The number of variables that it binds itself around this part of it.
    /// </param>
    public static Expr Move(int from, int to, int bound, Expr expr) =>
        from == to ? expr : Shift(to - from, bound, expr);

    private static Expr Shift(int by, int bound, Expr expr)
    {
        if (!StackGuard.HasRoom)
            return ShiftDeeper(by, bound, expr);
        switch (expr)
        {
            case Variable variable when variable.Index >= bound:
                return new Variable(variable.Index + by);
            case Inlined inlined:
                return new Inlined(Shift(by, bound, inlined.Body));
            case Apply apply:
                return new Apply(
                    Shift(by, bound, apply.Function), Shift(by, bound, apply.Argument));
            case Let let:
                return new Let(Shift(by, bound, let.Value), Shift(by, bound + 1, let.Body));
            case LetRec rec:
                var inner = bound + rec.Values.Length;
                return new LetRec(
                    Array.ConvertAll(rec.Values, value => Shift(by, inner, value)),
                    Shift(by, inner, rec.Body));
            case Lambda lambda:
                return lambda with
                {
                    Body = Shift(by, bound + 1 + lambda.ArgCount, lambda.Body),
                };
            default:
                return expr;
        }
    }

    private static Expr ShiftDeeper(int by, int bound, Expr expr) =>
        StackGuard.OnFreshStack(() => Shift(by, bound, expr));
}
