using System.Reflection.Emit;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Emits operations in strict position: the fast path of <see cref="Op"/> on small
/// numbers, and a call of the jet on all other values.</summary>
internal sealed class OpEmitter(BodyEmitter body)
{
    private CodeRecorder IL => body.IL;

    // ---- Strict

    public Operand Emit(Core.Operation op)
    {
        if (op.Op.IsItem)
            return body.Items.Emit(op);
        if (op.Op.Kind == OpKind.Layout)
            return EmitLayout(op);
        return op.Op.IsLate && !IsEvaluated(op.Args[op.Op.Order[1]])
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

    /// <summary>Whether the term is surely in weak head normal form.</summary>
    public bool IsEvaluated(Core term) => term is Core.Const
        || (term is Core.Var variable && body.Env[variable.Id].IsWhnf);

    /// <summary>Emits an operation that evaluates its second operand only where the first one is
    /// not 0.</summary>
    private Operand EmitLate(Core.Operation op, int[] order)
    {
        var first = body.EmitNat(op.Args[order[0]]);
        if (!first.HasWord && body.Batch.StubOf(op.Jet!, op.Pin!).IsLateZero(first.Const!))
            return Operand.Of(Nat.Zero);
        var target = body.NewTarget(isNat: true);
        var (some, end) = (IL.DefineLabel(), IL.DefineLabel());
        if (first.HasWord)
        {
            if (first.Overflow is { } other)
            {
                // A big number is not 0, but its low bits may be; a value that is no number counts
                // as 0. Only the jet knows.
                var slow = IL.DefineLabel();
                IL.Emit(OpCodes.Ldloc, other);
                IL.Emit(OpCodes.Brtrue, slow);
                body.Later(slow, () =>
                {
                    body.PushConstant(body.Batch.StubOf(op.Jet!, op.Pin!));
                    IL.Emit(OpCodes.Ldloc, other);
                    IL.Call(SlowPaths.IsLateZero);
                    IL.Emit(OpCodes.Brfalse, some);
                    body.Store(target, Operand.Of(Nat.Zero));
                    IL.Emit(OpCodes.Br, end);
                });
            }
            body.PushWord(first);
            if (op.Op.IsOf32Bits)
                IL.Emit(OpCodes.Conv_U4);
            IL.Emit(OpCodes.Brtrue, some);
            body.Store(target, Operand.Of(Nat.Zero));
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

    /// <param name="operands">In weak head normal form, with words where they can be small.
    /// </param>
    private Operand EmitOn(Core.Operation op, Operand[] operands)
    {
        if (operands.Any(operand => !operand.HasWord))
        {
            var slowly = body.NewTarget(isNat: true);
            EmitSlow(op, operands, slowly);
            return slowly;
        }
        var target = body.NewTarget(isNat: true);
        var (slow, end) = (IL.DefineLabel(), IL.DefineLabel());
        body.BranchIfOverflow(operands, slow);
        var mayFail = EmitFast(op.Op, operands, target.Word!, slow);
        if (!mayFail && operands.All(operand => operand.IsWord))
            return Operand.OfWord(target.Word!);
        IL.Emit(OpCodes.Ldnull);
        IL.Emit(OpCodes.Stloc, target.Overflow!);
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

    /// <summary>Emits the fast path, from operands with words to a local; jumps where the result is
    /// no word.</summary>
    /// <returns>Whether the fast path may jump.</returns>
    public bool EmitFast(Op op, Operand[] operands, LocalBuilder target, Label slow)
    {
        var known = operands.Select(operand => (operand.Const as SmallNat)?.Word).ToArray();
        var words = new WordEmitter(
            IL, known, index => body.PushWord(operands[index]), target, slow);
        op.Fast!(words);
        return words.MayFail;
    }

    // ---- Conditions

    /// <summary>Emits a comparison as a jump.</summary>
    /// <param name="when">The outcome that jumps.</param>
    /// <returns>False where the operation is no comparison.</returns>
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
            var slowly = body.NewTarget(isNat: true);
            EmitSlow(op, operands, slowly);
            body.PushWord(slowly);
            IL.Emit(when ? OpCodes.Brtrue : OpCodes.Brfalse, target);
            return true;
        }
        if (operands.Any(operand => !operand.IsWord))
        {
            var slow = IL.DefineLabel();
            body.BranchIfOverflow(operands, slow);
            body.Later(slow, () =>
            {
                var result = body.NewTarget(isNat: true);
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
        if (value.Overflow is { } other)
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

    // ---- Layouts

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
}
