using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Makes laws for calls of which more is known than the law: <c>listMap (mul 3) xs</c> calls a
/// <c>listMap</c> whose function is that one, and <c>listMap f (listGen n g)</c> a law that makes
/// the first list only.
/// </summary>
/// <remarks>
/// A special law is an ordinary law with an ordinary body, equal to the call by what the two laws
/// are. It is made only where it calls itself where the law would have made the same call again,
/// so a loop runs in it to its end. What is known is a pattern: the call with holes, which are the
/// arguments of the special law.
/// </remarks>
internal sealed class LawSpecializer
{
    /// <summary>Special laws in one law.</summary>
    private const int CountMax = 8;

    /// <summary>Special laws that special laws need.</summary>
    private const int DepthMax = 3;

    /// <summary>Of the body of a special law.</summary>
    private const int SizeMax = 240;

    /// <summary>Of one argument of a call that is looked at.</summary>
    private const int ArgSizeMax = 150;

    /// <summary>Calls in place of calls until one is found that makes a list.</summary>
    private const int StepsMax = 4;

    private readonly LawCode root;
    private readonly TreeForms forms;
    private readonly List<(CallTree Pattern, Value Law)> made = [];
    private int countLeft;

    public LawSpecializer(LawCode root)
    {
        this.root = root;
        forms = new TreeForms(root.Table);
        countLeft = root.SpecialDepth < DepthMax ? CountMax : 0;
    }

    /// <summary>The same call, of a special law; null where there is none.</summary>
    /// <param name="args">As many as the law takes.</param>
    /// <param name="nextVariable">Above all variables of the arguments, before and after.</param>
    public Exp? Find(LawCode code, Exp[] args, ref int nextVariable)
    {
        if (countLeft <= 0 || LawShape.Of(code, forms) is not { IsRecursive: true } shape
            || !MayGain(shape, args))
        {
            return null;
        }
        var trees = args.Select(arg => Trees.Read(arg, ArgSizeMax)).ToArray();
        if (trees.Contains(null))
            return null;
        var around = new TreeFusion(forms, nextVariable);
        var found = Find(new CallTree(new ConstTree(code.Self), trees!), around);
        nextVariable = around.NewVariable();
        return found is null ? null : Trees.ToExp(found);
    }

    private static bool MayGain(LawShape shape, Exp[] args)
    {
        for (var i = 0; i < args.Length; i++)
        {
            if (shape.IsApplied[i] || (shape.IsConsumed[i] && args[i] is not ConstExp))
                return true;
        }
        return false;
    }

    private CallTree? Find(CallTree call, TreeFusion around)
    {
        if (countLeft <= 0 || forms.LawOf(call) is not { } code
            || LawShape.Of(code, forms) is not { IsRecursive: true } shape)
        {
            return null;
        }
        var holes = new List<Tree>();
        var met = -1;
        var patterns = new Tree[call.Args.Length];
        for (var i = 0; i < patterns.Length; i++)
        {
            patterns[i] = FunctionPattern(shape, i, call.Args[i], holes)
                ?? (met < 0 ? ProducerPattern(shape, i, call.Args[i], holes, around) : null)
                ?? Hole(call.Args[i], holes);
            if (patterns[i] is CallTree made && forms.LawOf(made) is not null)
                met = i;
        }
        if (holes.Count == 0 || patterns.All(pattern => pattern is VarTree))
            return null;
        var pattern = new CallTree(new ConstTree(code.Self), patterns);
        return LawFor(pattern, code, holes.Count, met) is { } law
            ? new CallTree(new ConstTree(law), [.. holes])
            : null;
    }

    private static VarTree Hole(Tree arg, List<Tree> holes)
    {
        holes.Add(arg);
        return new VarTree(holes.Count);
    }

    /// <summary>A function that is known, with holes for what it holds.</summary>
    private Tree? FunctionPattern(LawShape shape, int index, Tree arg, List<Tree> holes)
    {
        if (!shape.IsApplied[index])
            return null;
        if (arg is ConstTree)
            return arg;
        if (!shape.IsOnlyApplied[index]
            || arg is not CallTree { Head: ConstTree { Value: Pin or Law } head } closure
            || head.Value.Arity <= closure.Args.Length)
        {
            return null;
        }
        return new CallTree(
            head,
            [.. closure.Args.Select(held => held is ConstTree ? held : Hole(held, holes))]);
    }

    /// <summary>A call of a law that makes a list step by step, with holes for its arguments.
    /// </summary>
    private Tree? ProducerPattern(
        LawShape shape, int index, Tree arg, List<Tree> holes, TreeFusion around)
    {
        if (!shape.IsConsumed[index])
            return null;
        var steps = StepsMax;
        while (arg is CallTree call && forms.LawOf(arg) is { } code && steps-- > 0
            && LawShape.Of(code, forms) is { } made)
        {
            if (Find(call, around) is { } special
                && LawShape.Of(forms.LawOf(special)!, forms) is { } known)
            {
                (call, made) = (special, known);
            }
            if (made.IsProducer)
                return new CallTree(call.Head, [.. call.Args.Select(held => Hole(held, holes))]);
            if (made.IsRecursive)
                return null;
            arg = around.Simplify(Apply(code, made, call, around));
        }
        return null;
    }

