using Pallas.Sire.Errors;
using Pallas.Values;

namespace Pallas.Sire.Lower;

/// <summary>
/// Replaces calls by the body of the called function, where the function or the call is marked with
/// <c>**</c>.
/// </summary>
/// <remarks>
/// The laws that result are frozen down to the last variable, so every step here is part of the
/// format. An expression in function position may have a <em>candidate</em>: the function that it
/// is known to be, and its arguments so far. A marked candidate with all its arguments becomes a
/// chain of lets around the function's body, which is inlined again. A depth is the number of
/// binders around an expression where it was written.
/// </remarks>
internal sealed class Inliner
{
    /// <summary>
    /// The limit on visited expressions. A function that is inlined into itself would never end;
    /// real programs need less than a thirtieth of the limit.
    /// </summary>
    private const int StepsMax = 1 << 20;

    private int stepsLeft = StepsMax;

    private Inliner()
    {
    }

    /// <exception cref="SireFailure">The inlining does not end.</exception>
    public static Expr Inline(Expr expr)
    {
        var inliner = new Inliner();
        var result = inliner.Inline(0, null, null, expr).Expr;
        return inliner.HasNoEnd
            ? throw new SireFailure(
                SireErrorKind.Form, default, "the inlining of functions does not end",
                "a function with ** is called with itself: take one ** away")
            : result;
    }

    /// <summary>When it is true, every call returns at once with any result. An exception would
    /// take seconds to unwind a hundred thousand calls on many stacks.</summary>
    private bool HasNoEnd => stepsLeft < 0;

    /// <summary>A function that an expression is known to be.</summary>
    /// <param name="Missing">The number of arguments that it still lacks.</param>
    /// <param name="Args">The last one first.</param>
    private sealed record Candidate(
        Lambda Function, bool IsMarked, int Depth, int Missing, Args? Args);

    private sealed record Args(Arg First, Args? Rest);

    private sealed record Env(Candidate? First, Env? Rest);

    private readonly record struct Result(Expr Expr, Candidate? Candidate);

    /// <summary>An argument, inlined. <see cref="FindCandidate"/> defers the inlining until the
    /// expression is needed.</summary>
    private sealed class Arg
    {
        private readonly Inliner? inliner;
        private readonly Env? env;
        private Expr? source;
        private Expr? expr;

        public Arg(int depth, Expr expr) => (Depth, this.expr) = (depth, expr);

        public Arg(Inliner inliner, int depth, Env? env, Expr source) =>
            (this.inliner, Depth, this.env, this.source) = (inliner, depth, env, source);

        public int Depth { get; }

        public Expr Expr
        {
            get
            {
                if (expr is null)
                    (expr, source) = (inliner!.Inline(Depth, env, null, source!).Expr, null);
                return expr;
            }
        }
    }

    private Result Inline(int depth, Env? env, Args? args, Expr expr)
    {
        if (!StackGuard.HasRoom)
            return InlineDeeper(depth, env, args, expr);
        if (--stepsLeft < 0)
            return new Result(expr, null);
        while (expr is Apply apply)
        {
            var argument = Inline(depth, env, null, apply.Argument).Expr;
            (args, expr) = (new Args(new Arg(depth, argument), args), apply.Function);
        }
        switch (expr)
        {
            case Variable variable:
                return Reapply(depth, env, args, new Result(expr, Lookup(env, variable.Index)));
            case Global global:
                var known = FindCandidate(depth, null, null, global.Binding.Code);
                return Reapply(depth, env, args, new Result(expr, known));
            case Inlined inlined:
                var body = Inline(depth, env, null, inlined.Body);
                return Reapply(depth, env, args, body with { Candidate = Mark(body.Candidate) });
            case Lambda lambda:
                return Reapply(depth, env, args, InlineLambda(depth, env, lambda));
            case Let let:
                var value = Inline(depth, env, null, let.Value);
                var rest = Inline(depth + 1, new Env(value.Candidate, env), args, let.Body);
                return new Result(new Let(value.Expr, rest.Expr), null);
            case LetRec rec:
                var inner = depth + rec.Values.Length;
                var recEnv = Extend(env, rec.Values.Length);
                var values = Array.ConvertAll(
                    rec.Values, each => Inline(inner, recEnv, null, each).Expr);
                var end = Inline(inner, recEnv, args, rec.Body);
                return new Result(new LetRec(values, end.Expr), null);
            default:
                return Reapply(depth, env, args, new Result(expr, null));
        }
    }

