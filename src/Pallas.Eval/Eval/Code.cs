using Pallas.Values;

namespace Pallas.Eval;

/// <summary>A law ready to run: slot 0 holds the law itself, the next slots its arguments.
/// </summary>
/// <remarks>A pinned law and the law alone are two values, and a law can see which one it is. So
/// each has code of its own, in which <see cref="Self"/> is a constant.</remarks>
/// <param name="table">The jets that calls were matched with.</param>
/// <param name="self">The value of slot 0: the law, its pin, or an opcode.</param>
internal sealed class LawCode(JetTable table, Value self, int arity)
{
    public int Arity => arity;

    public Value Self => self;

    public JetTable Table => table;

    public Node Body { get; set; } = StopNode.Instance;

    /// <summary>The slots from the base on that are written without a check for room.</summary>
    public int Reach { get; set; }

    /// <summary>The number of entries by the interpreter; negative for a law that is never
    /// compiled.</summary>
    public int Heat;

    /// <summary>The machine code. It is written once, and read by any thread.</summary>
    public CompiledCode? Compiled;

    /// <summary>The compiler's analysis, made on demand, and guarded by the compiler's lock.
    /// </summary>
    public LawFacts? Facts;

    /// <summary>Belongs to <see cref="Inline"/>, as <see cref="Facts"/> does.</summary>
    public int InlineSize;

    /// <summary>Belongs to <see cref="ArgumentUsage"/>; null until it is asked for.</summary>
    public ArgumentUsage? Usage;

    /// <summary>Whether the law is too large for an <see cref="ArgumentUsage"/>.</summary>
    public bool HasNoUsage;

    /// <summary>Belongs to <see cref="Specialize"/>: 0 for a law of a program, one more for a
    /// law that is made for it.</summary>
    public int SpecialDepth;

    /// <summary>The law; null for an opcode or a jet.</summary>
    public Law? Source { get; init; }

    /// <summary>The code of a law without a pin; it is built on first use, and cached.
    /// </summary>
    public static LawCode Of(Law law, JetTable table) =>
        law.Code is LawCode code && ReferenceEquals(code.Table, table)
            ? code
            : (LawCode)(law.Code = NodeBuilder.Build(law, law, table));

    /// <summary>The code that a call of a law or a pinned law runs; null for a value that is
    /// neither, or has another arity.</summary>
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

/// <summary>Machine code: a method that takes a target, the evaluator and the arguments.
/// </summary>
/// <param name="Target">Keeps the code alive.</param>
/// <param name="Entry">
/// A function of the target, the evaluator and each argument, or an array of the arguments if there
/// are more than <see cref="ArgsMax"/>.
/// </param>
internal sealed record CompiledCode(object? Target, nint Entry)
{
    /// <summary>
    /// A function of the same arguments for lazy position: returns the value if that is total and
    /// takes a few instructions, otherwise null. Zero if there is no such function.
    /// </summary>
    public nint Eager { get; init; }

    /// <summary>The same function on words; its <see cref="Result"/> is a word if it has the value.
    /// Zero if there is no such function.</summary>
    public nint EagerWords { get; init; }

    /// <summary>The generic method of a law, which takes each argument by itself. Zero for a thunk
    /// or a jet.</summary>
    public nint Generic { get; init; }

    /// <summary>The <see cref="LawMethods.Worker"/> of a law. Zero if there is none.</summary>
    public nint Worker { get; init; }

    /// <summary>The argument, counted from 1, that is evaluated before anything else; 0 if none is
    /// known.</summary>
    public int First { get; init; }

    public const int ArgsMax = 4;
}

/// <summary>A suspended expression ready to run: its first slots hold the captured values.
/// </summary>
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

    /// <param name="count">The number of captured values.</param>
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

    /// <summary>Of a state: the state in which this one began.</summary>
    public ThunkCode? Outer { get; }

    /// <summary>
    /// The machine code; takes what was captured, an array where that is more than
    /// <see cref="Thunk.FieldsCount"/> values, both fields and both words where it has
    /// <see cref="Suspension.Places"/>.
    /// </summary>
    public CompiledCode? Compiled { get; set; }

    /// <summary>A state of thunks under evaluation.</summary>
    public static ThunkCode NewRunning(ThunkCode? outer) => new(outer);

    /// <summary>Applies slot 0 to the next slots.</summary>
    public static ThunkCode Applying(int argCount) =>
        argCount < ApplyingCount ? Applications[argCount] : MakeApplying(argCount);

    /// <summary>Calls a law with the captured values as arguments.</summary>
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

/// <summary>Enters a law whose arguments are in the first slots.</summary>
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

/// <summary>The code that a call of a pinned law runs: its jet, or the law.</summary>
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

    public LawCode Code => code;

    public bool IsOf(JetTable other) => ReferenceEquals(table, other);

    /// <summary>The law as it is written.</summary>
    public LawCode PlainCode => lawCode ??= NodeBuilder.Build((Law)pin.Item, pin, table);

    /// <param name="pin">Its item is a law.</param>
    public static JetMatch Of(Pin pin, JetTable table) =>
        pin.Jet is JetMatch match && ReferenceEquals(match.table, table)
            ? match
            : (JetMatch)(pin.Jet = new JetMatch(pin, table));

    public static LawCode CodeOf(Pin pin, JetTable table) => Of(pin, table).code;

    /// <summary>Code that reports the first run of a law to a watched table, then runs the law.
    /// </summary>
    /// <remarks>The code has no source, so the compiler does not inline the law: only a law that
    /// runs is reported.</remarks>
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
        // Calls may keep the telling code.
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
