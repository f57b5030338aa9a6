using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Reads a law body: finds the calls, the jets, the control flow.</summary>
/// <remarks>As <see cref="CodeBuilder"/> does for the interpreter.</remarks>
internal sealed class TermReader
{
    /// <summary>Larger bodies are left to the interpreter: the JIT takes too long for them.
    /// </summary>
    private const int SizeMax = 2_500;

    private readonly LawCode self;
    private readonly JetTable jets;
    private int nextVariable;
    private int size;

    private TermReader(LawCode self, int nextVariable)
    {
        this.self = self;
        this.nextVariable = nextVariable;
        jets = self.Table;
    }

    /// <summary>Null where the body is too large.</summary>
    public static (Core Body, int Size)? Read(LawCode code)
    {
        var law = code.Source!;
        var reader = new TermReader(code, 1 << 24);
        try
        {
            var term = reader.Read(LawInliner.Expand(code, LawBody.Read(law)));
            return (term, reader.size);
        }
        catch (TooLarge)
        {
            return null;
        }
    }

    private sealed class TooLarge : Exception;

    private Core Read(Exp exp)
    {
        if (++size > SizeMax || !StackGuard.HasRoom)
            throw new TooLarge();
        var term = exp.Lets is { } groups ? ReadLets(exp, groups, 0) : ReadInside(exp);
        term.Source = exp;
        return term;
    }

    private Core ReadLets(Exp exp, List<LetGroup> groups, int index)
    {
        if (index == groups.Count)
            return ReadInside(exp);
        var group = groups[index];
        if (!group.IsRecursive)
        {
            var (variable, value) = group.Bindings[0];
            var bound = Read(value);
            return new Core.Let(variable, bound, ReadLets(exp, groups, index + 1));
        }
        var bindings = group.Bindings
            .Select(binding => (binding.Variable, Read(binding.Value)))
            .ToArray();
        return new Core.LetRec(bindings, ReadLets(exp, groups, index + 1));
    }

    private Core ReadInside(Exp exp) => exp switch
    {
        ConstExp constant => new Core.Const(constant.Value),
        RefExp { Inlined: { } inlined } => Read(inlined),
        RefExp { Variable: 0 } => new Core.Const(self.Self),
        RefExp reference => new Core.Var(reference.Variable),
        _ => ReadCall(CodeBuilder.Spread((CallExp)exp)),
    };

    private Core[] ReadAll(IEnumerable<Exp> exps) => [.. exps.Select(Read)];

    private Core ReadCall(CallExp call)
    {
        var (head, args) = (call.Head, call.Args);
        var arity = head switch
        {
            { Lets: not null } => 0,
            ConstExp constant => constant.Value.Arity,
            RefExp { Variable: 0 } => self.Arity,
            _ => 0,
        };
        if (arity == 0)
            return new Core.Apply(Read(head), ReadAll(args));
        if (args.Length < arity)
            return new Core.Build(Read(head), ReadAll(args));
        var function = Saturated(head, args[..arity]);
        if (args.Length == arity)
            return function;
        function.Source = new CallExp(head, args[..arity]);
        return new Core.Apply(function, ReadAll(args[arity..]));
    }

    private Core Saturated(Exp head, Exp[] args)
    {
        if (head is RefExp)
            return new Core.Call(self, ReadAll(args));
        var value = ((ConstExp)head).Value;
        if (value is SmallNat { Word: <= Opcode.Pin } opcode)
            return OpcodeCall(opcode.Word, ReadAll(args));
        if (value is Pin { Item: Law } pin && JetMatch.Of(pin, jets).Jet is { } jet)
            return JetCall(jet, pin, args);
        return LawCode.OfFunction(value, args.Length, jets) is { } code
            ? new Core.Call(code, ReadAll(args))
            : new Core.Apply(new Core.Const(value), ReadAll(args));
    }

    private Core OpcodeCall(ulong opcode, Core[] args)
    {
        switch (opcode)
        {
            case Opcode.Increment:
                return new Core.Operation(OpTable.Inc, null, null, args);
            case Opcode.Case:
                var number = new Core.Var(nextVariable++);
                var less = new Core.Operation(OpTable.Dec, null, null, [number]);
                return new Core.Let(
                    number.Id,
                    args[2],
                    new Core.If(
                        number, new Core.Apply(args[1], [less]), args[0], IsZeroTest: false));
            default:
                return new Core.Call(OpcodeNodes.Codes[opcode], args);
        }
    }

    private Core JetCall(Jet jet, Pin pin, Exp[] exps)
    {
        if (jet.Control == JetControl.Switch && CodeBuilder.RowItems(exps[2]) is { } items)
            return new Core.Switch(Read(exps[0]), Read(exps[1]), ReadAll(items));
        var args = ReadAll(exps);
        switch (jet.Control)
        {
            case JetControl.If:
                return new Core.If(args[0], args[1], args[2], IsZeroTest: false);
            case JetControl.Ifz:
                return new Core.If(args[0], args[1], args[2], IsZeroTest: true);
            case JetControl.Seq:
                return new Core.Seq(args[0], args[1]);
            case JetControl.And:
                return new Core.If(args[0], Bit(args[1]), Zero, IsZeroTest: false);
            case JetControl.Or:
                return new Core.If(args[0], One, Bit(args[1]), IsZeroTest: false);
            case JetControl.Nand:
                return new Core.If(args[0], Not(args[1]), One, IsZeroTest: false);
            case JetControl.Nor:
                return new Core.If(args[0], Zero, Not(args[1]), IsZeroTest: false);
        }
        return OpTable.Of(jet) is { } op
            ? new Core.Operation(op, jet, pin, args)
            : new Core.JetCall(jet, pin, args);
    }

    private static Core.Const Zero => new(Nat.Zero);

    private static Core.Const One => new(Nat.One);

    private static Core.Operation Bit(Core term) => new(OpTable.Bit, null, null, [term]);

    private static Core.Operation Not(Core term) => new(OpTable.Not, null, null, [term]);
}
