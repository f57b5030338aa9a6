using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// The intermediate representation of a law body: an immutable tree in which each call is
/// classified and each variable has an id of its own.
/// </summary>
/// <remarks>
/// <see cref="LawDecoder"/> makes it from a law, <see cref="LawEncoder"/> turns it back into one,
/// <see cref="CorePasses"/> rewrite it. The interpreter's node builder and the code generator
/// read it. Evaluation is by need: a let and an argument are evaluated at most once.
///
/// Id 0 is the law itself, ids from 1 on are its arguments, and a <see cref="CoreBuilder"/> gives
/// out the ids of lets. No id is bound twice in a tree, so a pass can move an expression without
/// renaming it.
/// </remarks>
internal abstract record Core
{
    private static readonly int[] NoVariables = [];

    private int[]? free;

    /// <summary>The direct subexpressions; the function of a call or a build comes first.</summary>
    public abstract Core[] Parts { get; }

    /// <summary>
    /// The variables that are bound outside, each once; without id 0, which is a constant.
    /// </summary>
    public int[] Free
    {
        get
        {
            if (free is null)
                FindFree();
            return free!;
        }
    }

    /// <summary>Keeps an explicit stack, and the answer with each part, so that nested
    /// expressions cost no more than flat ones.</summary>
    private void FindFree()
    {
        var path = new Stack<(Core Core, bool IsReady)>([(this, false)]);
        while (path.TryPop(out var step))
        {
            if (step.Core.free is not null)
                continue;
            if (step.IsReady)
            {
                step.Core.free = step.Core.CombineFree();
                continue;
            }
            path.Push((step.Core, true));
            foreach (var part in step.Core.Parts)
                path.Push((part, false));
        }
    }

    private int[] CombineFree()
    {
        if (this is Var variable)
            return variable.Id == 0 ? NoVariables : [variable.Id];
        var found = Parts.SelectMany(part => part.free!);
        found = this switch
        {
            Let let => found.Where(id => id != let.Id),
            LetRec rec => found.Where(id => rec.Bindings.All(binding => binding.Id != id)),
            _ => found,
        };
        int[] all = [.. found.Distinct()];
        return all.Length == 0 ? NoVariables : all;
    }

    public sealed override string ToString() => CorePrinter.Print(this).Text;

    public sealed record Const(Value Value) : Core
    {
        public override Core[] Parts => [];
    }

    public sealed record Var(int Id) : Core
    {
        public override Core[] Parts => [];
    }

    public sealed record Let(int Id, Core Bound, Core Body) : Core
    {
        public override Core[] Parts => [Bound, Body];
    }

    /// <summary>Lets that may refer to each other.</summary>
    public sealed record LetRec((int Id, Core Bound)[] Bindings, Core Body) : Core
    {
        public override Core[] Parts => [.. Bindings.Select(binding => binding.Bound), Body];
    }

    /// <param name="Pin">The jet's pin; null for a branch that <see cref="Lower"/> made.</param>
    /// <param name="IsZeroTest">Whether the nat 0 takes the first branch; otherwise a nat other
    /// than 0 takes it.</param>
    public sealed record If(Pin? Pin, Core Condition, Core Then, Core Else, bool IsZeroTest) : Core
    {
        public override Core[] Parts => [Condition, Then, Else];
    }

    /// <summary>A branch by index; an index without an item takes the fallback.</summary>
    public sealed record Switch(Pin Pin, Core Index, Core Fallback, Core[] Items) : Core
    {
        public override Core[] Parts => [Index, Fallback, .. Items];
    }

    /// <summary>Evaluates the first expression, then returns the second.</summary>
    public sealed record Seq(Pin Pin, Core First, Core Then) : Core
    {
        public override Core[] Parts => [First, Then];
    }

    /// <summary>An operation that is compiled in line where its operands are small.</summary>
    /// <param name="Jet">Null where <see cref="LawEncoder.AsOpcode"/> gives the meaning.</param>
    public sealed record Operation(Op Op, Jet? Jet, Pin? Pin, Core[] Args) : Core
    {
        public override Core[] Parts => Args;
    }

    /// <summary>A jet with exactly its arguments.</summary>
    public sealed record JetCall(Jet Jet, Pin Pin, Core[] Args) : Core
    {
        public override Core[] Parts => Args;
    }

    /// <summary>A known law or opcode with exactly its arguments.</summary>
    public sealed record Call(CallTarget Target, Core[] Args) : Core
    {
        public LawCode Code => Target.Code;

        public bool IsSelfCall => Target.Function is null;

        public override Core[] Parts => [Target.AsCore, .. Args];
    }

    /// <summary>A function that is unknown, or a call with more arguments than it takes.</summary>
    public sealed record Apply(Core Function, Core[] Args) : Core
    {
        public override Core[] Parts => [Function, .. Args];
    }

    /// <summary>A closure or a row: a known head with fewer arguments than it takes.</summary>
    public sealed record Build(Core Head, Core[] Args) : Core
    {
        public override Core[] Parts => [Head, .. Args];
    }
}

/// <summary>The law or opcode of a <see cref="Core.Call"/>; its code is found on first use.
/// </summary>
internal sealed class CallTarget
{
    private readonly JetTable jets;
    private LawCode? code;

    /// <summary>The law whose body the call is part of.</summary>
    public CallTarget(LawCode self) =>
        (jets, code, AsCore) = (self.Table, self, new Core.Var(0));

    /// <param name="function">A law, a pinned law, or an opcode.</param>
    public CallTarget(Value function, JetTable jets) =>
        (Function, this.jets, AsCore) = (function, jets, new Core.Const(function));

    /// <summary>Null for the law whose body the call is part of.</summary>
    public Value? Function { get; }

    public LawCode Code => code ??= Function is SmallNat opcode
        ? OpcodeNodes.Codes[opcode.Word]
        : LawCode.OfFunction(Function!, Function!.Arity, jets)!;

    public Core AsCore { get; }
}
