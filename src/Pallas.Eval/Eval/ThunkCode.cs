using Pallas.Values;

namespace Pallas.Eval;

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

    /// <summary>The machine code; <see cref="Form"/> is its calling convention.</summary>
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
