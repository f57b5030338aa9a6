using Pallas.Values;

namespace Pallas.Sire;

/// <summary>
/// Expressions to laws: functions are lifted out of each other, what they refer to becomes leading
/// parameters, and what is used once moves to where it is used.
/// </summary>
/// <remarks>
/// The laws are frozen, so every numbering here is part of the format. Variables get fresh numbers;
/// the numbers of a function go on from those of the function around it, so that no number that a
/// function can see means two things.
/// </remarks>
internal static class LawBuilder
{
    /// <summary>The law <c>{0 1 body}</c> whose value for any argument is that of the expression;
    /// or that value itself, where the expression is a constant.</summary>
    /// <param name="isConstant">Whether it is the value.</param>
    public static Value Build(Expr expr, out bool isConstant)
    {
        var block = new Block(0);
        var body = block.Ingest(null, expr);
        isConstant = body is Known;
        if (body is Known known)
            return known.Value;
        var next = block.NextNumber;
        var function = new Function(false, Nat.Zero, next, [next + 1], block.Bound, body);
        return Compile(next + 2, function).Law;
    }

    private abstract record Term;

    private sealed record Known(Value Value) : Term;

    private sealed record Use(int Number) : Term;

    private sealed record Call(Term Function, Term Argument) : Term;

    private sealed record Env(Term First, Env? Rest);

    /// <param name="Self">The number of the function itself.</param>
    /// <param name="Bound">What lets in the body bind, by number.</param>
    private sealed record Function(
        bool IsPinned, Nat Tag, int Self, int[] Args, Dictionary<int, Term> Bound, Term Body);

    /// <summary>The body of one function while its expression is taken in.</summary>
    private sealed class Block(int firstNumber)
    {
        public Dictionary<int, Term> Bound { get; } = [];

        public int NextNumber { get; private set; } = firstNumber;

        public Term Ingest(Env? env, Expr expr)
        {
            if (!StackGuard.HasRoom)
                return IngestDeeper(env, expr);
            while (true)
            {
                switch (expr)
                {
                    case Variable variable:
                        return Lookup(env, variable.Index);
                    case Inlined inlined:
                        expr = inlined.Body;
                        break;
                    case Global global:
                        return new Known(global.Binding.Value);
                    case Constant constant:
                        return new Known(constant.Value);
                    case Apply apply:
                        return Join(Ingest(env, apply.Function), Ingest(env, apply.Argument));
                    case Let let:
                        (env, expr) = (new Env(Name(Ingest(env, let.Value)), env), let.Body);
                        break;
                    case LetRec rec:
                        (env, expr) = (IngestRecursive(env, rec), rec.Body);
                        break;
                    case Lambda lambda:
                        return IngestLambda(env, lambda);
                    default:
                        throw new InvalidOperationException("not an expression");
                }
            }
        }

        private Term IngestDeeper(Env? env, Expr expr) =>
            StackGuard.OnFreshStack(() => Ingest(env, expr));

        /// <summary>A call of constants that runs nothing is a constant.</summary>
        private static Term Join(Term function, Term argument) =>
            function is Known f && argument is Known x && f.Value.Arity > 1
                ? new Known(App.Make(f.Value, x.Value))
                : new Call(function, argument);

        private Term Name(Term value)
        {
            if (value is not Call)
                return value;
            var number = NextNumber++;
            Bound[number] = value;
            return new Use(number);
        }

        private Env? IngestRecursive(Env? env, LetRec rec)
        {
            var first = NextNumber;
            NextNumber += rec.Values.Length;
            for (var i = rec.Values.Length - 1; i >= 0; i--)
                env = new Env(new Use(first + i), env);
            for (var i = 0; i < rec.Values.Length; i++)
                Bound[first + i] = Ingest(env, rec.Values[i]);
            return env;
        }

        private Term IngestLambda(Env? env, Lambda lambda)
        {
            var self = NextNumber++;
            env = new Env(new Use(self), env);
            var args = new int[lambda.ArgCount];
            for (var i = 0; i < args.Length; i++)
            {
                args[i] = NextNumber++;
                env = new Env(new Use(args[i]), env);
            }
            var block = new Block(NextNumber);
            var body = block.Ingest(env, lambda.Body);
            var function = new Function(
                lambda.IsPinned, lambda.Tag, self, args, block.Bound, body);
            var (law, free) = Compile(block.NextNumber, function);
            Term result = new Known(law);
            foreach (var number in free)
                result = new Call(result, new Use(number));
            return result;
        }