    private Result InlineDeeper(int depth, Env? env, Args? args, Expr expr) =>
        StackGuard.OnFreshStack(() => Inline(depth, env, args, expr));

    private Result InlineLambda(int depth, Env? env, Lambda lambda)
    {
        var bound = 1 + lambda.ArgCount;
        var body = Inline(bound + depth, Extend(env, bound), null, lambda.Body).Expr;
        return new Result(lambda with { Body = body }, CandidateOf(lambda, depth));
    }

    /// <summary>Applies an expression to its arguments one by one, and expands it once it has
    /// enough.</summary>
    private Result Reapply(int depth, Env? env, Args? args, Result result)
    {
        while (true)
        {
            if (result.Candidate is { Missing: 0, IsMarked: true } ready)
                return Inline(depth, env, args, Expand(ready, depth));
            if (args is null || HasNoEnd)
                return result;
            var moved = Scoping.Move(args.First.Depth, depth, 0, args.First.Expr);
            result = new Result(
                new Apply(result.Expr, moved), Supply(result.Candidate, args.First));
            args = args.Rest;
        }
    }

    /// <summary>The candidate that <see cref="Inline(int, Env, Args, Expr)"/> would return, without
    /// the expression. Every mention of a global needs only this.</summary>
    private Candidate? FindCandidate(int depth, Env? env, Args? args, Expr expr)
    {
        if (!StackGuard.HasRoom)
            return FindCandidateDeeper(depth, env, args, expr);
        if (--stepsLeft < 0)
            return null;
        while (expr is Apply apply)
        {
            var argument = new Arg(this, depth, env, apply.Argument);
            (args, expr) = (new Args(argument, args), apply.Function);
        }
        var candidate = expr switch
        {
            Variable variable => Lookup(env, variable.Index),
            Global global => FindCandidate(depth, null, null, global.Binding.Code),
            Inlined inlined => Mark(FindCandidate(depth, env, null, inlined.Body)),
            Lambda lambda => CandidateOf(lambda, depth),
            _ => null,
        };
        while (candidate is not null)
        {
            if (candidate is { Missing: 0, IsMarked: true })
                return FindCandidate(depth, env, args, Expand(candidate, depth));
            if (args is null)
                return candidate;
            candidate = Supply(candidate, args.First);
            args = args.Rest;
        }
        return null;
    }

    private Candidate? FindCandidateDeeper(int depth, Env? env, Args? args, Expr expr) =>
        StackGuard.OnFreshStack(() => FindCandidate(depth, env, args, expr));

    private static Candidate? CandidateOf(Lambda lambda, int depth) => lambda.IsRecursive
        ? null
        : new Candidate(lambda, lambda.IsMarked, depth, lambda.ArgCount, null);

    private static Candidate? Mark(Candidate? candidate) =>
        candidate is null or { IsMarked: true } ? candidate : candidate with { IsMarked = true };

    private static Candidate? Supply(Candidate? candidate, Arg arg) => candidate is { Missing: > 0 }
        ? candidate with
        {
            Missing = candidate.Missing - 1,
            Args = new Args(arg, candidate.Args),
        }
        : null;

    /// <summary>The function's body under lets of the function and of its arguments. The let of the
    /// function binds 0, because a candidate is not recursive.</summary>
    private static Let Expand(Candidate candidate, int depth)
    {
        var function = candidate.Function;
        var bound = 1 + function.ArgCount;
        var result = Scoping.Move(candidate.Depth, depth, bound, function.Body);
        var index = function.ArgCount;
        for (var args = candidate.Args; args is not null; args = args.Rest, index--)
        {
            var moved = Scoping.Move(args.First.Depth, depth + index, 0, args.First.Expr);
            result = new Let(moved, result);
        }
        return new Let(new Constant(Nat.Zero), result);
    }

    private static Env? Extend(Env? env, int count)
    {
        for (var i = 0; i < count; i++)
            env = new Env(null, env);
        return env;
    }

    /// <summary>An index beyond the environment occurs in the code of a binding that a macro made
    /// of an open expression; it has no candidate.</summary>
    private static Candidate? Lookup(Env? env, int index)
    {
        for (; env is not null && index > 0; index--)
            env = env.Rest;
        return env?.First;
    }
}
