using System.Reflection.Emit;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Emits code that reads and writes operands, brings them to weak head normal form, and
/// converts them from objects to words and back.</summary>
internal abstract class MethodEmitter(Batch batch, MethodBuilder method, bool returnsResult)
{
    private readonly Queue<Action> slowPaths = new();

    public CodeRecorder IL { get; } = new(method.GetILGenerator());

    public Batch Batch => batch;

    /// <summary>Whether the method returns a <see cref="Result"/>, instead of a value.</summary>
    public bool ReturnsResult => returnsResult;

    public Dictionary<int, Operand> Env { get; protected set; } = [];

    public LocalBuilder NewLocal(Type type) => IL.DeclareLocal(type);

    /// <summary>Emits the slow paths and writes the method.</summary>
    public void Finish()
    {
        while (slowPaths.TryDequeue(out var emit))
            emit();
        MethodWriter.Write(batch, IL, method);
    }

    /// <summary>Defers code to the end of the method, away from the fast path.</summary>
    public void Later(Label label, Action emit)
    {
        var env = new Dictionary<int, Operand>(Env);
        slowPaths.Enqueue(() =>
        {
            Env = env;
            IL.MarkLabel(label);
            emit();
        });
    }

    public Operand ForceVariable(int id) => Env[id] = Force(Env[id]);

    public Operand Force(Operand operand)
    {
        if (operand.IsWhnf)
            return operand;
        var local = operand.Word is null ? operand.Boxed! : operand.Overflow!;
        var (slow, next) = (IL.DefineLabel(), IL.DefineLabel());
        if (operand.Word is not null)
        {
            var word = operand.Word;
            IL.Emit(OpCodes.Ldloc, local);
            IL.Emit(OpCodes.Brtrue, slow);
            IL.MarkLabel(next);
            Later(slow, () =>
            {
                // The value is a thunk, or an evaluated value that is no small number.
                IL.Emit(OpCodes.Ldarg_1);
                IL.Emit(OpCodes.Ldloc, local);
                IL.Call(CallStubs.WhnfResult);
                var result = NewLocal(typeof(Result));
                IL.Emit(OpCodes.Stloc, result);
                IL.Emit(OpCodes.Ldloc, result);
                IL.Emit(OpCodes.Ldfld, Members.ResultBoxed);
                IL.Emit(OpCodes.Stloc, local);
                if (operand.MayBeUnboxed)
                {
                    IL.Emit(OpCodes.Ldloc, local);
                    IL.Emit(OpCodes.Stloc, operand.Boxed!);
                }
                IL.Emit(OpCodes.Ldloc, result);
                IL.Emit(OpCodes.Ldfld, Members.ResultWord);
                IL.Emit(OpCodes.Stloc, word);
                IL.Emit(OpCodes.Br, next);
            });
            return operand with { IsWhnf = true };
        }
        BranchIfThunk(local, slow);
        IL.MarkLabel(next);
        Later(slow, () =>
        {
            IL.Emit(OpCodes.Ldarg_1);
            IL.Emit(OpCodes.Ldloc, local);
            IL.Emit(OpCodes.Call, Members.Force);
            IL.Emit(OpCodes.Stloc, local);
            IL.Emit(OpCodes.Br, next);
        });
        return operand with { IsWhnf = true };
    }

    /// <summary>Jumps where a value is a thunk, pending or finished.</summary>
    public void BranchIfThunk(LocalBuilder value, Label target)
    {
        foreach (var layout in Members.ThunkLayouts)
        {
            IL.Emit(OpCodes.Ldloc, value);
            IL.Emit(OpCodes.Isinst, layout);
            IL.Emit(OpCodes.Brtrue, target);
        }
    }

