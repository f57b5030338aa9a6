using System.Reflection.Emit;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Emits the operations that take an item of a row.</summary>
internal sealed class ItemEmitter(BodyEmitter body)
{
    private CodeRecorder IL => body.IL;

    /// <param name="isNumber">Whether the item is wanted as a word: an unboxed item stays unboxed
    /// then.</param>
    public Operand Emit(Core.Operation op, bool isNumber = false)
    {
        var (rowTerm, indexTerm) = PartsOf(op);
        var row = body.EmitStrict(rowTerm);
        var index = body.Operations.IsEvaluated(indexTerm)
            ? body.EmitNat(indexTerm)
            : body.EmitLazy(indexTerm);
        if (index.IsWord && isNumber && !IsInline(row, index))
        {
            body.PushValue(row);
            body.PushWord(index);
            IL.Call(SlowPaths.ItemResult);
            return body.Force(body.TakeResult() with { IsWhnf = false });
        }
        if (index.IsWord)
            return EmitAt(row, index, isStrict: true, isNumber);
        IL.Emit(OpCodes.Ldarg_1);
        body.PushValue(row);
        body.PushValue(index);
        IL.Call(SlowPaths.ItemLazy);
        return body.Force(body.TakeValue() with { IsWhnf = false });
    }

    /// <summary>Emits an item; in line where the row holds it without an array.</summary>
    /// <param name="row">In weak head normal form.</param>
    /// <param name="index">A small number.</param>
    /// <param name="isStrict">Whether the item is evaluated, too.</param>
    /// <param name="isNumber">Whether the item is most often used as a number.</param>
    public Operand EmitAt(Operand row, Operand index, bool isStrict, bool isNumber)
    {
        if (isNumber && IsFirst(row, index))
            return EmitFirstNumber(row, index, isStrict);
        var item = body.NewLocal(typeof(Value));
        var (slow, next, lazy) = (IL.DefineLabel(), IL.DefineLabel(), IL.DefineLabel());
        if (IsInline(row, index))
        {
            EmitInline(row, index, item, slow);
            if (IsFirst(row, index))
            {
                // The slow path boxes an unboxed item.
                IL.Emit(OpCodes.Ldloc, item);
                IL.Emit(OpCodes.Brfalse, slow);
            }
            body.BranchIfThunk(item, lazy);
            IL.MarkLabel(next);
            EmitLater(lazy, item, isStrict, slow, next);
            body.Later(slow, () =>
            {
                EmitSlowly(row, index, item, isStrict, next);
                IL.Emit(OpCodes.Br, next);
            });
        }
        else
        {
            EmitSlowly(row, index, item, isStrict, next);
            IL.MarkLabel(next);
        }
        return Operand.OfBoxed(item, isStrict);
    }

    /// <summary>Emits the first item of a row as a word, where it is a small number.</summary>
    /// <param name="row">In weak head normal form.</param>
    /// <param name="index">The constant 0.</param>
    private Operand EmitFirstNumber(Operand row, Operand index, bool isStrict)
    {
        var item = body.NewLocal(typeof(Value));
        var target = body.NewTarget(isNat: true) with
        {
            Boxed = item,
            MayBeUnboxed = true,
            IsWhnf = isStrict,
        };
        var (slow, next, lazy) = (IL.DefineLabel(), IL.DefineLabel(), IL.DefineLabel());
        var (other, taken) = (IL.DefineLabel(), IL.DefineLabel());
        EmitInline(row, index, item, slow);
        IL.Emit(OpCodes.Ldloc, row.Boxed!);
        IL.Emit(OpCodes.Ldfld, Members.Number);
        IL.Emit(OpCodes.Conv_U8);
        IL.Emit(OpCodes.Stloc, target.Word!);
        IL.Emit(OpCodes.Ldloc, item);
        IL.Emit(OpCodes.Stloc, target.Overflow!);
        IL.Emit(OpCodes.Ldloc, item);
        IL.Emit(OpCodes.Brfalse, next);
        IL.MarkLabel(taken);
        IL.Emit(OpCodes.Ldloc, item);
        IL.Emit(OpCodes.Isinst, typeof(SmallNat));
        IL.Emit(OpCodes.Brfalse, other);
        IL.Emit(OpCodes.Ldloc, item);
        IL.Emit(OpCodes.Ldfld, Members.Word);
        IL.Emit(OpCodes.Stloc, target.Word!);
        IL.Emit(OpCodes.Ldnull);
        IL.Emit(OpCodes.Stloc, target.Overflow!);
        IL.MarkLabel(next);
        body.Later(other, () =>
        {
            IL.Emit(OpCodes.Ldloc, item);
            IL.Emit(OpCodes.Stloc, target.Overflow!);
            body.BranchIfThunk(item, lazy);
            IL.Emit(OpCodes.Br, next);
        });
        EmitLater(lazy, item, isStrict, slow, isStrict ? taken : next);
        body.Later(slow, () =>
        {
            EmitSlowly(row, index, item, isStrict, taken);
            IL.Emit(OpCodes.Br, taken);
        });
        return target;
    }

    /// <summary>Reads a field of the row; jumps where that is no item.</summary>
    private void EmitInline(Operand row, Operand index, LocalBuilder item, Label slow)
    {
        var (boxed, at) = (row.Boxed!, (SmallNat)index.Const!);
        IL.Emit(OpCodes.Ldloc, boxed);
        IL.Emit(OpCodes.Isinst, typeof(Row));
        IL.Emit(OpCodes.Brfalse, slow);
        IL.Emit(OpCodes.Ldloc, boxed);
        IL.Emit(OpCodes.Ldfld, Members.InlineCount);
        IL.Emit(OpCodes.Ldc_I4, (int)at.Word);
        IL.Emit(OpCodes.Ble_Un, slow);
        IL.Emit(OpCodes.Ldloc, boxed);
        IL.Emit(OpCodes.Ldfld, at.Word == 0 ? Members.First : Members.Second);
        IL.Emit(OpCodes.Stloc, item);
    }

