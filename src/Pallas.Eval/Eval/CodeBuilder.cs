using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Turns a law body into nodes; one builder for each layout of slots.</summary>
/// <remarks>
/// What is needed for sure is built strict: control jets become branches, jets get their forced
/// arguments evaluated on the machine's stack. What may not be needed is built lazy: a closure or
/// a row is made at once, anything else is suspended in a thunk that captures the slots it needs.
/// </remarks>
internal sealed class CodeBuilder
{
    private const int QuickDepthMax = 4;

    private readonly JetTable jets;
    private readonly LawCode self;
    private readonly Dictionary<int, int> slotOf = [];
    private readonly List<Node> nodes = [];
    private int nextSlot;
    private int extent;
    private int argCountMax;

    private CodeBuilder(JetTable jets, LawCode self)
    {
        this.jets = jets;
        this.self = self;
    }

    /// <param name="self">The law, or the pin that it is the item of.</param>
    public static LawCode Build(Law law, Value self, JetTable jets)
    {
        var code = new LawCode(jets, self, law.Arity) { Source = law };
        var builder = new CodeBuilder(jets, code);
        for (var variable = 0; variable <= law.Arity; variable++)
            builder.slotOf[variable] = builder.TakeSlots(1);
        code.Body = builder.Strict(LawBody.Read(law), isTail: true);
        code.Reach = builder.Finish();
        return code;
    }

    /// <summary>Tells all nodes the size of the activation; returns its reach.</summary>
    private int Finish()
    {
        foreach (var node in nodes)
            node.Extent = extent;
        return extent + argCountMax + 2;
    }

    private int TakeSlots(int count)
    {
        var first = nextSlot;
        nextSlot += count;
        extent = Math.Max(extent, nextSlot);
        return first;
    }

    private T Add<T>(T node, bool isTail = false)
        where T : Node
    {
        node.IsTail = isTail;
        nodes.Add(node);
        return node;
    }

    private Node Strict(Exp exp, bool isTail)
    {
        if (!StackGuard.HasRoom)
            return StrictOnFreshStack(exp, isTail);
        if (exp.Lets is { } groups)
            return Let(exp, groups, 0, isTail);
        return StrictInside(exp, isTail);
    }

    private Node StrictOnFreshStack(Exp exp, bool isTail) =>
        StackGuard.OnFreshStack(() => Strict(exp, isTail));

    private Node LazyOnFreshStack(Exp exp) => StackGuard.OnFreshStack(() => Lazy(exp));

    private Node StrictInside(Exp exp, bool isTail) => exp switch
    {
        ConstExp constant => Add(new ConstNode(constant.Value), isTail),
        RefExp { Inlined: { } inlined } => Strict(inlined, isTail),
        RefExp { Variable: 0 } => Add(new ConstNode(self.Self), isTail),
        RefExp reference => Add(new LocalNode(slotOf[reference.Variable]), isTail),
        _ => Call((CallExp)exp, isTail),
    };

    private Node Let(Exp exp, List<LetGroup> groups, int index, bool isTail)
    {
        if (index == groups.Count)
            return StrictInside(exp, isTail);
        var group = groups[index];
        if (!group.IsRecursive)
        {
            var (variable, value) = group.Bindings[0];
            var bound = Lazy(value);
            var slot = slotOf[variable] = TakeSlots(1);
            return Add(new LetNode(slot, bound, Let(exp, groups, index + 1, isTail)));
        }
        foreach (var (variable, _) in group.Bindings)
            slotOf[variable] = TakeSlots(1);
        var bindings = group.Bindings
            .Select(binding => (slotOf[binding.Variable], Suspend(binding.Value, null)))
            .ToArray();
        return Add(new LetRecNode(bindings, Let(exp, groups, index + 1, isTail)));
    }

    private Node Lazy(Exp exp)
    {
        if (!StackGuard.HasRoom)
            return LazyOnFreshStack(exp);
        if (exp.Lets is not null)
            return Suspend(exp, null);
        switch (exp)
        {
            case ConstExp constant:
                return Add(new ConstNode(constant.Value));
            case RefExp { Inlined: { } inlined }:
                return Lazy(inlined);
            case RefExp { Variable: 0 }:
                return Add(new ConstNode(self.Self));
            case RefExp reference:
                return Add(new LocalNode(slotOf[reference.Variable]));
            default:
                var call = Spread((CallExp)exp);
                if (ArityOf(call.Head) > call.Args.Length)
                    return Closure(call.Head, call.Args);
                var mark = nextSlot;
                var shortcut = IsQuick(exp, QuickDepthMax) ? Strict(exp, isTail: false) : null;
                nextSlot = mark;
                return Suspend(exp, shortcut);
        }
    }