    /// <summary>Gives an operand a word, where it may be a small number.</summary>
    /// <param name="operand">In weak head normal form.</param>
    public Operand AsNat(Operand operand)
    {
        if (operand.HasWord || operand.Const is not null)
            return operand;
        var (boxed, other, word) =
            (operand.Boxed!, NewLocal(typeof(Value)), NewLocal(typeof(ulong)));
        var next = IL.DefineLabel();
        IL.Emit(OpCodes.Ldc_I4_0);
        IL.Emit(OpCodes.Conv_U8);
        IL.Emit(OpCodes.Stloc, word);
        IL.Emit(OpCodes.Ldloc, boxed);
        IL.Emit(OpCodes.Stloc, other);
        IL.Emit(OpCodes.Ldloc, boxed);
        IL.Emit(OpCodes.Isinst, typeof(SmallNat));
        IL.Emit(OpCodes.Brfalse, next);
        IL.Emit(OpCodes.Ldloc, boxed);
        IL.Emit(OpCodes.Ldfld, Members.Word);
        IL.Emit(OpCodes.Stloc, word);
        IL.Emit(OpCodes.Ldnull);
        IL.Emit(OpCodes.Stloc, other);
        IL.MarkLabel(next);
        var result = new Operand { Boxed = boxed, Overflow = other, Word = word, IsWhnf = true };
        foreach (var (id, known) in Env)
        {
            if (known.Boxed == boxed && known.Word is null)
                Env[id] = result;
        }
        return result;
    }

    /// <summary>
    /// Converts operands to words; jumps where one is no small number. Null where that is known
    /// now.
    /// </summary>
    public Operand[]? ToWords(Operand[] operands, bool[] isWord, Label fail)
    {
        for (var i = 0; i < operands.Length; i++)
        {
            if (isWord[i] && operands[i].Const is { } constant and not SmallNat)
                return null;
        }
        var words = (Operand[])operands.Clone();
        for (var i = 0; i < words.Length; i++)
        {
            if (!isWord[i] || words[i].IsWord)
                continue;
            var operand = words[i];
            if (operand.Word is not null)
            {
                IL.Emit(OpCodes.Ldloc, operand.Overflow!);
                IL.Emit(OpCodes.Brtrue, fail);
                words[i] = new Operand { Word = operand.Word, IsWhnf = true };
                continue;
            }
            words[i] = Unbox(operand.Boxed!, fail);
        }
        return words;
    }

    /// <summary>Emits the word of an object; jumps where that is no small number.</summary>
    public Operand Unbox(LocalBuilder boxed, Label fail)
    {
        var word = NewLocal(typeof(ulong));
        IL.Emit(OpCodes.Ldloc, boxed);
        IL.Emit(OpCodes.Isinst, typeof(SmallNat));
        IL.Emit(OpCodes.Brfalse, fail);
        IL.Emit(OpCodes.Ldloc, boxed);
        IL.Emit(OpCodes.Ldfld, Members.Word);
        IL.Emit(OpCodes.Stloc, word);
        return Operand.OfWord(word);
    }

    /// <summary>Jumps where one of the operands has a value that is no word.</summary>
    public void BranchIfOverflow(IEnumerable<Operand> operands, Label target)
    {
        foreach (var operand in operands)
        {
            if (operand.Overflow is not { } other)
                continue;
            IL.Emit(OpCodes.Ldloc, other);
            IL.Emit(OpCodes.Brtrue, target);
        }
    }

    public Operand NewTarget(bool isNat) => isNat
        ? new Operand
        {
            Overflow = NewLocal(typeof(Value)), Word = NewLocal(typeof(ulong)), IsWhnf = true,
        }
        : Operand.OfBoxed(NewLocal(typeof(Value)), isWhnf: true);

    /// <summary>Stores a value into the locals of another operand.</summary>
    public void Store(Operand target, Operand value)
    {
        if (target.Word is null)
        {
            PushValue(value);
            IL.Emit(OpCodes.Stloc, target.Boxed!);
            return;
        }
        value = AsNat(value);
        if (!value.HasWord)
        {
            PushValue(value);
            IL.Emit(OpCodes.Stloc, target.Overflow!);
            IL.Emit(OpCodes.Ldc_I4_0);
            IL.Emit(OpCodes.Conv_U8);
            IL.Emit(OpCodes.Stloc, target.Word);
            return;
        }
        if (value.Overflow is null)
            IL.Emit(OpCodes.Ldnull);
        else
            IL.Emit(OpCodes.Ldloc, value.Overflow);
        IL.Emit(OpCodes.Stloc, target.Overflow!);
        PushWord(value);
        IL.Emit(OpCodes.Stloc, target.Word);
    }

