namespace Pallas.Plan;

/// <summary>An expression of a law as the compiler sees it: every call is resolved.</summary>
internal abstract record Term
{
    private int[]? free;

    /// <summary>What the interpreter runs for this; null for parts that the reader made.</summary>
    public Exp? Source { get; set; }

    /// <summary>The parts, in no order that means anything.</summary>
    public abstract IEnumerable<Term> Parts { get; }

    /// <summary>The variables that the term takes from outside, each once.</summary>
    public int[] Free => free ??= FindFree();

    private int[] FindFree()
    {
        var found = Parts.SelectMany(part => part.Free);
        found = this switch
        {
            VarTerm variable => found.Append(variable.Id),
            LetTerm let => let.Bound.Free.Concat(let.Body.Free.Where(id => id != let.Id)),
            RecTerm rec => found.Where(id => rec.Bindings.All(binding => binding.Id != id)),
            _ => found,
        };
        return [.. found.Distinct()];
    }
}

internal sealed record ConstTerm(Value Value) : Term
{
    public override IEnumerable<Term> Parts => [];
}

internal sealed record VarTerm(int Id) : Term
{
    public override IEnumerable<Term> Parts => [];
}

internal sealed record LetTerm(int Id, Term Bound, Term Body) : Term
{
    public override IEnumerable<Term> Parts => [Bound, Body];
}

/// <summary>Lets that need each other.</summary>
internal sealed record RecTerm((int Id, Term Bound)[] Bindings, Term Body) : Term
{
    public override IEnumerable<Term> Parts =>
        Bindings.Select(binding => binding.Bound).Append(Body);
}

/// <param name="IsZeroTest">Whether the nat 0 takes the first branch, instead of what is true.
/// </param>
internal sealed record IfTerm(Term Condition, Term Then, Term Else, bool IsZeroTest) : Term
{
    public override IEnumerable<Term> Parts => [Condition, Then, Else];
}

internal sealed record SwitchTerm(Term Index, Term Fallback, Term[] Items) : Term
{
    public override IEnumerable<Term> Parts => [Index, Fallback, .. Items];
}

internal sealed record SeqTerm(Term First, Term Then) : Term
{
    public override IEnumerable<Term> Parts => [First, Then];
}

/// <summary>An operation that is compiled in line where its operands are small.</summary>
/// <param name="Jet">Null for what an opcode does.</param>
internal sealed record OpTerm(Op Op, Jet? Jet, Pin? Pin, Term[] Args) : Term
{
    public override IEnumerable<Term> Parts => Args;
}

/// <summary>A jet given exactly its arguments.</summary>
internal sealed record JetTerm(Jet Jet, Pin Pin, Term[] Args) : Term
{
    public override IEnumerable<Term> Parts => Args;
}

/// <summary>A known law or opcode given exactly its arguments.</summary>
internal sealed record CallTerm(LawCode Code, Term[] Args) : Term
{
    public override IEnumerable<Term> Parts => Args;
}

/// <summary>A function that is known only when it runs, or given more than it takes.</summary>
internal sealed record ApplyTerm(Term Function, Term[] Args) : Term
{
    public override IEnumerable<Term> Parts => [Function, .. Args];
}

