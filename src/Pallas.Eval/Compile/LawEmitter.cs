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

    /// <summary>Emits the method that evaluates the strict arguments, and calls the worker if all
    /// numbers are small.</summary>
    private static void EmitGeneric(Batch batch, LawMethods methods)
    {
        var (facts, arity) = (methods.Facts, methods.Code.Arity);
        var body = new BodyEmitter(batch, methods, methods.Generic, returnsResult: false);
        var args = new LocalBuilder[arity];
        for (var i = 0; i < arity; i++)
        {
            args[i] = body.NewLocal(typeof(Value));
            body.IL.Emit(OpCodes.Ldarg, (short)(i + 2)).Store(args[i]);
            body.Env[i + 1] = Operand.OfBoxed(args[i], isWhnf: false);
        }
        if (facts.HasWords || methods.Worker is null)
            body.EmitChecks(args);
        foreach (var index in facts.StrictArgs)
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
            body.IL.Load(args[i]).Emit(OpCodes.Isinst, typeof(SmallNat));
            body.IL.Emit(OpCodes.Brfalse, generic);
        }
        body.IL.Emit(OpCodes.Ldarg_0).Emit(OpCodes.Ldarg_1);
        for (var i = 0; i < arity; i++)
        {
            body.IL.Load(args[i]);
            if (facts.IsWord[i])
                body.IL.Emit(OpCodes.Ldfld, Members.Word);
        }
        if (facts.ReturnsNat)
        {
            body.IL.Call(worker).Call(Members.BoxResult).Emit(OpCodes.Ret);
        }
        else
        {
            body.IL.Emit(OpCodes.Tailcall).Call(worker).Emit(OpCodes.Ret);
        }
        body.IL.Mark(generic);
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
            body.IL.Emit(OpCodes.Ldarg, (short)(i + 2)).Store(args[i]);
            body.Env[i + 1] = facts.IsWord[i]
                ? Operand.OfWord(args[i])
                : Operand.OfBoxed(args[i], facts.StrictArgs.Contains(i + 1));
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
            body.IL.Emit(OpCodes.Ldarg, (short)(i + 2)).Store(arg);
            body.Env[i + 1] = onWords
                ? Operand.OfWord(arg)
                : Operand.OfBoxed(arg, isWhnf: false);
        }
        var fail = body.IL.DefineLabel();
        body.Speculation.EmitEager(methods.Facts.Body!, fail);
        body.IL.Mark(fail);
        body.IL.Emit(OpCodes.Ldnull);
        body.ReturnValueOnStack();
        body.Finish();
    }

    private static void EmitSpread(LawMethods methods)
    {
        var spread = methods.Spread!.GetILGenerator();
        spread.Emit(OpCodes.Ldarg_0);
        spread.Emit(OpCodes.Ldarg_1);
        for (var i = 0; i < methods.Code.Arity; i++)
        {
            spread.Emit(OpCodes.Ldarg_2);
            spread.Emit(OpCodes.Ldc_I4, i);
            spread.Emit(OpCodes.Ldelem_Ref);
        }
        spread.Emit(OpCodes.Tailcall);
        spread.Emit(OpCodes.Call, methods.Generic);
        spread.Emit(OpCodes.Ret);
    }
}
