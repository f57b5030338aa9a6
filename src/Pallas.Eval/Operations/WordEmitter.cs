using System.Numerics;
using System.Reflection.Emit;

namespace Pallas.Eval;

/// <summary>
/// Emits operations on words: each public method emits one, from the operands to the target. It
/// jumps to the slow path where the result is no word, or in a rare case.
/// </summary>
/// <param name="known">The operands that are constants.</param>
/// <param name="push">Puts an operand, by its index, on the stack.</param>
/// <param name="slow">The slow path.</param>
internal sealed class WordEmitter(
    CodeRecorder il, ulong?[] known, Action<int> push, LocalBuilder target, Label slow)
{
    /// <summary>Whether the emitted code jumps to the slow path.</summary>
    public bool MayFail { get; private set; }

    // ---- Numbers

    public void Increment()
    {
        push(0);
        Long(1);
        il.Emit(OpCodes.Add);
        Store();
        il.Emit(OpCodes.Ldloc, target);
        Fail(OpCodes.Brfalse);
    }

    public void Decrement()
    {
        push(0);
        push(0);
        Long(0);
        il.Emit(OpCodes.Cgt_Un);
        il.Emit(OpCodes.Conv_U8);
        il.Emit(OpCodes.Sub);
        Store();
    }

    public void Add()
    {
        Push(OpCodes.Add);
        Store();
        il.Emit(OpCodes.Ldloc, target);
        push(known[1] is null ? 1 : 0);
        Fail(OpCodes.Blt_Un);
    }

    public void Subtract()
    {
        var (less, end) = (il.DefineLabel(), il.DefineLabel());
        push(0);
        push(1);
        il.Emit(OpCodes.Blt_Un, less);
        Pair(OpCodes.Sub);
        il.Emit(OpCodes.Br, end);
        il.MarkLabel(less);
        Long(0);
        Store();
        il.MarkLabel(end);
    }

    /// <summary>A product of two numbers below 2^32 is a word.</summary>
    public void Multiply()
    {
        FailUnlessBothAreShort();
        Pair(OpCodes.Mul);
    }

    public void Divide() => DivideBy(OpCodes.Div_Un, () => Long(0));

    public void Remainder() => DivideBy(OpCodes.Rem_Un, () => push(0));

    /// <summary>Divides in 32 bits where it can: that takes a quarter of the time.</summary>
    private void DivideBy(OpCode code, Action whenZero)
    {
        if (known[1] > 0)
        {
            Pair(code);
            return;
        }
        var (some, wide, end) = (il.DefineLabel(), il.DefineLabel(), il.DefineLabel());
        push(1);
        il.Emit(OpCodes.Brtrue, some);
        whenZero();
        Store();
        il.Emit(OpCodes.Br, end);
        il.MarkLabel(some);
        PushHighBits();
        il.Emit(OpCodes.Brtrue, wide);
        Pair32(code);
        il.Emit(OpCodes.Br, end);
        il.MarkLabel(wide);
        Pair(code);
        il.MarkLabel(end);
    }

    // ---- Instructions and methods on one or two words

    public void Copy()
    {
        push(0);
        Store();
    }

    public void Copy32()
    {
        Push32(0);
        StoreNarrow();
    }

    public void Pair(OpCode code)
    {
        Push(code);
        Store();
    }

    public void Pair32(OpCode code)
    {
        Push32(0);
        Push32(1);
        il.Emit(code);
        StoreNarrow();
    }

    public void Call(Func<ulong, ulong, ulong> method)
    {
        push(0);
        push(1);
        il.Call(method);
        Store();
    }

    /// <summary>The laws subtract modulo 2^32 only numbers below 2^32.</summary>
    public void Subtract32()
    {
        FailUnlessBothAreShort();
        Pair32(OpCodes.Sub);
    }

    // ---- Bits

    public void BitLength()
    {
        il.Emit(OpCodes.Ldc_I4, 64);
        push(0);
        il.Call((Func<ulong, int>)BitOperations.LeadingZeroCount);
        il.Emit(OpCodes.Sub);
        StoreNarrow();
    }

    public void CountOnes()
    {
        push(0);
        il.Call((Func<ulong, int>)BitOperations.PopCount);
        StoreNarrow();
    }

    public void PowerOfTwo()
    {
        FailUnlessBelow(0, 64);
        Long(1);
        PushCount(0);
        il.Emit(OpCodes.Shl);
        Store();
    }

    /// <summary>Fails where shifting back loses bits.</summary>
    public void ShiftLeft()
    {
        FailUnlessBelow(1, 64);
        PushShift(OpCodes.Shl);
        Store();
        il.Emit(OpCodes.Ldloc, target);
        PushCount(1);
        il.Emit(OpCodes.Shr_Un);
        push(0);
        Fail(OpCodes.Bne_Un);
    }

    public void ShiftOrZero(OpCode code) => IfBelow(1, () => PushShift(code), () => Long(0));

    /// <summary>Like the laws, takes the number of bits modulo 2^32.</summary>
    public void ShiftOrZero32(OpCode code)
    {
        if (IsBelow(1, 32))
        {
            Pair32(code);
            return;
        }
        var (large, end) = (il.DefineLabel(), il.DefineLabel());
        Push32(1);
        il.Emit(OpCodes.Ldc_I4, 32);
        il.Emit(OpCodes.Bge_Un, large);
        Pair32(code);
        il.Emit(OpCodes.Br, end);
        il.MarkLabel(large);
        Long(0);
        Store();
        il.MarkLabel(end);
    }

    public void RotateLeft() => Rotate(() => PushCount(1));

    public void RotateRight() => Rotate(() => PushRest(64));

    public void RotateLeft32() => Rotate32(() => PushCount(1));

    public void RotateRight32() => Rotate32(() => PushRest(32));

    public void Truncate() => IfBelow(0, () => PushLow(0, () => push(1)), () => push(1));

    public void TestBit() => IfBelow(
        0,
        () =>
        {
            push(1);
            PushCount(0);
            il.Emit(OpCodes.Shr_Un);
            Long(1);
            il.Emit(OpCodes.And);
        },
        () => Long(0));

    public void Slice()
    {
        IfBelow(
            0,
            () =>
            {
                push(2);
                PushCount(0);
                il.Emit(OpCodes.Shr_Un);
            },
            () => Long(0));
        IfBelow(
            1,
            () => PushLow(1, () => il.Emit(OpCodes.Ldloc, target)),
            () => il.Emit(OpCodes.Ldloc, target));
    }

    private void Rotate(Action pushCount)
    {
        FailUnlessBelow(1, 64);
        push(0);
        pushCount();
        il.Call((Func<ulong, int, ulong>)BitOperations.RotateLeft);
        Store();
    }

    private void Rotate32(Action pushCount)
    {
        FailUnlessBelow(1, 32);
        Push32(0);
        pushCount();
        il.Call((Func<uint, int, uint>)BitOperations.RotateLeft);
        StoreNarrow();
    }

    // ---- Truth values and comparisons

    public void Truth(bool isTrue)
    {
        PushTruth(0, isTrue ? OpCodes.Cgt_Un : OpCodes.Ceq);
        StoreNarrow();
    }

    public void Truths(OpCode code)
    {
        PushTruth(0, OpCodes.Cgt_Un);
        PushTruth(1, OpCodes.Cgt_Un);
        il.Emit(code);
        StoreNarrow();
    }

    public void Test(OpCode code)
    {
        Push(code);
        StoreNarrow();
    }

    public void TestNot(OpCode code)
    {
        PushNot(code);
        StoreNarrow();
    }

    public void Compare()
    {
        Push(OpCodes.Cgt_Un);
        PushNot(OpCodes.Clt_Un);
        il.Emit(OpCodes.Add);
        StoreNarrow();
    }

    // ---- Parts

    private void Long(long value) => il.Emit(OpCodes.Ldc_I8, value);

    private void Push32(int index)
    {
        push(index);
        il.Emit(OpCodes.Conv_U4);
    }

    /// <summary>Pushes a number of bits for a shift.</summary>
    private void PushCount(int index)
    {
        push(index);
        il.Emit(OpCodes.Conv_I4);
    }

    /// <summary>Pushes the left rotation that equals a rotation to the right.</summary>
    private void PushRest(int bits)
    {
        il.Emit(OpCodes.Ldc_I4, bits);
        PushCount(1);
        il.Emit(OpCodes.Sub);
    }

    private void Push(OpCode code)
    {
        push(0);
        push(1);
        il.Emit(code);
    }

    private void PushShift(OpCode code)
    {
        push(0);
        PushCount(1);
        il.Emit(code);
    }

    private void PushNot(OpCode code)
    {
        Push(code);
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Ceq);
    }

    private void PushTruth(int index, OpCode code)
    {
        push(index);
        Long(0);
        il.Emit(code);
    }

    /// <summary>Pushes the low bits of a number.</summary>
    /// <param name="width">The index of the operand that is the number of bits.</param>
    private void PushLow(int width, Action pushNumber)
    {
        pushNumber();
        Long(1);
        PushCount(width);
        il.Emit(OpCodes.Shl);
        Long(1);
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.And);
    }

    /// <summary>Pushes 0 where both operands are below 2^32.</summary>
    private void PushHighBits()
    {
        Push(OpCodes.Or);
        il.Emit(OpCodes.Ldc_I4, 32);
        il.Emit(OpCodes.Shr_Un);
    }

    private void Store() => il.Emit(OpCodes.Stloc, target);

    /// <summary>Stores a value that has 32 bits on the stack.</summary>
    private void StoreNarrow()
    {
        il.Emit(OpCodes.Conv_U8);
        Store();
    }

    private void Fail(OpCode jump)
    {
        MayFail = true;
        il.Emit(jump, slow);
    }

    private void FailUnlessBothAreShort()
    {
        PushHighBits();
        Fail(OpCodes.Brtrue);
    }

    private bool IsBelow(int index, ulong bound) => known[index] < bound;

    private void FailUnlessBelow(int index, long bound)
    {
        if (IsBelow(index, (ulong)bound))
            return;
        push(index);
        Long(bound);
        Fail(OpCodes.Bge_Un);
    }

    /// <summary>Stores one value where an operand is below 64, and another one elsewhere.</summary>
    private void IfBelow(int index, Action pushBelow, Action pushOther)
    {
        if (IsBelow(index, 64))
        {
            pushBelow();
            Store();
            return;
        }
        var (large, end) = (il.DefineLabel(), il.DefineLabel());
        push(index);
        Long(64);
        il.Emit(OpCodes.Bge_Un, large);
        pushBelow();
        Store();
        il.Emit(OpCodes.Br, end);
        il.MarkLabel(large);
        pushOther();
        Store();
        il.MarkLabel(end);
    }
}
