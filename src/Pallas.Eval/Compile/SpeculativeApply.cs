using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Applies a function lazily to many arguments: an application is computed early if
/// <see cref="CompiledCode.Eager"/> code of the function has its value, otherwise it is a thunk.
/// </summary>
/// <remarks>The code of the function is looked up once for a run of arguments.</remarks>
/// <param name="function">May be a thunk.</param>
/// <param name="items">The arguments; null for the nats from 0 on.</param>
internal sealed unsafe class SpeculativeApply(Evaluator evaluator, Value function, ItemSeq? items)
{
    private ItemCursor cursor = new(items ?? new ItemSeq([]));
    private readonly ThunkCode applying = ThunkCode.Applying(1);
    private object? target;
    private nint entry;
    private nint wordEntry;
    private Value? first;
    private Value? second;

    /// <summary>The values for some of the arguments.</summary>
    public ItemRun Run(int start, int count, out bool isNormal)
    {
        Begin();
        var words = wordEntry == 0 ? [] : new ulong[count];
        var done = FillWords(words, start);
        isNormal = done == count;
        if (isNormal)
            return ItemRun.Of(words);
        var values = new Value[count];

        // Without the check for covariance, which costs more than the thunk.
        ref var item = ref MemoryMarshal.GetArrayDataReference(values);
        for (var i = 0; i < values.Length; i++)
        {
            Unsafe.Add(ref item, i) = i < done
                ? Nat.Of(words[i])
                : Delay(items is null ? Nat.Of((ulong)(start + i)) : cursor[start + i]);
        }
        var run = ItemRun.Of(values);
        isNormal = run.IsPacked;
        return run;
    }

    /// <summary>Computes words; returns their number up to the first value that is none.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int FillWords(ulong[] words, int start)
    {
        var (w, v) = (WordOf(first), WordOf(second));
        for (var i = 0; i < words.Length; i++)
        {
            var a = (ulong)(start + i);
            if (items is not null && !cursor.TryWord(start + i, out a))
                return i;
            var result = first is null
                ? ((delegate*<object?, Evaluator, ulong, Result>)wordEntry)(target, evaluator, a)
                : second is null
                ? ((delegate*<object?, Evaluator, ulong, ulong, Result>)wordEntry)(
                    target, evaluator, w, a)
                : ((delegate*<object?, Evaluator, ulong, ulong, ulong, Result>)wordEntry)(
                    target, evaluator, w, v, a);
            if (result.Boxed is not null)
                return i;
            words[i] = result.Word;
        }
        return words.Length;
    }

    private static ulong WordOf(Value? given) => given is SmallNat small ? small.Word : 0;

    /// <summary>Looks up the code of the function, which may be compiled since the last run.
    /// </summary>
    private void Begin()
    {
        (entry, wordEntry) = (0, 0);
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
        if (first is null or SmallNat && second is null or SmallNat)
            wordEntry = compiled.EagerWords;
    }

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
