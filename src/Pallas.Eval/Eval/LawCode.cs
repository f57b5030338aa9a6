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
