using Pallas.Values;

namespace Pallas.Eval;

/// <summary>An expression of a law body, with its lets moved to where they are used.</summary>
internal abstract class Exp
{
    /// <summary>What this expression is part of; a let's value is part of its place.</summary>
    public Exp? Parent;

    /// <summary>Lets around this expression, outermost first.</summary>
    public List<LetGroup>? Lets;

    /// <summary>Belongs to <see cref="FreeVariables"/>.</summary>
    public int[]? Free;

    /// <summary>Belongs to <see cref="LawInliner"/>.</summary>
    public ExpVisit Visited;
}

/// <summary>How far an expression has been looked through for calls of small laws.</summary>
internal enum ExpVisit : byte
{
    None,
    Lazy,
    Strict,
}

internal sealed class ConstExp(Value value) : Exp
{
    public Value Value => value;
}

/// <summary>A variable: 0 is the law itself, then the arguments, then the lets.</summary>
internal sealed class RefExp(int variable) : Exp
{
    public int Variable => variable;

    /// <summary>The value of a let that is used only here.</summary>
    public Exp? Inlined;
}

internal sealed class CallExp(Exp head, Exp[] args) : Exp
{
    public Exp Head => head;

    public Exp[] Args => args;
}

/// <summary>Lets that need each other, or a single one.</summary>
internal sealed record LetGroup((int Variable, Exp Value)[] Bindings, bool IsRecursive);

/// <summary>
/// Reads a law body: <c>(0 f x)</c> applies, <c>(1 v b)</c> on the outermost spine binds the next
/// variable, recursively with all the others, <c>(2 x)</c> quotes, a number up to the last
/// variable is that variable, and everything else is a constant.
/// </summary>
/// <remarks>
/// Lets that nothing needs are dropped, those that are used once are put in place of their use,
/// and groups of mutually recursive lets are put around the smallest expression that has all
/// their uses. No expression of a law is evaluated twice in one activation, so nobody can tell.
/// </remarks>
internal sealed class LawBody
{
    private readonly int arity;

    /// <summary>What is added to the number of a variable, so that it has it alone.</summary>
    private readonly int offset;

    /// <summary>What stands for the law and its arguments; null where they are variables.</summary>
    private readonly (Value Self, Exp[] Args)? given;
    private readonly List<(int Variable, Exp Value)> bound = [];
    private readonly Dictionary<int, int> indexOf = [];
    private readonly Dictionary<int, List<RefExp>> uses = [];

    private LawBody(int arity, int offset = 0, (Value Self, Exp[] Args)? given = null)
    {
        (this.arity, this.offset, this.given) = (arity, offset, given);
        for (var i = 0; given is not null && i < arity; i++)
            Bind(offset + 1 + i, given.Value.Args[i]);
    }

    public static Exp Read(Law law)
    {
        var body = new LawBody(law.Arity);
        return body.ReadAll(law.Body);
    }

    /// <summary>The body with arguments in it; all is evaluated at most once.</summary>
    /// <param name="self">What the law sees as itself.</param>
    /// <param name="offset">Above all variables of the expression that it becomes part of.</param>
    /// <param name="end">Above all variables that were taken for it.</param>
    public static Exp Read(Law law, Value self, Exp[] args, int offset, out int end)
    {
        var body = new LawBody(law.Arity, offset, (self, args));
        var exp = body.ReadAll(law.Body);
        end = offset + 1 + body.bound.Count;
        return exp;
    }

    /// <summary>Puts all lets of an expression where they belong, once more.</summary>
    public static void Settle(Exp top)
    {
        var body = new LawBody(0);
        var todo = new Stack<Exp>([top]);
        top.Parent = null;
        while (todo.TryPop(out var exp))
        {
            void Visit(Exp part, Exp? parent)
            {
                part.Parent = parent;
                todo.Push(part);
            }
            foreach (var (variable, value) in (exp.Lets ?? []).SelectMany(group => group.Bindings))
            {
                body.Bind(variable, value);
                Visit(value, null);
            }
            exp.Lets = null;
            if (exp is RefExp { Inlined: { } inlined })
                Visit(inlined, exp);
            else if (exp is RefExp { Variable: > 0 } reference)
                body.Use(reference);
            if (exp is not CallExp call)
                continue;
            Visit(call.Head, call);
            foreach (var arg in call.Args)
                Visit(arg, call);
        }
        body.PlaceLets(top);
    }

    private void Bind(int variable, Exp value)
    {
        indexOf[variable] = bound.Count;
        bound.Add((variable, value));
    }

    private RefExp Use(RefExp reference)
    {
        if (!uses.TryGetValue(reference.Variable, out var list))
            uses[reference.Variable] = list = [];
        list.Add(reference);
        return reference;
    }

    private Exp ReadAll(Value body)
    {
        var values = new List<Value>();
        while (body is App { Head: SmallNat { Word: 1 }, Count: 2 } let)
        {
            values.Add(let[0]);
            body = let[1];
        }
        var last = (ulong)arity + (ulong)values.Count;
        for (var i = 0; i < values.Count; i++)
            Bind(offset + arity + 1 + i, ReadExp(values[i], last));
        var top = ReadExp(body, last);
        PlaceLets(top);
        return top;
    }

    private Exp ReadExp(Value code, ulong last)
    {
        if (!StackGuard.HasRoom)
            return ReadOnFreshStack(code, last);
        switch (code)
        {
            case SmallNat nat when nat.Word <= last:
                return ReadVariable((int)nat.Word);
            case App { Head: SmallNat { Word: 2 }, Count: 1 } quote:
                return new ConstExp(quote[0]);
            case App { Head: SmallNat { Word: 0 }, Count: 2 } call:
                return ReadCall(call, last);
            default:
                return new ConstExp(code);
        }
    }

