using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Puts the bodies of small laws where they are called, and the items of a row where it is taken
/// apart in the law that makes it.
/// </summary>
/// <remarks>
/// Works on expressions, before calls are resolved to terms, so that what the interpreter runs of
/// a suspended expression is the same expression. An argument becomes a let: it is evaluated at
/// most once, and only where the law called would have done it. In lazy position a body is worth
/// it only where it can be computed or built at once; else a thunk that calls the law is smaller.
/// </remarks>
internal sealed class LawInliner
{
    /// <summary>Expressions in a body that is put in place of a call.</summary>
    private const int SizeMax = 32;

    /// <summary>Expressions that are added to one law.</summary>
    private const int GrowthMax = 600;

    /// <summary>Bodies inside bodies.</summary>
    private const int DepthMax = 5;

    /// <summary>Operations inside operations that are computed at once in lazy position.</summary>
    private const int CheapDepthMax = 4;

    /// <summary>The first variable that is free for bodies; the reader's own begin below.</summary>
    private const int FirstVariable = 1 << 25;

    private readonly LawCode self;
    private readonly JetTable jets;
    private readonly LawSpecializer specializer;

    /// <summary>What the items of a let that is a row are.</summary>
    private readonly Dictionary<int, Exp[]> rows = [];
    private int nextVariable = FirstVariable;
    private int growthLeft = GrowthMax;
    private bool isChanged;

    private LawInliner(LawCode self)
    {
        this.self = self;
        jets = self.Table;
        specializer = new LawSpecializer(self);
    }

    /// <param name="body">Of the law; taken over.</param>
    public static Exp Expand(LawCode code, Exp body)
    {
        var inliner = new LawInliner(code);
        var expanded = inliner.Visit(body, isLazy: false, 0);
        if (inliner.isChanged)
            LawBody.Settle(expanded);
        return expanded;
    }

    private Exp Visit(Exp exp, bool isLazy, int depth)
    {
        var visit = isLazy ? ExpVisit.Lazy : ExpVisit.Strict;
        if (exp.Visited >= visit || !StackGuard.HasRoom)
            return exp;
        if (exp.Lets is { } groups)
            exp.Lets = VisitLets(groups, depth);
        var result = exp;
        if (exp is RefExp { Inlined: { } inlined } reference)
            reference.Inlined = Visit(inlined, isLazy, depth);
        else if (exp is CallExp call)
            result = Around(exp.Lets, VisitCall(call, isLazy, depth), exp);
        result.Visited = exp.Visited = visit;
        return result;
    }

    /// <summary>An expression that stands for another one gets its lets, too.</summary>
    private static Exp Around(List<LetGroup>? lets, Exp exp, Exp before)
    {
        if (lets is not null && !ReferenceEquals(exp, before))
            exp.Lets = [.. lets, .. exp.Lets ?? []];
        return exp;
    }

    private List<LetGroup> VisitLets(List<LetGroup> groups, int depth)
    {
        var visited = new List<LetGroup>();
        foreach (var group in groups)
        {
            for (var i = 0; i < group.Bindings.Length; i++)
                group.Bindings[i].Value = Visit(group.Bindings[i].Value, isLazy: true, depth);
            if (!group.IsRecursive)
                NoteRow(group.Bindings[0].Variable, ref group.Bindings[0].Value, visited);
            visited.Add(group);
        }
        return visited;
    }

    /// <summary>Gives the items of a row that is a let names, so that they can be used apart.
    /// </summary>
    private void NoteRow(int variable, ref Exp value, List<LetGroup> before)
    {
        if (value is not CallExp { Lets: null } || CodeBuilder.RowItems(value) is not { } items)
            return;
        for (var i = 0; i < items.Length; i++)
        {
            if (IsAtom(items[i]))
                continue;
            isChanged = true;
            before.Add(new LetGroup([(nextVariable, items[i])], IsRecursive: false));
            items[i] = new RefExp(nextVariable++);
        }
        value = RowOf(items, value.Visited);
        rows[variable] = items;
    }

    private static CallExp RowOf(Exp[] items, ExpVisit visited) => new(
        new ConstExp(new Cow(Nat.Of((ulong)items.Length))), [.. items.Select(Copy).Reverse()])
    {
        Visited = visited,
    };

    private static bool IsAtom(Exp exp) =>
        exp is ConstExp { Lets: null } or RefExp { Lets: null, Inlined: null };

    private static Exp Copy(Exp atom) => atom is ConstExp constant
        ? new ConstExp(constant.Value)
        : new RefExp(((RefExp)atom).Variable);

