using System.Reflection.Emit;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>The operands of an emitted method: reads and writes them, brings them to weak head
/// normal form, boxes and unboxes them.</summary>
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

    /// <summary>Defers a slow path to the end of the method.</summary>
    public void Later(Label label, Action emit)
    {
        var env = new Dictionary<int, Operand>(Env);
        slowPaths.Enqueue(() =>
        {
            Env = env;
            IL.Mark(label);
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
            IL.Load(local).Emit(OpCodes.Brtrue, slow).Mark(next);
            Later(slow, () =>
            {
                // The value is a thunk, or an evaluated value other than a small nat.
                IL.Emit(OpCodes.Ldarg_1).Load(local);
                IL.Call(CallStubs.WhnfResult);
                var result = NewLocal(typeof(Result));
                IL.Store(result);
                IL.Load(result).Emit(OpCodes.Ldfld, Members.ResultBoxed).Store(local);
                if (operand.MayBeUnboxed)
                    IL.Load(local).Store(operand.Boxed!);
                IL.Load(result).Emit(OpCodes.Ldfld, Members.ResultWord).Store(word);
                IL.Jump(next);
            });
            return operand with { IsWhnf = true };
        }
        BranchIfThunk(local, slow);
        IL.Mark(next);
        Later(slow, () =>
        {
            IL.Emit(OpCodes.Ldarg_1).Load(local).Call(Members.Force).Store(local);
            IL.Jump(next);
        });
        return operand with { IsWhnf = true };
    }

    /// <summary>Emits a jump that is taken if a value is a thunk, evaluated or not.</summary>
    public void BranchIfThunk(LocalBuilder value, Label target)
    {
        foreach (var layout in Members.ThunkLayouts)
            IL.Load(value).Emit(OpCodes.Isinst, layout).Emit(OpCodes.Brtrue, target);
    }

    /// <summary>The same value with a word, unless it is a constant other than a small nat.
    /// </summary>
    /// <param name="operand">In weak head normal form.</param>
    public Operand AsNat(Operand operand)
    {
        if (operand.HasWord || operand.Const is not null)
            return operand;
        var (boxed, other, word) =
            (operand.Boxed!, NewLocal(typeof(Value)), NewLocal(typeof(ulong)));
        var next = IL.DefineLabel();
        IL.Emit(OpCodes.Ldc_I4_0).Emit(OpCodes.Conv_U8).Store(word);
        IL.Load(boxed).Store(other);
        IL.Load(boxed).Emit(OpCodes.Isinst, typeof(SmallNat)).Emit(OpCodes.Brfalse, next);
        IL.Load(boxed).Emit(OpCodes.Ldfld, Members.Word).Store(word);
        IL.Emit(OpCodes.Ldnull).Store(other).Mark(next);
        var result = new Operand { Boxed = boxed, Overflow = other, Word = word, IsWhnf = true };
        foreach (var (id, known) in Env)
        {
            if (known.Boxed == boxed && known.Word is null)
                Env[id] = result;
        }
        return result;
    }

    /// <summary>Unboxes the operands that are taken as words; jumps if one is not a small nat.
    /// </summary>
    /// <returns>Null if a constant never is a small nat.</returns>
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
                IL.Load(operand.Overflow!).Emit(OpCodes.Brtrue, fail);
                words[i] = new Operand { Word = operand.Word, IsWhnf = true };
                continue;
            }
            var word = NewLocal(typeof(ulong));
            IL.Load(operand.Boxed!).Emit(OpCodes.Isinst, typeof(SmallNat));
            IL.Emit(OpCodes.Brfalse, fail);
            IL.Load(operand.Boxed!).Emit(OpCodes.Ldfld, Members.Word).Store(word);
            words[i] = Operand.OfWord(word);
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
            IL.Store(target.Boxed!);
            return;
        }
        value = AsNat(value);
        PushOther(value);
        IL.Store(target.Overflow!);
        PushWordOrZero(value);
        IL.Store(target.Word);
    }

    public Operand TakeValue()
    {
        var local = NewLocal(typeof(Value));
        IL.Store(local);
        return Operand.OfBoxed(local, isWhnf: true);
    }

    public Operand TakeLazy() => TakeValue() with { IsWhnf = false };

    /// <summary>Stores the <see cref="Result"/> on the stack.</summary>
    public Operand TakeResult()
    {
        var result = NewLocal(typeof(Result));
        var target = NewTarget(isNat: true);
        IL.Store(result);
        IL.Load(result).Emit(OpCodes.Ldfld, Members.ResultBoxed).Store(target.Overflow!);
        IL.Load(result).Emit(OpCodes.Ldfld, Members.ResultWord).Store(target.Word!);
        return target;
    }

    public void PushWord(Operand operand)
    {
        if (operand.Const is SmallNat small)
            IL.Emit(OpCodes.Ldc_I8, (long)small.Word);
        else
            IL.Load(operand.Word!);
    }

    private void PushWordOrZero(Operand operand) =>
        PushWord(operand.HasWord ? operand : Operand.Of(Nat.Zero));

    /// <summary>Pushes null if the word is the value, otherwise the value.</summary>
    private void PushOther(Operand operand)
    {
        if (operand.HasWord)
            IL.LoadOrNull(operand.Overflow);
        else
            PushValue(operand);
    }

    public void PushValue(Operand operand)
    {
        if (operand.Const is { } constant)
        {
            PushConstant(constant);
        }
        else if (operand.Boxed is { } boxed)
        {
            IL.Load(boxed);
            if (!operand.MayBeUnboxed)
                return;
            IL.Load(operand.Word!).Call(SlowPaths.BoxAnyInline);
        }
        else if (operand.Overflow is { } other)
        {
            IL.Load(other).Load(operand.Word!).Call(SlowPaths.BoxAny);
        }
        else
        {
            IL.Load(operand.Word!).Call(SlowPaths.Box);
        }
    }

    public void PushConstant(object value) =>
        IL.Emit(OpCodes.Ldarg_0).Emit(OpCodes.Ldfld, batch.Constant(value));

    /// <param name="asWords">Whether the array holds words; all operands are words then.</param>
    public void PushArray(Operand[] operands, bool asWords = false)
    {
        IL.Emit(OpCodes.Ldc_I4, operands.Length);
        IL.Emit(OpCodes.Newarr, asWords ? typeof(ulong) : typeof(Value));
        for (var i = 0; i < operands.Length; i++)
        {
            IL.Emit(OpCodes.Dup).Emit(OpCodes.Ldc_I4, i);
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
        PushOther(natural);
        IL.Emit(OpCodes.Stfld, Members.ResultBoxed);
        IL.Emit(OpCodes.Ldloca, result);
        PushWordOrZero(natural);
        IL.Emit(OpCodes.Stfld, Members.ResultWord);
        IL.Load(result).Emit(OpCodes.Ret);
    }

    /// <summary>Returns the value on the stack, which is in weak head normal form.</summary>
    public void ReturnValueOnStack()
    {
        if (returnsResult)
            IL.Call(Members.Unbox);
        IL.Emit(OpCodes.Ret);
    }
}
