using System.Reflection;
using System.Reflection.Emit;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Emits calls of laws, jets and unknown functions, and the closures and rows of calls
/// with too few arguments.</summary>
internal sealed class CallEmitter(BodyEmitter body)
{
    private LocalBuilder[]? loopArgs;
    private bool[]? loopWords;
    private Label loop;
    private LocalBuilder? loopFuel;

    private CodeRecorder IL => body.IL;

    /// <summary>Marks the target of calls of the law itself in tail position.</summary>
    public void MarkLoop(LocalBuilder[] args, bool[]? isWord)
    {
        (loopArgs, loopWords) = (args, isWord);
        loopFuel = body.NewLocal(typeof(int));
        IL.Emit(OpCodes.Ldc_I4, Evaluator.RoundsPerCount).Store(loopFuel);
        loop = IL.DefineLabel();
        IL.Mark(loop);
    }

    /// <summary>Emits the strict arguments of a call in the order of the law, then the others.
    /// </summary>
    /// <param name="isWord">By argument: whether the callee takes a word.</param>
    private Operand[] EmitArgs(Core[] args, int[] strict, bool[]? isWord = null)
    {
        var operands = new Operand[args.Length];
        foreach (var index in strict)
        {
            operands[index - 1] = isWord is not null && isWord[index - 1]
                ? body.EmitNat(args[index - 1])
                : body.EmitStrict(args[index - 1]);
        }
        for (var i = 0; i < args.Length; i++)
            operands[i] ??= body.EmitLazy(args[i]);
        return operands;
    }

    public Operand EmitCall(Core.Call call)
    {
        var callee = call.Code.Source is null ? null : body.Batch.Find(call.Code);
        var isWord = callee?.Worker is null ? null : callee.Facts.IsWord;
        var args = EmitArgs(call.Args, LawFacts.Of(call.Code).StrictArgs, isWord);
        if (call.Code.Source is null)
            return EmitOpcode(call.Code, args);
        var generic = IL.DefineLabel();
        if (callee?.Worker is { } worker
            && body.ToWords(args, callee.Facts.IsWord, generic) is { } words)
        {
            var (target, end) = (body.NewTarget(callee.Facts.ReturnsNat), IL.DefineLabel());
            PushWorkerArgs(callee, words);
            EmitMethod(worker);
            body.Store(target, callee.Facts.ReturnsNat ? body.TakeResult() : body.TakeValue());
            IL.Mark(end);
            body.Later(generic, () =>
            {
                EmitGenericCall(callee, args);
                body.Store(target, body.TakeValue());
                IL.Jump(end);
            });
            return target;
        }
        if (callee is null)
            EmitOuterCall(call.Code, args);
        else
            EmitGenericCall(callee, args);
        return body.TakeValue();
    }

    public void EmitTailCall(Core.Call call)
    {
        if (call.Code.Source is null)
        {
            body.Return(EmitCall(call));
            return;
        }
        var callee = body.Batch.Find(call.Code);
        if (call.Code == body.Law.Code && loopArgs is not null)
        {
            EmitLoop(call);
            return;
        }
        if (body.ReturnsResult)
        {
            body.Return(EmitCall(call));
            return;
        }
        var args = EmitArgs(call.Args, LawFacts.Of(call.Code).StrictArgs);
        if (callee is null)
        {
            EmitOuterCall(call.Code, args, isTail: true);
            return;
        }
        if (callee is { Worker: { } worker, Facts.ReturnsNat: false })
        {
            var generic = IL.DefineLabel();
            if (body.ToWords(args, callee.Facts.IsWord, generic) is { } words)
            {
                PushWorkerArgs(callee, words);
                EmitMethod(worker, isTail: true);
                body.Later(generic, () => EmitGenericCall(callee, args, isTail: true));
                return;
            }
        }
        if (callee is { Worker: { } known }
            && args.Index().All(arg => !callee.Facts.IsWord[arg.Index] || arg.Item.IsWord))
        {
            // The generic method does the same: it calls the worker and boxes the result.
            PushWorkerArgs(callee, args);
            EmitMethod(known);
            IL.Call(Members.BoxResult).Emit(OpCodes.Ret);
            return;
        }
        EmitGenericCall(callee, args, isTail: true);
    }

