using System.Runtime.CompilerServices;

namespace Pallas.Plan;

/// <summary>Calls between compiled code, the interpreter and native code, by number of arguments.
/// </summary>
/// <remarks>
/// Each method ends in a call that the JIT turns into a jump, so that a chain of tail calls
/// through here needs no stack; therefore all are fully optimized at once, hold no address of a
/// local and no exception handler, return each call by a statement of its own, and are not marked
/// against inlining: the runtime makes no jumps in methods that are. They return null where the
/// native stack is left: see <see cref="UnwindsAttribute"/>.
/// </remarks>
internal static unsafe class Calls
{
    private const MethodImplOptions Fast = MethodImplOptions.AggressiveOptimization;

    /// <summary>Calls a law with what a thunk captured.</summary>
    public static CompiledCode Calling(LawCode code) => new(code, code.Arity switch
    {
        1 => (nint)(delegate*<object?, Evaluator, Value, Value?>)&Enter1,
        2 => (nint)(delegate*<object?, Evaluator, Value, Value, Value?>)&Enter2,
        _ => (nint)(delegate*<object?, Evaluator, Value[], Value?>)&EnterMany,
    });

    /// <summary>Applies the first value that a thunk captured to the others.</summary>
    public static CompiledCode Applying(int argCount) => new(null, argCount == 1
        ? (nint)(delegate*<object?, Evaluator, Value, Value, Value?>)&EnterApply1
        : (nint)(delegate*<object?, Evaluator, Value[], Value?>)&EnterApply);

    [MethodImpl(Fast)]
    private static Value? Enter1(object? target, Evaluator evaluator, Value a) =>
        Call1(evaluator, Unsafe.As<LawCode>(target!), a);

    [MethodImpl(Fast)]
    private static Value? Enter2(object? target, Evaluator evaluator, Value a, Value b) =>
        Call2(evaluator, Unsafe.As<LawCode>(target!), a, b);

    [MethodImpl(Fast)]
    private static Value? EnterMany(object? target, Evaluator evaluator, Value[] args) =>
        CallMany(evaluator, Unsafe.As<LawCode>(target!), args);

    [MethodImpl(Fast)]
    private static Value? EnterApply1(object? target, Evaluator evaluator, Value f, Value a)
    {
        if (Bring(evaluator, f) is { } function)
            return Apply1(evaluator, function, a);
        return ApplyPoint.Leave(evaluator, [a]);
    }

    [MethodImpl(Fast)]
    private static Value? EnterApply(object? target, Evaluator evaluator, Value[] args)
    {
        if (Bring(evaluator, args[0]) is not { } function)
            return ApplyPoint.Leave(evaluator, Rest(args, 1));
        switch (args.Length)
        {
            case 2:
                return Apply1(evaluator, function, args[1]);
            case 3:
                return Apply2(evaluator, function, args[1], args[2]);
            default:
                return ApplyMany(evaluator, function, Rest(args, 1));
        }
    }

    /// <summary>Weak head normal form, for native code that cannot leave the stack.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Value Whnf(Evaluator evaluator, Value value) =>
        value.AsThunk is { } thunk ? evaluator.Settle(evaluator.Force(thunk)) : value;

    /// <summary>Weak head normal form; null where the native stack is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Value? Bring(Evaluator evaluator, Value value) =>
        value.AsThunk is { } thunk ? evaluator.Force(thunk) : value;

    [Unwinds]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Result WhnfResult(Evaluator evaluator, Value value) =>
        Result.Of(Bring(evaluator, value));

    /// <summary>Whether a function evaluates an argument before anything else happens.</summary>
    /// <param name="function">In weak head normal form.</param>
    /// <param name="count">The number of arguments that it is given.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool IsFirst(Evaluator evaluator, Value function, int count, int index)
    {
        if (function is App app)
        {
            index += app.Count;
            count += app.Count;
            function = app.Head;
        }
        return LawCode.OfFunction(function, count, evaluator.Jets)?.Compiled is { } compiled
            && compiled.First == index + 1;
    }

