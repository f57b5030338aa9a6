using System.Reflection.Emit;

namespace Pallas.Plan;

/// <summary>Emits an operation on small numbers, as instructions on words.</summary>
/// <param name="push">Puts a word on the stack.</param>
internal sealed class WordEmitter(CodeRecorder il, Operand[] args, Action<Operand> push)
{
    /// <param name="fail">Where to go on where the result is no word, or where a rare case is
    /// left to the slow path.</param>
    public void Emit(Op op, LocalBuilder target, Label fail)
    {
        switch (op)
        {
            case Op.Inc:
                Push(0);
                Long(1);
                il.Emit(OpCodes.Add);
                il.Emit(OpCodes.Stloc, target);
                il.Emit(OpCodes.Ldloc, target);
                il.Emit(OpCodes.Brfalse, fail);
                return;
            case Op.Dec:
                Push(0);
                Push(0);
                Long(0);
                il.Emit(OpCodes.Cgt_Un);
                il.Emit(OpCodes.Conv_U8);
                il.Emit(OpCodes.Sub);
                break;
            case Op.Add:
                Push(0);
                Push(1);
                il.Emit(OpCodes.Add);
                il.Emit(OpCodes.Stloc, target);
                il.Emit(OpCodes.Ldloc, target);
                Push(args[1].Const is null ? 1 : 0);
                il.Emit(OpCodes.Blt_Un, fail);
                return;
            case Op.Sub:
                Choose(OpCodes.Blt_Un, target, () => Long(0), () => Both(OpCodes.Sub));
                return;
            case Op.Mul:
                FailUnlessShort(fail);
                Both(OpCodes.Mul);
                break;
            case Op.Div:
                Divide(target, OpCodes.Div_Un, () => Long(0));
                return;
            case Op.Mod:
                Divide(target, OpCodes.Rem_Un, () => Push(0));
                return;
            case Op.Con or Op.And64:
                Both(OpCodes.And);
                break;
            case Op.Dis or Op.Or64:
                Both(OpCodes.Or);
                break;
            case Op.Mix or Op.Xor64:
                Both(OpCodes.Xor);
                break;
            case Op.Add64:
                Both(OpCodes.Add);
                break;
            case Op.Sub64:
                Both(OpCodes.Sub);
                break;
            case Op.Mul64:
                Both(OpCodes.Mul);
                break;
            case Op.ToNat or Op.W64:
                Push(0);
                break;
            case Op.W32:
                Push32(0);
                il.Emit(OpCodes.Conv_U8);
                break;
            case Op.Add32:
                Both32(OpCodes.Add);
                break;
            case Op.Mul32:
                Both32(OpCodes.Mul);
                break;
            case Op.And32:
                Both32(OpCodes.And);
                break;
            case Op.Or32:
                Both32(OpCodes.Or);
                break;
            case Op.Xor32:
                Both32(OpCodes.Xor);
                break;
            case Op.Sub32:
                FailUnlessShort(fail);
                Both32(OpCodes.Sub);
                break;
            case Op.Bex:
                FailUnlessBelow(0, 64, fail);
                Long(1);
                PushCount(0);
                il.Emit(OpCodes.Shl);
                break;
            default:
                if (!EmitBits(op, target, fail) && !EmitTest(op))
                    throw new InvalidOperationException($"{op} is not compiled in line");
                if (IsStored(op))
                    return;
                break;
        }
        il.Emit(OpCodes.Stloc, target);
    }

    private static bool IsStored(Op op) =>
        op is Op.Rsh or Op.Rsh64 or Op.Rsh32 or Op.Lsh64 or Op.Lsh32 or Op.Trunc or Op.TestBit
            or Op.BitSlice;

