using System.Reflection.Emit;

namespace Pallas.Plan;

/// <summary>Emits operations: in line on small numbers, a call of the jet on everything else.
/// </summary>
internal sealed class OpEmitter(BodyEmitter body)
{
    private CodeRecorder IL => body.IL;

    // ---- Strict

    public Operand Emit(Core.Operation op)
    {
        if (op.Op.IsItem)
            return EmitItem(op);
        if (op.Op.Kind == OpKind.Layout)
            return EmitLayout(op);
        return op.Op.IsLate && !IsAtHand(op.Args[op.Op.Order[1]])
            ? EmitLate(op, op.Op.Order)
            : EmitOn(op, EmitOperands(op));
    }

    private Operand[] EmitOperands(Core.Operation op)
    {
        var operands = new Operand[op.Args.Length];
        foreach (var index in op.Op.Order)
            operands[index] = body.EmitNat(op.Args[index]);
        return operands;
    }

    /// <summary>Whether evaluating it is nothing that one could tell.</summary>
    private bool IsAtHand(Core term) => term is Core.Const
        || (term is Core.Var variable && body.Env[variable.Id].IsWhnf);

    /// <summary>The second operand is evaluated only where the first one is not 0.</summary>
    private Operand EmitLate(Core.Operation op, int[] order)
    {
        var first = body.EmitNat(op.Args[order[0]]);
        if (!first.HasWord && body.Batch.StubOf(op.Jet!, op.Pin!).IsLateZero(first.Const!))
            return Operand.Of(Nat.Zero);
        var target = NewTarget();
        var (some, end) = (IL.DefineLabel(), IL.DefineLabel());
        if (first.HasWord)
        {
            if (first.Ref is { } other)
            {
                // A number that is not small is not 0, but its low bits may be; and what is no
                // number is 0: only the jet can tell.
                var slow = IL.DefineLabel();
                IL.Emit(OpCodes.Ldloc, other);
                IL.Emit(OpCodes.Brtrue, slow);
                body.Later(slow, () =>
                {
                    body.PushConstant(body.Batch.StubOf(op.Jet!, op.Pin!));
                    IL.Emit(OpCodes.Ldloc, other);
                    IL.Call(SlowPaths.IsLateZero);
                    IL.Emit(OpCodes.Brfalse, some);
                    StoreZero(target);
                    IL.Emit(OpCodes.Br, end);
                });
            }
            body.PushWord(first);
            if (op.Op.IsOf32Bits)
                IL.Emit(OpCodes.Conv_U4);
            IL.Emit(OpCodes.Brtrue, some);
            StoreZero(target);
            IL.Emit(OpCodes.Br, end);
        }
        IL.MarkLabel(some);
        body.InBranch(() =>
        {
            var operands = new Operand[2];
            operands[order[0]] = first;
            operands[order[1]] = body.EmitNat(op.Args[order[1]]);
            body.Store(target, EmitOn(op, operands));
        });
        IL.MarkLabel(end);
        return target;
    }

    private void StoreZero(Operand target) => body.Store(target, Operand.Of(Nat.Zero));

    /// <param name="operands">In weak head normal form, with words where they can be small.
    /// </param>
    private Operand EmitOn(Core.Operation op, Operand[] operands)
    {
        if (operands.Any(operand => !operand.HasWord))
        {
            var slowly = NewTarget();
            EmitSlow(op, operands, slowly);
            return slowly;
        }
        var target = NewTarget();
        var (slow, end) = (IL.DefineLabel(), IL.DefineLabel());
        foreach (var operand in operands)
        {
            if (operand.Ref is { } other)
            {
                IL.Emit(OpCodes.Ldloc, other);
                IL.Emit(OpCodes.Brtrue, slow);
            }
        }
        var mayFail = EmitFast(op.Op, operands, target.Word!, slow);
        if (!mayFail && operands.All(operand => operand.IsWord))
            return Operand.OfWord(target.Word!);
        IL.Emit(OpCodes.Ldnull);
        IL.Emit(OpCodes.Stloc, target.Ref!);
        IL.MarkLabel(end);
        body.Later(slow, () =>
        {
            EmitSlow(op, operands, target);
            IL.Emit(OpCodes.Br, end);
        });
        return target;
    }

