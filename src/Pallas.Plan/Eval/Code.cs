namespace Pallas.Plan;

/// <summary>A law ready to run: slot 0 is the law itself, slots 1 and on its arguments.</summary>
/// <param name="table">The jets that calls were matched with.</param>
internal sealed class LawCode(JetTable table, int arity)
{
    public int Arity => arity;

    public Node Body { get; set; } = StopNode.Instance;

    /// <summary>How many slots from the base on may be written without asking for room.</summary>
    public int Reach { get; set; }

    /// <summary>The code of a law; made on first use and kept with the law.</summary>
    public static LawCode Of(Law law, JetTable table) =>
        law.Code is { } code && ReferenceEquals(code.Table, table)
            ? code
            : law.Code = CodeBuilder.Build(law, table);

    private JetTable Table => table;
}

/// <summary>A suspended expression ready to run: its first slots are what it captured.</summary>
internal sealed class ThunkCode
{
    private const int ApplyingCount = 12;

    /// <summary>The state of a thunk that is being evaluated.</summary>
    public static readonly ThunkCode Running = new(StopNode.Instance, 0) { IsState = true };

    /// <summary>The state of a thunk whose evaluation threw.</summary>
    public static readonly ThunkCode Failed = new(StopNode.Instance, 0) { IsState = true };

    private static readonly ThunkCode[] Applications =
        [.. Enumerable.Range(0, ApplyingCount).Select(MakeApplying)];

    private readonly Lazy<(Node Body, int Reach)> built;

    public ThunkCode(Node body, int reach) =>
        built = new Lazy<(Node Body, int Reach)>((body, reach));

    /// <param name="build">Called when the first such thunk is entered.</param>
    public ThunkCode(Func<(Node Body, int Reach)> build) =>
        built = new Lazy<(Node Body, int Reach)>(build);

    public Node Body => built.Value.Body;

    public int Reach => built.Value.Reach;

    public bool IsState { get; private init; }

    /// <summary>Applies the first slot to as many that follow.</summary>
    public static ThunkCode Applying(int argCount) =>
        argCount < ApplyingCount ? Applications[argCount] : MakeApplying(argCount);

    private static ThunkCode MakeApplying(int argCount)
    {
        var extent = argCount + 1;
        if (argCount == 0)
            return new ThunkCode(LocalNode.First, extent);
        var args = Enumerable.Range(1, argCount).Select(slot => new LocalNode(slot));
        var apply = new ApplyNode(new LocalNode(0) { Extent = extent }, [.. args])
        {
            Extent = extent,
            IsTail = true,
        };
        return new ThunkCode(apply, 2 * extent);
    }
}

/// <summary>What calling a pinned law runs: the jet that answers to it, or the law.</summary>
internal sealed class JetMatch
{
    private readonly JetTable table;
    private readonly LawCode code;

    private JetMatch(Pin pin, JetTable table)
    {
        this.table = table;
        Jet = table.MatchToRun(pin);
        code = Jet is null ? LawCode.Of((Law)pin.Item, table) : CodeOf(Jet, pin, table);
    }

    public Jet? Jet { get; }

    /// <param name="pin">Its item is a law.</param>
    public static JetMatch Of(Pin pin, JetTable table) =>
        pin.Jet is { } match && ReferenceEquals(match.table, table)
            ? match
            : pin.Jet = new JetMatch(pin, table);

    public static LawCode CodeOf(Pin pin, JetTable table) => Of(pin, table).code;

    private static LawCode CodeOf(Jet jet, Pin pin, JetTable table)
    {
        var args = Enumerable.Range(1, jet.Arity);
        var extent = (2 * jet.Arity) + 1;
        Node[] locals = [.. args.Select(slot => new LocalNode(slot) { Extent = extent })];
        return new LawCode(table, jet.Arity)
        {
            Body = new JetNode(jet, pin, locals, jet.Arity + 1, isQuick: false)
            {
                Extent = extent,
                IsTail = true,
            },
            Reach = extent + jet.Arity + 2,
        };
    }
}