    private bool EmitBits(Op op, LocalBuilder target, Label fail)
    {
        switch (op)
        {
            case Op.Met:
                il.Emit(OpCodes.Ldc_I4, 64);
                Push(0);
                il.Emit(OpCodes.Call, Members.Clz);
                il.Emit(OpCodes.Sub);
                il.Emit(OpCodes.Conv_U8);
                return true;
            case Op.PopCount:
                Push(0);
                il.Emit(OpCodes.Call, Members.PopCount);
                il.Emit(OpCodes.Conv_U8);
                return true;
            case Op.Lsh:
                FailUnlessBelow(1, 64, fail);
                Shift(OpCodes.Shl);
                il.Emit(OpCodes.Stloc, target);
                il.Emit(OpCodes.Ldloc, target);
                PushCount(1);
                il.Emit(OpCodes.Shr_Un);
                Push(0);
                il.Emit(OpCodes.Bne_Un, fail);
                il.Emit(OpCodes.Ldloc, target);
                return true;
            case Op.Rsh or Op.Rsh64:
                IfBelow(1, 64, target, () => Shift(OpCodes.Shr_Un), () => Long(0));
                return true;
            case Op.Lsh64:
                IfBelow(1, 64, target, () => Shift(OpCodes.Shl), () => Long(0));
                return true;
            case Op.Rsh32 or Op.Lsh32:
                IfBelow32(target, op == Op.Lsh32 ? OpCodes.Shl : OpCodes.Shr_Un);
                return true;
            case Op.Rol64 or Op.Ror64:
                FailUnlessBelow(1, 64, fail);
                Push(0);
                PushTurn(op == Op.Ror64, 64);
                il.Emit(OpCodes.Call, Members.RotateLeft);
                return true;
            case Op.Rol32 or Op.Ror32:
                FailUnlessBelow(1, 32, fail);
                Push32(0);
                PushTurn(op == Op.Ror32, 32);
                il.Emit(OpCodes.Call, Members.RotateLeft32);
                il.Emit(OpCodes.Conv_U8);
                return true;
            case Op.Trunc:
                IfBelow(0, 64, target, () => Low(0, () => Push(1)), () => Push(1));
                return true;
            case Op.TestBit:
                IfBelow(0, 64, target, PushBit, () => Long(0));
                return true;
            case Op.BitSlice:
                IfBelow(
                    0, 64, target,
                    () =>
                    {
                        Push(2);
                        PushCount(0);
                        il.Emit(OpCodes.Shr_Un);
                    },
                    () => Long(0));
                IfBelow(
                    1, 64, target,
                    () => Low(1, () => il.Emit(OpCodes.Ldloc, target)),
                    () => il.Emit(OpCodes.Ldloc, target));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Operations whose result is 0, 1 or 2, and the smaller and larger of two.</summary>
    private bool EmitTest(Op op)
    {
        switch (op)
        {
            case Op.Eqz or Op.Not:
                Push(0);
                Long(0);
                il.Emit(OpCodes.Ceq);
                break;
            case Op.Bit:
                Push(0);
                Long(0);
                il.Emit(OpCodes.Cgt_Un);
                break;
            case Op.Xor or Op.Xnor:
                Push(0);
                Long(0);
                il.Emit(OpCodes.Cgt_Un);
                Push(1);
                Long(0);
                il.Emit(OpCodes.Cgt_Un);
                il.Emit(op == Op.Xor ? OpCodes.Xor : OpCodes.Ceq);
                break;
            case Op.Eql:
                Both(OpCodes.Ceq);
                break;
            case Op.Lth:
                Both(OpCodes.Clt_Un);
                break;
            case Op.Gth:
                Both(OpCodes.Cgt_Un);
                break;
            case Op.Neq:
                Both(OpCodes.Ceq);
                Invert();
                break;
            case Op.Lte:
                Both(OpCodes.Cgt_Un);
                Invert();
                break;
            case Op.Gte:
                Both(OpCodes.Clt_Un);
                Invert();
                break;
            case Op.Cmp:
                Both(OpCodes.Cgt_Un);
                Both(OpCodes.Clt_Un);
                Invert();
                il.Emit(OpCodes.Add);
                break;
            case Op.Min or Op.Max:
                Push(0);
                Push(1);
                il.Emit(OpCodes.Call, op == Op.Min ? Members.Min : Members.Max);
                return true;
            default:
                return false;
        }
        il.Emit(OpCodes.Conv_U8);
        return true;
    }

    private void Push(int index) => push(args[index]);

    private void Push32(int index)
    {
        Push(index);
        il.Emit(OpCodes.Conv_U4);
    }

    /// <summary>A number of bits, for a shift.</summary>
    private void PushCount(int index)
    {
        Push(index);
        il.Emit(OpCodes.Conv_I4);
    }

    private void PushTurn(bool isRight, int bits)
    {
        if (!isRight)
        {
            PushCount(1);
            return;
        }
        il.Emit(OpCodes.Ldc_I4, bits);
        PushCount(1);
        il.Emit(OpCodes.Sub);
    }

    private void PushBit()
    {
        Push(1);
        PushCount(0);
        il.Emit(OpCodes.Shr_Un);
        Long(1);
        il.Emit(OpCodes.And);
    }

    private void Long(long value) => il.Emit(OpCodes.Ldc_I8, value);

    private void Both(OpCode code)
    {
        Push(0);
        Push(1);
        il.Emit(code);
    }

    private void Both32(OpCode code)
    {
        Push32(0);
        Push32(1);
        il.Emit(code);
        il.Emit(OpCodes.Conv_U8);
    }

    private void Shift(OpCode code)
    {
        Push(0);
        PushCount(1);
        il.Emit(code);
    }

    private void Invert()
    {
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Ceq);
    }

    /// <summary>The low bits, as many as the operand says.</summary>
    private void Low(int width, Action pushNumber)
    {
        pushNumber();
        Long(1);
        PushCount(width);
        il.Emit(OpCodes.Shl);
        Long(1);
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.And);
    }

