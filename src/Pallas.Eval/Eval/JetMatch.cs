using Pallas.Values;

namespace Pallas.Eval;

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
