using System.Runtime.CompilerServices;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Calls a jet from machine code: brings its arguments to weak head normal form in the
/// jet's order, and runs the law where the jet has no answer.</summary>
internal sealed unsafe class JetStub(Jet jet, Pin pin)
{
    /// <summary>An argument that no shortcut may look at.</summary>
    private static readonly Thunk Unknown = new PlainThunk(ThunkCode.NewRunning(null), null, null);

    private readonly JetShortcut? shortcut = jet.Shortcut;
    private readonly byte[] order = [.. jet.Force, .. jet.Late];
    private JetPoint[]? points;

    /// <summary>The jet as code that is entered as that of a law is.</summary>
    public static CompiledCode CodeOf(Jet jet, Pin pin)
    {
        var (entry, eager) = jet.Arity switch
        {
            1 => ((nint)(delegate*<object?, Evaluator, Value, Value?>)&Enter1,
                (nint)(delegate*<object?, Evaluator, Value, Value?>)&Try1),
            2 => ((nint)(delegate*<object?, Evaluator, Value, Value, Value?>)&Enter2,
                (nint)(delegate*<object?, Evaluator, Value, Value, Value?>)&Try2),
            Jet.ArityMax => (
                (nint)(delegate*<object?, Evaluator, Value, Value, Value, Value?>)&Enter3, 0),
            _ => throw new InvalidOperationException($"{jet.Name} takes {jet.Arity} arguments"),
        };
        return new CompiledCode(new JetStub(jet, pin), entry)
        {
            First = jet.Force.FirstOrDefault(),
            Eager = jet.Shortcut is null ? 0 : eager,
            EagerWords = OpTable.Of(jet)?.Unboxed ?? 0,
        };
    }

    private static Value? Try1(object? target, Evaluator evaluator, Value a) =>
        a is SmallNat ? Unsafe.As<JetStub>(target!).shortcut!(a, a) : null;

    private static Value? Try2(object? target, Evaluator evaluator, Value a, Value b) =>
        a is SmallNat && b is SmallNat ? Unsafe.As<JetStub>(target!).shortcut!(a, b) : null;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Value? Enter1(object? target, Evaluator evaluator, Value a)
    {
        var stub = Unsafe.As<JetStub>(target!);
        return a is SmallNat && stub.shortcut?.Invoke(a, a) is { } cheap
            ? cheap
            : stub.Run(evaluator, a);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Value? Enter2(object? target, Evaluator evaluator, Value a, Value b)
    {
        var stub = Unsafe.As<JetStub>(target!);
        return a is SmallNat && b is SmallNat && stub.shortcut?.Invoke(a, b) is { } cheap
            ? cheap
            : stub.Run(evaluator, a, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Value? Enter3(object? target, Evaluator evaluator, Value a, Value b, Value c) =>
        Unsafe.As<JetStub>(target!).Run(evaluator, [a, b, c]);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Value? Run(Evaluator evaluator, Value a) => Run(evaluator, [a]);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Value? Run(Evaluator evaluator, Value a, Value b) => Run(evaluator, [a, b]);

    public Value? Run(Evaluator evaluator, Span<Value> args) => Run(evaluator, args, 0);

    /// <summary>Brings arguments to weak head normal form, then runs the jet.</summary>
    /// <param name="next">The position in the jet's order to begin with.</param>
    public Value? Run(Evaluator evaluator, Span<Value> args, int next)
    {
        for (; next < order.Length; next++)
        {
            if (next == jet.Force.Length
                && jet.Shortcut?.Invoke(args[0].Resolved, args[^1].Resolved) is { } early)
                return early;
            ref var arg = ref args[order[next] - 1];
            if (arg.AsThunk is not { } thunk)
                continue;
            if (evaluator.Force(thunk) is not { } value)
            {
                points ??= [.. order.Select((index, at) => new JetPoint(this, jet, at, index - 1))];
                return points[next].Leave(evaluator, args);
            }
            arg = value;
        }
        return Finish(evaluator, args);
    }

    /// <summary>The answer where it is cheap and total; else null.</summary>
    public Value? Shortcut(Value first, Value second) => shortcut?.Invoke(first, second);

    /// <summary>Whether the answer is known without the late argument.</summary>
    /// <param name="first">The argument that the jet forces, in weak head normal form.</param>
    public bool IsLateZero(Value first) => jet.Force is [1]
        ? jet.Shortcut!(first, Unknown) is not null
        : jet.Shortcut!(Unknown, first) is not null;

    /// <param name="args">Those that the jet forces are in weak head normal form.</param>
    public Value? Finish(Evaluator evaluator, Span<Value> args)
    {
        foreach (ref var arg in args)
            arg = arg.Resolved;
        if (jet.Shortcut?.Invoke(args[0], args[^1]) is { } cheap)
            return cheap;
        if (jet.Code(evaluator, args) is { } result)
            return CallStubs.Bring(evaluator, result.Resolved);
        evaluator.Jets.ReportFallback(jet);
        var law = JetMatch.Of(pin, evaluator.Jets).PlainCode;
        return CallStubs.CallMany(evaluator, law, args.ToArray());
    }
}
