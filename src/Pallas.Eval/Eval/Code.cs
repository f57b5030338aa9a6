using Pallas.Values;

namespace Pallas.Eval;

/// <summary>A law ready to run: slot 0 is the law itself, slots 1 and on its arguments.</summary>
/// <remarks>
/// A pinned law and the law alone are two values, and a law can see which one it is; each has a
/// code of its own, so <see cref="Self"/> is a constant of the code.
/// </remarks>
/// <param name="table">The jets that calls were matched with.</param>
/// <param name="self">What stands in slot 0: the law, its pin, or an opcode.</param>
internal sealed class LawCode(JetTable table, Value self, int arity)
{
    public int Arity => arity;

    public Value Self => self;

    public JetTable Table => table;

    public Node Body { get; set; } = StopNode.Instance;

    /// <summary>How many slots from the base on may be written without asking for room.</summary>
    public int Reach { get; set; }

    /// <summary>How often the interpreter has entered this; negative: never to be compiled.
    /// </summary>
    public int Heat;

    /// <summary>The machine code, once there is some. Written once, read by any thread.</summary>
    public CompiledCode? Compiled;

    /// <summary>What the compiler found out about the law; null until it asks. Used only while
    /// the compiler holds its lock.</summary>
    public LawFacts? Facts;

    /// <summary>Belongs to <see cref="LawInliner"/>, as <see cref="Facts"/> does.</summary>
    public int InlineSize;

    /// <summary>Belongs to <see cref="LawShape"/>; null until it is asked for.</summary>
    public LawShape? Shape;

    /// <summary>The law was looked into, and has no <see cref="LawShape"/>.</summary>
    public bool HasNoShape;

    /// <summary>Belongs to <see cref="LawSpecializer"/>: 0 for a law of a program, one more for
    /// what is made for it.</summary>
    public int SpecialDepth;

    /// <summary>The law, or null where this is an opcode or a jet.</summary>
    public Law? Source { get; init; }

    /// <summary>The code of a law that is no pin's; made on first use and kept with the law.
    /// </summary>
    public static LawCode Of(Law law, JetTable table) =>
        law.Code is LawCode code && ReferenceEquals(code.Table, table)
            ? code
            : (LawCode)(law.Code = CodeBuilder.Build(law, law, table));

    /// <summary>
    /// The code that a call of a law or a pinned law of the given arity runs; null for every other
    /// value.
    /// </summary>
    public static LawCode? OfFunction(Value function, int arity, JetTable table) =>
        function is Pin { Jet: JetMatch match } known && match.IsOf(table)
            ? known.Arity == arity ? match.Code : null
            : Find(function, arity, table);

    private static LawCode? Find(Value function, int arity, JetTable table) =>
        function switch
        {
            Pin { Item: Law } pin when pin.Arity == arity => JetMatch.CodeOf(pin, table),
            Law law when law.Arity == arity => Of(law, table),
            _ => null,
        };
}

/// <summary>Machine code: a method of a target, taking it, the evaluator and the arguments.
/// </summary>
/// <param name="Target">Keeps the code alive.</param>
/// <param name="Entry">
/// A function of target, evaluator and as many values as there are arguments, up to
/// <see cref="ArgsMax"/>; of target, evaluator and an array of values where there are more.
/// </param>
internal sealed record CompiledCode(object? Target, nint Entry)
{
    /// <summary>
    /// A function of the same arguments that has the value where that is total and takes a few
    /// instructions, and else null: it may run where the program is lazy. Zero where there is
    /// none.
    /// </summary>
    public nint Eager { get; init; }

    /// <summary>The same on words: has a <see cref="Result"/>, which is a word where the value is
    /// there. Zero where there is none.</summary>
    public nint EagerWords { get; init; }

    /// <summary>The generic method of a law, taking each argument by itself; for compiled code.
    /// Zero for what is no law.</summary>
    public nint Generic { get; init; }

    /// <summary>The worker of a law, <see cref="LawMethods.Worker"/>. Zero where there is none.
    /// </summary>
    public nint Worker { get; init; }

    /// <summary>
    /// The argument, counted from 1, that is evaluated before anything else happens; 0 where that
    /// is not known.
    /// </summary>
    public int First { get; init; }

    public const int ArgsMax = 4;
}

/// <summary>A suspended expression ready to run: its first slots are what it captured.</summary>
internal sealed class ThunkCode : Suspension
{
    /// <summary>The machine code takes all fields of the thunk.</summary>
    public const int FormOfWords = Thunk.FieldsCount + 1;

    private const int FormOfArray = FormOfWords + 1;
    private const int ApplyingCount = 12;

    private static readonly ThunkCode[] Applications =
        [.. Enumerable.Range(0, ApplyingCount).Select(MakeApplying)];

    private readonly Lazy<(Node Body, int Reach)>? built;

    private ThunkCode(ThunkCode? outer)
        : base(count: 0, places: null, isState: true) => Outer = outer;

    public ThunkCode(int count, Node body, int reach)
        : this(count, places: null, new Lazy<(Node Body, int Reach)>((body, reach)))
    {
    }

    /// <param name="count">How many values are captured.</param>
    /// <param name="build">Called when the first such thunk is entered.</param>
    public ThunkCode(int count, Func<(Node Body, int Reach)> build, int[]? places = null)
        : this(count, places, new Lazy<(Node Body, int Reach)>(build))
    {
    }

