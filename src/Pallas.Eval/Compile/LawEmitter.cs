using System.Reflection.Emit;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Emits the methods of one law; see <see cref="LawMethods"/>.</summary>
internal static class LawEmitter
{
    public static void Emit(Batch batch, LawMethods methods)
    {
        EmitGeneric(batch, methods);
        if (methods.Worker is not null)
            EmitWorker(batch, methods);
        if (methods.Spread is not null)
            EmitSpread(methods);
        if (methods.Eager is { } eager)
            EmitEager(batch, methods, eager, onWords: false);
        if (methods.EagerWords is { } eagerWords)
            EmitEager(batch, methods, eagerWords, onWords: true);
    }

    /// <summary>Evaluates what is demanded; where all numbers are small, the worker goes on.
    /// </summary>
    private static void EmitGeneric(Batch batch, LawMethods methods)
    {
        var (facts, arity) = (methods.Facts, methods.Code.Arity);
        var body = new BodyEmitter(batch, methods, methods.Generic, returnsResult: false);
        var args = new LocalBuilder[arity];
        for (var i = 0; i < arity; i++)
        {
            args[i] = body.NewLocal(typeof(Value));
            body.IL.Emit(OpCodes.Ldarg, (short)(i + 2));
            body.IL.Emit(OpCodes.Stloc, args[i]);
            body.Env[i + 1] = Operand.OfBoxed(args[i], isWhnf: false);
        }
        if (facts.HasWords || methods.Worker is null)
            body.EmitChecks(args);
        foreach (var index in facts.Demand)
            body.ForceVariable(index);
        body.Call.MarkLoop(args, isWord: null);
        if (methods.Worker is not { } worker)
        {
            body.EmitTail(facts.Body!);
            body.Finish();
            return;
        }
        var generic = body.IL.DefineLabel();
        for (var i = 0; i < arity; i++)
        {
            if (!facts.IsWord[i])
                continue;
            body.IL.Emit(OpCodes.Ldloc, args[i]);
            body.IL.Emit(OpCodes.Isinst, typeof(SmallNat));
            body.IL.Emit(OpCodes.Brfalse, generic);
        }
        body.IL.Emit(OpCodes.Ldarg_0);
        body.IL.Emit(OpCodes.Ldarg_1);
        for (var i = 0; i < arity; i++)
        {
            body.IL.Emit(OpCodes.Ldloc, args[i]);
            if (facts.IsWord[i])
                body.IL.Emit(OpCodes.Ldfld, Members.Word);
        }
        if (facts.ReturnsNat)
        {
            body.IL.Emit(OpCodes.Call, worker);
            body.IL.Emit(OpCodes.Call, Members.BoxResult);
            body.IL.Emit(OpCodes.Ret);
        }
        else
        {
            body.IL.Emit(OpCodes.Tailcall);
            body.IL.Emit(OpCodes.Call, worker);
            body.IL.Emit(OpCodes.Ret);
        }
        body.IL.MarkLabel(generic);
        if (facts.HasWords)
            body.EmitTail(facts.Body!);
        body.Finish();
    }

    private static void EmitWorker(Batch batch, LawMethods methods)
    {
        var (facts, arity) = (methods.Facts, methods.Code.Arity);
        var body = new BodyEmitter(
            batch, methods, methods.Worker!, returnsResult: facts.ReturnsNat);
        var args = new LocalBuilder[arity];
        for (var i = 0; i < arity; i++)
        {
            args[i] = body.NewLocal(facts.IsWord[i] ? typeof(ulong) : typeof(Value));
            body.IL.Emit(OpCodes.Ldarg, (short)(i + 2));
            body.IL.Emit(OpCodes.Stloc, args[i]);
            body.Env[i + 1] = facts.IsWord[i]
                ? Operand.OfWord(args[i])
                : Operand.OfBoxed(args[i], facts.Demand.Contains(i + 1));
        }
        body.EmitChecks(args);
        body.Call.MarkLoop(args, facts.IsWord);
        body.EmitTail(facts.Body!);
        body.Finish();
    }

    private static void EmitEager(
        Batch batch, LawMethods methods, MethodBuilder method, bool onWords)
    {
        var body = new BodyEmitter(batch, methods, method, returnsResult: onWords);
        for (var i = 0; i < methods.Code.Arity; i++)
        {
            var arg = body.NewLocal(onWords ? typeof(ulong) : typeof(Value));
            body.IL.Emit(OpCodes.Ldarg, (short)(i + 2));
            body.IL.Emit(OpCodes.Stloc, arg);
            body.Env[i + 1] = onWords
                ? Operand.OfWord(arg)
                : Operand.OfBoxed(arg, isWhnf: false);
        }
        var fail = body.IL.DefineLabel();
        body.Speculation.EmitEager(methods.Facts.Body!, fail);
        body.IL.MarkLabel(fail);
        body.IL.Emit(OpCodes.Ldnull);
        body.ReturnValueOnStack();
        body.Finish();
    }

    private static void EmitSpread(LawMethods methods)
    {
        var il = methods.Spread!.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        for (var i = 0; i < methods.Code.Arity; i++)
        {
            il.Emit(OpCodes.Ldarg_2);
            il.Emit(OpCodes.Ldc_I4, i);
            il.Emit(OpCodes.Ldelem_Ref);
        }
        il.Emit(OpCodes.Tailcall);
        il.Emit(OpCodes.Call, methods.Generic);
        il.Emit(OpCodes.Ret);
    }
}
