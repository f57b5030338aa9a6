using Pallas.Values;

namespace Pallas.Eval;

/// <summary>What a law does with its arguments, as far as <see cref="LawSpecializer"/> asks.
/// </summary>
internal sealed class LawShape
{
    private const int SizeMax = 120;

    private LawShape(LawCode code, Tree body, TreeForms forms)
    {
        Body = body;
        var arity = code.Arity;
        (IsApplied, IsOnlyApplied, IsConsumed) =
            (new bool[arity], new bool[arity], new bool[arity]);
        Array.Fill(IsOnlyApplied, true);
        Look(body, forms);
        IsRecursive = Trees.Has(body, tree => IsSelfCall(tree, arity));
        IsProducer = IsRecursive && Leaves(body, forms).Any(
            leaf => forms.RowItems(leaf) is { } items
                && items.Any(item => Trees.Has(item, part => IsSelfCall(part, arity))));
    }

    /// <summary>Its variables: 0 is the law itself, then the arguments.</summary>
    public Tree Body { get; }

    /// <summary>By argument: whether the law applies it to something.</summary>
    public bool[] IsApplied { get; }

    /// <summary>By argument: whether it does nothing else with it but hand it on to itself.
    /// </summary>
    public bool[] IsOnlyApplied { get; }

    /// <summary>By argument: whether it asks what kind of value it is.</summary>
    public bool[] IsConsumed { get; }

    public bool IsRecursive { get; }

    /// <summary>Whether it returns a row in which a call of the law itself is suspended.</summary>
    public bool IsProducer { get; }

    /// <summary>Looks into a law; the answer is kept with it. Null where it cannot be used.
    /// </summary>
    public static LawShape? Of(LawCode code, TreeForms forms)
    {
        if (code.Source is null || code.HasNoShape)
            return null;
        if (code.Shape is { } known)
            return known;
        if (Trees.Read(LawBody.Read(code.Source), SizeMax) is { } body)
            return code.Shape = new LawShape(code, body, forms);
        code.HasNoShape = true;
        return null;
    }

    public static bool IsSelfCall(Tree tree, int arity) =>
        tree is CallTree { Head: VarTree { Id: 0 } } call && call.Args.Length >= arity;

    /// <summary>What the tree may end in.</summary>
    private static IEnumerable<Tree> Leaves(Tree tree, TreeForms forms)
    {
        if (tree is LetTree let)
            return Leaves(let.Body, forms);
        return forms.ControlOf(tree) switch
        {
            JetControl.If or JetControl.Ifz => ((CallTree)tree).Args[1..]
                .SelectMany(branch => Leaves(branch, forms)),
            JetControl.Seq => Leaves(((CallTree)tree).Args[1], forms),
            _ => [tree],
        };
    }

    private void Look(Tree tree, TreeForms forms)
    {
        switch (tree)
        {
            case VarTree { Id: > 0 } variable when variable.Id <= IsOnlyApplied.Length:
                IsOnlyApplied[variable.Id - 1] = false;
                break;
            case LetTree let:
                Look(let.Bound, forms);
                Look(let.Body, forms);
                break;
            case CallTree call:
                LookAtCall(call, forms);
                break;
        }
    }

    private void LookAtCall(CallTree call, TreeForms forms)
    {
        if (call.Head is VarTree { Id: > 0 } function && function.Id <= IsApplied.Length)
            IsApplied[function.Id - 1] = true;
        else
            Look(call.Head, forms);
        if (forms.IsNatTest(call) is VarTree { Id: > 0 } asked && asked.Id <= IsConsumed.Length)
            IsConsumed[asked.Id - 1] = true;
        for (var i = 0; i < call.Args.Length; i++)
        {
            var isHandedOn = call.Head is VarTree { Id: 0 }
                && call.Args[i] is VarTree variable && variable.Id == i + 1;
            if (!isHandedOn)
                Look(call.Args[i], forms);
        }
    }
}

/// <summary>Finds control flow, tests and rows in trees.</summary>
internal sealed class TreeForms(JetTable jets)
{
    /// <summary>The jet that a tree calls with exactly its arguments.</summary>
    public Jet? JetOf(Tree tree) =>
        tree is CallTree { Head: ConstTree { Value: Pin { Item: Law } pin } } call
        && call.Args.Length == pin.Arity
            ? JetMatch.Of(pin, jets).Jet
            : null;

    public JetControl ControlOf(Tree tree) => JetOf(tree)?.Control ?? JetControl.None;

    /// <summary>What the tree asks of whether it is a nat.</summary>
    public Tree? IsNatTest(Tree tree) =>
        JetOf(tree) is { } jet && OpTable.Of(jet) == OpTable.IsNat
            ? ((CallTree)tree).Args[0]
            : null;

    /// <summary>The row and the index where the tree takes an item at a known index.</summary>
    public (Tree Row, ulong Index)? ItemOf(Tree tree)
    {
        if (JetOf(tree) is not { } jet || OpTable.Of(jet) is not { IsItem: true } op)
            return null;
        var args = ((CallTree)tree).Args;
        return args[1 - op.RowAt] is ConstTree { Value: SmallNat at }
            ? (args[op.RowAt], at.Word)
            : null;
    }

    /// <summary>The items where the tree writes out a row, first to last.</summary>
    public Tree[]? RowItems(Tree tree) =>
        tree is CallTree { Head: ConstTree { Value: Cow cow } } call
        && call.Args.Length == cow.Arity - 1 && call.Args.Length > 0
            ? [.. call.Args.Reverse()]
            : null;

    /// <summary>The code of the law that a tree calls with exactly its arguments, where that is
    /// not a jet.</summary>
    public LawCode? LawOf(Tree tree)
    {
        if (tree is not CallTree { Head: ConstTree { Value: Pin or Law } function } call
            || function.Value.Arity != call.Args.Length || JetOf(tree) is not null)
        {
            return null;
        }
        var code = LawCode.OfFunction(function.Value, call.Args.Length, jets);
        return code?.Source is null ? null : code;
    }
}
