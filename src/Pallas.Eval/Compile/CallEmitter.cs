using System.Reflection;
using System.Reflection.Emit;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Emits calls: of laws, of jets, of unknown functions; and what a call with too few
/// arguments builds.</summary>
internal sealed class CallEmitter(BodyEmitter body)
{
    private LocalBuilder[]? loopArgs;
    private bool[]? loopWords;
    private Label loop;
    private LocalBuilder? loopFuel;

    private CodeRecorder IL => body.IL;

    /// <summary>Where the law goes on when it calls itself last.</summary>
    public void MarkLoop(LocalBuilder[] args, bool[]? isWord)
    {
        (loopArgs, loopWords) = (args, isWord);
        loopFuel = body.NewLocal(typeof(int));
        IL.Emit(OpCodes.Ldc_I4, Evaluator.RoundsPerCount);
        IL.Emit(OpCodes.Stloc, loopFuel);
        loop = IL.DefineLabel();
        IL.MarkLabel(loop);
    }

    /// <summary>
    /// The arguments of a call: those that the law evaluates first, at once and in its order; then
    /// the others.
    /// </summary>
    /// <param name="isWord">Which are wanted as words.</param>
    private Operand[] EmitArgs(Core[] args, int[] demand, bool[]? isWord = null)
    {
        var operands = new Operand[args.Length];
        foreach (var index in demand)
        {
            operands[index - 1] = isWord is not null && isWord[index - 1]
                ? body.EmitNat(args[index - 1])
                : body.EmitStrict(args[index - 1]);
        }
        for (var i = 0; i < args.Length; i++)
            operands[i] ??= body.EmitLazy(args[i]);
        return operands;
    }

    private int[] DemandOf(LawCode code) =>
        code.Source is null ? [] : LawFacts.Of(code).Demand;

    public Operand EmitCall(Core.Call call)
    {
        var callee = call.Code.Source is null ? null : body.Batch.Find(call.Code);
        var isWord = callee?.Worker is null ? null : callee.Facts.IsWord;
        var args = EmitArgs(call.Args, DemandOf(call.Code), isWord);
        if (call.Code.Source is null)
            return EmitOpcode(call.Code, args);
        if (callee is null)
        {
            EmitOuterCall(call.Code, args);
            return body.TakeValue();
        }
        if (callee.Worker is not { } worker)
        {
            EmitGenericCall(callee, args);
            return body.TakeValue();
        }
        var (generic, end) = (IL.DefineLabel(), IL.DefineLabel());
        var words = body.ToWords(args, callee.Facts.IsWord, generic);
        var isPossible = words is not null;
        var target = body.NewTarget(callee.Facts.ReturnsNat);
        if (isPossible)
        {
            PushWorkerArgs(callee, words!);
            EmitMethod(worker);
            body.Store(target, callee.Facts.ReturnsNat ? body.TakeResult() : body.TakeValue());
            IL.MarkLabel(end);
            body.Later(generic, () =>
            {
                EmitGenericCall(callee, args);
                body.Store(target, body.TakeValue());
                IL.Emit(OpCodes.Br, end);
            });
            return target;
        }
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
        var args = EmitArgs(call.Args, DemandOf(call.Code));
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
            // As the generic method would: it calls the worker and boxes the result.
            PushWorkerArgs(callee, args);
            EmitMethod(known);
            IL.Emit(OpCodes.Call, Members.BoxResult);
            IL.Emit(OpCodes.Ret);
            return;
        }
        EmitGenericCall(callee, args, isTail: true);
    }

    /// <summary>A call of the law itself in tail position: a jump.</summary>
    private void EmitLoop(Core.Call call)
    {
        var given = EmitArgs(call.Args, body.Law.Facts.Demand, loopWords);
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
            IL.Emit(OpCodes.Stloc, loopArgs![i]);
        var poll = IL.DefineLabel();
        IL.Emit(OpCodes.Ldloc, loopFuel!);
        IL.Emit(OpCodes.Ldc_I4_1);
        IL.Emit(OpCodes.Sub);
        IL.Emit(OpCodes.Stloc, loopFuel!);
        IL.Emit(OpCodes.Ldloc, loopFuel!);
        IL.Emit(OpCodes.Brtrue, loop);
        IL.Emit(OpCodes.Ldarg_1);
        IL.Emit(OpCodes.Call, Members.Count);
        IL.Emit(OpCodes.Ldc_I4, Evaluator.RoundsPerCount);
        IL.Emit(OpCodes.Stloc, loopFuel!);
        IL.Emit(OpCodes.Br, loop);
    }

    /// <summary>Leaves the worker for the generic method, which goes on.</summary>
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

    /// <param name="method">As <see cref="Callee.Generic"/>.</param>
    private void EmitMethod(object method, bool isTail = false)
    {
        if (method is FarMethod address)
        {
            IL.Emit(OpCodes.Ldc_I8, (long)address.Entry);
            IL.Emit(OpCodes.Conv_I);
        }
        if (isTail)
            IL.Emit(OpCodes.Tailcall);
        if (method is FarMethod far)
            IL.Emit(OpCodes.Calli, far);
        else
            IL.Emit(OpCodes.Call, (MethodBuilder)method);
        if (isTail)
            IL.Emit(OpCodes.Ret);
    }

    /// <summary>A call of a law that has no machine code yet.</summary>
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
        IL.Emit(OpCodes.Call, stubs[Math.Min(args.Length, stubs.Length) - 1]);
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

    /// <summary>
    /// A call as the argument of a function that is known only when the program runs: made at
    /// once where that function evaluates this argument before anything else.
    /// </summary>
    private Operand EmitIfFirst(Operand function, Core[] args, int index)
    {
        var target = Operand.OfBoxed(body.NewLocal(typeof(Value)), isWhnf: false);
        return body.Lazy.OrSuspend(args[index], target, fail =>
        {
            IL.Emit(OpCodes.Ldarg_1);
            body.PushValue(function);
            IL.Emit(OpCodes.Ldc_I4, args.Length);
            IL.Emit(OpCodes.Ldc_I4, index);
            IL.Call(LazyCalls.IsFirst);
            IL.Emit(OpCodes.Brfalse, fail);
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

    public Operand EmitJet(Core.JetCall term)
    {
        var args = EmitArgs(term.Args, [.. term.Jet.Force.Select(index => (int)index)]);
        IL.Emit(OpCodes.Ldarg_1);
        body.PushConstant(body.Batch.StubOf(term.Jet, term.Pin));
        foreach (var arg in args)
            body.PushValue(arg);
        IL.Emit(OpCodes.Call, Members.Jets[args.Length - 1]);
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

    /// <summary>A row whose first item is a word more often than not, and needs no object then.
    /// </summary>
    private Operand NewRowOfWord(Operand first, Operand? second)
    {
        PushLocal(first.Overflow);
        body.PushWord(first);
        PushLocal(first.Boxed);
        if (second is null)
            IL.Emit(OpCodes.Ldnull);
        else
            body.PushValue(second);
        IL.Emit(OpCodes.Newobj, Members.NewRowOfWord);
        return body.TakeValue();
    }

    private void PushLocal(LocalBuilder? local)
    {
        if (local is null)
            IL.Emit(OpCodes.Ldnull);
        else
            IL.Emit(OpCodes.Ldloc, local);
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
