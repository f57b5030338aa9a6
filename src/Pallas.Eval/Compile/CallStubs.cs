using System.Runtime.CompilerServices;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Calls between compiled code, the interpreter and native code, by number of arguments.
/// </summary>
/// <remarks>
/// Every method here may spill: it returns null, or a <see cref="Result"/> without a value, while
/// frames of the native stack move to the heap. <see cref="MethodWriter"/> emits a check after
/// each call of a method of this class, and of no other class but <see cref="Evaluator"/>. Native
/// code that cannot return early calls <see cref="Whnf"/> or <see cref="Evaluator.Settle"/>.
/// <para/>
/// A method that is marked <see cref="Fast"/> ends in a call that the JIT turns into a jump, so
/// that a chain of tail calls through it needs no stack. The JIT does that only in a method that
/// it optimizes at once, that takes the address of no local, that has no exception handler, and
/// that is not marked against inlining; each call is returned by a statement of its own.
/// </remarks>
internal static unsafe class CallStubs
{
    private const MethodImplOptions Fast = MethodImplOptions.AggressiveOptimization;
    private const MethodImplOptions Apart = MethodImplOptions.NoInlining;

    /// <summary>The code of a thunk that calls a law with the values it captured.</summary>
    public static CompiledCode Calling(LawCode code) => new(code, code.Arity switch
    {
        1 => (nint)(delegate*<object?, Evaluator, Value, Value?>)&Enter1,
        2 => (nint)(delegate*<object?, Evaluator, Value, Value, Value?>)&Enter2,
        _ => (nint)(delegate*<object?, Evaluator, Value[], Value?>)&EnterMany,
    });

    /// <summary>The code of a thunk that applies its first captured value to the others.</summary>
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

    /// <summary>Weak head normal form, for native code that cannot spill.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Value Whnf(Evaluator evaluator, Value value) =>
        value.AsThunk is { } thunk ? evaluator.Settle(evaluator.Force(thunk)) : value;

    /// <summary>Weak head normal form; null while the native stack is spilled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Value? Bring(Evaluator evaluator, Value value) =>
        value.AsThunk is { } thunk ? evaluator.Force(thunk) : value;

    [MethodImpl(Apart)]
    public static Result WhnfResult(Evaluator evaluator, Value value) =>
        Result.Of(Bring(evaluator, value));

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

    [MethodImpl(Fast)]
    public static Value? Apply3(Evaluator evaluator, Value function, Value a, Value b, Value c) =>
        ApplyMany(evaluator, function, [a, b, c]);

    /// <summary>Applies a function to any number of arguments.</summary>
    /// <param name="function">In weak head normal form.</param>
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

    // These are not inlined: they take the address of a local, and the JIT makes no jump of a tail
    // call in a method that does.
    [MethodImpl(Apart)]
    private static Value[] Join(Value[] first, Value[] then) => [.. first, .. then];

    [MethodImpl(Apart)]
    private static Value[] First(Value[] args, int count) => args[..count];

    [MethodImpl(Apart)]
    private static Value[] Rest(Value[] args, int start) => args[start..];

    [MethodImpl(Fast)]
    public static Value? Call1(Evaluator evaluator, LawCode code, Value a)
    {
        if (code.Compiled is { } compiled)
            return ((delegate*<object?, Evaluator, Value, Value?>)compiled.Entry)(
                compiled.Target, evaluator, a);
        return Cold1(evaluator, code, a);
    }

    [MethodImpl(Fast)]
    public static Value? Call2(Evaluator evaluator, LawCode code, Value a, Value b)
    {
        if (code.Compiled is { } compiled)
            return ((delegate*<object?, Evaluator, Value, Value, Value?>)compiled.Entry)(
                compiled.Target, evaluator, a, b);
        return Cold2(evaluator, code, a, b);
    }

    [MethodImpl(Fast)]
    public static Value? Call3(Evaluator evaluator, LawCode code, Value a, Value b, Value c)
    {
        if (code.Compiled is { } compiled)
            return ((delegate*<object?, Evaluator, Value, Value, Value, Value?>)compiled.Entry)(
                compiled.Target, evaluator, a, b, c);
        return Cold3(evaluator, code, a, b, c);
    }

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

    /// <summary>Calls compiled code from the interpreter, and clears the interpreter's slots.
    /// </summary>
    /// <remarks>Optimized at once: unoptimized code keeps its locals alive to its end.</remarks>
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

    // ---- Jets, opcodes and the spill, called by compiled code

    [MethodImpl(Apart)]
    public static Result Op1(Evaluator evaluator, JetStub jet, Value a) =>
        Result.Of(jet.Finish(evaluator, [a]));

    [MethodImpl(Apart)]
    public static Result Op2(Evaluator evaluator, JetStub jet, Value a, Value b) =>
        Result.Of(jet.Finish(evaluator, [a, b]));

    [MethodImpl(Apart)]
    public static Result Op3(Evaluator evaluator, JetStub jet, Value a, Value b, Value c) =>
        Result.Of(jet.Finish(evaluator, [a, b, c]));

    [MethodImpl(Apart)]
    public static Value? Jet1(Evaluator evaluator, JetStub jet, Value a) =>
        jet.Run(evaluator, [a]);

    [MethodImpl(Apart)]
    public static Value? Jet2(Evaluator evaluator, JetStub jet, Value a, Value b) =>
        jet.Run(evaluator, [a, b]);

    [MethodImpl(Apart)]
    public static Value? Jet3(Evaluator evaluator, JetStub jet, Value a, Value b, Value c) =>
        jet.Run(evaluator, [a, b, c]);

    [MethodImpl(Apart)]
    public static Value? Opcode(Evaluator evaluator, LawCode code, Value[] args) =>
        evaluator.Interpret(code, args);

    /// <summary>Spills the native stack, because it is used up.</summary>
    [MethodImpl(Apart)]
    public static Value? Deep(Evaluator evaluator, LawCode code, Value[] args) =>
        evaluator.Exit.Leave(code, args);
}
