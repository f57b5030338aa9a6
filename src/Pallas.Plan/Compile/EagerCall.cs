using System.Runtime.CompilerServices;

namespace Pallas.Plan;

/// <summary>
/// A function that is given on to be applied to many arguments, where the program is lazy: each
/// application is computed at once where <see cref="CompiledCode.Eager"/> code of the function
/// has its value, and is else a thunk.
/// </summary>
/// <remarks>
/// What the function is made of is looked up once for a run of arguments and not for each: see
/// <see cref="Begin"/>.
/// </remarks>
/// <param name="function">May be a thunk.</param>
/// <param name="items">The arguments; null for the numbers from 0 on.</param>
internal sealed unsafe class EagerCall(Evaluator evaluator, Value function, ItemSeq? items)
{
    private ItemCursor cursor = new(items ?? new ItemSeq([]));
    private readonly ThunkCode applying = ThunkCode.Applying(1);
    private object? target;
    private nint entry;
    private Value? first;
    private Value? second;

    /// <summary>The values for some of the arguments.</summary>
    public ItemRun Run(int start, int count, out bool isNormal)
    {
        Begin();
        var values = new Value[count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Delay(items is null ? Nat.Of((ulong)(start + i)) : cursor[start + i]);
        }
        var run = count < 3 ? new(values) : ItemRun.Of(values);
        isNormal = run.IsPacked;
        return run;
    }

    /// <summary>Before a run of arguments: the function may have been compiled by now.</summary>
    private void Begin()
    {
        entry = 0;
        var value = function.Resolved;
        if (!evaluator.IsFast || value.IsThunk || value is App { InlineCount: 0 })
            return;
        var app = value as App;
        var code = LawCode.OfFunction(
            app is null ? value : app.Head, app is null ? 1 : app.InlineCount + 1, evaluator.Jets);
        if (code?.Compiled is not { Eager: not 0 } compiled)
            return;
        (target, entry) = (compiled.Target, compiled.Eager);
        first = app?.Part(0);
        second = app?.InlineCount == Compound.InlineMax ? app.Part(1) : null;
    }

    /// <summary>The application to one argument.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Value Delay(Value a)
    {
        if (entry != 0)
        {
            a = a.Resolved;
            var value = first is null
                ? ((delegate*<object?, Evaluator, Value, Value?>)entry)(target, evaluator, a)
                : second is null
                ? ((delegate*<object?, Evaluator, Value, Value, Value?>)entry)(
                    target, evaluator, first, a)
                : ((delegate*<object?, Evaluator, Value, Value, Value, Value?>)entry)(
                    target, evaluator, first, second, a);
            if (value is not null)
                return value;
        }
        return new PlainThunk(applying, function, a);
    }
}