    private Exp VisitCall(CallExp exp, bool isLazy, int depth)
    {
        var call = CodeBuilder.Spread(exp);
        var (head, args) = (call.Head, call.Args);
        if (head is not ConstExp { Lets: null, Value: var function }
            || function.Arity is var arity && args.Length < arity
            || function is Nat)
        {
            return new CallExp(Visit(head, isLazy: false, depth), VisitAll(args, depth));
        }
        if (function is Pin { Item: Law } pin && JetMatch.Of(pin, jets).Jet is { } jet)
        {
            var given = VisitJet(jet, args[..arity], depth);
            if (args.Length == arity && Item(jet, given) is { } item)
                return item;
            return new CallExp(head, [.. given, .. VisitAll(args[arity..], depth)]);
        }
        args = VisitAll(args, depth);
        if (LawCode.OfFunction(function, arity, jets) is not { } code)
            return new CallExp(head, args);
        if (!CanInline(code, depth))
            return Special(code, args, arity) ?? new CallExp(head, args);
        var before = growthLeft;
        growthLeft -= code.InlineSize;
        var body = LawBody.Read(
            code.Source!, code.Self, args[..arity], nextVariable, out nextVariable);
        if (args.Length > arity)
            body = new CallExp(body, args[arity..]);
        var expanded = Visit(body, isLazy, depth + 1);
        if (isLazy && !IsCheap(expanded, CheapDepthMax))
        {
            growthLeft = before;
            return new CallExp(head, args);
        }
        isChanged = true;
        return expanded;
    }

    /// <summary>The call of a law that was made for it.</summary>
    private Exp? Special(LawCode code, Exp[] args, int arity)
    {
        if (specializer.Find(code, args[..arity], ref nextVariable) is not { } special)
            return null;
        isChanged = true;
        return args.Length == arity ? special : new CallExp(special, args[arity..]);
    }

    private Exp[] VisitAll(Exp[] args, int depth) =>
        [.. args.Select(arg => Visit(arg, isLazy: true, depth))];

    private Exp[] VisitJet(Jet jet, Exp[] args, int depth)
    {
        if (jet.Control == JetControl.Switch && CodeBuilder.RowItems(args[2]) is { } items)
        {
            var branches = items.Select(item => Visit(item, isLazy: false, depth)).ToArray();
            return
            [
                Visit(args[0], isLazy: false, depth), Visit(args[1], isLazy: false, depth),
                new CallExp(
                    new ConstExp(new Cow(Nat.Of((ulong)items.Length))), [.. branches.Reverse()]),
            ];
        }
        var isStrict = jet.Control != JetControl.None || OpTable.Of(jet) is not null;
        return
        [
            .. args.Select((arg, index) => Visit(
                arg, !isStrict && !jet.Force.Contains((byte)(index + 1)), depth)),
        ];
    }

    /// <summary>An item of a row that is known here.</summary>
    private Exp? Item(Jet jet, Exp[] args)
    {
        if (OpTable.Of(jet) is not { IsItem: true, RowAt: var rowAt }
            || args[1 - rowAt] is not ConstExp { Lets: null, Value: SmallNat { Word: var at } })
        {
            return null;
        }
        var row = args[rowAt];
        var lets = row.Lets;
        while (row is RefExp { Inlined: { } inlined })
        {
            row = inlined;
            lets = lets is null ? row.Lets : [.. lets, .. row.Lets ?? []];
        }
        Exp[]? items = null;
        if (row is RefExp reference && rows.TryGetValue(reference.Variable, out var known))
            items = [.. known.Select(Copy)];
        else if (row is CallExp { Head: ConstExp { Lets: null, Value: Cow cow } } call
            && cow.Arity == call.Args.Length + 1)
            items = [.. call.Args.Reverse()];
        if (items is null)
            return null;
        isChanged = true;
        var item = at < (ulong)items.Length ? items[at] : new ConstExp(Nat.Zero);
        return lets is null ? item : Around(lets, item, row);
    }

    private bool CanInline(LawCode code, int depth)
    {
        if (code.Source is null || code == self || depth >= DepthMax)
            return false;
        if (code.InlineSize == 0)
            code.InlineSize = SizeOf(code.Source);
        return code.InlineSize <= growthLeft;
    }

    /// <summary>How large a body is; very large where it is not to be put anywhere.</summary>
    private static int SizeOf(Law law)
    {
        var size = 0;
        var todo = new Stack<Exp>([LawBody.Read(law)]);
        while (todo.TryPop(out var exp))
        {
            if (++size > SizeMax || exp is RefExp { Variable: 0 })
                return int.MaxValue;
            foreach (var part in FreeVariables.PartsOf(exp))
                todo.Push(part);
        }
        return size;
    }

    /// <summary>Whether it is computed or built at once in lazy position, without calls.</summary>
    private bool IsCheap(Exp exp, int depth)
    {
        if (exp.Lets is not null)
            return false;
        switch (exp)
        {
            case RefExp { Inlined: { } inlined }:
                return IsCheap(inlined, depth);
            case CallExp call when depth > 0:
                var (head, args) = (call.Head, call.Args);
                return head is ConstExp { Lets: null, Value: var function }
                    && (args.Length < function.Arity || IsOperation(function, args.Length))
                    && args.All(arg => IsCheap(arg, depth - 1));
            default:
                return exp is not CallExp;
        }
    }

    private bool IsOperation(Value function, int argCount) =>
        function is Pin { Item: Law } pin && pin.Arity == argCount
        && JetMatch.Of(pin, jets).Jet is { } jet
        && OpTable.Of(jet) is not null;
}
