using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Replaces calls with known arguments by calls of laws that are made for those arguments.
/// </summary>
/// <remarks>
/// Assumes: small laws are inlined, so that known functions and lists stand in the arguments.
///
/// Gives: an expression of the same value. A special law is an ordinary law, equal to the call
/// by what the two laws are. It is made only if it calls itself where the original law would have
/// made the same call again, so a loop stays in it to its end. The known part of a call is a
/// pattern: the call with holes, which are the arguments of the special law.
///
/// Example: <c>(listMap (mul 3) xs)</c> calls a law <c>listMap xs</c> that multiplies by 3, and
/// <c>(listMap f (listGen n g))</c> a law that makes one list and not two.
/// </remarks>
internal sealed class Specialize
{
    /// <summary>Special laws in one law.</summary>
    private const int CountMax = 8;

    /// <summary>Special laws that special laws need.</summary>
    private const int DepthMax = 3;

    /// <summary>The size of the body of a special law.</summary>
    private const int SizeMax = 240;

    /// <summary>The size of one argument of a call.</summary>
    private const int ArgSizeMax = 150;

    /// <summary>Calls that are replaced by bodies until one makes a list.</summary>
    private const int StepsMax = 4;

    private readonly CoreBuilder build;
    private readonly LawCode root;
    private readonly Deforest around;
    private readonly List<(Core Pattern, Value Law)> made = [];
    private int countLeft;

    private Specialize(CoreBuilder build)
    {
        (this.build, root, around) = (build, build.Self!, new Deforest(build, 0));
        countLeft = root.SpecialDepth < DepthMax ? CountMax : 0;
    }

    public static Core Run(Core core, CoreBuilder build)
    {
        var pass = new Specialize(build);
        return pass.countLeft > 0 ? pass.Visit(core) : core;
    }

    private Core Visit(Core core)
    {
        core = build.Map(core, Visit);
        if (countLeft <= 0 || CoreQueries.LawOf(core) is not { } code
            || ArgumentUsage.Of(code) is not { IsRecursive: true } usage)
        {
            return core;
        }
        var args = ((Core.Call)core).Args;
        var mayGain = args.Where((arg, i) => usage.IsApplied[i]
            || (usage.IsConsumed[i] && arg is not Core.Const)).Any();
        return mayGain && args.All(arg => ArgumentUsage.IsSimple(arg, ArgSizeMax))
            ? Find((Core.Call)core) ?? core
            : core;
    }

    /// <summary>The same call of a special law; null where there is none.</summary>
    private Core.Call? Find(Core.Call call)
    {
        if (countLeft <= 0 || CoreQueries.LawOf(call) is not { } code
            || ArgumentUsage.Of(code) is not { IsRecursive: true } usage)
        {
            return null;
        }
        var holes = new List<Core>();
        var fused = -1;
        var patterns = new Core[call.Args.Length];
        for (var i = 0; i < patterns.Length; i++)
        {
            var pattern = FunctionPattern(usage, i, call.Args[i], holes)
                ?? (fused < 0 ? ProducerPattern(usage, i, call.Args[i], holes) : null);
            patterns[i] = pattern ?? Hole(call.Args[i], holes);
            if (patterns[i] is Core.Call)
                fused = i;
        }
        if (holes.Count == 0 || patterns.All(part => part is Core.Var))
            return null;
        var law = LawFor(call with { Args = patterns }, code, holes.Count, fused);
        return law is null ? null : new(new CallTarget(law, build.Jets), [.. holes]);
    }

    private static Core.Var Hole(Core arg, List<Core> holes)
    {
        holes.Add(arg);
        return new Core.Var(holes.Count);
    }

    /// <summary>A known function, with holes for the variables of its closure.</summary>
    private static Core? FunctionPattern(
        ArgumentUsage usage, int index, Core arg, List<Core> holes)
    {
        if (!usage.IsApplied[index])
            return null;
        if (arg is Core.Const)
            return arg;
        return usage.IsOnlyApplied[index]
            && arg is Core.Build { Head: Core.Const { Value: Pin or Law } } closure
            ? closure with
            {
                Args = [.. closure.Args.Select(
                    part => part is Core.Const ? part : Hole(part, holes))],
            }
            : null;
    }

