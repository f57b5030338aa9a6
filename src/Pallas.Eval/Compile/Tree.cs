using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// An expression of a law body as a value that can be copied and taken apart: a let stands where
/// it is bound, its variable has a number of its own, and nothing knows its place.
/// </summary>
internal abstract record Tree;

internal sealed record ConstTree(Value Value) : Tree;

/// <summary>A variable; 0 is the law itself, the next ones are its arguments.</summary>
internal sealed record VarTree(int Id) : Tree;

internal sealed record LetTree(int Id, Tree Bound, Tree Body) : Tree;

/// <remarks>The head is no call: <see cref="Trees.Call"/> joins it.</remarks>
internal sealed record CallTree(Tree Head, Tree[] Args) : Tree;

/// <summary>What is asked of trees, and how they are made.</summary>
internal static class Trees
{
    /// <summary>The tree of an expression; null where its lets need each other, or where it is
    /// larger than that.</summary>
    public static Tree? Read(Exp exp, int sizeMax)
    {
        var sizeLeft = sizeMax;
        return ReadAll(exp, ref sizeLeft);
    }

    private static Tree? ReadAll(Exp exp, ref int sizeLeft)
    {
        if (--sizeLeft < 0)
            return null;
        var inside = ReadInside(exp, ref sizeLeft);
        for (var i = (exp.Lets?.Count ?? 0) - 1; i >= 0 && inside is not null; i--)
        {
            var group = exp.Lets![i];
            if (group.IsRecursive)
                return null;
            var (variable, value) = group.Bindings[0];
            inside = ReadAll(value, ref sizeLeft) is { } bound
                ? new LetTree(variable, bound, inside)
                : null;
        }
        return inside;
    }

    private static Tree? ReadInside(Exp exp, ref int sizeLeft)
    {
        switch (exp)
        {
            case ConstExp constant:
                return new ConstTree(constant.Value);
            case RefExp { Inlined: { } inlined }:
                return ReadAll(inlined, ref sizeLeft);
            case RefExp reference:
                return new VarTree(reference.Variable);
        }
        var call = CodeBuilder.Spread((CallExp)exp);
        var head = ReadAll(call.Head, ref sizeLeft);
        var args = new Tree[call.Args.Length];
        for (var i = 0; i < args.Length && head is not null; i++)
        {
            if (ReadAll(call.Args[i], ref sizeLeft) is not { } arg)
                return null;
            args[i] = arg;
        }
        return head is null ? null : Call(head, args);
    }

    public static Exp ToExp(Tree tree) => tree switch
    {
        ConstTree constant => new ConstExp(constant.Value),
        VarTree variable => new RefExp(variable.Id),
        LetTree let => Around(let, ToExp(let.Body)),
        _ => new CallExp(
            ToExp(((CallTree)tree).Head), [.. ((CallTree)tree).Args.Select(ToExp)]),
    };

    private static Exp Around(LetTree let, Exp body)
    {
        var group = new LetGroup([(let.Id, ToExp(let.Bound))], IsRecursive: false);
        (body.Lets ??= []).Insert(0, group);
        return body;
    }

    /// <summary>A law with that body; its arguments are the variables from 1 on.</summary>
    public static Value ToLaw(Nat name, int arity, Tree body)
    {
        var lets = new List<Value>();
        var number = Enumerable.Range(0, arity + 1).ToDictionary(id => id);
        var top = Code(body);
        for (var i = lets.Count - 1; i >= 0; i--)
            top = App.Make(1, lets[i], top);
        return Law.Make(name, Nat.Of((ulong)arity), top);

        Value Code(Tree tree)
        {
            switch (tree)
            {
                case ConstTree constant:
                    return App.Make(2, constant.Value);
                case VarTree variable:
                    return number[variable.Id];
                case LetTree let:
                    number[let.Id] = arity + 1 + lets.Count;
                    var at = lets.Count;
                    lets.Add(Nat.Zero);
                    lets[at] = Code(let.Bound);
                    return Code(let.Body);
                default:
                    var call = (CallTree)tree;
                    return call.Args.Aggregate(
                        Code(call.Head), (head, arg) => App.Make(0, head, Code(arg)));
            }
        }
    }

    public static Tree Call(Tree head, Tree[] args)
    {
        if (head is CallTree call)
            return Call(call.Head, [.. call.Args, .. args]);
        return args.Length == 0 ? head : new CallTree(head, args);
    }

    /// <summary>A copy with new variables for its lets and trees for its free variables.</summary>
    public static Tree Copy(Tree tree, Dictionary<int, Tree> given, ref int nextVariable)
    {
        switch (tree)
        {
            case VarTree variable:
                return given.GetValueOrDefault(variable.Id, variable);
            case LetTree let:
                var id = nextVariable++;
                given[let.Id] = new VarTree(id);
                var bound = Copy(let.Bound, given, ref nextVariable);
                return new LetTree(id, bound, Copy(let.Body, given, ref nextVariable));
            case CallTree call:
                var args = new Tree[call.Args.Length];
                for (var i = 0; i < args.Length; i++)
                    args[i] = Copy(call.Args[i], given, ref nextVariable);
                return Call(Copy(call.Head, given, ref nextVariable), args);
            default:
                return tree;
        }
    }

    public static int SizeOf(Tree tree) => tree switch
    {
        LetTree let => 1 + SizeOf(let.Bound) + SizeOf(let.Body),
        CallTree call => 1 + SizeOf(call.Head) + call.Args.Sum(SizeOf),
        _ => 1,
    };

    public static bool IsAtom(Tree tree) => tree is ConstTree or VarTree;

    public static bool Has(Tree tree, Func<Tree, bool> isMeant) => isMeant(tree) || tree switch
    {
        LetTree let => Has(let.Bound, isMeant) || Has(let.Body, isMeant),
        CallTree call => Has(call.Head, isMeant) || call.Args.Any(arg => Has(arg, isMeant)),
        _ => false,
    };

    public static bool HasVariable(Tree tree, int id) =>
        Has(tree, part => part is VarTree variable && variable.Id == id);
}