    /// <summary>An application where the program is lazy: its value where that is at hand.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Value Delay1(Evaluator evaluator, Value function, Value a)
    {
        function = function.Resolved;
        a = a.Resolved;
        return TryApply1(evaluator, function, a)
            ?? new PlainThunk(ThunkCode.Applying(1), function, a);
    }

    private static Value? TryApply1(Evaluator evaluator, Value function, Value a)
    {
        if (function is not App app)
        {
            return !function.IsThunk
                && LawCode.OfFunction(function, 1, evaluator.Jets)?.Compiled is
                    { Eager: not 0 } known
                ? ((delegate*<object?, Evaluator, Value, Value?>)known.Eager)(
                    known.Target, evaluator, a)
                : null;
        }
        if (app.InlineCount == 0
            || LawCode.OfFunction(app.Head, app.InlineCount + 1, evaluator.Jets)?.Compiled is not
                { Eager: not 0 } code)
            return null;
        return app.InlineCount == 1
            ? ((delegate*<object?, Evaluator, Value, Value, Value?>)code.Eager)(
                code.Target, evaluator, Unsafe.As<Value>(app.First!).Resolved, a)
            : ((delegate*<object?, Evaluator, Value, Value, Value, Value?>)code.Eager)(
                code.Target, evaluator, Unsafe.As<Value>(app.First!).Resolved,
                app.Second!.Resolved, a);
    }

    /// <summary>Applies a function from native code, at any depth.</summary>
    public static Value? Apply(Evaluator evaluator, Value function, ReadOnlySpan<Value> args)
    {
        if (!evaluator.IsFast)
            return evaluator.ApplySlowly(function, args);
        function = Whnf(evaluator, function);
        switch (args.Length)
        {
            case 0:
                return function;
            case 1:
                return Apply1(evaluator, function, args[0]);
            case 2:
                return Apply2(evaluator, function, args[0], args[1]);
            default:
                return ApplyMany(evaluator, function, args.ToArray());
        }
    }

    /// <param name="function">In weak head normal form.</param>
    [Unwinds]
    [MethodImpl(Fast)]
    public static Value? Apply1(Evaluator evaluator, Value function, Value a)
    {
        if (function is not App app)
        {
            if (LawCode.OfFunction(function, 1, evaluator.Jets) is { } code)
                return Call1(evaluator, code, a);
            return ApplyMany(evaluator, function, [a]);
        }
        if (LawCode.OfFunction(app.Head, app.Count + 1, evaluator.Jets) is not { } head)
            return ApplyMany(evaluator, function, [a]);
        switch (app.InlineCount)
        {
            case 1:
                return Call2(evaluator, head, Unsafe.As<Value>(app.First!), a);
            case 2:
                return Call3(evaluator, head, Unsafe.As<Value>(app.First!), app.Second!, a);
        }
        var fields = app.Args;
        if (fields.Length == 3)
            return Call4(evaluator, head, fields[0], fields[1], fields[2], a);
        return CallMany(evaluator, head, Join(fields, [a]));
    }

    /// <param name="function">In weak head normal form.</param>
    [Unwinds]
    [MethodImpl(Fast)]
    public static Value? Apply2(Evaluator evaluator, Value function, Value a, Value b)
    {
        if (function is not App app)
        {
            if (LawCode.OfFunction(function, 2, evaluator.Jets) is { } code)
                return Call2(evaluator, code, a, b);
            return ApplyMany(evaluator, function, [a, b]);
        }
        if (LawCode.OfFunction(app.Head, app.Count + 2, evaluator.Jets) is not { } head)
            return ApplyMany(evaluator, function, [a, b]);
        switch (app.InlineCount)
        {
            case 1:
                return Call3(evaluator, head, Unsafe.As<Value>(app.First!), a, b);
            case 2:
                return Call4(evaluator, head, Unsafe.As<Value>(app.First!), app.Second!, a, b);
        }
        return CallMany(evaluator, head, Join(app.Args, [a, b]));
    }

