using Pallas.Values;

namespace Pallas.Sire;

// The expressions of Sire, variables as de Bruijn indexes. A function binds itself and then its
// parameters, so that index 0 is the last parameter and index n the function of n parameters.

/// <summary>An expression; the family is closed.</summary>
public abstract record Expr;

/// <summary>The variable bound by the Index-th binder outwards, from 0.</summary>
public sealed record Variable(int Index) : Expr;

/// <param name="Value">In normal form.</param>
public sealed record Constant(Value Value) : Expr;

public sealed record Global(Binding Binding) : Expr;

public sealed record Apply(Expr Function, Expr Argument) : Expr;

/// <summary>Index 0 is the value in the body.</summary>
public sealed record Let(Expr Value, Expr Body) : Expr;

/// <summary>Index i is the i-th value, in the values and in the body.</summary>
public sealed record LetRec(Expr[] Values, Expr Body) : Expr;

/// <summary>Asks for the function to be inlined where it is called.</summary>
public sealed record Inlined(Expr Body) : Expr;

/// <param name="IsPinned">Whether the law is pinned.</param>
/// <param name="IsMarked">Whether calls are inlined without being asked to.</param>
/// <param name="IsRecursive">Whether the body refers to the function; then it is never
/// inlined.</param>
/// <param name="Tag">The name of the law.</param>
/// <param name="ArgCount">The number of parameters.</param>
public sealed record Lambda(
    bool IsPinned, bool IsMarked, bool IsRecursive, Nat Tag, int ArgCount, Expr Body) : Expr;

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

    /// <summary>The expression when it moves from under some binders to under others.</summary>
    /// <param name="from">How many binders it stood under.</param>
    /// <param name="to">How many it will stand under.</param>
    /// <param name="bound">How many variables it binds itself around this part of it.</param>
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