    private Exp ReadVariable(int variable)
    {
        if (given is not var (self, args))
            return Use(new RefExp(variable));
        if (variable == 0)
            return new ConstExp(self);
        if (variable > arity)
            return Use(new RefExp(offset + variable));
        return args[variable - 1] switch
        {
            ConstExp { Lets: null } constant => new ConstExp(constant.Value),
            RefExp { Lets: null, Inlined: null } outer => new RefExp(outer.Variable),
            _ => Use(new RefExp(offset + variable)),
        };
    }

    private Exp ReadOnFreshStack(Value code, ulong last) =>
        StackGuard.OnFreshStack(() => ReadExp(code, last));

    private CallExp ReadCall(App code, ulong last)
    {
        var args = new List<Exp>();
        Value head = code;
        while (head is App { Head: SmallNat { Word: 0 }, Count: 2 } call)
        {
            args.Add(ReadExp(call[1], last));
            head = call[0];
        }
        args.Reverse();
        var result = new CallExp(ReadExp(head, last), [.. args]);
        result.Head.Parent = result;
        foreach (var arg in result.Args)
            arg.Parent = result;
        return result;
    }

    private void PlaceLets(Exp top)
    {
        if (bound.Count == 0)
            return;
        var owner = new Dictionary<Exp, int>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < bound.Count; i++)
        {
            bound[i].Value.Parent = null;
            owner[bound[i].Value] = i;
        }
        var groups = Components.Find(bound.Count, Needs(owner));
        for (var i = groups.Count - 1; i >= 0; i--)
            Place(groups[i], top);
    }

    /// <summary>For each let by index, the indexes of lets that its value uses.</summary>
    private List<int>[] Needs(Dictionary<Exp, int> owner)
    {
        var needs = new List<int>[bound.Count];
        for (var i = 0; i < needs.Length; i++)
            needs[i] = [];
        foreach (var (variable, list) in uses)
        {
            if (!indexOf.TryGetValue(variable, out var index))
                continue;
            foreach (var use in list)
            {
                if (owner.TryGetValue(Root(use), out var user))
                    needs[user].Add(index);
            }
        }
        return needs;
    }

    private void Place(List<int> group, Exp top)
    {
        var values = group.Select(index => bound[index].Value).ToArray();
        var inside = new HashSet<Exp>(values, ReferenceEqualityComparer.Instance);
        var outer = new List<RefExp>();
        var isRecursive = false;
        foreach (var use in group.SelectMany(UsesOf))
        {
            var root = Root(use);
            if (ReferenceEquals(root, top))
                outer.Add(use);
            else if (inside.Contains(root))
                isRecursive = true;
        }
        if (outer.Count == 0)
            return;
        var place = CommonAncestor(outer);
        foreach (var value in values)
            value.Parent = place;
        if (outer.Count == 1 && !isRecursive)
        {
            outer[0].Inlined = values[0];
            return;
        }
        var bindings = group.Select(index => bound[index]).ToArray();
        (place.Lets ??= []).Insert(0, new LetGroup(bindings, isRecursive));
    }

    private List<RefExp> UsesOf(int index) =>
        uses.TryGetValue(bound[index].Variable, out var list) ? list : [];

    private static Exp Root(Exp exp)
    {
        while (exp.Parent is { } parent)
            exp = parent;
        return exp;
    }

    private static Exp CommonAncestor(List<RefExp> uses)
    {
        var height = new Dictionary<Exp, int>(ReferenceEqualityComparer.Instance);
        var path = new List<Exp>();
        for (Exp? exp = uses[0]; exp is not null; exp = exp.Parent)
        {
            height[exp] = path.Count;
            path.Add(exp);
        }
        var highest = 0;
        foreach (var use in uses)
        {
            Exp exp = use;
            while (!height.ContainsKey(exp))
                exp = exp.Parent!;
            highest = Math.Max(highest, height[exp]);
        }
        return path[highest];
    }
}

/// <summary>Strongly connected components of a small graph.</summary>
internal static class Components
{
    /// <returns>Groups of nodes; a group comes after those that it has edges to.</returns>
    public static List<List<int>> Find(int count, List<int>[] edges)
    {
        var result = new List<List<int>>();
        var (order, low) = (new int[count], new int[count]);
        var isOpen = new bool[count];
        var open = new Stack<int>();
        var path = new Stack<(int Node, int Edge)>();
        var next = 1;
        for (var root = 0; root < count; root++)
        {
            if (order[root] == 0)
                path.Push((root, 0));
            while (path.TryPop(out var step))
            {
                var (node, edge) = step;
                if (edge == 0)
                {
                    order[node] = low[node] = next++;
                    open.Push(node);
                    isOpen[node] = true;
                }
                else
                {
                    low[node] = Math.Min(low[node], Lowest(edges[node][edge - 1], isOpen, low));
                }
                if (edge < edges[node].Count)
                {
                    path.Push((node, edge + 1));
                    if (order[edges[node][edge]] == 0)
                        path.Push((edges[node][edge], 0));
                }
                else if (low[node] == order[node])
                {
                    result.Add(Close(node, open, isOpen));
                }
            }
        }
        return result;
    }

    private static int Lowest(int node, bool[] isOpen, int[] low) =>
        isOpen[node] ? low[node] : int.MaxValue;

    private static List<int> Close(int root, Stack<int> open, bool[] isOpen)
    {
        var group = new List<int>();
        int node;
        do
        {
            node = open.Pop();
            isOpen[node] = false;
            group.Add(node);
        }
        while (node != root);
        return group;
    }
}