    [Unwinds]
    [MethodImpl(Fast)]
    public static Value? Apply3(Evaluator evaluator, Value function, Value a, Value b, Value c) =>
        ApplyMany(evaluator, function, [a, b, c]);

    /// <summary>Any application.</summary>
    [Unwinds]
    [MethodImpl(Fast)]
    public static Value? ApplyMany(Evaluator evaluator, Value function, Value[] args)
    {
        while (true)
        {
            if (function is App app)
            {
                args = Join(app.Args, args);
                function = app.Head;
            }
            else if (args.Length < function.Arity)
            {
                return DataShape.MakeApp(function, args);
            }
            else if (LawCode.OfFunction(function, function.Arity, evaluator.Jets) is { } code)
            {
                if (args.Length == code.Arity)
                    return CallMany(evaluator, code, args);
                var rest = Rest(args, code.Arity);
                if (CallMany(evaluator, code, First(args, code.Arity)) is not { } value)
                    return ApplyPoint.Leave(evaluator, rest);
                (function, args) = (value, rest);
            }
            else
            {
                return evaluator.ApplySlowly(function, args);
            }
        }
    }

    // Apart, because the address of a local keeps the JIT from making a jump of the last call.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Value[] Join(Value[] first, Value[] then) => [.. first, .. then];

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Value[] First(Value[] args, int count) => args[..count];

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Value[] Rest(Value[] args, int start) => args[start..];

    [Unwinds]
    [MethodImpl(Fast)]
    public static Value? Call1(Evaluator evaluator, LawCode code, Value a)
    {
        if (code.Compiled is { } compiled)
            return ((delegate*<object?, Evaluator, Value, Value?>)compiled.Entry)(
                compiled.Target, evaluator, a);
        return Cold1(evaluator, code, a);
    }

    [Unwinds]
    [MethodImpl(Fast)]
    public static Value? Call2(Evaluator evaluator, LawCode code, Value a, Value b)
    {
        if (code.Compiled is { } compiled)
            return ((delegate*<object?, Evaluator, Value, Value, Value?>)compiled.Entry)(
                compiled.Target, evaluator, a, b);
        return Cold2(evaluator, code, a, b);
    }

    [Unwinds]
    [MethodImpl(Fast)]
    public static Value? Call3(Evaluator evaluator, LawCode code, Value a, Value b, Value c)
    {
        if (code.Compiled is { } compiled)
            return ((delegate*<object?, Evaluator, Value, Value, Value, Value?>)compiled.Entry)(
                compiled.Target, evaluator, a, b, c);
        return Cold3(evaluator, code, a, b, c);
    }

    [Unwinds]
    [MethodImpl(Fast)]
    public static Value? Call4(
        Evaluator evaluator, LawCode code, Value a, Value b, Value c, Value d)
    {
        if (code.Compiled is not { } compiled)
            return CallMany(evaluator, code, [a, b, c, d]);
        var entry =
            (delegate*<object?, Evaluator, Value, Value, Value, Value, Value?>)compiled.Entry;
        return entry(compiled.Target, evaluator, a, b, c, d);
    }

    [Unwinds]
    [MethodImpl(Fast)]
    public static Value? CallMany(Evaluator evaluator, LawCode code, Value[] args)
    {
        if (code.Compiled is null && !evaluator.Warm(code))
            return evaluator.Interpret(code, args);
        var (target, entry) = (code.Compiled!.Target, code.Compiled!.Entry);
        switch (args.Length)
        {
            case 1:
                return ((delegate*<object?, Evaluator, Value, Value?>)entry)(
                    target, evaluator, args[0]);
            case 2:
                return ((delegate*<object?, Evaluator, Value, Value, Value?>)entry)(
                    target, evaluator, args[0], args[1]);
            case 3:
                return ((delegate*<object?, Evaluator, Value, Value, Value, Value?>)entry)(
                    target, evaluator, args[0], args[1], args[2]);
            case 4:
                return ((delegate*<object?, Evaluator, Value, Value, Value, Value, Value?>)entry)(
                    target, evaluator, args[0], args[1], args[2], args[3]);
            default:
                return ((delegate*<object?, Evaluator, Value[], Value?>)entry)(
                    target, evaluator, args);
        }
    }

