using System.Reflection;
using System.Reflection.Emit;

namespace Pallas.Eval;

/// <summary>
/// Writes a recorded method twice: a version that is called, and a version in which spilled frames
/// resume (<see cref="ResumeMethod"/>). Both check each call that may spill: where the call returns
/// no value, the method saves the live locals to <see cref="Evaluator.Leaving"/> and returns no
/// value either.
/// </summary>
internal sealed class MethodWriter
{
    private readonly Batch batch;
    private readonly CodeRecorder recorder;
    private readonly bool returnsResult;
    private readonly IReadOnlyList<int> stores;
    private readonly LocalBuilder[][] live;
    private readonly int firstPoint;

    // These belong to the version that is being written.
    private readonly ILGenerator il;
    private readonly IReadOnlyList<LocalBuilder> locals;
    private readonly IReadOnlyList<Label> labels;
    private readonly Label[] after;
    private readonly Label[] spill;

    private MethodWriter(Batch batch, CodeRecorder recorder, ILGenerator il, bool returnsResult)
    {
        (this.batch, this.recorder, this.il) = (batch, recorder, il);
        this.returnsResult = returnsResult;
        (locals, labels) = (recorder.Locals, recorder.Labels);
        stores = FindCalls(recorder.Code);
        live = stores.Count == 0 ? [] : Liveness.After(recorder, stores);
        firstPoint = batch.PointCount;
        (after, spill) = (DefineLabels(stores.Count), DefineLabels(stores.Count));
    }

    /// <summary>Writes the second version.</summary>
    private MethodWriter(MethodWriter first, ILGenerator il)
    {
        (batch, recorder, this.il) = (first.batch, first.recorder, il);
        (returnsResult, stores) = (first.returnsResult, first.stores);
        (live, firstPoint) = (first.live, first.firstPoint);
        locals = [.. recorder.Locals.Select(local => il.DeclareLocal(local.LocalType))];
        labels = DefineLabels(recorder.Labels.Count);
        (after, spill) = (DefineLabels(stores.Count), DefineLabels(stores.Count));
    }

    public static void Write(Batch batch, CodeRecorder recorder, MethodBuilder method)
    {
        var writer = new MethodWriter(
            batch, recorder, method.GetILGenerator(), method.ReturnType == typeof(Result));
        if (writer.stores.Count > 0)
        {
            var resumed = batch.DefineResume(method);
            for (var i = 0; i < writer.live.Length; i++)
            {
                batch.AddPoint(new CompiledPoint(
                    resumed, i, writer.Stored(i).LocalType == typeof(Result)));
            }
            new MethodWriter(writer, resumed.Method.GetILGenerator()).WriteResume();
        }
        writer.WriteBody();
    }

    /// <summary>Finds the stores of the values of calls that may spill.</summary>
    /// <remarks>A frame that returns the value at once need not resume.</remarks>
    private static List<int> FindCalls(IReadOnlyList<Instruction> code)
    {
        var found = new List<int>();
        for (var i = 0; i < code.Count; i++)
        {
            var isCall = code[i].Kind == OperandKind.Far
                || (code[i] is { Kind: OperandKind.Method, Operand: MethodInfo method }
                    && Members.MaySpill(method));
            if (!isCall)
                continue;
            if (code[i + 1].IsStore)
                found.Add(i + 1);
            else if (!IsReturn(code, i + 1))
            {
                throw new InvalidOperationException(
                    $"the value of {code[i].Operand} is not stored");
            }
        }
        return found;
    }

    private static bool IsReturn(IReadOnlyList<Instruction> code, int at)
    {
        if (code[at].Operand is MethodInfo method
            && (method == Members.Unbox || method == Members.BoxResult))
            at++;
        return code[at].Kind == OperandKind.None && code[at].Op == OpCodes.Ret;
    }

    private static bool IsRef(LocalBuilder local) => !local.LocalType.IsValueType;

    private Label[] DefineLabels(int count)
    {
        var defined = new Label[count];
        foreach (ref var label in defined.AsSpan())
            label = il.DefineLabel();
        return defined;
    }

    private void WriteBody()
    {
        var next = 0;
        for (var i = 0; i < recorder.Code.Count; i++)
        {
            Write(recorder.Code[i]);
            if (next < stores.Count && stores[next] == i)
                WriteCheck(next++);
        }
        for (var i = 0; i < stores.Count; i++)
            WriteSpill(i);
    }

    private LocalBuilder Stored(int call) => Local(recorder.Code[stores[call]].Operand!);

    private LocalBuilder Local(object local) => locals[((LocalBuilder)local).LocalIndex];

    private void WriteCheck(int call)
    {
        var stored = Stored(call);
        il.Emit(OpCodes.Ldloc, stored);
        if (stored.LocalType == typeof(Result))
        {
            il.Emit(OpCodes.Ldfld, Members.ResultBoxed);
            il.Emit(OpCodes.Brtrue, spill[call]);
        }
        else
        {
            il.Emit(OpCodes.Brfalse, spill[call]);
        }
        il.MarkLabel(after[call]);
    }

