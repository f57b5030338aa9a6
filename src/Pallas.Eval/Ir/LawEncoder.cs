using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Encodes Core as a law: the inverse of <see cref="LawDecoder"/>.</summary>
/// <remarks>
/// All lets go to the outermost spine of the law, where a let is evaluated by need all the same.
/// Decoding the law and placing the lets gives the Core back, up to the ids of variables and to
/// what <see cref="Lower"/> does.
/// </remarks>
internal sealed class LawEncoder
{
    private static readonly Value First = Function(2, Nat.One);
    private static readonly Core Identity = new Core.Const(Function(1, Nat.One));
    private static readonly Core AlwaysZero = new Core.Const(Function(1, App.Make(2, Nat.Zero)));
    private static readonly Core AlwaysOne = new Core.Const(Function(1, App.Make(2, Nat.One)));
    private static readonly Core Zero = new Core.Const(Nat.Zero);
    private static readonly Core One = new Core.Const(Nat.One);

    private readonly int arity;
    private readonly Dictionary<int, ulong> numberOf;
    private readonly List<Value> lets = [];

    private LawEncoder(int arity)
    {
        this.arity = arity;
        numberOf = Enumerable.Range(0, arity + 1).ToDictionary(id => id, id => (ulong)id);
    }

    /// <summary>The law with the given body; its arguments are the variables from 1 on.</summary>
    public static Value Encode(Nat name, int arity, Core body)
    {
        var encoder = new LawEncoder(arity);
        var code = encoder.Encode(body);
        for (var i = encoder.lets.Count - 1; i >= 0; i--)
            code = App.Make(1, encoder.lets[i], code);
        return Law.Make(name, Nat.Of((ulong)arity), code);
    }

    /// <summary>An operation without a jet as a call of an opcode.</summary>
    /// <remarks><c>(inc x) = (3 x)</c>, <c>(dec x) = (2 0 id x)</c>,
    /// <c>(bit x) = (2 0 (const 1) x)</c>, <c>(not x) = (2 1 (const 0) x)</c></remarks>
    public static Core.Call AsOpcode(Core.Operation operation)
    {
        var x = operation.Args[0];
        return operation.Op switch
        {
            var op when op == OpTable.Inc => Opcodes(Opcode.Increment, x),
            var op when op == OpTable.Dec => Opcodes(Opcode.Case, Zero, Identity, x),
            var op when op == OpTable.Bit => Opcodes(Opcode.Case, Zero, AlwaysOne, x),
            var op when op == OpTable.Not => Opcodes(Opcode.Case, One, AlwaysZero, x),
            var op => throw new InvalidOperationException($"{op} has no opcode"),
        };
    }

    private static Core.Call Opcodes(ulong opcode, params Core[] args) =>
        new(new CallTarget(Nat.Of(opcode), JetTable.None), args);

    private static Value Function(ulong arity, Value body) =>
        Law.Make(Nat.OfText("encoded"), Nat.Of(arity), body);

    private Value Encode(Core core)
    {
        if (!StackGuard.HasRoom)
            return EncodeOnFreshStack(core);
        switch (core)
        {
            case Core.Const constant:
                return App.Make(2, constant.Value);
            case Core.Var variable:
                return Nat.Of(numberOf[variable.Id]);
            case Core.Let let:
                Bind((let.Id, let.Bound));
                return Encode(let.Body);
            case Core.LetRec rec:
                Bind(rec.Bindings);
                return Encode(rec.Body);
            case Core.If { Pin: null } choice:
                // (if c t e) = (2 e (first t) c), where (first t n) = t
                var then = new Core.Build(new Core.Const(First), [choice.Then]);
                return Encode(Opcodes(Opcode.Case, choice.Else, then, choice.Condition));
            case Core.If choice:
                return Call(choice.Pin, choice.Parts);
            case Core.Seq seq:
                return Call(seq.Pin, seq.Parts);
            case Core.Switch choice:
                Core[] args = [choice.Index, choice.Fallback, CoreBuilder.Row(choice.Items)];
                return Call(choice.Pin, args);
            case Core.Operation { Pin: { } pin } operation:
                return Call(pin, operation.Args);
            case Core.Operation operation:
                return Encode(AsOpcode(operation));
            case Core.JetCall call:
                return Call(call.Pin, call.Args);
            default:
                var parts = core.Parts;
                return Call(Encode(parts[0]), parts.AsSpan(1));
        }
    }

    private Value EncodeOnFreshStack(Core core) => StackGuard.OnFreshStack(() => Encode(core));

    private Value Call(Pin pin, Core[] args) => Call(App.Make(2, pin), args);

    private Value Call(Value head, ReadOnlySpan<Core> args)
    {
        foreach (var arg in args)
            head = App.Make(0, head, Encode(arg));
        return head;
    }

    private void Bind(params (int Id, Core Bound)[] bindings)
    {
        var first = lets.Count;
        foreach (var (id, _) in bindings)
        {
            numberOf[id] = (ulong)(arity + 1 + lets.Count);
            lets.Add(Nat.Zero);
        }
        for (var i = 0; i < bindings.Length; i++)
            lets[first + i] = Encode(bindings[i].Bound);
    }
}
