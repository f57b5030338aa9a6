using Pallas.Sire.Errors;
using Pallas.Values;

namespace Pallas.Sire.Lower;

/// <summary>
/// Expressions to laws. Functions are lifted out of each other: their free variables become leading
/// parameters. A let whose variable is used once moves to the place of that use.
/// </summary>
/// <remarks>
/// The laws are frozen, so every numbering here is part of the format. Variables get fresh numbers.
/// The numbers of a function continue those of the function around it, so that every number that a
/// function can refer to has one meaning.
/// </remarks>
internal static class LawBuilder
{
    /// <summary>A law <c>{0 1 body}</c> that returns the value of the expression for any argument;
    /// or that value itself, where the expression is a constant.</summary>
    /// <param name="isConstant">Whether the value itself was returned.</param>
    public static Value Build(Expr expr, out bool isConstant)
    {
        var block = new Block(0);
        var body = block.Read(null, expr);
        isConstant = body is Known;
        if (body is Known known)
            return known.Value;
        var next = block.NextNumber;
        var function = new Function(false, Nat.Zero, next, [next + 1], block.Bound, body);
        return Compile(next + 2, function).Law;
    }

    private abstract record Code;

    private sealed record Known(Value Value) : Code;

    private sealed record Use(int Number) : Code;

    private sealed record Call(Code Function, Code Argument) : Code;

    private sealed record Env(Code First, Env? Rest);

    /// <param name="Self">The number of the function itself.</param>
    /// <param name="Bound">The values of the lets in the body, by number.</param>
    private sealed record Function(
        bool IsPinned, Nat Tag, int Self, int[] Args, Dictionary<int, Code> Bound, Code Body);

    /// <summary>The body of one function while its expression is read.</summary>
    private sealed class Block(int firstNumber)
    {
        public Dictionary<int, Code> Bound { get; } = [];

        public int NextNumber { get; private set; } = firstNumber;

        public Code Read(Env? env, Expr expr)
        {
            if (!StackGuard.HasRoom)
                return ReadDeeper(env, expr);
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
                        return Join(Read(env, apply.Function), Read(env, apply.Argument));
                    case Let let:
                        (env, expr) = (new Env(Name(Read(env, let.Value)), env), let.Body);
                        break;
                    case LetRec rec:
                        (env, expr) = (ReadRecursive(env, rec), rec.Body);
                        break;
                    case Lambda lambda:
                        return ReadLambda(env, lambda);
                    default:
                        throw new InvalidOperationException("not an expression");
                }
            }
        }

        private Code ReadDeeper(Env? env, Expr expr) =>
            StackGuard.OnFreshStack(() => Read(env, expr));

        /// <summary>A call of constants that runs nothing is a constant.</summary>
        private static Code Join(Code function, Code argument) =>
            function is Known f && argument is Known x && f.Value.Arity > 1
                ? new Known(App.Make(f.Value, x.Value))
                : new Call(function, argument);

        private Code Name(Code value)
        {
            if (value is not Call)
                return value;
            var number = NextNumber++;
            Bound[number] = value;
            return new Use(number);
        }

        private Env? ReadRecursive(Env? env, LetRec rec)
        {
            var first = NextNumber;
            NextNumber += rec.Values.Length;
            for (var i = rec.Values.Length - 1; i >= 0; i--)
                env = new Env(new Use(first + i), env);
            for (var i = 0; i < rec.Values.Length; i++)
                Bound[first + i] = Read(env, rec.Values[i]);
            return env;
        }

        private Code ReadLambda(Env? env, Lambda lambda)
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
            var body = block.Read(env, lambda.Body);
            var function = new Function(
                lambda.IsPinned, lambda.Tag, self, args, block.Bound, body);
            var (law, free) = Compile(block.NextNumber, function);
            Code result = new Known(law);
            foreach (var number in free)
                result = new Call(result, new Use(number));
            return result;
        }

        private static Code Lookup(Env? env, int index)
        {
            for (; env is not null && index > 0; index--)
                env = env.Rest;
            return env?.First ?? throw new SireFailure(
                SireErrorKind.Macro, default, "code refers to a variable that is not bound",
                "a macro built it: check the state that it returns");
        }
    }

    /// <summary>The law of a function, and its free variables in the order of the leading
    /// parameters.</summary>
    private static (Value Law, List<int> Free) Compile(int nextNumber, Function function)
    {
        var uses = new Uses(function);
        var args = function.Args;
        var free = uses.Sequence.FindAll(number => number != function.Self
            && !function.Bound.ContainsKey(number) && Array.IndexOf(args, number) < 0);
        if (free.Count > 0)
        {
            Code self = new Use(nextNumber);
            foreach (var number in free)
                self = new Call(self, new Use(number));
            function.Bound[function.Self] = self;
            function = function with { Self = nextNumber, Args = [.. free, .. args] };
            uses = new Uses(function);
        }
        return (Generate(function, uses), free);
    }

    /// <summary>How often the reachable part of a body uses each number, and the order of the first
    /// uses: a let comes after the numbers that its value uses.</summary>
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

        private bool Walk(Code code)
        {
            if (!StackGuard.HasRoom)
                return WalkDeeper(code);
            if (code is Call call)
                return Walk(call.Function) && Walk(call.Argument);
            if (code is not Use { Number: var number })
                return true;
            if (seen.Add(number) && function.Bound.TryGetValue(number, out var value))
                Walk(value);
            var count = Count(number);
            counts[number] = count + 1;
            if (count == 0)
                Sequence.Add(number);
            return true;
        }

        private bool WalkDeeper(Code code) =>
            StackGuard.OnFreshStack(() => Walk(code));
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
            body = LawCodes.Let(writer.Write(function.Bound[lets[i]]), body);
        if (function.Args.Length == 0)
            throw new SireFailure(
                SireErrorKind.Form, default,
                $"the function {NameText.Of(function.Tag)} has no parameters",
                "a function needs at least one; for a constant, bind the value itself");
        var law = Law.Make(function.Tag, Nat.Of((ulong)function.Args.Length), body);
        return function.IsPinned ? Pin.Make(law) : law;
    }

    private sealed class BodyWriter(Function function, Uses uses, Dictionary<int, int> table)
    {
        private readonly ulong referenceMax = (ulong)table.Count - 1;

        public Value Write(Code code)
        {
            if (!StackGuard.HasRoom)
                return WriteDeeper(code);
            switch (code)
            {
                case Known { Value: var value }:
                    return LawCodes.Constant(value, referenceMax);
                case Call call:
                    return LawCodes.Call(Write(call.Function), Write(call.Argument));
                default:
                    var number = ((Use)code).Number;
                    return uses.Count(number) == 1
                        && function.Bound.TryGetValue(number, out var value1)
                            ? Write(value1)
                            : Nat.Of((ulong)table[number]);
            }
        }

        private Value WriteDeeper(Code code) =>
            StackGuard.OnFreshStack(() => Write(code));
    }
}