    private ThunkNode Suspend(Exp exp, Node? shortcut)
    {
        var free = FreeVariables.Of(exp);
        var code = new ThunkCode(free.Count, () => BuildThunk(exp, free, jets, self));
        var captures = free.Select(variable => slotOf[variable]).ToArray();
        return Add(new ThunkNode(code, captures, shortcut));
    }

    /// <summary>Built when the first such thunk is needed: most of a macro never is.</summary>
    public static (Node Body, int Reach) BuildThunk(
        Exp exp, IReadOnlyList<int> captured, JetTable jets, LawCode self)
    {
        var inner = new CodeBuilder(jets, self);
        foreach (var variable in captured)
            inner.slotOf[variable] = inner.TakeSlots(1);
        var body = inner.Strict(exp, isTail: true);
        return (body, inner.Finish());
    }

    /// <summary>Joins a call whose head is itself a call or a constant closure.</summary>
    public static CallExp Spread(CallExp call)
    {
        var head = Through(call.Head);
        var args = call.Args;
        while (true)
        {
            if (head is CallExp { Lets: null } inner)
            {
                args = [.. inner.Args, .. args];
                head = Through(inner.Head);
            }
            else if (head is ConstExp { Value: App app })
            {
                args = [.. app.CopyParts().Select(field => new ConstExp(field)), .. args];
                head = new ConstExp(app.Head);
            }
            else if (head is ConstExp { Value: Pin { IsLaw: false } pin }
                && args.Length >= pin.Arity)
            {
                head = new ConstExp(pin.Item);
            }
            else
            {
                return new CallExp(head, args);
            }
        }
    }

    private static Exp Through(Exp exp)
    {
        while (exp is RefExp { Inlined: { } inlined, Lets: null })
            exp = inlined;
        return exp;
    }

    /// <summary>How many arguments a head takes; 0 where that is not known.</summary>
    private int ArityOf(Exp head) => head switch
    {
        { Lets: not null } => 0,
        ConstExp constant => constant.Value.Arity,
        RefExp { Variable: 0 } => self.Arity,
        _ => 0,
    };

    private Node Call(CallExp exp, bool isTail)
    {
        var call = Spread(exp);
        var (head, args) = (call.Head, call.Args);
        argCountMax = Math.Max(argCountMax, args.Length);
        var arity = ArityOf(head);
        if (arity == 0)
            return Add(new ApplyNode(Strict(head, isTail: false), LazyAll(args)), isTail);
        if (args.Length < arity)
            return Closure(head, args);
        if (args.Length > arity)
        {
            var function = Saturated(head, args[..arity], isTail: false);
            return Add(new ApplyNode(function, LazyAll(args[arity..])), isTail);
        }
        return Saturated(head, args, isTail);
    }

    private BuildNode Closure(Exp head, Exp[] args) =>
        Add(new BuildNode(Lazy(head), LazyAll(args)));

    private Node[] LazyAll(Exp[] args) => [.. args.Select(Lazy)];

    private Node Saturated(Exp head, Exp[] args, bool isTail)
    {
        if (head is RefExp)
        {
            var code = self;
            var function = Add(new ConstNode(code.Self));
            return Add(new CallNode(function, _ => code, LazyAll(args), self), isTail);
        }
        var value = ((ConstExp)head).Value;
        if (value is Pin { Item: Law } jetted && JetMatch.Of(jetted, jets).Jet is { } jet)
            return JetCall(jet, jetted, args, isTail);
        Func<Evaluator, LawCode>? resolve = value switch
        {
            Law law => evaluator => LawCode.Of(law, evaluator.Options.Jets),
            Pin { Item: Law } pin => evaluator => JetMatch.CodeOf(pin, evaluator.Options.Jets),
            SmallNat { Word: <= Opcode.Pin } op => _ => OpcodeNodes.Codes[op.Word],
            _ => null,
        };
        var constant = Add(new ConstNode(value));
        return resolve is null
            ? Add(new ApplyNode(constant, LazyAll(args)), isTail)
            : Add(new CallNode(constant, resolve, LazyAll(args), self), isTail);
    }