    /// <summary>A call of a law that makes a list step by step, with holes for its arguments.
    /// </summary>
    private Core.Call? ProducerPattern(
        ArgumentUsage usage, int index, Core arg, List<Core> holes)
    {
        if (!usage.IsConsumed[index])
            return null;
        var steps = StepsMax;
        while (CoreQueries.LawOf(arg) is { } code && steps-- > 0
            && ArgumentUsage.Of(code) is { } producer)
        {
            var call = (Core.Call)arg;
            if (Find(call) is { } special && ArgumentUsage.Of(special.Code) is { } known)
                (call, producer) = (special, known);
            if (producer.IsProducer)
                return call with { Args = [.. call.Args.Select(part => Hole(part, holes))] };
            if (producer.IsRecursive)
                return null;
            arg = around.Simplify(Body(code, producer, call));
        }
        return null;
    }

    /// <summary>The body of a law, with a let for each argument.</summary>
    private Core Body(LawCode code, ArgumentUsage usage, Core.Call call)
    {
        var given = new Dictionary<int, Core> { [0] = new Core.Const(code.Self) };
        var ids = call.Args.Select(_ => build.NewVariable()).ToArray();
        for (var i = 0; i < ids.Length; i++)
            given[i + 1] = new Core.Var(ids[i]);
        var body = build.Copy(usage.Body, given);
        for (var i = ids.Length - 1; i >= 0; i--)
            body = new Core.Let(ids[i], call.Args[i], body);
        return body;
    }

    // ---- Making a special law

    private Value? LawFor(Core.Call pattern, LawCode code, int holeCount, int fused)
    {
        foreach (var (known, law) in made)
        {
            if (Match(known, pattern) is { } holes
                && holes.Index().All(hole => hole.Item is Core.Var { Id: var id }
                    && id == hole.Index + 1))
            {
                return law;
            }
        }
        if (--countLeft < 0 || Make(pattern, code, holeCount, fused) is not { } special)
            return null;
        made.Add((pattern, special));
        return special;
    }

    private Law? Make(Core.Call pattern, LawCode code, int holeCount, int fused)
    {
        var special = new CoreBuilder(build.Jets, null, holeCount + 1);
        var deforest = new Deforest(special, holeCount + 1);
        var given = new Dictionary<int, Core> { [0] = pattern.Target.AsCore };
        for (var i = 0; i < pattern.Args.Length; i++)
            given[i + 1] = pattern.Args[i];
        var usage = ArgumentUsage.Of(code)!;
        Core? body;
        if (fused < 0)
        {
            body = special.Copy(usage.Body, given);
        }
        else
        {
            var list = special.NewVariable();
            given[fused + 1] = new Core.Var(list);
            body = deforest.Fuse(
                special.Copy(usage.Body, given), list, (Core.Call)pattern.Args[fused],
                rest => pattern with
                {
                    Args = [.. pattern.Args[..fused], rest, .. pattern.Args[(fused + 1)..]],
                });
        }
        if (body is null)
            return null;
        body = Fold(deforest.Simplify(body), pattern, special);
        if (!CoreQueries.Has(body, IsSelfApply)
            || CoreQueries.SizeOf(body) > SizeMax
            || LawEncoder.Encode(code.Source!.Name, holeCount, body) is not Law law)
        {
            return null;
        }
        var made = LawCode.Of(law, root.Table);
        made.SpecialDepth = root.SpecialDepth + 1;
        made.Heat = Compiler.WarmCalls;
        return law;
    }

    /// <summary>A call of the special law, which has no code yet.</summary>
    private static bool IsSelfApply(Core core) =>
        core is Core.Apply { Function: Core.Var { Id: 0 } };

    /// <summary>Turns calls that the special law was made for into calls of that law itself.
    /// </summary>
    private static Core Fold(Core core, Core.Call pattern, CoreBuilder special)
    {
        var folded = special.Map(core, part => Fold(part, pattern, special));
        return Match(pattern, folded) is { } holes
            ? new Core.Apply(new Core.Var(0), holes)
            : folded;
    }

    /// <summary>The expressions in the holes of a pattern; null for an expression of another
    /// form.</summary>
    private static Core[]? Match(Core pattern, Core core)
    {
        var holes = new List<Core>();
        return IsMatch(pattern, core) ? [.. holes] : null;

        bool IsMatch(Core wanted, Core found)
        {
            if (wanted is Core.Var)
            {
                holes.Add(found);
                return true;
            }
            if (wanted is Core.Const { Value: var value })
                return found is Core.Const other && IsSame(value, other.Value);
            var (parts, others) = (wanted.Parts, found.Parts);
            return wanted.GetType() == found.GetType() && parts.Length == others.Length
                && parts.Zip(others).All(pair => IsMatch(pair.First, pair.Second));
        }
    }

    private static bool IsSame(Value a, Value b) => ReferenceEquals(a, b)
        || (a is SmallNat first && b is SmallNat second && first.Word == second.Word)
        || (a is Pin one && b is Pin two && one.HasHash && two.HasHash && one.Hash == two.Hash);
}
