using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Rewrites the body of a law of whose arguments more is known: a list that one law makes and the
/// other takes apart at once is not made.
/// </summary>
/// <remarks>
/// All is call by need before and after: an expression moves only to where it was evaluated
/// anyway, and is copied only into branches of which one at most runs.
/// </remarks>
internal sealed class TreeFusion(TreeForms forms, int firstVariable)
{
    /// <summary>A let of that size may be copied into several branches.</summary>
    private const int CopySizeMax = 16;

    /// <summary>Variables below are the arguments of the law that is made.</summary>
    private readonly int argumentsEnd = firstVariable;
    private readonly Dictionary<int, Tree[]> rows = [];
    private int nextVariable = firstVariable;

    public int NewVariable() => nextVariable++;

    public Tree Copy(Tree tree, Dictionary<int, Tree> given) =>
        Trees.Copy(tree, given, ref nextVariable);

    // ---- A consumer meets a producer

    /// <summary>
    /// The tree with a call in place of a variable, and the body of the law that is called where
    /// the tree asks first what kind of value that is.
    /// </summary>
    /// <param name="tree">In tail position of the consumer.</param>
    /// <param name="again">The consumer's call of itself, with another value for the variable;
    /// null where all that the consumer does before it asks should not be done once more.</param>
    /// <returns>Null where the tree uses the variable earlier.</returns>
    public Tree? Meet(
        Tree tree, int variable, CallTree call, LawCode producer, Func<Tree, Tree>? again)
    {
        switch (tree)
        {
            case LetTree let:
                if (Trees.HasVariable(let.Bound, variable))
                    return null;
                return Meet(let.Body, variable, call, producer, again) is { } rest
                    ? let with { Body = rest }
                    : null;
            case CallTree { Args: [var first, .. var branches] } control
                when forms.ControlOf(tree) is JetControl.If or JetControl.Ifz or JetControl.Seq:
                var isTest = forms.ControlOf(tree) == JetControl.If
                    && forms.IsNatTest(first) is VarTree asked && asked.Id == variable;
                if (isTest)
                    return Unfold(control, variable, call, producer, again);
                if (Trees.HasVariable(first, variable))
                    return null;
                var next = IsRepeatable(first) ? again : null;
                var met = branches
                    .Select(branch => Meet(branch, variable, call, producer, next))
                    .ToArray();
                return met.Contains(null) ? null : new CallTree(control.Head, [first, .. met!]);
        }
        return Bind(tree, variable, call);
    }

    /// <summary>Whether nobody can tell that it is evaluated again and again: arguments, which
    /// have their values then, and operations on them. (A call or a let may leave a trace each
    /// time, or take long.)</summary>
    private bool IsRepeatable(Tree tree) => tree switch
    {
        ConstTree => true,
        VarTree variable => variable.Id < argumentsEnd,
        CallTree call => forms.JetOf(call) is { } jet
            && (OpTable.Of(jet) is not null || jet.Control is JetControl.And or JetControl.Or
                or JetControl.Nand or JetControl.Nor)
            && call.Args.All(IsRepeatable),
        _ => false,
    };

    /// <summary>A copy of the tree with a let for the variable, where it uses that.</summary>
    private Tree Bind(Tree tree, int variable, Tree bound)
    {
        if (!Trees.HasVariable(tree, variable))
            return Copy(tree, []);
        var id = NewVariable();
        return new LetTree(id, bound, Copy(tree, new() { [variable] = new VarTree(id) }));
    }

    private Tree Unfold(
        CallTree test, int variable, CallTree call, LawCode producer, Func<Tree, Tree>? again)
    {
        var given = new Dictionary<int, Tree> { [0] = new ConstTree(producer.Self) };
        for (var i = 0; i < call.Args.Length; i++)
            given[i + 1] = call.Args[i];
        return Push(Copy(LawShape.Of(producer, forms)!.Body, given));

        Tree Push(Tree tree)
        {
            if (tree is LetTree let)
                return let with { Body = Push(let.Body) };
            switch (forms.ControlOf(tree))
            {
                case JetControl.If or JetControl.Ifz:
                    var (choice, args) = ((CallTree)tree, ((CallTree)tree).Args);
                    return new CallTree(choice.Head, [args[0], Push(args[1]), Push(args[2])]);
                case JetControl.Seq:
                    var seq = (CallTree)tree;
                    return new CallTree(seq.Head, [seq.Args[0], Push(seq.Args[1])]);
            }
            return again is not null && forms.LawOf(tree) == producer
                ? again(tree)
                : Bind(test, variable, tree);
        }
    }

    // ---- What follows from what is known

    public Tree Simplify(Tree tree) => tree switch
    {
        LetTree let => SimplifyLet(let),
        CallTree call => SimplifyCall(call),
        _ => tree,
    };

    private Tree SimplifyLet(LetTree let)
    {
        var bound = Simplify(let.Bound);

        // Lets around the value of a let are lets around the let.
        if (bound is LetTree outer)
            return SimplifyLet(outer with { Body = let with { Bound = outer.Body } });
        if (Trees.IsAtom(bound))
            return Simplify(Put(let, bound));
        if (forms.RowItems(bound) is { } items)
            return SimplifyRow(let, (CallTree)bound, items);
        return Place(new LetTree(let.Id, bound, Simplify(let.Body)));
    }