    /// <summary>Division costs a quarter where both numbers have half the bits.</summary>
    private void Divide(LocalBuilder target, OpCode code, Action whenZero)
    {
        if (args[1].Const is SmallNat { Word: > 0 })
        {
            Both(code);
            il.Emit(OpCodes.Stloc, target);
            return;
        }
        var (some, wide, end) = (il.DefineLabel(), il.DefineLabel(), il.DefineLabel());
        Push(1);
        il.Emit(OpCodes.Brtrue, some);
        whenZero();
        il.Emit(OpCodes.Stloc, target);
        il.Emit(OpCodes.Br, end);
        il.MarkLabel(some);
        Push(0);
        Push(1);
        il.Emit(OpCodes.Or);
        il.Emit(OpCodes.Ldc_I4, 32);
        il.Emit(OpCodes.Shr_Un);
        il.Emit(OpCodes.Brtrue, wide);
        Both32(code);
        il.Emit(OpCodes.Stloc, target);
        il.Emit(OpCodes.Br, end);
        il.MarkLabel(wide);
        Both(code);
        il.Emit(OpCodes.Stloc, target);
        il.MarkLabel(end);
    }

    private void Choose(OpCode jump, LocalBuilder target, Action taken, Action other)
    {
        var (then, end) = (il.DefineLabel(), il.DefineLabel());
        Push(0);
        Push(1);
        il.Emit(jump, then);
        other();
        il.Emit(OpCodes.Stloc, target);
        il.Emit(OpCodes.Br, end);
        il.MarkLabel(then);
        taken();
        il.Emit(OpCodes.Stloc, target);
        il.MarkLabel(end);
    }

    /// <summary>Both arguments have to be below 2^32: no result in 64 bits is wrong then.</summary>
    private void FailUnlessShort(Label fail)
    {
        Push(0);
        Push(1);
        il.Emit(OpCodes.Or);
        il.Emit(OpCodes.Ldc_I4, 32);
        il.Emit(OpCodes.Shr_Un);
        il.Emit(OpCodes.Brtrue, fail);
    }

    private bool IsBelow(int index, int bound) =>
        args[index].Const is SmallNat small && small.Word < (ulong)bound;

    private void FailUnlessBelow(int index, int bound, Label fail)
    {
        if (IsBelow(index, bound))
            return;
        Push(index);
        Long(bound);
        il.Emit(OpCodes.Bge_Un, fail);
    }

    private void IfBelow(int index, int bound, LocalBuilder target, Action below, Action other)
    {
        if (IsBelow(index, bound))
        {
            below();
            il.Emit(OpCodes.Stloc, target);
            return;
        }
        var (large, end) = (il.DefineLabel(), il.DefineLabel());
        Push(index);
        Long(bound);
        il.Emit(OpCodes.Bge_Un, large);
        below();
        il.Emit(OpCodes.Stloc, target);
        il.Emit(OpCodes.Br, end);
        il.MarkLabel(large);
        other();
        il.Emit(OpCodes.Stloc, target);
        il.MarkLabel(end);
    }

    /// <summary>The number of bits counts modulo 2^32, as the laws have it.</summary>
    private void IfBelow32(LocalBuilder target, OpCode code)
    {
        if (IsBelow(1, 32))
        {
            Push32(0);
            Push32(1);
            il.Emit(code);
            il.Emit(OpCodes.Conv_U8);
            il.Emit(OpCodes.Stloc, target);
            return;
        }
        var (large, end) = (il.DefineLabel(), il.DefineLabel());
        Push32(1);
        il.Emit(OpCodes.Ldc_I4, 32);
        il.Emit(OpCodes.Bge_Un, large);
        Push32(0);
        Push32(1);
        il.Emit(code);
        il.Emit(OpCodes.Conv_U8);
        il.Emit(OpCodes.Stloc, target);
        il.Emit(OpCodes.Br, end);
        il.MarkLabel(large);
        Long(0);
        il.Emit(OpCodes.Stloc, target);
        il.MarkLabel(end);
    }
}