    /// <summary>Handles an item that is a thunk. A pending one is taken as it is, or forced. A
    /// finished one goes to the slow path, which writes its value into the row.</summary>
    private void EmitLater(Label lazy, LocalBuilder item, bool isStrict, Label slow, Label next) =>
        body.Later(lazy, () =>
        {
            IL.Emit(OpCodes.Ldloc, item);
            IL.Emit(OpCodes.Ldfld, Members.ThunkCode);
            IL.Emit(OpCodes.Brfalse, slow);
            if (isStrict)
                EmitForce(item);
            IL.Emit(OpCodes.Br, next);
        });

    /// <summary>Whether the item may be in a field of the row, which is read in line.</summary>
    private static bool IsInline(Operand row, Operand index) =>
        row.Boxed is not null && index.Const is SmallNat { Word: < Compound.InlineMax };

    /// <summary>Whether the operation takes the first item of a row.</summary>
    public static bool IsOfFirst(Core.Operation op) =>
        op.Op.IsItem && PartsOf(op).Index is Core.Const { Value: SmallNat { Word: 0 } };

    private static bool IsFirst(Operand row, Operand index) =>
        IsInline(row, index) && index.Const is SmallNat { Word: 0 };

    private void EmitSlowly(
        Operand row, Operand index, LocalBuilder item, bool isStrict, Label next)
    {
        body.PushValue(row);
        body.PushWord(index);
        IL.Call(SlowPaths.Item);
        IL.Emit(OpCodes.Stloc, item);
        if (!isStrict)
            return;
        var force = IL.DefineLabel();
        body.BranchIfThunk(item, force);
        IL.Emit(OpCodes.Br, next);
        IL.MarkLabel(force);
        EmitForce(item);
    }

    private void EmitForce(LocalBuilder item)
    {
        IL.Emit(OpCodes.Ldarg_1);
        IL.Emit(OpCodes.Ldloc, item);
        IL.Emit(OpCodes.Call, Members.Force);
        IL.Emit(OpCodes.Stloc, item);
    }

    /// <summary>Whether the row is surely evaluated and the index surely a small number.</summary>
    public bool IsReady(Core.Operation op)
    {
        var (row, index) = PartsOf(op);
        return body.Operations.IsEvaluated(row) && index switch
        {
            Core.Const constant => constant.Value is SmallNat,
            Core.Var variable => body.Env[variable.Id].IsWord,
            _ => false,
        };
    }

    public static (Core Row, Core Index) PartsOf(Core.Operation op) =>
        (op.Args[op.Op.RowAt], op.Args[1 - op.Op.RowAt]);

    /// <summary>Whether, at run time, the row may be evaluated and the index a small number.
    /// </summary>
    public bool MayBeReady(Core.Operation op, int depth) =>
        depth > 0 && PartsOf(op) is (Core.Var row, var index)
        && IsObject(body.Env[row.Id]) && body.Speculation.IsPossible(index, depth - 1);

    private static bool IsObject(Operand operand) =>
        operand.Boxed is not null && (operand.Word is null || operand.MayBeUnboxed);

    /// <summary>Emits an item, which may be a thunk; jumps where the row or the index is not
    /// evaluated.</summary>
    public Operand TryAt(Core.Operation op, Label fail)
    {
        var (row, index) = PartsOf(op);
        var word = body.Speculation.Emit(index, fail);
        body.PushValue(body.Env[((Core.Var)row).Id]);
        body.PushWord(word);
        IL.Call(SlowPaths.TryItem);
        var item = body.TakeLazy();
        IL.Emit(OpCodes.Ldloc, item.Boxed!);
        IL.Emit(OpCodes.Brfalse, fail);
        return item;
    }

    private static bool IsInlineConstant(Core.Operation op) =>
        PartsOf(op).Index is Core.Const { Value: SmallNat { Word: < Compound.InlineMax } };

    /// <summary>Emits the word of an item; jumps where it is not there.</summary>
    public Operand TryNumber(Core.Operation op, Label fail) =>
        IsReady(op) && IsInlineConstant(op) ? EmitNumber(op, fail) : CallForNumber(op, fail);

    /// <summary>Emits the word of an item that is in a field of the row; jumps where the item is no
    /// evaluated small number.</summary>
    private Operand EmitNumber(Core.Operation op, Label fail)
    {
        var (row, index) = PartsOf(op);
        var (items, at) = (body.EmitLazy(row), body.EmitLazy(index));
        var item = EmitAt(items, at, isStrict: false, isNumber: true);
        if (item.Overflow is null)
            return body.Unbox(item.Boxed!, fail);
        IL.Emit(OpCodes.Ldloc, item.Overflow);
        IL.Emit(OpCodes.Brtrue, fail);
        return Operand.OfWord(item.Word!);
    }

    /// <summary>Emits the word of an item; jumps where the item is no evaluated small number.
    /// </summary>
    private Operand CallForNumber(Core.Operation op, Label fail)
    {
        var (row, index) = PartsOf(op);
        var at = body.Speculation.Emit(index, fail);
        body.PushValue(row is Core.Const constant
            ? Operand.Of(constant.Value)
            : body.Env[((Core.Var)row).Id]);
        body.PushWord(at);
        IL.Call(SlowPaths.TryNumber);
        var result = body.TakeResult();
        IL.Emit(OpCodes.Ldloc, result.Overflow!);
        IL.Emit(OpCodes.Brtrue, fail);
        return Operand.OfWord(result.Word!);
    }
}