    public Operand TakeValue()
    {
        var local = NewLocal(typeof(Value));
        IL.Emit(OpCodes.Stloc, local);
        return Operand.OfBoxed(local, isWhnf: true);
    }

    public Operand TakeLazy() => TakeValue() with { IsWhnf = false };

    /// <summary>Stores the <see cref="Result"/> on the stack.</summary>
    public Operand TakeResult()
    {
        var result = NewLocal(typeof(Result));
        var target = NewTarget(isNat: true);
        IL.Emit(OpCodes.Stloc, result);
        IL.Emit(OpCodes.Ldloc, result);
        IL.Emit(OpCodes.Ldfld, Members.ResultBoxed);
        IL.Emit(OpCodes.Stloc, target.Overflow!);
        IL.Emit(OpCodes.Ldloc, result);
        IL.Emit(OpCodes.Ldfld, Members.ResultWord);
        IL.Emit(OpCodes.Stloc, target.Word!);
        return target;
    }

    public void PushWord(Operand operand)
    {
        if (operand.Const is SmallNat small)
            IL.Emit(OpCodes.Ldc_I8, (long)small.Word);
        else
            IL.Emit(OpCodes.Ldloc, operand.Word!);
    }

    public void PushValue(Operand operand)
    {
        if (operand.Const is { } constant)
        {
            PushConstant(constant);
        }
        else if (operand.Boxed is { } boxed)
        {
            IL.Emit(OpCodes.Ldloc, boxed);
            if (!operand.MayBeUnboxed)
                return;
            IL.Emit(OpCodes.Ldloc, operand.Word!);
            IL.Call(SlowPaths.BoxAnyInline);
        }
        else if (operand.Overflow is { } other)
        {
            IL.Emit(OpCodes.Ldloc, other);
            IL.Emit(OpCodes.Ldloc, operand.Word!);
            IL.Call(SlowPaths.BoxAny);
        }
        else
        {
            IL.Emit(OpCodes.Ldloc, operand.Word!);
            IL.Call(SlowPaths.Box);
        }
    }

    public void PushConstant(object value)
    {
        IL.Emit(OpCodes.Ldarg_0);
        IL.Emit(OpCodes.Ldfld, batch.Constant(value));
    }

    /// <param name="asWords">Whether the array is one of words, as all operands are.</param>
    public void PushArray(Operand[] operands, bool asWords = false)
    {
        IL.Emit(OpCodes.Ldc_I4, operands.Length);
        IL.Emit(OpCodes.Newarr, asWords ? typeof(ulong) : typeof(Value));
        for (var i = 0; i < operands.Length; i++)
        {
            IL.Emit(OpCodes.Dup);
            IL.Emit(OpCodes.Ldc_I4, i);
            if (asWords)
                PushWord(operands[i]);
            else
                PushValue(operands[i]);
            IL.Emit(asWords ? OpCodes.Stelem_I8 : OpCodes.Stelem_Ref);
        }
    }

    public void Return(Operand operand)
    {
        if (!returnsResult)
        {
            PushValue(operand);
            IL.Emit(OpCodes.Ret);
            return;
        }
        var natural = AsNat(operand);
        var result = NewLocal(typeof(Result));
        IL.Emit(OpCodes.Ldloca, result);
        if (!natural.HasWord)
            PushValue(natural);
        else if (natural.Overflow is null)
            IL.Emit(OpCodes.Ldnull);
        else
            IL.Emit(OpCodes.Ldloc, natural.Overflow);
        IL.Emit(OpCodes.Stfld, Members.ResultBoxed);
        IL.Emit(OpCodes.Ldloca, result);
        if (natural.HasWord)
        {
            PushWord(natural);
        }
        else
        {
            IL.Emit(OpCodes.Ldc_I4_0);
            IL.Emit(OpCodes.Conv_U8);
        }
        IL.Emit(OpCodes.Stfld, Members.ResultWord);
        IL.Emit(OpCodes.Ldloc, result);
        IL.Emit(OpCodes.Ret);
    }

    /// <summary>Returns the value on the stack, which is in weak head normal form.</summary>
    public void ReturnValueOnStack()
    {
        if (returnsResult)
            IL.Emit(OpCodes.Call, Members.Unbox);
        IL.Emit(OpCodes.Ret);
    }
}