    private static Value? Cold1(Evaluator evaluator, LawCode code, Value a)
    {
        if (evaluator.Warm(code))
            return Call1(evaluator, code, a);
        return evaluator.Interpret(code, a);
    }

    private static Value? Cold2(Evaluator evaluator, LawCode code, Value a, Value b)
    {
        if (evaluator.Warm(code))
            return Call2(evaluator, code, a, b);
        return evaluator.Interpret(code, a, b);
    }

    private static Value? Cold3(Evaluator evaluator, LawCode code, Value a, Value b, Value c)
    {
        if (evaluator.Warm(code))
            return Call3(evaluator, code, a, b, c);
        return evaluator.Interpret(code, a, b, c);
    }

    /// <summary>Calls compiled code from the interpreter, and lets go of the arguments there.
    /// </summary>
    /// <remarks>Optimized at once: code that is not holds what was in its locals to the end.
    /// </remarks>
    [MethodImpl(Fast)]
    public static Value? Call(Evaluator evaluator, CompiledCode compiled, Span<Value> args)
    {
        var (target, entry) = (compiled.Target, compiled.Entry);
        if (args.Length > CompiledCode.ArgsMax)
        {
            var array = args.ToArray();
            args.Clear();
            return ((delegate*<object?, Evaluator, Value[], Value?>)entry)(
                target, evaluator, array);
        }
        var a = args[0];
        var b = args.Length > 1 ? args[1] : null!;
        var c = args.Length > 2 ? args[2] : null!;
        var d = args.Length > 3 ? args[3] : null!;
        var count = args.Length;
        args.Clear();
        switch (count)
        {
            case 1:
                return ((delegate*<object?, Evaluator, Value, Value?>)entry)(target, evaluator, a);
            case 2:
                return ((delegate*<object?, Evaluator, Value, Value, Value?>)entry)(
                    target, evaluator, a, b);
            case 3:
                return ((delegate*<object?, Evaluator, Value, Value, Value, Value?>)entry)(
                    target, evaluator, a, b, c);
            default:
                return ((delegate*<object?, Evaluator, Value, Value, Value, Value, Value?>)entry)(
                    target, evaluator, a, b, c, d);
        }
    }
}

/// <summary>A jet as the function of a call that is known only when the program runs.</summary>
internal sealed unsafe class JetEntry(Jet jet, Pin pin)
{
    /// <summary>An argument that is not looked at.</summary>
    private static readonly Thunk Unknown = new PlainThunk(ThunkCode.NewRunning(null), null, null);

    private readonly JetShortcut? shortcut = jet.Shortcut;
    private readonly byte[] order = [.. jet.Force, .. jet.Late];
    private JetPoint[]? points;

    public static CompiledCode Of(Jet jet, Pin pin) => new(
        new JetEntry(jet, pin),
        jet.Arity switch
        {
            1 => (nint)(delegate*<object?, Evaluator, Value, Value?>)&Enter1,
            2 => (nint)(delegate*<object?, Evaluator, Value, Value, Value?>)&Enter2,
            _ => (nint)(delegate*<object?, Evaluator, Value, Value, Value, Value?>)&Enter3,
        })
    {
        First = jet.Force.FirstOrDefault(),
        Eager = jet.Shortcut is null ? 0 : jet.Arity switch
        {
            1 => (nint)(delegate*<object?, Evaluator, Value, Value?>)&Try1,
            2 => (nint)(delegate*<object?, Evaluator, Value, Value, Value?>)&Try2,
            _ => 0,
        },
        EagerWords = JetWords.Of(Ops.Of(jet.Name)),
    };