    /// <summary>Emits a call of the law itself in tail position as a jump.</summary>
    private void EmitLoop(Core.Call call)
    {
        var given = EmitArgs(call.Args, body.Law.Facts.StrictArgs, loopWords);
        var args = given;
        if (loopWords is not null)
        {
            var generic = IL.DefineLabel();
            var words = body.ToWords(given, loopWords, generic);
            if (words is null)
            {
                ReturnGenericCall(given);
                return;
            }
            body.Later(generic, () => ReturnGenericCall(given));
            args = words;
        }
        for (var i = 0; i < args.Length; i++)
        {
            if (loopWords is not null && loopWords[i])
                body.PushWord(args[i]);
            else
                body.PushValue(args[i]);
        }
        for (var i = args.Length - 1; i >= 0; i--)
            IL.Store(loopArgs![i]);
        var poll = IL.DefineLabel();
        IL.Load(loopFuel!).Emit(OpCodes.Ldc_I4_1).Emit(OpCodes.Sub).Store(loopFuel!);
        IL.Load(loopFuel!).Emit(OpCodes.Brtrue, loop);
        IL.Emit(OpCodes.Ldarg_1).Call(Members.Count);
        IL.Emit(OpCodes.Ldc_I4, Evaluator.RoundsPerCount).Store(loopFuel!);
        IL.Jump(loop);
    }

    /// <summary>Continues in the generic method, which takes any values.</summary>
    private void ReturnGenericCall(Operand[] args)
    {
        if (!body.ReturnsResult)
        {
            EmitGenericCall(body.Law, args, isTail: true);
            return;
        }
        EmitGenericCall(body.Law, args);
        body.ReturnValueOnStack();
    }

    private void EmitGenericCall(LawMethods callee, Operand[] args, bool isTail = false) =>
        EmitGenericCall(new Callee(callee), args, isTail);

    private void EmitGenericCall(Callee callee, Operand[] args, bool isTail = false)
    {
        PushTarget(callee);
        foreach (var arg in args)
            body.PushValue(arg);
        EmitMethod(callee.Generic, isTail);
    }

    private void PushTarget(Callee callee)
    {
        if (callee.Target is null)
            IL.Emit(OpCodes.Ldarg_0);
        else
            body.PushConstant(callee.Target);
        IL.Emit(OpCodes.Ldarg_1);
    }

    /// <param name="method">A <see cref="MethodBuilder"/> or a <see cref="FarMethod"/>.</param>
    private void EmitMethod(object method, bool isTail = false)
    {
        if (method is FarMethod address)
            IL.Emit(OpCodes.Ldc_I8, (long)address.Entry).Emit(OpCodes.Conv_I);
        if (isTail)
            IL.Emit(OpCodes.Tailcall);
        if (method is FarMethod far)
            IL.Emit(OpCodes.Calli, far);
        else
            IL.Emit(OpCodes.Call, (MethodBuilder)method);
        if (isTail)
            IL.Emit(OpCodes.Ret);
    }

    /// <summary>Emits a call of a law that has no machine code yet.</summary>
    private void EmitOuterCall(LawCode code, Operand[] args, bool isTail = false)
    {
        IL.Emit(OpCodes.Ldarg_1);
        body.PushConstant(code);
        EmitCallOfArity(args, Members.Calls, isTail);
    }

    /// <param name="stubs">By number of arguments, from 1; the last one takes an array.</param>
    private void EmitCallOfArity(Operand[] args, MethodInfo[] stubs, bool isTail)
    {
        if (args.Length < stubs.Length)
        {
            foreach (var arg in args)
                body.PushValue(arg);
        }
        else
        {
            body.PushArray(args);
        }
        if (isTail)
            IL.Emit(OpCodes.Tailcall);
        IL.Call(stubs[Math.Min(args.Length, stubs.Length) - 1]);
        if (isTail)
            IL.Emit(OpCodes.Ret);
    }