    private ThunkCode(int count, int[]? places, Lazy<(Node Body, int Reach)> built)
        : base(count, places, isState: false)
    {
        Form = places is not null ? FormOfWords
            : count <= Thunk.FieldsCount ? count
            : FormOfArray;
        this.built = built;
    }

    /// <summary>The calling convention of the machine code: 0 to 2 values, words, or an array.
    /// </summary>
    public int Form { get; }

    public Node Body => built!.Value.Body;

    public int Reach => built!.Value.Reach;

    /// <summary>Of a state: the one that was there when this one began.</summary>
    public ThunkCode? Outer { get; }

    /// <summary>
    /// The machine code; takes what was captured, an array where that is more than
    /// <see cref="Thunk.FieldsCount"/> values, both fields and both words where it has
    /// <see cref="Suspension.Places"/>.
    /// </summary>
    public CompiledCode? Compiled { get; set; }

    /// <summary>A state of thunks that are being evaluated.</summary>
    public static ThunkCode NewRunning(ThunkCode? outer) => new(outer);

    /// <summary>Applies the first slot to as many that follow.</summary>
    public static ThunkCode Applying(int argCount) =>
        argCount < ApplyingCount ? Applications[argCount] : MakeApplying(argCount);

    /// <summary>Calls a law with what was captured as its arguments.</summary>
    public static ThunkCode Calling(LawCode code)
    {
        var extent = code.Arity + 1;
        return new ThunkCode(code.Arity, () => (new EnterNode(code) { Extent = extent }, extent))
        {
            Compiled = CallStubs.Calling(code),
        };
    }

    private static ThunkCode MakeApplying(int argCount)
    {
        var extent = argCount + 1;
        if (argCount == 0)
            return new ThunkCode(1, LocalNode.First, extent);
        var args = Enumerable.Range(1, argCount).Select(slot => new LocalNode(slot));
        var apply = new ApplyNode(new LocalNode(0) { Extent = extent }, [.. args])
        {
            Extent = extent,
            IsTail = true,
        };
        return new ThunkCode(argCount + 1, apply, 2 * extent)
        {
            Compiled = CallStubs.Applying(argCount),
        };
    }
}

/// <summary>Enters a law whose arguments are the first slots.</summary>
internal sealed class EnterNode(LawCode code) : Node
{
    public override Value? Eval(Evaluator evaluator, int activation)
    {
        evaluator.EnsureSlots(activation + code.Arity + 1);
        var slots = evaluator.Slots;
        Array.Copy(slots, activation, slots, activation + 1, code.Arity);
        slots[activation] = code.Self;
        return evaluator.EnterCode(code, activation);
    }
}

/// <summary>What calling a pinned law runs: the jet that answers to it, or the law.</summary>
internal sealed class JetMatch
{
    private readonly JetTable table;
    private readonly Pin pin;
    private LawCode code;
    private LawCode? lawCode;

    private JetMatch(Pin pin, JetTable table)
    {
        this.table = table;
        this.pin = pin;
        Jet = table.Match(pin);
        code = Jet is not null ? CodeOf(Jet, pin, table)
            : table.IsWatched(pin) ? TellingCode()
            : PlainCode;
    }

    public Jet? Jet { get; }

    /// <summary>What a call runs.</summary>
    public LawCode Code => code;

    public bool IsOf(JetTable other) => ReferenceEquals(table, other);

    /// <summary>The law itself, run as it is written.</summary>
    public LawCode PlainCode => lawCode ??= CodeBuilder.Build((Law)pin.Item, pin, table);

    /// <param name="pin">Its item is a law.</param>
    public static JetMatch Of(Pin pin, JetTable table) =>
        pin.Jet is JetMatch match && ReferenceEquals(match.table, table)
            ? match
            : (JetMatch)(pin.Jet = new JetMatch(pin, table));

    public static LawCode CodeOf(Pin pin, JetTable table) => Of(pin, table).code;

    /// <summary>Tells, for a table that is watched, that the law is run, and then runs it.
    /// </summary>
    /// <remarks>It has no source, so the compiler calls it and never puts the law in the place of
    /// the call: what is looked at only is not told of.</remarks>
    private LawCode TellingCode()
    {
        var extent = pin.Arity + 1;
        return new LawCode(table, pin, pin.Arity)
        {
            Body = new TellNode(this) { Extent = extent },
            Reach = extent,
            Heat = int.MinValue,
        };
    }

    private Value? TellAndRun(Evaluator evaluator, int activation)
    {
        // Calls that found the telling code keep it.
        if (!ReferenceEquals(code, PlainCode))
            table.ReportMismatch(pin);
        code = PlainCode;
        return evaluator.EnterCode(code, activation);
    }

    private static LawCode CodeOf(Jet jet, Pin pin, JetTable table)
    {
        var args = Enumerable.Range(1, jet.Arity);
        var extent = (2 * jet.Arity) + 1;
        Node[] locals = [.. args.Select(slot => new LocalNode(slot) { Extent = extent })];
        return new LawCode(table, pin, jet.Arity)
        {
            Body = new JetNode(jet, pin, locals, jet.Arity + 1, isQuick: false)
            {
                Extent = extent,
                IsTail = true,
            },
            Reach = extent + jet.Arity + 2,
            Compiled = JetStub.CodeOf(jet, pin),
        };
    }

    private sealed class TellNode(JetMatch match) : Node
    {
        public override Value? Eval(Evaluator evaluator, int activation) =>
            match.TellAndRun(evaluator, activation);
    }
}
