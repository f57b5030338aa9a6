using Pallas.Values;

namespace Pallas.Eval;

/// <summary>An expression of a law as the compiler sees it: every call is resolved.</summary>
internal abstract record Core
{
    private int[]? free;

    /// <summary>What the interpreter runs for this; null for parts that the reader made.</summary>
    public Exp? Source { get; set; }

    /// <summary>The parts, in no order that means anything.</summary>
    public abstract IEnumerable<Core> Parts { get; }

    /// <summary>The variables that the term takes from outside, each once.</summary>
    public int[] Free => free ??= FindFree();

    private int[] FindFree()
    {
        var found = Parts.SelectMany(part => part.Free);
        found = this switch
        {
            Var variable => found.Append(variable.Id),
            Let let => let.Bound.Free.Concat(let.Body.Free.Where(id => id != let.Id)),
            LetRec rec => found.Where(id => rec.Bindings.All(binding => binding.Id != id)),
            _ => found,
        };
        return [.. found.Distinct()];
    }

    public sealed record Const(Value Value) : Core
    {
        public override IEnumerable<Core> Parts => [];
    }

    public sealed record Var(int Id) : Core
    {
        public override IEnumerable<Core> Parts => [];
    }

    public sealed record Let(int Id, Core Bound, Core Body) : Core
    {
        public override IEnumerable<Core> Parts => [Bound, Body];
    }

    /// <summary>Lets that need each other.</summary>
    public sealed record LetRec((int Id, Core Bound)[] Bindings, Core Body) : Core
    {
        public override IEnumerable<Core> Parts =>
            Bindings.Select(binding => binding.Bound).Append(Body);
    }

    /// <param name="IsZeroTest">Whether the nat 0 takes the first branch, instead of what is true.
    /// </param>
    public sealed record If(Core Condition, Core Then, Core Else, bool IsZeroTest) : Core
    {
        public override IEnumerable<Core> Parts => [Condition, Then, Else];
    }

    public sealed record Switch(Core Index, Core Fallback, Core[] Items) : Core
    {
        public override IEnumerable<Core> Parts => [Index, Fallback, .. Items];
    }

    public sealed record Seq(Core First, Core Then) : Core
    {
        public override IEnumerable<Core> Parts => [First, Then];
    }

    /// <summary>An operation that is compiled in line where its operands are small.</summary>
    /// <param name="Jet">Null for what an opcode does.</param>
    public sealed record Operation(Op Op, Jet? Jet, Pin? Pin, Core[] Args) : Core
    {
        public override IEnumerable<Core> Parts => Args;
    }

    /// <summary>A jet given exactly its arguments.</summary>
    public sealed record JetCall(Jet Jet, Pin Pin, Core[] Args) : Core
    {
        public override IEnumerable<Core> Parts => Args;
    }

    /// <summary>A known law or opcode given exactly its arguments.</summary>
    public sealed record Call(LawCode Code, Core[] Args) : Core
    {
        public override IEnumerable<Core> Parts => Args;
    }

    /// <summary>A function that is known only when it runs, or given more than it takes.</summary>
    public sealed record Apply(Core Function, Core[] Args) : Core
    {
        public override IEnumerable<Core> Parts => [Function, .. Args];
    }

    /// <summary>A closure or a row: a known head given less than it takes.</summary>
    public sealed record Build(Core Head, Core[] Args) : Core
    {
        public override IEnumerable<Core> Parts => [Head, .. Args];
    }
}