    public Operand EmitApply(Core.Apply apply, bool isTail)
    {
        var function = body.EmitStrict(apply.Function);
        var args = new Operand[apply.Args.Length];
        var call = Array.FindLastIndex(
            apply.Args, arg => arg is Core.Call { Code.Source: not null });
        if (call >= 0)
            args[call] = EmitIfFirst(function, apply.Args, call);
        for (var i = 0; i < args.Length; i++)
            args[i] ??= body.EmitLazy(apply.Args[i]);
        IL.Emit(OpCodes.Ldarg_1);
        body.PushValue(function);
        EmitCallOfArity(args, Members.Applications, isTail);
        return isTail ? Operand.Of(Nat.Zero) : body.TakeValue();
    }

    /// <summary>Emits an argument of an unknown function that is a call. The call is made early if
    /// the function turns out to evaluate this argument before anything else.</summary>
    private Operand EmitIfFirst(Operand function, Core[] args, int index)
    {
        var target = Operand.OfBoxed(body.NewLocal(typeof(Value)), isWhnf: false);
        return body.Lazy.OrSuspend(args[index], target, fail =>
        {
            IL.Emit(OpCodes.Ldarg_1);
            body.PushValue(function);
            IL.Emit(OpCodes.Ldc_I4, args.Length).Emit(OpCodes.Ldc_I4, index);
            IL.Call(LazyCalls.IsFirst).Emit(OpCodes.Brfalse, fail);
            return body.EmitStrict(args[index]);
        });
    }

    private Operand EmitOpcode(LawCode code, Operand[] args)
    {
        IL.Emit(OpCodes.Ldarg_1);
        body.PushConstant(code);
        body.PushArray(args);
        IL.Call(CallStubs.Opcode);
        return body.TakeValue();
    }

    public Operand EmitJet(Core.JetCall call)
    {
        var args = EmitArgs(call.Args, [.. call.Jet.Force.Select(index => (int)index)]);
        IL.Emit(OpCodes.Ldarg_1);
        body.PushConstant(body.Batch.StubOf(call.Jet, call.Pin));
        foreach (var arg in args)
            body.PushValue(arg);
        IL.Call(Members.Jets[args.Length - 1]);
        return body.TakeValue();
    }

    public Operand EmitBuild(Core.Build build)
    {
        var head = ((Core.Const)build.Head).Value;
        var isRow = head is Cow row && row.Arity == build.Args.Length + 1;
        var args = build.Args.Select((arg, index) =>
            body.Lazy.Emit(arg, isNumber: isRow && index == build.Args.Length - 1)).ToArray();
        var isInline = args.Length <= Compound.InlineMax;
        if (isRow)
        {
            Array.Reverse(args);
            if (isInline && args[0].Word is not null)
                return NewRowOfWord(args[0], args.ElementAtOrDefault(1));
            if (isInline)
                return New(Members.NewInlineRow[args.Length - 1], args);
            var areWords = args.All(arg => arg.IsWord);
            body.PushArray(args, areWords);
            IL.Call(areWords ? SlowPaths.RowOfWords : SlowPaths.RowOf);
            return body.TakeValue();
        }
        body.PushConstant(head);
        if (isInline && head is not (Set or Cow))
            return New(Members.NewInlineApp[args.Length - 1], args);
        body.PushArray(args);
        if (head is Set or Cow)
            IL.Call(SlowPaths.Build);
        else
            IL.Emit(OpCodes.Newobj, Members.NewApp);
        return body.TakeValue();
    }

    private Operand New(ConstructorInfo constructor, Operand[] args)
    {
        foreach (var arg in args)
            body.PushValue(arg);
        IL.Emit(OpCodes.Newobj, constructor);
        return body.TakeValue();
    }

    /// <summary>Emits a row whose first item is usually a word, which needs no object.</summary>
    private Operand NewRowOfWord(Operand first, Operand? second)
    {
        IL.LoadOrNull(first.Overflow);
        body.PushWord(first);
        IL.LoadOrNull(first.Boxed);
        if (second is null)
            IL.Emit(OpCodes.Ldnull);
        else
            body.PushValue(second);
        IL.Emit(OpCodes.Newobj, Members.NewRowOfWord);
        return body.TakeValue();
    }

    private void PushWorkerArgs(Callee callee, Operand[] args)
    {
        PushTarget(callee);
        for (var i = 0; i < args.Length; i++)
        {
            if (callee.Facts.IsWord[i])
                body.PushWord(args[i]);
            else
                body.PushValue(args[i]);
        }
    }
}