    private void EmitSlow(Core.Operation op, Operand[] operands, Operand target)
    {
        if (op.Op.SlowOnWords is { } slow && operands.All(operand => operand.IsWord))
        {
            IL.Emit(OpCodes.Ldarg_1);
            foreach (var operand in operands)
                body.PushWord(operand);
            IL.Call(slow);
        }
        else if (op.Jet is null)
        {
            body.PushValue(operands[0]);
            IL.Call(op.Op.Slow!);
        }
        else
        {
            IL.Emit(OpCodes.Ldarg_1);
            body.PushConstant(body.Batch.StubOf(op.Jet, op.Pin!));
            foreach (var operand in operands)
                body.PushValue(operand);
            IL.Emit(OpCodes.Call, Members.Ops[operands.Length - 1]);
        }
        body.Store(target, body.TakeResult());
    }

    private Operand NewTarget() => new()
    {
        Ref = body.NewLocal(typeof(Value)), Word = body.NewLocal(typeof(ulong)), IsWhnf = true,
    };

    /// <summary>Leaves the result in a local; jumps where there is no word.</summary>
    /// <returns>Whether it may jump.</returns>
    private bool EmitFast(Op op, Operand[] operands, LocalBuilder target, Label slow)
    {
        var known = operands.Select(operand => (operand.Const as SmallNat)?.Word).ToArray();
        var words = new WordEmitter(
            IL, known, index => body.PushWord(operands[index]), target, slow);
        op.Fast!(words);
        return words.MayFail;
    }

    // ---- Conditions

    /// <summary>A comparison as a jump; false where the operation is no comparison.</summary>
    public bool TryEmitJump(Core.Operation op, Label target, bool when)
    {
        if (op.Op == OpTable.IsNat)
        {
            EmitIsNatJump(body.EmitStrict(op.Args[0]), target, when);
            return true;
        }
        if (op.Op.Jump is not { } jump)
            return false;
        var operands = EmitOperands(op);
        var next = IL.DefineLabel();
        if (operands.Any(operand => !operand.HasWord))
        {
            var slowly = NewTarget();
            EmitSlow(op, operands, slowly);
            body.PushWord(slowly);
            IL.Emit(when ? OpCodes.Brtrue : OpCodes.Brfalse, target);
            return true;
        }
        if (operands.Any(operand => !operand.IsWord))
        {
            var slow = IL.DefineLabel();
            foreach (var operand in operands)
            {
                if (operand.Ref is { } other)
                {
                    IL.Emit(OpCodes.Ldloc, other);
                    IL.Emit(OpCodes.Brtrue, slow);
                }
            }
            body.Later(slow, () =>
            {
                var result = NewTarget();
                EmitSlow(op, operands, result);
                body.PushWord(result);
                IL.Emit(when ? OpCodes.Brtrue : OpCodes.Brfalse, target);
                IL.Emit(OpCodes.Br, next);
            });
        }
        body.PushWord(operands[0]);
        body.PushWord(operands[1]);
        IL.Emit(when ? jump.WhenTrue : jump.WhenFalse, target);
        IL.MarkLabel(next);
        return true;
    }

    private void EmitIsNatJump(Operand value, Label target, bool when)
    {
        if (value.IsWord || value.Const is not null)
        {
            if ((value.IsWord || value.Const is Nat) == when)
                IL.Emit(OpCodes.Br, target);
            return;
        }
        var next = IL.DefineLabel();
        var isSmall = when ? target : next;
        if (value.Ref is { } other)
        {
            IL.Emit(OpCodes.Ldloc, other);
            IL.Emit(OpCodes.Brfalse, isSmall);
            IL.Emit(OpCodes.Ldloc, other);
        }
        else
        {
            IL.Emit(OpCodes.Ldloc, value.Boxed!);
            IL.Emit(OpCodes.Isinst, typeof(SmallNat));
            IL.Emit(OpCodes.Brtrue, isSmall);
            IL.Emit(OpCodes.Ldloc, value.Boxed!);
        }
        IL.Emit(OpCodes.Isinst, typeof(BigNat));
        IL.Emit(when ? OpCodes.Brtrue : OpCodes.Brfalse, target);
        IL.MarkLabel(next);
    }

    // ---- Layouts and items

    private Operand EmitLayout(Core.Operation op)
    {
        var value = body.EmitStrict(op.Args[0]);
        var result = Operand.OfWord(body.NewLocal(typeof(ulong)));
        if (op.Op == OpTable.IsNat && (value.IsWord || value.Const is not null))
            return Operand.Of(Nat.Of(value.IsWord || value.Const is Nat));
        body.PushValue(value);
        if (op.Op.Layout is { } layout)
        {
            IL.Emit(OpCodes.Isinst, layout);
            IL.Emit(OpCodes.Ldnull);
            IL.Emit(OpCodes.Cgt_Un);
        }
        else
        {
            IL.Call(op.Op.Slow!);
        }
        IL.Emit(OpCodes.Conv_U8);
        IL.Emit(OpCodes.Stloc, result.Word!);
        return result;
    }

