using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Makes the Core of one law: classifies calls, and gives out the ids of variables.
/// </summary>
/// <remarks>
/// A pass that changes a part of an expression makes the expression again with
/// <see cref="With"/>: a call whose function has become known turns into the form of that
/// function, as <c>(let f = add in (f 1 2))</c> becomes the operation <c>add</c>.
/// </remarks>
/// <param name="jets">The jets that calls are matched with.</param>
/// <param name="self">The law that the Core is the body of; null where it is not made yet.</param>
/// <param name="firstVariable">Above all ids in use.</param>
internal sealed class CoreBuilder(JetTable jets, LawCode? self, int firstVariable)
{
    private int nextVariable = firstVariable;

    public CoreBuilder(LawCode self)
        : this(self.Table, self, self.Arity + 1)
    {
    }

    public JetTable Jets => jets;

    /// <summary>Null where the law is not made yet.</summary>
    public LawCode? Self => self;

    public int NewVariable() => nextVariable++;

    /// <summary>The call of a function, classified.</summary>
    /// <param name="args">At least one.</param>
    public Core Apply(Core function, Core[] args)
    {
        while (Spread(function, args) is var (inner, all))
            (function, args) = (inner, all);
        var arity = ArityOf(function);
        if (arity == 0)
            return new Core.Apply(function, args);
        if (args.Length < arity)
            return new Core.Build(function, args);
        return args.Length == arity
            ? Saturated(function, args)
            : new Core.Apply(Saturated(function, args[..arity]), args[arity..]);
    }

    /// <summary>Joins a call whose function is a call with too few arguments, or a constant
    /// closure.</summary>
    private static (Core Function, Core[] Args)? Spread(Core function, Core[] args) =>
        function switch
        {
            Core.Apply inner => (inner.Function, [.. inner.Args, .. args]),
            Core.Build inner => (inner.Head, [.. inner.Args, .. args]),
            Core.Const { Value: App app } => (
                new Core.Const(app.Head),
                [.. app.CopyParts().Select(part => new Core.Const(part)), .. args]),
            Core.Const { Value: Pin { IsLaw: false } pin } when args.Length >= pin.Arity =>
                (new Core.Const(pin.Item), args),
            _ => null,
        };

    /// <summary>The number of arguments that a function takes; 0 where that is unknown.</summary>
    private int ArityOf(Core function) => function switch
    {
        Core.Const constant => constant.Value.Arity,
        Core.Var { Id: 0 } => self?.Arity ?? 0,
        _ => 0,
    };

    private Core Saturated(Core function, Core[] args)
    {
        if (function is not Core.Const { Value: var value })
            return new Core.Call(new CallTarget(self!), args);
        switch (value)
        {
            case SmallNat { Word: Opcode.Increment }:
                return new Core.Operation(OpTable.Inc, null, null, args);
            case Pin { Item: Law } pin when JetMatch.Of(pin, jets).Jet is { } jet:
                return JetCall(jet, pin, args);
            case Law or Pin { Item: Law } or SmallNat { Word: <= Opcode.Pin }:
                return new Core.Call(new CallTarget(value, jets), args);
            default:
                return new Core.Apply(function, args);
        }
    }

    private static Core JetCall(Jet jet, Pin pin, Core[] args)
    {
        switch (jet.Control)
        {
            case JetControl.If or JetControl.Ifz:
                var isZeroTest = jet.Control == JetControl.Ifz;
                return new Core.If(pin, args[0], args[1], args[2], isZeroTest);
            case JetControl.Seq:
                return new Core.Seq(pin, args[0], args[1]);
            case JetControl.Switch when CoreQueries.RowItems(args[2]) is { } items:
                return new Core.Switch(pin, args[0], args[1], items);
        }
        return OpTable.Of(jet) is { } op
            ? new Core.Operation(op, jet, pin, args)
            : new Core.JetCall(jet, pin, args);
    }

    /// <summary>The row of the given items, first to last.</summary>
    public static Core Row(Core[] items) => items.Length == 0
        ? new Core.Const(Values.Row.Empty)
        : new Core.Build(
            new Core.Const(new Cow(Nat.Of((ulong)items.Length))), [.. items.Reverse()]);

    /// <summary>The same expression with other parts, in the order of <see cref="Core.Parts"/>.
    /// </summary>
    public Core With(Core core, Core[] parts)
    {
        switch (core)
        {
            case Core.Let let:
                return new Core.Let(let.Id, parts[0], parts[1]);
            case Core.LetRec rec:
                var bindings = rec.Bindings.Select((bound, i) => (bound.Id, parts[i]));
                return new Core.LetRec([.. bindings], parts[^1]);
            case Core.If choice:
                return choice with { Condition = parts[0], Then = parts[1], Else = parts[2] };
            case Core.Switch choice:
                return choice with { Index = parts[0], Fallback = parts[1], Items = parts[2..] };
            case Core.Seq seq:
                return seq with { First = parts[0], Then = parts[1] };
            case Core.Operation operation:
                return operation with { Args = parts };
            case Core.JetCall call:
                return JetCall(call.Jet, call.Pin, parts);
            case Core.Call or Core.Apply or Core.Build:
                return Apply(parts[0], parts[1..]);
            default:
                return core;
        }
    }

    /// <summary>The same expression with each part mapped; the same object where no part
    /// changes.</summary>
    public Core Map(Core core, Func<Core, Core> map)
    {
        if (!StackGuard.HasRoom)
            return MapOnFreshStack(core, map);
        var parts = core.Parts;
        var mapped = Array.ConvertAll(parts, part => map(part));
        return parts.AsSpan().SequenceEqual(mapped, ReferenceEqualityComparer.Instance)
            ? core
            : With(core, mapped);
    }

    private Core MapOnFreshStack(Core core, Func<Core, Core> map) =>
        StackGuard.OnFreshStack(() => Map(core, map));

    /// <summary>A copy with new ids for its lets, and with expressions in place of variables.
    /// </summary>
    /// <param name="given">By id; the lets of the expression are added.</param>
    public Core Copy(Core core, Dictionary<int, Core> given)
    {
        switch (core)
        {
            case Core.Var variable:
                return given.GetValueOrDefault(variable.Id, variable);
            case Core.Let let:
                given[let.Id] = new Core.Var(NewVariable());
                break;
            case Core.LetRec rec:
                foreach (var (id, _) in rec.Bindings)
                    given[id] = new Core.Var(NewVariable());
                break;
        }
        var copy = Map(core, part => Copy(part, given));
        int NewId(int id) => ((Core.Var)given[id]).Id;
        return copy switch
        {
            Core.Let let => let with { Id = NewId(let.Id) },
            Core.LetRec rec => rec with
            {
                Bindings = [.. rec.Bindings.Select(bound => (NewId(bound.Id), bound.Bound))],
            },
            _ => copy,
        };
    }
}
