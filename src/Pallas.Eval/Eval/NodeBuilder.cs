using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Turns Core into nodes; one builder for each layout of slots.</summary>
/// <remarks>
/// An expression that is certainly evaluated is built strict: control jets become branches, jets
/// get their forced arguments evaluated on the machine's stack. Any other expression is built
/// lazy: a closure or a row is made at once, everything else is suspended in a thunk that captures
/// the slots it needs.
/// </remarks>
internal sealed class NodeBuilder
{
    private const int QuickDepthMax = 4;

    private readonly LawCode self;
    private readonly Dictionary<int, int> slotOf = [];
    private readonly List<Node> nodes = [];
    private int nextSlot;
    private int extent;
    private int argCountMax;

    private NodeBuilder(LawCode self) => this.self = self;

    /// <param name="self">The law, or the pin that it is the item of.</param>
    public static LawCode Build(Law law, Value self, JetTable jets)
    {
        var code = new LawCode(jets, self, law.Arity) { Source = law };
        var builder = new NodeBuilder(code);
        for (var variable = 0; variable <= law.Arity; variable++)
            builder.slotOf[variable] = builder.TakeSlots(1);
        code.Body = builder.Strict(LawDecoder.Decode(new CoreBuilder(code)), isTail: true);
        code.Reach = builder.Finish();
        return code;
    }

    /// <summary>Builds the nodes of a thunk, when the first such thunk is needed: most thunks of
    /// a macro never are.</summary>
    public static (Node Body, int Reach) BuildThunk(
        Core core, IReadOnlyList<int> captured, LawCode self)
    {
        var inner = new NodeBuilder(self);
        foreach (var variable in captured)
            inner.slotOf[variable] = inner.TakeSlots(1);
        var body = inner.Strict(core, isTail: true);
        return (body, inner.Finish());
    }

    /// <summary>Gives all nodes the size of the activation; returns its reach.</summary>
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

    // ---- Strict

    private Node Strict(Core core, bool isTail)
    {
        if (!StackGuard.HasRoom)
            return StrictOnFreshStack(core, isTail);
        switch (core)
        {
            case Core.Const constant:
                return Add(new ConstNode(constant.Value), isTail);
            case Core.Var variable:
                return Local(variable, isTail);
            case Core.Let let:
                var bound = Lazy(let.Bound);
                var slot = slotOf[let.Id] = TakeSlots(1);
                return Add(new LetNode(slot, bound, Strict(let.Body, isTail)));
            case Core.LetRec rec:
                return LetRec(rec, isTail);
            case Core.If choice:
                var condition = Strict(choice.Condition, isTail: false);
                var (then, otherwise) = (Branch(choice.Then, isTail), Branch(choice.Else, isTail));
                return Add(choice.IsZeroTest
                    ? new IfZeroNode(condition, then, otherwise)
                    : new IfNode(condition, then, otherwise));
            case Core.Switch choice:
                return Add(new SwitchNode(
                    Strict(choice.Index, isTail: false),
                    Branch(choice.Fallback, isTail),
                    [.. choice.Items.Select(item => Branch(item, isTail))]));
            case Core.Seq seq:
                return Add(new SeqNode(
                    Strict(seq.First, isTail: false), Strict(seq.Then, isTail)));
            case Core.Operation { Jet: { } jet } operation:
                return Jet(jet, operation.Pin!, operation.Args, isTail);
            case Core.Operation operation:
                return Call(LawEncoder.AsOpcode(operation), isTail);
            case Core.JetCall call:
                return Jet(call.Jet, call.Pin, call.Args, isTail);
            case Core.Call call:
                return Call(call, isTail);
            case Core.Apply apply:
                var function = Strict(apply.Function, isTail: false);
                return Add(new ApplyNode(function, LazyAll(apply.Args)), isTail);
            default:
                return Closure((Core.Build)core);
        }
    }

    private Node StrictOnFreshStack(Core core, bool isTail) =>
        StackGuard.OnFreshStack(() => Strict(core, isTail));

    private Node Local(Core.Var variable, bool isTail = false) => variable.Id == 0
        ? Add(new ConstNode(self.Self), isTail)
        : Add(new LocalNode(slotOf[variable.Id]), isTail);

    private LetRecNode LetRec(Core.LetRec rec, bool isTail)
    {
        foreach (var (id, _) in rec.Bindings)
            slotOf[id] = TakeSlots(1);
        var bindings = rec.Bindings
            .Select(binding => (slotOf[binding.Id], Suspend(binding.Bound, null)))
            .ToArray();
        return Add(new LetRecNode(bindings, Strict(rec.Body, isTail)));
    }

    /// <summary>Slots that one branch takes are free again in the next.</summary>
    private Node Branch(Core core, bool isTail)
    {
        var mark = nextSlot;
        var node = Strict(core, isTail);
        nextSlot = mark;
        return node;
    }

    private CallNode Call(Core.Call call, bool isTail) =>
        Add(new CallNode(call.Target, LazyAll(call.Args), self), isTail);

    private JetNode Jet(Jet jet, Pin pin, Core[] args, bool isTail)
    {
        argCountMax = Math.Max(argCountMax, args.Length);
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

    // ---- Lazy

    private Node Lazy(Core core)
    {
        if (!StackGuard.HasRoom)
            return LazyOnFreshStack(core);
        switch (core)
        {
            case Core.Const constant:
                return Add(new ConstNode(constant.Value));
            case Core.Var variable:
                return Local(variable);
            case Core.Build build:
                return Closure(build);
            default:
                var mark = nextSlot;
                var shortcut = IsQuick(core, QuickDepthMax) ? Strict(core, isTail: false) : null;
                nextSlot = mark;
                return Suspend(core, shortcut);
        }
    }

    private Node LazyOnFreshStack(Core core) => StackGuard.OnFreshStack(() => Lazy(core));

    private Node[] LazyAll(Core[] args)
    {
        argCountMax = Math.Max(argCountMax, args.Length);
        return [.. args.Select(Lazy)];
    }

    private BuildNode Closure(Core.Build build) =>
        Add(new BuildNode(Lazy(build.Head), LazyAll(build.Args)));

    private ThunkNode Suspend(Core core, Node? shortcut)
    {
        var (free, law) = (core.Free, self);
        var code = new ThunkCode(free.Length, () => BuildThunk(core, free, law));
        var captures = free.Select(variable => slotOf[variable]).ToArray();
        return Add(new ThunkNode(code, captures, shortcut));
    }

    /// <summary>Whether the expression consists of shortcuts of jets on atoms.</summary>
    private static bool IsQuick(Core core, int depth) => core switch
    {
        Core.Const or Core.Var => true,
        Core.Operation { Jet.Shortcut: not null } or Core.JetCall { Jet.Shortcut: not null } =>
            depth > 0 && core.Parts.All(arg => IsQuick(arg, depth - 1)),
        _ => false,
    };
}
