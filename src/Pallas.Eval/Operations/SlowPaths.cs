using System.Runtime.CompilerServices;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Calls of compiled code that never spill the native stack: slow paths of operations,
/// boxing, items of rows.</summary>
/// <remarks>The JIT does not inline them: that makes compiling a law several times as slow.
/// </remarks>
internal static class SlowPaths
{
    private const MethodImplOptions Apart = MethodImplOptions.NoInlining;

    [MethodImpl(Apart)]
    public static Value Box(ulong word) => Nat.Of(word);

    [MethodImpl(Apart)]
    public static Value BoxAny(Value? boxed, ulong word) => boxed ?? Nat.Of(word);

    /// <summary>As <see cref="BoxAny"/>, inlined, for values that most often have an object.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Value BoxAnyInline(Value? boxed, ulong word) => boxed ?? Box(word);

    [MethodImpl(Apart)]
    public static Value? BoxResult(Result result)
    {
        if (result.Boxed is null)
            return Nat.Of(result.Word);
        return ReferenceEquals(result.Boxed, Evaluator.Unwound) ? null : result.Boxed;
    }

    [MethodImpl(Apart)]
    public static Result Unbox(Value? value) => Result.Of(value);

    [MethodImpl(Apart)]
    public static bool IsTrue(Value value) => ControlJets.IsTrue(value);

    [MethodImpl(Apart)]
    public static bool IsNat(Value value) => value is Nat;

    [MethodImpl(Apart)]
    public static bool IsApp(Value value) => AppParts.IsApp(value);

    [MethodImpl(Apart)]
    public static bool IsLaw(Value value) => LawParts.IsLaw(value);

    [MethodImpl(Apart)]
    public static ulong Len(Value value) => value is Row row
        ? (ulong)row.Count
        : (ulong)AppParts.Count(value);

    /// <summary>An item of an evaluated value; may be a thunk.</summary>
    [MethodImpl(Apart)]
    public static Value Item(Value row, ulong index)
    {
        if (TryFind(row as Row, index, out var run, out var at) && run.IsPacked)
            return run[at];
        if (row is Row known && index < (ulong)known.PartCount)
            return known.Part((int)index);
        return index < int.MaxValue ? AppParts.Item(row, (int)index) : Nat.Zero;
    }

    /// <summary>As <see cref="Item"/>; a word where the item is an evaluated small number.
    /// </summary>
    [MethodImpl(Apart)]
    public static Result ItemResult(Value row, ulong index)
    {
        if (TryFind(row as Row, index, out var run, out var at)
            && run.TryWord(at, out var word))
            return new Result { Word = word };
        if (row is Row { HasNumber: true } cell && index == 0)
            return new Result { Word = cell.Number };
        var item = Item(row, index);
        return item.IsThunk ? new Result { Boxed = item } : Result.Of(item);
    }

    /// <summary>The word of an item, where the row is evaluated and the item is an evaluated small
    /// number; no word otherwise.</summary>
    [MethodImpl(Apart)]
    public static Result TryNumber(Value row, ulong index)
    {
        if (TryFind(row as Row ?? row.Resolved as Row, index, out var run, out var at))
            return run.TryWord(at, out var word) ? new Result { Word = word } : Result.Of(null);
        row = row.Resolved;
        if (row is Row { HasNumber: true } cell && index == 0)
            return new Result { Word = cell.Number };
        return !row.IsThunk && Item(row, index).Resolved is SmallNat small
            ? new Result { Word = small.Word }
            : Result.Of(null);
    }

    /// <summary>An item; null where the row is a thunk.</summary>
    [MethodImpl(Apart)]
    public static Value? TryItem(Value row, ulong index)
    {
        return row is Row || !(row = row.Resolved).IsThunk ? Item(row, index) : null;
    }

    /// <summary>Finds an item in a row whose items are a sequence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryFind(Row? row, ulong index, out ItemRun run, out int at)
    {
        if (row is null || row.InlineCount != 0)
        {
            (run, at) = (ItemRun.Empty, 0);
            return false;
        }
        return row.Sequence.TryFind(index, out run, out at);
    }

    /// <summary>An item at an index that is evaluated only where there are items.</summary>
    [MethodImpl(Apart)]
    public static Value ItemLazy(Evaluator evaluator, Value row, Value index) =>
        AppParts.IsApp(row)
            ? AppParts.Item(row, Nat.Coerce(CallStubs.Whnf(evaluator, index)))
            : Nat.Zero;

    [MethodImpl(Apart)]
    public static Value RowOf(Value[] items) => Row.Of(items);

    [MethodImpl(Apart)]
    public static Value RowOfWords(ulong[] words)
    {
        var run = ItemRun.Of(words);
        return Row.Of(
            words.Length > ItemSeq.FlatMax ? new ItemSeq(ItemNode.Build(run)) : new ItemSeq(run));
    }

    [MethodImpl(Apart)]
    public static Value Build(Value head, Value[] args) => DataShape.MakeApp(head, args);

    [MethodImpl(Apart)]
    public static Result Inc(Value value) => Result.Of(Nat.Coerce(value) switch
    {
        SmallNat { Word: < ulong.MaxValue } small => Nat.Of(small.Word + 1),
        var nat => Natural.Add(nat, Nat.One),
    });

    [MethodImpl(Apart)]
    public static Result Dec(Value value) => Result.Of(NatJets.Dec(Nat.Coerce(value)));

    [MethodImpl(Apart)]
    public static Result Bit(Value value) => Result.Of(ControlJets.IsTrue(value) ? 1UL : 0);

    [MethodImpl(Apart)]
    public static Result Not(Value value) => Result.Of(ControlJets.IsTrue(value) ? 0UL : 1);

    /// <summary>A product of two words that may be larger than one.</summary>
    [MethodImpl(Apart)]
    public static Result Mul(Evaluator evaluator, ulong a, ulong b) =>
        Math.BigMul(a, b, out var low) == 0
            ? Result.Of(low)
            : Result.Of(NatJets.Mul(evaluator, Nat.Of(a), Nat.Of(b)));

    [MethodImpl(Apart)]
    public static Value? Shortcut(JetStub jet, Value first, Value second) =>
        jet.Shortcut(first, second);

    [MethodImpl(Apart)]
    public static bool IsLateZero(JetStub jet, Value first) => jet.IsLateZero(first);
}