    /// <summary>A let whose parts are simple; its value stands where it is used, if it is used
    /// once at most wherever that runs.</summary>
    private Tree Place(LetTree let)
    {
        var (onPath, inAll) = Uses(let.Body, let.Id);
        if (inAll == 0)
            return let.Body;
        return onPath == 1 && (inAll == 1 || Trees.SizeOf(let.Bound) <= CopySizeMax)
            ? Put(let, let.Bound)
            : let;
    }

    /// <summary>Gives the items of a row names, so that they can be used apart.</summary>
    private Tree SimplifyRow(LetTree let, CallTree row, Tree[] items)
    {
        var named = items
            .Select(item => Trees.IsAtom(item) ? item : new VarTree(NewVariable()))
            .ToArray();
        rows[let.Id] = named;
        Tree result = let with { Bound = new CallTree(row.Head, [.. named.Reverse()]) };
        for (var i = 0; i < items.Length; i++)
        {
            if (named[i] is VarTree name && !Trees.IsAtom(items[i]))
                result = new LetTree(name.Id, items[i], result);
        }
        return SimplifyNamed(result, items.Count(item => !Trees.IsAtom(item)));
    }

    /// <summary>Lets of items around the let of their row, whose values are simple.</summary>
    private Tree SimplifyNamed(Tree tree, int count)
    {
        var let = (LetTree)tree;
        return Place(let with
        {
            Body = count == 0 ? Simplify(let.Body) : SimplifyNamed(let.Body, count - 1),
        });
    }

    /// <summary>The body with the value where the variable is.</summary>
    private Tree Put(LetTree let, Tree bound)
    {
        var isFirst = true;
        return Replace(let.Body);

        Tree Replace(Tree tree)
        {
            switch (tree)
            {
                case VarTree variable when variable.Id == let.Id:
                    if (!isFirst)
                        return Copy(bound, []);
                    isFirst = false;
                    return bound;
                case LetTree inner:
                    return inner with
                    {
                        Bound = Replace(inner.Bound), Body = Replace(inner.Body),
                    };
                case CallTree call:
                    return Trees.Call(Replace(call.Head), [.. call.Args.Select(Replace)]);
                default:
                    return tree;
            }
        }
    }

    private Tree SimplifyCall(CallTree call)
    {
        var head = Simplify(call.Head);
        if (forms.ControlOf(call) is var control and (JetControl.If or JetControl.Ifz))
        {
            var condition = Simplify(call.Args[0]);
            if (IsKnownTrue(condition, control) is { } isTrue)
                return Simplify(call.Args[isTrue ? 1 : 2]);
            return new CallTree(
                head, [condition, Simplify(call.Args[1]), Simplify(call.Args[2])]);
        }
        var args = call.Args.Select(Simplify).ToArray();
        if (head is LetTree let)
            return let with { Body = Trees.Call(let.Body, args) };
        var simple = Trees.Call(head, args);
        if (forms.IsNatTest(simple) is { } asked && IsKnownNat(asked) is { } isNat)
            return new ConstTree(Nat.Of(isNat));
        return forms.ItemOf(simple) is var (row, index) && KnownItems(row) is { } items
            ? index < (ulong)items.Length ? items[index] : new ConstTree(Nat.Zero)
            : simple;
    }

    private static bool? IsKnownTrue(Tree condition, JetControl control)
    {
        if (condition is not ConstTree { Value: var value })
            return null;
        return control == JetControl.If
            ? ControlJets.IsTrue(value)
            : value is Nat { IsZero: true };
    }

    private bool? IsKnownNat(Tree tree) => tree switch
    {
        ConstTree constant => constant.Value is Nat,
        _ => KnownItems(tree) is null ? null : false,
    };

    private Tree[]? KnownItems(Tree tree) => tree is VarTree variable
        ? rows.GetValueOrDefault(variable.Id)
        : forms.RowItems(tree);

    /// <summary>How often a variable is used where the tree runs, at most; and in all.</summary>
    private (int OnPath, int InAll) Uses(Tree tree, int id)
    {
        switch (tree)
        {
            case VarTree variable:
                return variable.Id == id ? (1, 1) : (0, 0);
            case LetTree let:
                return Sum(Uses(let.Bound, id), Uses(let.Body, id));
            case CallTree { Args: [var first, var then, var otherwise] }
                when forms.ControlOf(tree) is JetControl.If or JetControl.Ifz:
                var (a, b) = (Uses(then, id), Uses(otherwise, id));
                return Sum(
                    Uses(first, id), (Math.Max(a.OnPath, b.OnPath), a.InAll + b.InAll));
            case CallTree call:
                return call.Args.Aggregate(
                    Uses(call.Head, id), (sum, arg) => Sum(sum, Uses(arg, id)));
            default:
                return (0, 0);
        }
    }

    private static (int OnPath, int InAll) Sum((int, int) a, (int, int) b) =>
        (a.Item1 + b.Item1, a.Item2 + b.Item2);
}