    /// <param name="isNumber">Whether a number is wanted, with a word: what has no object is not
    /// made into one then.</param>
    public Operand EmitItem(Core.Operation op, bool isNumber = false)
    {
        var (rowTerm, indexTerm) = ItemParts(op);
        var row = body.EmitStrict(rowTerm);
        var index = IsAtHand(indexTerm) ? body.EmitNat(indexTerm) : body.EmitLazy(indexTerm);
        if (index.IsWord && isNumber && !IsInline(row, index))
        {
            body.PushValue(row);
            body.PushWord(index);
            IL.Call(SlowPaths.ItemResult);
            return body.Force(body.TakeResult() with { IsWhnf = false });
        }
        if (index.IsWord)
            return EmitItemAt(row, index, isStrict: true, isNumber);
        IL.Emit(OpCodes.Ldarg_1);
        body.PushValue(row);
        body.PushValue(index);
        IL.Call(SlowPaths.ItemLazy);
        return body.Force(body.TakeValue() with { IsWhnf = false });
    }

    /// <summary>An item: in line where it stands in the row itself.</summary>
    /// <param name="row">In weak head normal form.</param>
    /// <param name="index">A small number.</param>
    /// <param name="isStrict">Whether the item is evaluated, too.</param>
    /// <param name="isNumber">Whether it is likely to be wanted as a number.</param>
    public Operand EmitItemAt(Operand row, Operand index, bool isStrict, bool isNumber)
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
                // A number that has no object gets one.
                IL.Emit(OpCodes.Ldloc, item);
                IL.Emit(OpCodes.Brfalse, slow);
            }
            body.BranchIfThunk(item, lazy);
            IL.MarkLabel(next);
            EmitLater(lazy, item, isStrict, slow, next);
            body.Later(slow, () =>
            {
                EmitItemSlowly(row, index, item, isStrict, next);
                IL.Emit(OpCodes.Br, next);
            });
        }
        else
        {
            EmitItemSlowly(row, index, item, isStrict, next);
            IL.MarkLabel(next);
        }
        return Operand.OfBoxed(item, isStrict);
    }

    /// <summary>The first item of a row with a word, where it is a small number; in line where it
    /// stands in the row itself.</summary>
    /// <param name="row">In weak head normal form.</param>
    /// <param name="index">The constant 0.</param>
    private Operand EmitFirstNumber(Operand row, Operand index, bool isStrict)
    {
        var item = body.NewLocal(typeof(Value));
        var target = NewTarget() with { Boxed = item, IsOpen = true, IsWhnf = isStrict };
        var (slow, next, lazy) = (IL.DefineLabel(), IL.DefineLabel(), IL.DefineLabel());
        var (other, taken) = (IL.DefineLabel(), IL.DefineLabel());
        EmitInline(row, index, item, slow);
        IL.Emit(OpCodes.Ldloc, row.Boxed!);
        IL.Emit(OpCodes.Ldfld, Members.Number);
        IL.Emit(OpCodes.Conv_U8);
        IL.Emit(OpCodes.Stloc, target.Word!);
        IL.Emit(OpCodes.Ldloc, item);
        IL.Emit(OpCodes.Stloc, target.Ref!);
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
        IL.Emit(OpCodes.Stloc, target.Ref!);
        IL.MarkLabel(next);
        body.Later(other, () =>
        {
            IL.Emit(OpCodes.Ldloc, item);
            IL.Emit(OpCodes.Stloc, target.Ref!);
            body.BranchIfThunk(item, lazy);
            IL.Emit(OpCodes.Br, next);
        });
        EmitLater(lazy, item, isStrict, slow, isStrict ? taken : next);
        body.Later(slow, () =>
        {
            EmitItemSlowly(row, index, item, isStrict, taken);
            IL.Emit(OpCodes.Br, taken);
        });
        return target;
    }

    /// <summary>What stands in the row itself; jumps where that is not an item.</summary>
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

    /// <summary>A thunk that stands in a row: what is still to be evaluated is taken as it is; a
    /// value takes the thunk's place in the row, on the slow path.</summary>
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

    /// <summary>Whether the item may stand in the row itself, where it is read in line.</summary>
    private static bool IsInline(Operand row, Operand index) =>
        row.Boxed is not null && index.Const is SmallNat { Word: < Compound.InlineMax };

    /// <summary>Whether it takes the first item of a row.</summary>
    public static bool IsOfFirst(Core.Operation op) =>
        op.Op.IsItem && ItemParts(op).Index is Core.Const { Value: SmallNat { Word: 0 } };

    private static bool IsFirst(Operand row, Operand index) =>
        IsInline(row, index) && index.Const is SmallNat { Word: 0 };

    private void EmitItemSlowly(
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

    /// <summary>Whether the row is evaluated and the index a small number, for sure.</summary>
    public bool CanTakeItem(Core.Operation op)
    {
        var (row, index) = ItemParts(op);
        return IsAtHand(row) && index switch
        {
            Core.Const constant => constant.Value is SmallNat,
            Core.Var variable => body.Env[variable.Id].IsWord,
            _ => false,
        };
    }

    public static (Core Row, Core Index) ItemParts(Core.Operation op) =>
        (op.Args[op.Op.RowAt], op.Args[1 - op.Op.RowAt]);

    /// <summary>Whether it may turn out that the row is evaluated and the index a small number.
    /// </summary>
    public bool CanTryItem(Core.Operation op, int depth) =>
        depth > 0 && ItemParts(op) is (Core.Var row, var index)
        && IsObject(body.Env[row.Id]) && CanSpeculate(index, depth - 1);

    private static bool IsObject(Operand operand) =>
        operand.Boxed is not null && (operand.Word is null || operand.IsOpen);

    /// <summary>An item, evaluated or not; jumps where the row or the index is not there.</summary>
    public Operand TryItem(Core.Operation op, Label fail)
    {
        var (row, index) = ItemParts(op);
        var word = Speculate(index, fail);
        body.PushValue(body.Env[((Core.Var)row).Id]);
        body.PushWord(word);
        IL.Call(SlowPaths.TryItem);
        var item = body.TakeLazy();
        IL.Emit(OpCodes.Ldloc, item.Boxed!);
        IL.Emit(OpCodes.Brfalse, fail);
        return item;
    }

    private static bool IsInlineConstant(Core.Operation op) =>
        ItemParts(op).Index is Core.Const { Value: SmallNat { Word: < Compound.InlineMax } };

    /// <summary>The word of an item that stands in the row itself; jumps where there is none.
    /// </summary>
    private Operand TakeNumber(Core.Operation op, Label fail)
    {
        var (row, index) = ItemParts(op);
        var (items, at) = (body.EmitLazy(row), body.EmitLazy(index));
        var item = EmitItemAt(items, at, isStrict: false, isNumber: true);
        if (item.Ref is null)
            return UnboxOrFail(item.Boxed!, fail);
        IL.Emit(OpCodes.Ldloc, item.Ref);
        IL.Emit(OpCodes.Brtrue, fail);
        return Operand.OfWord(item.Word!);
    }

    /// <summary>The word of an item; jumps where there is none at hand.</summary>
    private Operand TryNumber(Core.Operation op, Label fail)
    {
        var (row, index) = ItemParts(op);
        var at = Speculate(index, fail);
        body.PushValue(row is Core.Const constant
            ? Operand.Of(constant.Value)
            : body.Env[((Core.Var)row).Id]);
        body.PushWord(at);
        IL.Call(SlowPaths.TryNumber);
        var result = body.TakeResult();
        IL.Emit(OpCodes.Ldloc, result.Ref!);
        IL.Emit(OpCodes.Brtrue, fail);
        return Operand.OfWord(result.Word!);
    }

    // ---- Speculation

    /// <summary>
    /// Whether a lazy operation can be tried at once: total on small numbers, with operands that
    /// may be there.
    /// </summary>
    public bool CanSpeculate(Core term, int depth) => term switch
    {
        Core.Const constant => constant.Value is SmallNat,
        Core.Var variable => body.Env[variable.Id] is var known
            && (known.Const is SmallNat || known.Const is null),
        Core.Operation op when op.Op.IsItem => CanTakeItem(op) || CanTryItem(op, depth),
        Core.Operation op => depth > 0 && op.Op.Fast is not null
            && op.Args.All(arg => CanSpeculate(arg, depth - 1)),
        _ => false,
    };

    /// <summary>
    /// Whether a law body is total and takes a few instructions wherever its arguments are small
    /// numbers.
    /// </summary>
    public static bool IsEager(Core term, int depth = 6) => term switch
    {
        Core.Const constant => constant.Value is SmallNat,
        Core.Var => true,
        Core.JetCall { Jet: { Shortcut: not null, Arity: <= 2 } } jet =>
            jet.Args.All(arg => arg is Core.Var or Core.Const),
        Core.If choice => depth > 0 && IsEager(choice.Condition, depth - 1)
            && choice.Condition is not (Core.If or Core.JetCall)
            && IsEager(choice.Then, depth - 1) && IsEager(choice.Else, depth - 1),
        Core.Operation op => depth > 0 && op.Op.Fast is not null
            && op.Args.All(arg => arg is not (Core.If or Core.JetCall) && IsEager(arg, depth - 1)),
        _ => false,
    };

    /// <summary>The result as a word; jumps where the operands are not there or not small.
    /// </summary>
    public Operand Speculate(Core term, Label fail)
    {
        switch (term)
        {
            case Core.Const constant:
                return Operand.Of(constant.Value);
            case Core.Var variable:
                var known = body.Env[variable.Id];
                if (known.IsWord)
                    return known;
                if (known.Word is null)
                    return UnboxOrFail(known.Boxed!, fail);
                IL.Emit(OpCodes.Ldloc, known.Ref!);
                IL.Emit(OpCodes.Brtrue, fail);
                return Operand.OfWord(known.Word);
            case Core.Operation item when item.Op.IsItem:
                return CanTakeItem(item) && IsInlineConstant(item)
                    ? TakeNumber(item, fail)
                    : TryNumber(item, fail);
            default:
                var op = (Core.Operation)term;
                var operands = op.Args.Select(arg => Speculate(arg, fail)).ToArray();
                var result = body.NewLocal(typeof(ulong));
                EmitFast(op.Op, operands, result, fail);
                return Operand.OfWord(result);
        }
    }

    /// <summary>Whether the same can be done on words alone.</summary>
    /// <param name="term">As <see cref="IsEager"/> says.</param>
    public static bool IsEagerOnWords(Core term) => term switch
    {
        Core.JetCall => false,
        Core.If choice => IsEagerOnWords(choice.Then) && IsEagerOnWords(choice.Else),
        _ => true,
    };

    /// <summary>Returns the value of the term where it is there; else jumps.</summary>
    /// <param name="term">As <see cref="IsEager"/> says.</param>
    public void EmitEager(Core term, Label fail)
    {
        switch (term)
        {
            case Core.If choice:
                var otherwise = IL.DefineLabel();
                body.PushWord(Speculate(choice.Condition, fail));
                IL.Emit(choice.IsZeroTest ? OpCodes.Brtrue : OpCodes.Brfalse, otherwise);
                EmitEager(choice.Then, fail);
                IL.MarkLabel(otherwise);
                EmitEager(choice.Else, fail);
                break;
            case Core.Var variable when !body.Env[variable.Id].IsWord:
                body.BranchIfThunk(body.Env[variable.Id].Boxed!, fail);
                body.Return(body.Env[variable.Id]);
                break;
            case Core.JetCall jet:
                body.Return(TryShortcut(jet, fail));
                break;
            default:
                body.Return(Speculate(term, fail));
                break;
        }
    }

    /// <summary>What a jet answers at once on evaluated arguments; jumps where one is not, or it
    /// does not.</summary>
    private Operand TryShortcut(Core.JetCall jet, Label fail)
    {
        var args = jet.Args.Select(arg => arg is Core.Const constant
            ? Operand.Of(constant.Value)
            : body.Env[((Core.Var)arg).Id]).ToArray();
        foreach (var arg in args)
        {
            if (arg.Boxed is { } boxed)
                body.BranchIfThunk(boxed, fail);
        }
        body.PushConstant(body.Batch.StubOf(jet.Jet, jet.Pin));
        body.PushValue(args[0]);
        body.PushValue(args[^1]);
        IL.Call(SlowPaths.Shortcut);
        var result = body.TakeValue();
        IL.Emit(OpCodes.Ldloc, result.Boxed!);
        IL.Emit(OpCodes.Brfalse, fail);
        return result;
    }

    private Operand UnboxOrFail(LocalBuilder boxed, Label fail)
    {
        var word = body.NewLocal(typeof(ulong));
        IL.Emit(OpCodes.Ldloc, boxed);
        IL.Emit(OpCodes.Isinst, typeof(SmallNat));
        IL.Emit(OpCodes.Brfalse, fail);
        IL.Emit(OpCodes.Ldloc, boxed);
        IL.Emit(OpCodes.Ldfld, Members.Word);
        IL.Emit(OpCodes.Stloc, word);
        return Operand.OfWord(word);
    }
}