    /// <summary>The body of a law around its arguments.</summary>
    private static Tree Apply(LawCode code, LawShape shape, CallTree call, TreeFusion around)
    {
        var given = new Dictionary<int, Tree> { [0] = new ConstTree(code.Self) };
        var ids = call.Args.Select(_ => around.NewVariable()).ToArray();
        for (var i = 0; i < ids.Length; i++)
            given[i + 1] = new VarTree(ids[i]);
        var body = around.Copy(shape.Body, given);
        for (var i = ids.Length - 1; i >= 0; i--)
            body = new LetTree(ids[i], call.Args[i], body);
        return body;
    }

    // ---- Making a special law

    private Value? LawFor(CallTree pattern, LawCode code, int holeCount, int met)
    {
        foreach (var (known, law) in made)
        {
            if (Match(known, pattern) is { } same && IsInOrder(same))
                return law;
        }
        if (--countLeft < 0 || Make(pattern, code, holeCount, met) is not { } special)
            return null;
        made.Add((pattern, special));
        return special;
    }

    private static bool IsInOrder(Tree[] holes)
    {
        for (var i = 0; i < holes.Length; i++)
        {
            if (holes[i] is not VarTree variable || variable.Id != i + 1)
                return false;
        }
        return true;
    }

    private Law? Make(CallTree pattern, LawCode code, int holeCount, int met)
    {
        var shape = LawShape.Of(code, forms)!;
        var fusion = new TreeFusion(forms, holeCount + 1);
        var given = new Dictionary<int, Tree> { [0] = pattern.Head };
        for (var i = 0; i < pattern.Args.Length; i++)
            given[i + 1] = pattern.Args[i];
        Tree? body;
        if (met < 0)
        {
            body = fusion.Copy(shape.Body, given);
        }
        else
        {
            var list = fusion.NewVariable();
            given[met + 1] = new VarTree(list);
            var producer = (CallTree)pattern.Args[met];
            body = fusion.Meet(
                fusion.Copy(shape.Body, given), list, producer, forms.LawOf(producer)!,
                rest => new CallTree(
                    pattern.Head, [.. pattern.Args[..met], rest, .. pattern.Args[(met + 1)..]]));
        }
        if (body is null)
            return null;
        body = Fold(fusion.Simplify(body), pattern, holeCount);
        if (!Trees.Has(body, tree => LawShape.IsSelfCall(tree, holeCount))
            || Trees.SizeOf(body) > SizeMax
            || Trees.ToLaw(code.Source!.Name, holeCount, body) is not Law law)
        {
            return null;
        }
        var special = LawCode.Of(law, root.Table);
        special.SpecialDepth = root.SpecialDepth + 1;
        special.Heat = Compiler.WarmCalls;
        return law;
    }

    /// <summary>Calls that the special law was made for become calls of the law itself.</summary>
    private static Tree Fold(Tree tree, CallTree pattern, int holeCount)
    {
        switch (tree)
        {
            case LetTree let:
                return let with
                {
                    Bound = Fold(let.Bound, pattern, holeCount),
                    Body = Fold(let.Body, pattern, holeCount),
                };
            case CallTree call:
                Tree folded = new CallTree(
                    Fold(call.Head, pattern, holeCount),
                    [.. call.Args.Select(arg => Fold(arg, pattern, holeCount))]);
                return Match(pattern, folded) is { } holes
                    ? new CallTree(new VarTree(0), holes)
                    : folded;
            default:
                return tree;
        }
    }

    /// <summary>What stands in the holes of a pattern; null where the tree is something else.
    /// </summary>
    private static Tree[]? Match(CallTree pattern, Tree tree)
    {
        var holes = new List<Tree>();
        return IsMatch(pattern, tree) ? [.. holes] : null;

        bool IsMatch(Tree wanted, Tree found)
        {
            switch (wanted)
            {
                case VarTree:
                    holes.Add(found);
                    return true;
                case ConstTree constant:
                    return found is ConstTree other && IsSame(constant.Value, other.Value);
                default:
                    var (call, given) = ((CallTree)wanted, found as CallTree);
                    return given is not null && given.Args.Length == call.Args.Length
                        && IsMatch(call.Head, given.Head)
                        && call.Args.Zip(given.Args).All(pair => IsMatch(pair.First, pair.Second));
            }
        }
    }

    private static bool IsSame(Value a, Value b) => ReferenceEquals(a, b)
        || (a is SmallNat first && b is SmallNat second && first.Word == second.Word)
        || (a is Pin one && b is Pin two && one.HasHash && two.HasHash && one.Hash == two.Hash);
}