        private static Term Lookup(Env? env, int index)
        {
            for (; env is not null && index > 0; index--)
                env = env.Rest;
            return env?.First ?? throw new SireFailure(
                SireErrorKind.Macro, default, "code refers to a variable that is not bound",
                "a macro built it: see what it puts into the state");
        }
    }

    /// <summary>The law of a function, and what it refers to outside itself, in the order of its
    /// leading parameters.</summary>
    private static (Value Law, List<int> Free) Compile(int nextNumber, Function function)
    {
        var uses = new Uses(function);
        var args = function.Args;
        var free = uses.Sequence.FindAll(number => number != function.Self
            && !function.Bound.ContainsKey(number) && Array.IndexOf(args, number) < 0);
        if (free.Count > 0)
        {
            Term self = new Use(nextNumber);
            foreach (var number in free)
                self = new Call(self, new Use(number));
            function.Bound[function.Self] = self;
            function = function with { Self = nextNumber, Args = [.. free, .. args] };
            uses = new Uses(function);
        }
        return (Generate(function, uses), free);
    }

    /// <summary>How often each number is used in what the body reaches, and in which order they
    /// are first met: a let after what its value uses.</summary>
    private sealed class Uses
    {
        private readonly Function function;
        private readonly HashSet<int> seen = [];
        private readonly Dictionary<int, int> counts = [];

        public Uses(Function function)
        {
            this.function = function;
            Walk(function.Body);
        }

        public List<int> Sequence { get; } = [];

        public int Count(int number) => counts.GetValueOrDefault(number);

        private bool Walk(Term term)
        {
            if (!StackGuard.HasRoom)
                return WalkDeeper(term);
            if (term is Call call)
                return Walk(call.Function) && Walk(call.Argument);
            if (term is not Use { Number: var number })
                return true;
            if (seen.Add(number) && function.Bound.TryGetValue(number, out var value))
                Walk(value);
            var count = Count(number);
            counts[number] = count + 1;
            if (count == 0)
                Sequence.Add(number);
            return true;
        }

        private bool WalkDeeper(Term term) =>
            StackGuard.OnFreshStack(() => Walk(term));
    }

    private static Value Generate(Function function, Uses uses)
    {
        var lets = uses.Sequence.FindAll(
            number => function.Bound.ContainsKey(number) && uses.Count(number) > 1);
        var table = new Dictionary<int, int> { [function.Self] = 0 };
        foreach (var number in function.Args.Concat(lets))
            table[number] = table.Count;
        var writer = new BodyWriter(function, uses, table);
        var body = writer.Write(function.Body);
        for (var i = lets.Count - 1; i >= 0; i--)
            body = App.Make(Nat.One, writer.Write(function.Bound[lets[i]]), body);
        if (function.Args.Length == 0)
            throw new SireFailure(
                SireErrorKind.Form, default,
                $"the function {KeyText.Of(function.Tag)} has no parameters",
                "a function needs at least one; for a constant, bind the value itself");
        var law = Law.Make(function.Tag, Nat.Of((ulong)function.Args.Length), body);
        return function.IsPinned ? Pin.Make(law) : law;
    }

    private sealed class BodyWriter(Function function, Uses uses, Dictionary<int, int> table)
    {
        private readonly ulong referenceMax = (ulong)table.Count - 1;

        public Value Write(Term term)
        {
            if (!StackGuard.HasRoom)
                return WriteDeeper(term);
            switch (term)
            {
                case Known { Value: var value }:
                    return IsCode(value) ? App.Make(Nat.Of(2), value) : value;
                case Call call:
                    return App.Make(Nat.Zero, Write(call.Function), Write(call.Argument));
                default:
                    var number = ((Use)term).Number;
                    return uses.Count(number) == 1
                        && function.Bound.TryGetValue(number, out var value1)
                            ? Write(value1)
                            : Nat.Of((ulong)table[number]);
            }
        }

        private Value WriteDeeper(Term term) =>
            StackGuard.OnFreshStack(() => Write(term));

        /// <summary>Whether a constant would be read as a reference, call, let or quote.</summary>
        private bool IsCode(Value value) => value switch
        {
            SmallNat nat => nat.Word <= referenceMax,
            App { Head: SmallNat { Word: 0 or 1 }, Count: 2 } => true,
            App { Head: SmallNat { Word: 2 }, Count: 1 } => true,
            _ => false,
        };
    }
}
