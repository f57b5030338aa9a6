using Pallas.Values;

namespace Pallas.Sire.Lower;

// The expressions of Sire, with de Bruijn indexes for variables. A function binds itself and then
// its parameters, so that index 0 is the last parameter and index n the function of n parameters.

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

/// <summary>Requests that calls of this function are inlined.</summary>
public sealed record Inlined(Expr Body) : Expr;

/// <param name="IsPinned">Whether the law is pinned.</param>
/// <param name="IsMarked">Whether all calls of it are inlined.</param>
/// <param name="IsRecursive">Whether the body refers to the function; then it is never
/// inlined.</param>
/// <param name="Tag">The name of the law.</param>
/// <param name="ArgCount">The number of parameters.</param>
public sealed record Lambda(
    bool IsPinned, bool IsMarked, bool IsRecursive, Nat Tag, int ArgCount, Expr Body) : Expr;