    private static Value? Try1(object? target, Evaluator evaluator, Value a) =>
        a is SmallNat ? Unsafe.As<JetEntry>(target!).shortcut!(a, a) : null;

    private static Value? Try2(object? target, Evaluator evaluator, Value a, Value b) =>
        a is SmallNat && b is SmallNat ? Unsafe.As<JetEntry>(target!).shortcut!(a, b) : null;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Value? Enter1(object? target, Evaluator evaluator, Value a)
    {
        var entry = Unsafe.As<JetEntry>(target!);
        return a is SmallNat && entry.shortcut?.Invoke(a, a) is { } cheap
            ? cheap
            : entry.Run(evaluator, a);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Value? Enter2(object? target, Evaluator evaluator, Value a, Value b)
    {
        var entry = Unsafe.As<JetEntry>(target!);
        return a is SmallNat && b is SmallNat && entry.shortcut?.Invoke(a, b) is { } cheap
            ? cheap
            : entry.Run(evaluator, a, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Value? Enter3(object? target, Evaluator evaluator, Value a, Value b, Value c) =>
        Unsafe.As<JetEntry>(target!).Run(evaluator, [a, b, c]);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Value? Run(Evaluator evaluator, Value a) => Run(evaluator, [a]);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Value? Run(Evaluator evaluator, Value a, Value b) => Run(evaluator, [a, b]);

    public Value? Run(Evaluator evaluator, Span<Value> args) => Run(evaluator, args, 0);

    /// <summary>Brings arguments to weak head normal form, from the given one on.</summary>
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
                points ??= JetPoint.Of(this, jet);
                return points[next].Leave(evaluator, args);
            }
            arg = value;
        }
        return Finish(evaluator, args);
    }

    /// <summary>The answer where it is cheap and total; else null.</summary>
    public Value? Shortcut(Value first, Value second) => shortcut?.Invoke(first, second);

    /// <summary>Whether the answer is known without the late argument.</summary>
    /// <param name="first">The only argument that is forced before, in weak head normal form.
    /// </param>
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
            return Calls.Bring(evaluator, result.Resolved);
        evaluator.Jets.TellFallback(jet);
        var law = JetMatch.Of(pin, evaluator.Jets).PlainCode;
        return Calls.CallMany(evaluator, law, args.ToArray());
    }
}

/// <summary>A jet that waits for an argument.</summary>
/// <param name="next">The place of the argument in the order of evaluation.</param>
/// <param name="index">The argument.</param>
internal sealed class JetPoint(JetEntry jet, int arity, int next, int index)
    : ResumePoint
{
    private const int ArityMax = 3;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public Value? Leave(Evaluator evaluator, ReadOnlySpan<Value> args)
    {
        var queue = evaluator.Leaving;
        queue.Begin(this);
        for (var i = 0; i < args.Length; i++)
        {
            if (i != index)
                queue.Write(args[i]);
        }
        return null;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override Value? Resume(Evaluator evaluator, FrameQueue queue, Value value)
    {
        Span<Value> args = [value, value, value];
        for (var i = 0; i < arity; i++)
        {
            if (i != index)
                args[i] = Unsafe.As<Value>(queue.TakeRef()!);
        }
        return jet.Run(evaluator, args[..arity], next + 1);
    }

    public static JetPoint[] Of(JetEntry entry, Jet jet)
    {
        if (jet.Arity > ArityMax)
            throw new InvalidOperationException($"{jet.Name} takes too many arguments");
        byte[] order = [.. jet.Force, .. jet.Late];
        return [.. order.Select((arg, next) => new JetPoint(entry, jet.Arity, next, arg - 1))];
    }
}