    private Node JetCall(Jet jet, Pin pin, Exp[] args, bool isTail)
    {
        switch (jet.Control)
        {
            case JetControl.If:
            case JetControl.Ifz:
                var condition = Strict(args[0], isTail: false);
                var (first, second) = (Branch(args[1], isTail), Branch(args[2], isTail));
                return Add(jet.Control == JetControl.If
                    ? new IfNode(condition, first, second)
                    : new IfZeroNode(condition, first, second));
            case JetControl.Seq:
                return Add(new SeqNode(Strict(args[0], isTail: false), Strict(args[1], isTail)));
            case JetControl.Switch when RowItems(args[2]) is { } items:
                return Add(new SwitchNode(
                    Strict(args[0], isTail: false),
                    Branch(args[1], isTail),
                    [.. items.Select(item => Branch(item, isTail))]));
        }
        var scratch = TakeSlots(args.Length);
        var built = new Node[args.Length];
        for (var i = 0; i < args.Length; i++)
        {
            built[i] = jet.Force.Contains((byte)(i + 1))
                ? Strict(args[i], isTail: false)
                : Lazy(args[i]);
        }
        var isQuick = jet.Shortcut is not null
            && args.All(arg => IsQuick(arg, QuickDepthMax - 1));
        return Add(new JetNode(jet, pin, built, scratch, isQuick), isTail);
    }

    /// <summary>Slots taken in one branch are free again in the next.</summary>
    private Node Branch(Exp exp, bool isTail)
    {
        var mark = nextSlot;
        var node = Strict(exp, isTail);
        nextSlot = mark;
        return node;
    }

    /// <summary>The elements of a row that is written out in the law, first to last.</summary>
    public static Exp[]? RowItems(Exp exp)
    {
        exp = Through(exp);
        if (exp.Lets is not null)
            return null;
        if (exp is ConstExp { Value: Row row })
            return [.. row.ToArray().Select(item => new ConstExp(item))];
        if (exp is not CallExp call)
            return null;
        call = Spread(call);
        return call.Head is ConstExp { Value: Cow cow } && cow.Arity == call.Args.Length + 1
            ? [.. call.Args.Reverse()]
            : null;
    }

    /// <summary>Whether this is shortcuts of jets on variables and constants only.</summary>
    private bool IsQuick(Exp exp, int depth)
    {
        exp = Through(exp);
        if (exp.Lets is not null)
            return false;
        if (exp is not CallExp call)
            return true;
        call = Spread(call);
        return depth > 0
            && call.Head is ConstExp { Value: Pin { Item: Law } pin }
            && call.Args.Length == pin.Arity
            && JetMatch.Of(pin, jets).Jet is { Shortcut: not null }
            && call.Args.All(arg => IsQuick(arg, depth - 1));
    }
}

/// <summary>
/// The variables that an expression takes from outside, each once; without variable 0, the law,
/// which is a constant.
/// </summary>
internal static class FreeVariables
{
    private static readonly int[] None = [];

    /// <remarks>Kept with each expression, inner ones first, so that nesting costs no more.
    /// </remarks>
    public static IReadOnlyList<int> Of(Exp exp)
    {
        if (exp.Free is { } known)
            return known;
        var path = new Stack<(Exp Exp, bool IsReady)>();
        path.Push((exp, false));
        while (path.TryPop(out var step))
        {
            if (step.Exp.Free is not null)
                continue;
            if (step.IsReady)
            {
                step.Exp.Free = Combine(step.Exp);
                continue;
            }
            path.Push((step.Exp, true));
            foreach (var part in PartsOf(step.Exp))
                path.Push((part, false));
        }
        return exp.Free!;
    }

    public static IEnumerable<Exp> PartsOf(Exp exp)
    {
        foreach (var group in exp.Lets ?? [])
        {
            foreach (var (_, value) in group.Bindings)
                yield return value;
        }
        if (exp is RefExp { Inlined: { } inlined })
            yield return inlined;
        if (exp is not CallExp call)
            yield break;
        yield return call.Head;
        foreach (var arg in call.Args)
            yield return arg;
    }

    private static int[] Combine(Exp exp)
    {
        IEnumerable<int> found = PartsOf(exp).SelectMany(part => part.Free!);
        if (exp is RefExp { Inlined: null, Variable: > 0 } reference)
            found = found.Append(reference.Variable);
        if (exp.Lets is { } groups)
        {
            var bound = groups.SelectMany(group => group.Bindings)
                .Select(binding => binding.Variable).ToHashSet();
            found = found.Where(variable => !bound.Contains(variable));
        }
        int[] free = [.. found.Distinct()];
        return free.Length == 0 ? None : free;
    }
}
