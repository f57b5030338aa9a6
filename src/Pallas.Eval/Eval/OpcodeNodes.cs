using Pallas.Values;

namespace Pallas.Eval;

/// <summary>The bodies of the five opcodes as laws; slot 1 holds the first argument.</summary>
internal abstract class OpcodeNodes : Node
{
    /// <summary>By opcode.</summary>
    public static readonly LawCode[] Codes =
    [
        Code(0, 3, new MakeLaw()), Code(1, 5, new Reflect()), Code(2, 3, new Case()),
        Code(3, 1, new Increment()), Code(4, 1, new MakePin()),
    ];

    private static LawCode Code(ulong opcode, int arity, OpcodeNodes body)
    {
        body.Extent = arity + 1;
        body.IsTail = true;
        return new LawCode(JetTable.None, Nat.Of(opcode), arity)
        {
            Body = body,
            Reach = arity + 6,
            Heat = int.MinValue,
        };
    }

    /// <summary>Evaluates an argument in its slot.</summary>
    private static LocalNode Arg(int index, int extent) => new(index) { Extent = extent };

    /// <summary>An opcode that evaluates its last argument first.</summary>
    private abstract class OnSubject(int slot) : OpcodeNodes
    {
        private readonly LocalNode subject = Arg(slot, slot + 1);

        public override Value? Eval(Evaluator evaluator, int activation) =>
            subject.Quick(evaluator, activation) is { } value
                ? Take(evaluator, activation, value)
                : evaluator.Await(subject, this, activation);

        public override Value? Resume(Evaluator evaluator, in Frame frame, Value value) =>
            Take(evaluator, frame.Base, value);

        /// <param name="value">The argument in weak head normal form.</param>
        protected abstract Value? Take(Evaluator evaluator, int activation, Value value);
    }

    /// <summary><c>(0 n a b)</c>: evaluates the arity first, since an arity of 0 crashes whatever
    /// the other arguments are.</summary>
    private sealed class MakeLaw : OpcodeNodes
    {
        private static readonly LocalNode Arity = Arg(2, 4);
        private static readonly LocalNode Name = Arg(1, 4);

        public override Value? Eval(Evaluator evaluator, int activation) =>
            evaluator.Await(Arity, this, activation, 0);

        public override Value? Resume(Evaluator evaluator, in Frame frame, Value value)
        {
            var slots = evaluator.Slots;
            if (frame.State == 0)
            {
                slots[frame.Base + 2] = Nat.Coerce(value);
                if (Nat.Coerce(value).IsZero)
                    throw new PlanCrash(Nat.Zero, Nat.Zero);
                return evaluator.Await(Name, this, frame.Base, 1);
            }
            evaluator.ReserveSlots(frame.Base + Extent);
            var arity = (Nat)slots[frame.Base + 2];
            return Law.Make(
                Nat.Coerce(value), arity, evaluator.Normalize(slots[frame.Base + 3]));
        }
    }

    /// <summary><c>(1 p l a n x)</c></summary>
    private sealed class Reflect() : OnSubject(5)
    {
        protected override Value? Take(Evaluator evaluator, int activation, Value value)
        {
            if (value is Pin pin)
                return With(evaluator, activation, 1, pin.Item);
            if (value is Nat)
                return With(evaluator, activation, 4, value);
            if (LawParts.IsLaw(value))
            {
                var (name, argCount, body) = LawParts.Of(value);
                return With(evaluator, activation, 2, name, argCount, body);
            }
            var (function, argument) = Split(value);
            return With(evaluator, activation, 3, function, argument);
        }

        private static (Value Function, Value Argument) Split(Value value) => value switch
        {
            App { Count: 1 } app => (app.Head, app[0]),
            App app => (new App(app.Head, app.CopyParts()[..^1]), app[app.Count - 1]),
            Tab tab => (tab.Keys, tab.ToValueRow()),
            _ => SplitRow((Row)value),
        };

        private static (Value Function, Value Argument) SplitRow(Row row)
        {
            Value cow = new Cow(Nat.Of((ulong)row.Count));
            if (row.Count == 1)
                return (cow, row[0]);
            var rest = row.ToArray()[1..];
            Array.Reverse(rest);
            return (new App(cow, rest), row[0]);
        }

        /// <summary>Applies the case in the given slot.</summary>
        private static Value? With(
            Evaluator evaluator, int activation, int slot, params ReadOnlySpan<Value> args)
        {
            var slots = evaluator.Slots;
            slots[activation] = slots[activation + slot];
            for (var i = 0; i < args.Length; i++)
                slots[activation + 1 + i] = args[i];
            return evaluator.GoOn(ThunkCode.Applying(args.Length).Body, activation);
        }
    }

    /// <summary><c>(2 z p x)</c></summary>
    private sealed class Case() : OnSubject(3)
    {
        private static readonly LocalNode Zero = new(1) { Extent = 4, IsTail = true };

        protected override Value? Take(Evaluator evaluator, int activation, Value value)
        {
            var nat = Nat.Coerce(value);
            if (nat.IsZero)
                return evaluator.GoOn(Zero, activation);
            var slots = evaluator.Slots;
            slots[activation] = slots[activation + 2];
            slots[activation + 1] = nat is SmallNat small
                ? Nat.Of(small.Word - 1)
                : Natural.Subtract(nat, Nat.One);
            return evaluator.GoOn(ThunkCode.Applying(1).Body, activation);
        }
    }

    /// <summary><c>(3 x)</c></summary>
    private sealed class Increment() : OnSubject(1)
    {
        protected override Value? Take(Evaluator evaluator, int activation, Value value) =>
            Nat.Coerce(value) switch
            {
                SmallNat { Word: < ulong.MaxValue } small => Nat.Of(small.Word + 1),
                var nat => Natural.Add(nat, Nat.One),
            };
    }

    /// <summary><c>(4 x)</c></summary>
    private sealed class MakePin : OpcodeNodes
    {
        public override Value? Eval(Evaluator evaluator, int activation)
        {
            evaluator.ReserveSlots(activation + Extent);
            return Pin.Make(evaluator.Normalize(evaluator.Slots[activation + 1]));
        }
    }
}