/// <summary>A closure or a row: a known head given less than it takes.</summary>
internal sealed record BuildTerm(Term Head, Term[] Args) : Term
{
    public override IEnumerable<Term> Parts => [Head, .. Args];
}

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
    public static (Term Body, int Size)? Read(LawCode code)
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

    private Term Read(Exp exp)
    {
        if (++size > SizeMax || !StackGuard.HasRoom)
            throw new TooLarge();
        var term = exp.Lets is { } groups ? ReadLets(exp, groups, 0) : ReadInside(exp);
        term.Source = exp;
        return term;
    }

    private Term ReadLets(Exp exp, List<LetGroup> groups, int index)
    {
        if (index == groups.Count)
            return ReadInside(exp);
        var group = groups[index];
        if (!group.IsRecursive)
        {
            var (variable, value) = group.Bindings[0];
            var bound = Read(value);
            return new LetTerm(variable, bound, ReadLets(exp, groups, index + 1));
        }
        var bindings = group.Bindings
            .Select(binding => (binding.Variable, Read(binding.Value)))
            .ToArray();
        return new RecTerm(bindings, ReadLets(exp, groups, index + 1));
    }

    private Term ReadInside(Exp exp) => exp switch
    {
        ConstExp constant => new ConstTerm(constant.Value),
        RefExp { Inlined: { } inlined } => Read(inlined),
        RefExp { Variable: 0 } => new ConstTerm(self.Self),
        RefExp reference => new VarTerm(reference.Variable),
        _ => ReadCall(CodeBuilder.Spread((CallExp)exp)),
    };

    private Term[] ReadAll(IEnumerable<Exp> exps) => [.. exps.Select(Read)];

    private Term ReadCall(CallExp call)
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
            return new ApplyTerm(Read(head), ReadAll(args));
        if (args.Length < arity)
            return new BuildTerm(Read(head), ReadAll(args));
        var function = Saturated(head, args[..arity]);
        if (args.Length == arity)
            return function;
        function.Source = new CallExp(head, args[..arity]);
        return new ApplyTerm(function, ReadAll(args[arity..]));
    }

    private Term Saturated(Exp head, Exp[] args)
    {
        if (head is RefExp)
            return new CallTerm(self, ReadAll(args));
        var value = ((ConstExp)head).Value;
        if (value is SmallNat { Word: <= Opcode.Pin } opcode)
            return OpcodeCall(opcode.Word, ReadAll(args));
        if (value is Pin { Item: Law } pin && JetMatch.Of(pin, jets).Jet is { } jet)
            return JetCall(jet, pin, args);
        return LawCode.OfFunction(value, args.Length, jets) is { } code
            ? new CallTerm(code, ReadAll(args))
            : new ApplyTerm(new ConstTerm(value), ReadAll(args));
    }

    private Term OpcodeCall(ulong opcode, Term[] args)
    {
        switch (opcode)
        {
            case Opcode.Increment:
                return new OpTerm(Op.Inc, null, null, args);
            case Opcode.Case:
                var number = new VarTerm(nextVariable++);
                var less = new OpTerm(Op.Dec, null, null, [number]);
                return new LetTerm(
                    number.Id,
                    args[2],
                    new IfTerm(
                        number, new ApplyTerm(args[1], [less]), args[0], IsZeroTest: false));
            default:
                return new CallTerm(OpcodeNodes.Codes[opcode], args);
        }
    }

    private Term JetCall(Jet jet, Pin pin, Exp[] exps)
    {
        if (jet.Control == JetControl.Switch && CodeBuilder.RowItems(exps[2]) is { } items)
            return new SwitchTerm(Read(exps[0]), Read(exps[1]), ReadAll(items));
        var args = ReadAll(exps);
        switch (jet.Control)
        {
            case JetControl.If:
                return new IfTerm(args[0], args[1], args[2], IsZeroTest: false);
            case JetControl.Ifz:
                return new IfTerm(args[0], args[1], args[2], IsZeroTest: true);
            case JetControl.Seq:
                return new SeqTerm(args[0], args[1]);
        }
        return Ops.Of(jet.Name) switch
        {
            Op.None => new JetTerm(jet, pin, args),
            Op.And => new IfTerm(args[0], Bit(args[1]), Zero, IsZeroTest: false),
            Op.Or => new IfTerm(args[0], One, Bit(args[1]), IsZeroTest: false),
            Op.Nand => new IfTerm(args[0], Not(args[1]), One, IsZeroTest: false),
            Op.Nor => new IfTerm(args[0], Zero, Not(args[1]), IsZeroTest: false),
            var op => new OpTerm(op, jet, pin, args),
        };
    }

    private static ConstTerm Zero => new(Nat.Zero);

    private static ConstTerm One => new(Nat.One);

    private static OpTerm Bit(Term term) => new(Op.Bit, null, null, [term]);

    private static OpTerm Not(Term term) => new(Op.Not, null, null, [term]);
}
