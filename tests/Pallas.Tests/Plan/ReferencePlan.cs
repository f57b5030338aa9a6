using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Pallas.Tests.Plan;

/// <summary>
/// PLAN as its specification is written, and nothing more: four kinds of value, binary
/// applications, no data jets, no sharing but that of thunks. Slow on purpose; never optimised.
/// </summary>
internal sealed class ReferencePlan(int stepsMax)
{
    /// <summary>Values of a normal form, which shares nothing: a few lets can double it without
    /// end.</summary>
    private const int ForcedMax = 100_000;

    private int steps;
    private int forced;

    public abstract class Term;

    public sealed class Nat(BigInteger value) : Term
    {
        public BigInteger Value => value;
    }

    public sealed class Pin(Term item) : Term
    {
        public Term Item => item;
    }

    public sealed class Law(BigInteger name, BigInteger arity, Term body) : Term
    {
        public BigInteger Name => name;

        public BigInteger Arity => arity;

        public Term Body => body;
    }

    public sealed class App(Term function, Term argument) : Term
    {
        public Term Function => function;

        public Term Argument => argument;
    }

    /// <summary>A term to be evaluated once.</summary>
    public sealed class Lazy(Func<Term> compute) : Term
    {
        public Func<Term>? Compute = compute;
        public Term? Value;
        public bool IsRunning;
    }

    public sealed class Crash(BigInteger op, Term argument) : Exception
    {
        public BigInteger Op => op;

        public Term Argument => argument;
    }

    public sealed class Loop : Exception;

    public sealed class OutOfSteps : Exception;

    public Term Delay(Term function, Term argument) =>
        new Lazy(() => Apply(Eval(function), argument));

    public Term Eval(Term term)
    {
        if (term is not Lazy lazy)
            return term;
        if (lazy.Value is not null)
            return lazy.Value;
        if (lazy.IsRunning)
            throw new Loop();
        CheckStack();
        lazy.IsRunning = true;
        lazy.Value = Eval(lazy.Compute!());
        return lazy.Value;
    }

    /// <summary>Normal form.</summary>
    public Term Force(Term term)
    {
        CheckStack();
        if (++forced > ForcedMax)
            throw new OutOfSteps();
        term = Eval(term);
        if (term is not App app)
            return term;
        var function = Force(app.Function);
        return new App(function, Force(app.Argument));
    }

    /// <summary>Running out of native stack counts as taking too long.</summary>
    private static void CheckStack()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new OutOfSteps();
    }

    private static BigInteger Arity(Term value) => value switch
    {
        Nat nat => nat.Value == 0 ? 3 : nat.Value == 1 ? 5 : nat.Value == 2 ? 3 : 1,
        Pin pin => Arity(pin.Item),
        Law law => law.Arity,
        _ => Arity(((App)value).Function) - 1,
    };

    private Term Apply(Term function, Term argument)
    {
        if (++steps > stepsMax)
            throw new OutOfSteps();
        var app = new App(function, argument);
        if (Arity(function) > 1)
            return app;
        var args = new List<Term>();
        Term head = app;
        for (; head is App inner; head = inner.Function)
            args.Insert(0, inner.Argument);
        return Subst(head, args);
    }

    private Term Subst(Term head, List<Term> args)
    {
        var self = head;
        while (head is Pin { Item: not Law } pin)
            head = pin.Item;
        while (head is App app)
        {
            args.Insert(0, app.Argument);
            head = app.Function;
            if (head is Pin)
                return Subst(head, args);
        }
        return head switch
        {
            Law law => Exec([self is Pin { Item: Law } ? self : head, .. args], law.Body),
            Pin { Item: Law law } => Exec([head, .. args], law.Body),
            _ => Op(((Nat)head).Value, args),
        };
    }

    private Term Op(BigInteger op, List<Term> args)
    {
        if (op > 4)
            throw new Crash(op, Force(args[0]));
        switch ((int)op)
        {
            case 0:
                var arity = ToNat(args[1]);
                if (arity == 0)
                    throw new Crash(0, new Nat(0));
                return new Law(ToNat(args[0]), arity, Force(args[2]));
            case 1:
                return Reflect(args);
            case 2:
                var count = ToNat(args[2]);
                return count == 0
                    ? Eval(args[0])
                    : Apply(Eval(args[1]), new Nat(count - 1));
            case 3:
                return new Nat(ToNat(args[0]) + 1);
            default:
                return new Pin(Force(args[0]));
        }
    }

    private Term Reflect(List<Term> args) => Eval(args[4]) switch
    {
        Pin pin => Apply(Eval(args[0]), pin.Item),
        Law law => ApplyAll(args[1], new Nat(law.Name), new Nat(law.Arity), law.Body),
        App app => ApplyAll(args[2], app.Function, app.Argument),
        var nat => Apply(Eval(args[3]), nat),
    };

    private Term ApplyAll(Term function, params Term[] args) =>
        args.Aggregate(Eval(function), (result, arg) => Apply(Eval(result), arg));

    private BigInteger ToNat(Term term) => Eval(term) is Nat nat ? nat.Value : 0;

    /// <summary>Runs a law body in an environment of the law, its arguments and its lets.</summary>
    private Term Exec(List<Term> env, Term body)
    {
        var values = new List<Term>();
        while (body is App { Function: App { Function: Nat { Value.IsOne: true } } let } rest)
        {
            values.Add(let.Argument);
            body = rest.Argument;
        }
        foreach (var value in values)
            env.Add(new Lazy(() => Eval(Build(env, value))));
        return Eval(Build(env, body));
    }

    private Term Build(List<Term> env, Term code) => code switch
    {
        Nat nat when nat.Value < env.Count => env[(int)nat.Value],
        App { Function: App { Function: Nat { Value.IsZero: true } } call } app =>
            Delay(Build(env, call.Argument), Build(env, app.Argument)),
        App { Function: Nat nat } app when nat.Value == 2 => app.Argument,
        _ => code,
    };

    /// <summary>As PlanText prints: applications flat.</summary>
    public static string Print(Term value)
    {
        var text = new StringBuilder();
        Write(value, text);
        return text.ToString();
    }

    private static void Write(Term value, StringBuilder text)
    {
        switch (value)
        {
            case Nat nat:
                text.Append(nat.Value);
                break;
            case Pin pin:
                text.Append('<');
                Write(pin.Item, text);
                text.Append('>');
                break;
            case Law law:
                text.Append($"{{{law.Name} {law.Arity} ");
                Write(law.Body, text);
                text.Append('}');
                break;
            default:
                text.Append('(');
                WriteSpine((App)value, text);
                text.Append(')');
                break;
        }
    }

    private static void WriteSpine(App app, StringBuilder text)
    {
        if (app.Function is App inner)
            WriteSpine(inner, text);
        else
            Write(app.Function, text);
        text.Append(' ');
        Write(app.Argument, text);
    }
}
