using System.Runtime.CompilerServices;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Calls in lazy position, of functions that are known only at run time.</summary>
internal static unsafe class LazyCalls
{
    /// <summary>Whether a function evaluates an argument before anything else happens.</summary>
    /// <param name="function">In weak head normal form.</param>
    /// <param name="count">The number of arguments of the call.</param>
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

    /// <summary>An application in lazy position: its value where the function has
    /// <see cref="CompiledCode.Eager"/> code that has it, else a thunk.</summary>
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
}