    /// <summary>Saves the frame to the heap and returns no value.</summary>
    private void WriteSpill(int call)
    {
        il.MarkLabel(spill[call]);
        if (Stored(call).LocalType == typeof(Result))
        {
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldfld, Members.IsUnwinding);
            il.Emit(OpCodes.Brfalse, after[call]);
        }
        var refs = live[call].Where(IsRef).ToArray();
        var words = live[call].Where(local => !IsRef(local)).ToArray();
        var refsInCall = Math.Min(refs.Length, FrameSpill.RefsMax);
        var wordsInCall = words.Length > 0 && refs.Length <= FrameSpill.RefsWithWordMax ? 1 : 0;
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldfld, batch.Constant(batch.Points));
        il.Emit(OpCodes.Ldc_I4, firstPoint + call);
        foreach (var local in refs.AsSpan(0, refsInCall))
            il.Emit(OpCodes.Ldloc, Local(local));
        foreach (var local in words.AsSpan(0, wordsInCall))
            WriteWord(local);
        var saves = wordsInCall > 0 ? Members.SavesWithWord : Members.Saves;
        il.Emit(OpCodes.Call, saves[refsInCall]);
        foreach (var local in refs.AsSpan(refsInCall))
        {
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldloc, Local(local));
            il.Emit(OpCodes.Call, Members.Of(FrameSpill.SaveRef));
        }
        foreach (var local in words.AsSpan(wordsInCall))
        {
            il.Emit(OpCodes.Ldarg_1);
            WriteWord(local);
            il.Emit(OpCodes.Call, Members.Of(FrameSpill.SaveWord));
        }
        if (returnsResult && Stored(call).LocalType == typeof(Result))
        {
            il.Emit(OpCodes.Ldloc, Stored(call));
        }
        else
        {
            il.Emit(OpCodes.Ldnull);
            if (returnsResult)
                il.Emit(OpCodes.Call, Members.Unbox);
        }
        il.Emit(OpCodes.Ret);
    }

    private void WriteWord(LocalBuilder local)
    {
        il.Emit(OpCodes.Ldloc, Local(local));
        il.Emit(OpCodes.Conv_U8);
    }

    /// <summary>Writes the second version: restores the locals and jumps behind the call.</summary>
    private void WriteResume()
    {
        var resume = DefineLabels(stores.Count);
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Switch, resume);
        for (var i = 0; i < resume.Length; i++)
        {
            il.MarkLabel(resume[i]);
            foreach (var local in live[i].Where(IsRef))
                WriteRestore(local, FrameSpill.RestoreRef);
            foreach (var local in live[i].Where(local => !IsRef(local)))
                WriteRestore(local, FrameSpill.RestoreWord);
            WriteStoreValue(Stored(i));
            il.Emit(OpCodes.Br, after[i]);
        }
        WriteBody();
    }

    private void WriteStoreValue(LocalBuilder stored)
    {
        if (stored.LocalType != typeof(Result))
        {
            il.Emit(OpCodes.Ldarg_3);
            il.Emit(OpCodes.Ldarg, (short)4);
            il.Emit(OpCodes.Call, Members.Of(SlowPaths.BoxAny));
            il.Emit(OpCodes.Stloc, stored);
            return;
        }
        il.Emit(OpCodes.Ldloca, stored);
        il.Emit(OpCodes.Ldarg_3);
        il.Emit(OpCodes.Stfld, Members.ResultBoxed);
        il.Emit(OpCodes.Ldloca, stored);
        il.Emit(OpCodes.Ldarg, (short)4);
        il.Emit(OpCodes.Stfld, Members.ResultWord);
    }

    private void WriteRestore(LocalBuilder local, Delegate restore)
    {
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Call, Members.Of(restore));
        if (local.LocalType == typeof(int))
            il.Emit(OpCodes.Conv_I4);
        else if (local.LocalType.IsValueType && local.LocalType != typeof(ulong))
            throw new InvalidOperationException($"a {local.LocalType} is live at a call");
        il.Emit(OpCodes.Stloc, Local(local));
    }

    private void Write(in Instruction instruction)
    {
        var (op, operand) = (instruction.Op, instruction.Operand);
        switch (instruction.Kind)
        {
            case OperandKind.Mark:
                il.MarkLabel(labels[((Label)operand!).Id]);
                break;
            case OperandKind.None:
                il.Emit(op);
                break;
            case OperandKind.Short:
                il.Emit(op, (short)instruction.Number);
                break;
            case OperandKind.Int:
                il.Emit(op, (int)instruction.Number);
                break;
            case OperandKind.Long:
                il.Emit(op, instruction.Number);
                break;
            case OperandKind.Label:
                il.Emit(op, labels[((Label)operand!).Id]);
                break;
            case OperandKind.Labels:
                il.Emit(op, [.. ((Label[])operand!).Select(label => labels[label.Id])]);
                break;
            case OperandKind.Local:
                il.Emit(op, Local(operand!));
                break;
            case OperandKind.Method:
                il.Emit(op, (MethodInfo)operand!);
                break;
            case OperandKind.Far:
                var far = (FarMethod)operand!;
                il.EmitCalli(
                    op, CallingConventions.Standard | CallingConventions.HasThis,
                    far.Result, far.Args, null);
                break;
            case OperandKind.Constructor:
                il.Emit(op, (ConstructorInfo)operand!);
                break;
            case OperandKind.Field:
                il.Emit(op, (FieldInfo)operand!);
                break;
            default:
                il.Emit(op, (Type)operand!);
                break;
        }
    }
}
