using System.Reflection.Emit;

namespace Pallas.Plan;

/// <summary>Emits one method: a body in which each variable is an <see cref="Operand"/>.</summary>
/// <remarks>
/// A strict term is computed at once, and its value is in weak head normal form. A lazy term is
/// computed at once where nobody can tell, because it is cheap and total; else it is suspended.
/// What is known of a variable grows along a path: at a branch the knowledge is copied, and where
/// branches meet it is what it was before. Slow paths go to the end of the method.
/// </remarks>
internal sealed class BodyEmitter : MethodEmitter
{
    private const int SpeculationDepthMax = 4;

    private readonly Batch batch;
    private readonly LawMethods law;
    private readonly bool returnsResult;
    private readonly OpEmitter ops;
    private LocalBuilder[]? loopArgs;
    private bool[]? loopWords;
    private Label loop;
    private LocalBuilder? loopFuel;

    /// <param name="returnsResult">Whether the method returns a <see cref="Result"/>, instead of
    /// a value.</param>
    public BodyEmitter(Batch batch, LawMethods law, MethodBuilder method, bool returnsResult)
        : base(batch, method, returnsResult)
    {
        this.batch = batch;
        this.law = law;
        this.returnsResult = returnsResult;
        ops = new OpEmitter(this);
    }

    /// <summary>Looks after the native stack and the fuel.</summary>
    public void EmitChecks(LocalBuilder[] args)
    {
        var (deep, poll, polled) = (IL.DefineLabel(), IL.DefineLabel(), IL.DefineLabel());
        var enough = IL.DefineLabel();
        var probe = NewLocal(typeof(int));
        IL.Emit(OpCodes.Ldloca, probe);
        IL.Emit(OpCodes.Conv_U);
        IL.Emit(OpCodes.Ldarg_1);
        IL.Emit(OpCodes.Ldfld, Members.StackLimit);
        IL.Emit(OpCodes.Blt_Un, deep);
        IL.MarkLabel(enough);
        IL.Emit(OpCodes.Ldarg_1);
        IL.Emit(OpCodes.Ldarg_1);
        IL.Emit(OpCodes.Ldfld, Members.Fuel);
        IL.Emit(OpCodes.Ldc_I4_1);
        IL.Emit(OpCodes.Sub);
        IL.Emit(OpCodes.Stfld, Members.Fuel);
        IL.Emit(OpCodes.Ldarg_1);
        IL.Emit(OpCodes.Ldfld, Members.Fuel);
        IL.Emit(OpCodes.Ldc_I4_0);
        IL.Emit(OpCodes.Blt, poll);
        IL.MarkLabel(polled);
        Later(poll, () =>
        {
            IL.Emit(OpCodes.Ldarg_1);
            IL.Emit(OpCodes.Call, Members.Poll);
            IL.Emit(OpCodes.Br, polled);
        });
        var operands = args.Select((_, index) => Env[index + 1]).ToArray();
        Later(deep, () =>
        {
            IL.Emit(OpCodes.Ldarg_1);
            IL.Emit(OpCodes.Call, Members.Grow);
            IL.Emit(OpCodes.Brtrue, enough);
            IL.Emit(OpCodes.Ldarg_1);
            PushConstant(law.Code);
            PushArray(operands);
            IL.Emit(OpCodes.Call, Members.OfSlow(nameof(Slow.Deep)));
            ReturnValueOnStack();
        });
    }

    /// <summary>Where the law goes on when it calls itself last.</summary>
    public void MarkLoop(LocalBuilder[] args, bool[]? isWord)
    {
        (loopArgs, loopWords) = (args, isWord);
        loopFuel = NewLocal(typeof(int));
        IL.Emit(OpCodes.Ldc_I4, Evaluator.RoundsPerCount);
        IL.Emit(OpCodes.Stloc, loopFuel);
        loop = IL.DefineLabel();
        IL.MarkLabel(loop);
    }

    // ---- Strict terms

    /// <summary>Emits the rest of the method: returns the value of the term.</summary>
    public void EmitTail(Term term)
    {
        switch (term)
        {
            case LetTerm let:
                Bind(let);
                EmitTail(let.Body);
                break;
            case RecTerm rec:
                BindRec(rec);
                EmitTail(rec.Body);
                break;
            case SeqTerm seq:
                EmitStrict(seq.First);
                EmitTail(seq.Then);
                break;
            case IfTerm choice:
                var otherwise = IL.DefineLabel();
                EmitJump(choice.Condition, choice.IsZeroTest, otherwise, when: false);
                InBranch(() => EmitTail(choice.Then));
                IL.MarkLabel(otherwise);
                InBranch(() => EmitTail(choice.Else));
                break;
            case SwitchTerm choice:
                EmitSwitch(choice, EmitTail);
                break;
            case CallTerm call:
                EmitTailCall(call);
                break;
            case ApplyTerm apply when !returnsResult:
                EmitApply(apply, isTail: true);
                break;
            default:
                Return(EmitStrict(term));
                break;
        }
    }

    public Operand EmitStrict(Term term)
    {
        switch (term)
        {
            case ConstTerm constant:
                return Operand.Of(constant.Value);
            case VarTerm variable:
                return ForceVariable(variable.Id);
            case LetTerm let:
                Bind(let);
                return EmitStrict(let.Body);
            case RecTerm rec:
                BindRec(rec);
                return EmitStrict(rec.Body);
            case SeqTerm seq:
                EmitStrict(seq.First);
                return EmitStrict(seq.Then);
            case IfTerm choice:
                return EmitIf(choice);
            case SwitchTerm choice:
                var target = NewTarget(choice.Items.All(IsNatLike) && IsNatLike(choice.Fallback));
                var end = IL.DefineLabel();
                EmitSwitch(choice, item =>
                {
                    Store(target, EmitStrict(item));
                    IL.Emit(OpCodes.Br, end);
                });
                IL.MarkLabel(end);
                return target;
            case OpTerm op:
                return ops.Emit(op);
            case JetTerm jet:
                return EmitJet(jet);
            case CallTerm call:
                return EmitCall(call);
            case ApplyTerm apply:
                return EmitApply(apply, isTail: false);
            default:
                return EmitBuild((BuildTerm)term);
        }
    }

    private Operand EmitIf(IfTerm choice)
    {
        var target = NewTarget(IsNatLike(choice.Then) && IsNatLike(choice.Else));
        var (otherwise, end) = (IL.DefineLabel(), IL.DefineLabel());
        EmitJump(choice.Condition, choice.IsZeroTest, otherwise, when: false);
        InBranch(() => Store(target, EmitStrict(choice.Then)));
        IL.Emit(OpCodes.Br, end);
        IL.MarkLabel(otherwise);
        InBranch(() => Store(target, EmitStrict(choice.Else)));
        IL.MarkLabel(end);
        return target;
    }

    private void EmitSwitch(SwitchTerm choice, Action<Term> emit)
    {
        var index = AsNat(EmitStrict(choice.Index));
        var fallback = IL.DefineLabel();
        var labels = choice.Items.Select(_ => IL.DefineLabel()).ToArray();
        if (!index.HasWord)
        {
            InBranch(() => emit(choice.Fallback));
            return;
        }
        if (index.Ref is { } other)
        {
            IL.Emit(OpCodes.Ldloc, other);
            IL.Emit(OpCodes.Brtrue, fallback);
        }
        PushWord(index);
        IL.Emit(OpCodes.Ldc_I8, (long)labels.Length);
        IL.Emit(OpCodes.Bge_Un, fallback);
        PushWord(index);
        IL.Emit(OpCodes.Conv_U4);
        IL.Emit(OpCodes.Switch, labels);
        IL.MarkLabel(fallback);
        InBranch(() => emit(choice.Fallback));
        for (var i = 0; i < labels.Length; i++)
        {
            IL.MarkLabel(labels[i]);
            InBranch(() => emit(choice.Items[i]));
        }
    }

    /// <summary>What is learnt in a branch is forgotten after it.</summary>
    public void InBranch(Action emit)
    {
        var before = Env;
        Env = new Dictionary<int, Operand>(before);
        emit();
        Env = before;
    }

    /// <summary>Jumps where the condition is as wanted, and else falls through.</summary>
    private void EmitJump(Term condition, bool isZeroTest, Label target, bool when)
    {
        if (isZeroTest)
        {
            JumpIfZero(AsNat(EmitStrict(condition)), target, when);
            return;
        }
        switch (condition)
        {
            case OpTerm { Op: Op.Not } not:
                EmitJump(not.Args[0], false, target, !when);
                return;
            case OpTerm { Op: Op.Bit or Op.ToNat } bit:
                EmitJump(bit.Args[0], false, target, when);
                return;
            case OpTerm { Op: Op.Eqz } zero:
                JumpIfZero(AsNat(EmitStrict(zero.Args[0])), target, when);
                return;
            case OpTerm op when ops.TryEmitJump(op, target, when):
                return;
            case LetTerm let:
                Bind(let);
                EmitJump(let.Body, false, target, when);
                return;
            case IfTerm choice when IsTestLike(choice.Then) && IsTestLike(choice.Else):
                var (otherwise, end) = (IL.DefineLabel(), IL.DefineLabel());
                EmitJump(choice.Condition, choice.IsZeroTest, otherwise, when: false);
                InBranch(() => EmitJump(choice.Then, false, target, when));
                IL.Emit(OpCodes.Br, end);
                IL.MarkLabel(otherwise);
                InBranch(() => EmitJump(choice.Else, false, target, when));
                IL.MarkLabel(end);
                return;
            case ConstTerm constant:
                if (ControlJets.IsTrue(constant.Value) == when)
                    IL.Emit(OpCodes.Br, target);
                return;
        }
        JumpIfTrue(AsNat(EmitStrict(condition)), target, when);
    }

    private static bool IsTestLike(Term term) =>
        term is ConstTerm or OpTerm or IfTerm;

    private void JumpIfTrue(Operand value, Label target, bool when)
    {
        var next = IL.DefineLabel();
        if (value is { Const: not null, IsWord: false })
        {
            if (ControlJets.IsTrue(value.Const) == when)
                IL.Emit(OpCodes.Br, target);
            return;
        }
        if (value.Ref is { } other)
        {
            var slow = IL.DefineLabel();
            IL.Emit(OpCodes.Ldloc, other);
            IL.Emit(OpCodes.Brtrue, slow);
            Later(slow, () =>
            {
                IL.Emit(OpCodes.Ldloc, other);
                IL.Emit(OpCodes.Call, Members.OfSlow(nameof(Slow.IsTrue)));
                IL.Emit(when ? OpCodes.Brtrue : OpCodes.Brfalse, target);
                IL.Emit(OpCodes.Br, next);
            });
        }
        PushWord(value);
        IL.Emit(when ? OpCodes.Brtrue : OpCodes.Brfalse, target);
        IL.MarkLabel(next);
    }

    /// <summary>What is no small number is not 0.</summary>
    private void JumpIfZero(Operand value, Label target, bool when)
    {
        var next = IL.DefineLabel();
        if (value is { Const: not null, IsWord: false })
        {
            if (!when)
                IL.Emit(OpCodes.Br, target);
            return;
        }
        if (value.Ref is { } other)
        {
            IL.Emit(OpCodes.Ldloc, other);
            IL.Emit(OpCodes.Brtrue, when ? next : target);
        }
        PushWord(value);
        IL.Emit(when ? OpCodes.Brfalse : OpCodes.Brtrue, target);
        IL.MarkLabel(next);
    }

    // ---- Calls

    /// <summary>
    /// The arguments of a call: those that the law evaluates first, at once and in its order; then
    /// the others.
    /// </summary>
    private Operand[] EmitArgs(Term[] args, int[] demand)
    {
        var operands = new Operand[args.Length];
        foreach (var index in demand)
            operands[index - 1] = EmitStrict(args[index - 1]);
        for (var i = 0; i < args.Length; i++)
            operands[i] ??= EmitLazy(args[i]);
        return operands;
    }

    private int[] DemandOf(LawCode code) =>
        code.Source is null ? [] : LawFacts.Of(code).Demand;

    private Operand EmitCall(CallTerm call)
    {
        var args = EmitArgs(call.Args, DemandOf(call.Code));
        if (call.Code.Source is null)
            return EmitOpcode(call.Code, args);
        if (batch.Find(call.Code) is not { } callee)
        {
            EmitOuterCall(call.Code, args);
            return TakeValue();
        }
        if (callee.Worker is not { } worker)
        {
            EmitGenericCall(callee, args);
            return TakeValue();
        }
        var (generic, end) = (IL.DefineLabel(), IL.DefineLabel());
        var words = ToWords(args, callee.Facts.IsWord, generic);
        var isPossible = words is not null;
        var target = NewTarget(callee.Facts.ReturnsNat);
        if (isPossible)
        {
            PushWorkerArgs(words!, callee.Facts.IsWord);
            IL.Emit(OpCodes.Call, worker);
            Store(target, callee.Facts.ReturnsNat ? TakeResult() : TakeValue());
            IL.MarkLabel(end);
            Later(generic, () =>
            {
                EmitGenericCall(callee, args);
                Store(target, TakeValue());
                IL.Emit(OpCodes.Br, end);
            });
            return target;
        }
        EmitGenericCall(callee, args);
        return TakeValue();
    }

    private void EmitTailCall(CallTerm call)
    {
        if (call.Code.Source is null)
        {
            Return(EmitCall(call));
            return;
        }
        var callee = batch.Find(call.Code);
        if (call.Code == law.Code && loopArgs is not null)
        {
            EmitLoop(call);
            return;
        }
        if (returnsResult)
        {
            Return(EmitCall(call));
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
            if (ToWords(args, callee.Facts.IsWord, generic) is { } words)
            {
                PushWorkerArgs(words, callee.Facts.IsWord);
                IL.Emit(OpCodes.Tailcall);
                IL.Emit(OpCodes.Call, worker);
                IL.Emit(OpCodes.Ret);
                Later(generic, () => EmitGenericCall(callee, args, isTail: true));
                return;
            }
        }
        EmitGenericCall(callee, args, isTail: true);
    }

    /// <summary>A call of the law itself in tail position: a jump.</summary>
    private void EmitLoop(CallTerm call)
    {
        var given = EmitArgs(call.Args, law.Facts.Demand);
        var args = given;
        if (loopWords is not null)
        {
            var generic = IL.DefineLabel();
            var words = ToWords(given, loopWords, generic);
            if (words is null)
            {
                ReturnGenericCall(given);
                return;
            }
            Later(generic, () => ReturnGenericCall(given));
            args = words;
        }
        for (var i = 0; i < args.Length; i++)
        {
            if (loopWords is not null && loopWords[i])
                PushWord(args[i]);
            else
                PushValue(args[i]);
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
        if (!returnsResult)
        {
            EmitGenericCall(law, args, isTail: true);
            return;
        }
        EmitGenericCall(law, args);
        ReturnValueOnStack();
    }

    private void EmitGenericCall(LawMethods callee, Operand[] args, bool isTail = false)
    {
        IL.Emit(OpCodes.Ldarg_0);
        IL.Emit(OpCodes.Ldarg_1);
        foreach (var arg in args)
            PushValue(arg);
        if (isTail)
            IL.Emit(OpCodes.Tailcall);
        IL.Emit(OpCodes.Call, callee.Generic);
        if (isTail)
            IL.Emit(OpCodes.Ret);
    }

    /// <summary>A call of a law of another batch, or of none yet.</summary>
    private void EmitOuterCall(LawCode code, Operand[] args, bool isTail = false)
    {
        IL.Emit(OpCodes.Ldarg_1);
        PushConstant(code);
        EmitCallOfArity(args, "Call", 4, isTail);
    }

    private void EmitCallOfArity(Operand[] args, string name, int arityMax, bool isTail)
    {
        if (args.Length <= arityMax)
        {
            foreach (var arg in args)
                PushValue(arg);
        }
        else
        {
            PushArray(args);
        }
        if (isTail)
            IL.Emit(OpCodes.Tailcall);
        var suffix = args.Length <= arityMax ? $"{args.Length}" : "Many";
        IL.Emit(OpCodes.Call, Members.OfCalls(name + suffix));
        if (isTail)
            IL.Emit(OpCodes.Ret);
    }

    private Operand EmitApply(ApplyTerm apply, bool isTail)
    {
        var function = EmitStrict(apply.Function);
        var args = apply.Args.Select(EmitLazy).ToArray();
        IL.Emit(OpCodes.Ldarg_1);
        PushValue(function);
        EmitCallOfArity(args, "Apply", 3, isTail);
        return isTail ? Operand.Of(Nat.Zero) : TakeValue();
    }

    private Operand EmitOpcode(LawCode code, Operand[] args)
    {
        IL.Emit(OpCodes.Ldarg_1);
        PushConstant(code);
        PushArray(args);
        IL.Emit(OpCodes.Call, Members.OfSlow(nameof(Slow.Opcode)));
        return TakeValue();
    }

    private Operand EmitJet(JetTerm term)
    {
        var args = EmitArgs(term.Args, [.. term.Jet.Force.Select(index => (int)index)]);
        IL.Emit(OpCodes.Ldarg_1);
        PushConstant(batch.EntryOf(term.Jet, term.Pin));
        foreach (var arg in args)
            PushValue(arg);
        IL.Emit(OpCodes.Call, Members.OfSlow($"Jet{args.Length}"));
        return TakeValue();
    }

    private Operand EmitBuild(BuildTerm build)
    {
        var head = ((ConstTerm)build.Head).Value;
        var args = build.Args.Select(EmitLazy).ToArray();
        if (head is Cow cow && cow.Arity == args.Length + 1)
        {
            PushArray([.. args.Reverse()]);
            IL.Emit(OpCodes.Call, Members.OfSlow(nameof(Slow.RowOf)));
            return TakeValue();
        }
        PushConstant(head);
        PushArray(args);
        if (head is Set or Cow)
            IL.Emit(OpCodes.Call, Members.OfSlow(nameof(Slow.Build)));
        else
            IL.Emit(OpCodes.Newobj, Members.NewApp);
        return TakeValue();
    }

    // ---- Lazy terms

    public Operand EmitLazy(Term term)
    {
        switch (term)
        {
            case ConstTerm constant:
                return Operand.Of(constant.Value);
            case VarTerm variable:
                return Env[variable.Id];
            case BuildTerm build:
                return EmitBuild(build);
            case OpTerm op when IsCheapOnWords(op, SpeculationDepthMax) || op.Source is null:
                return EmitStrict(op);
            case OpTerm op when Ops.IsItem(op.Op) && ops.CanTakeItem(op):
                return EmitItem(op);
            case OpTerm op when ops.CanSpeculate(op, SpeculationDepthMax):
                var target = new Operand
                {
                    Ref = NewLocal(typeof(Value)), Word = NewLocal(typeof(ulong)),
                };
                var (fail, end) = (IL.DefineLabel(), IL.DefineLabel());
                InBranch(() => Store(target, ops.Speculate(op, fail)));
                IL.MarkLabel(end);
                Later(fail, () =>
                {
                    Suspend(op);
                    IL.Emit(OpCodes.Stloc, target.Ref!);
                    IL.Emit(OpCodes.Br, end);
                });
                return target;
            default:
                Suspend(term);
                return TakeLazy();
        }
    }

    /// <summary>Whether computing it takes a few instructions and never anything else.</summary>
    private bool IsCheapOnWords(Term term, int depth) => term switch
    {
        ConstTerm constant => constant.Value is SmallNat,
        VarTerm variable => Env[variable.Id].IsWord,
        OpTerm op => depth > 0 && !Ops.IsItem(op.Op) && op.Op is not (Op.Lsh or Op.Bex)
            && op.Args.All(arg => IsCheapOnWords(arg, depth - 1)),
        _ => false,
    };

    /// <summary>An item of a row that is evaluated is there, whether evaluated or not.</summary>
    private Operand EmitItem(OpTerm op)
    {
        var (row, index) = op.Op == Op.Idx ? (op.Args[1], op.Args[0]) : (op.Args[0], op.Args[1]);
        var (items, at) = (EmitLazy(row), EmitLazy(index));
        PushValue(items);
        PushWord(at);
        IL.Emit(OpCodes.Call, Members.OfSlow(nameof(Slow.Item)));
        return TakeLazy();
    }

    /// <summary>Leaves a new thunk of the term on the stack.</summary>
    private void Suspend(Term term)
    {
        if (term is CallTerm { Code.Source: not null } call && call.Args.Length <= Thunk.FieldsCount
            && call.Args.All(IsAtom))
        {
            var args = call.Args.Select(EmitLazy).ToArray();
            PushConstant(batch.CallThunk(call.Code));
            PushFields(args);
            return;
        }
        if (term is ApplyTerm { Function: VarTerm function, Args: [var arg] } && IsAtom(arg))
        {
            var argument = EmitLazy(arg);
            IL.Emit(OpCodes.Ldarg_1);
            PushValue(Env[function.Id]);
            PushValue(argument);
            IL.Emit(OpCodes.Call, Members.OfCalls(nameof(Calls.Delay1)));
            return;
        }
        var free = term.Free;
        var operands = free.Select(id => Env[id]).ToArray();
        PushConstant(DefineThunk(term, free, operands));
        PushFields(operands);
    }

    /// <summary>Whether it is as good as a captured variable.</summary>
    private bool IsAtom(Term term) => term switch
    {
        ConstTerm or VarTerm => true,
        OpTerm op => IsCheapOnWords(op, 1) || (Ops.IsItem(op.Op) && ops.CanTakeItem(op)),
        _ => false,
    };

    private ThunkCode DefineThunk(Term term, int[] free, Operand[] operands)
    {
        var (source, code) = (term.Source!, law.Code);
        var isWord = operands.Select(operand => operand.IsWord).ToArray();
        var isWhnf = operands.Select(operand => operand.IsWhnf).ToArray();
        return batch.DefineThunk(
            code,
            free.Length,
            () => CodeBuilder.BuildThunk(source, free, code.Table, code),
            method =>
            {
                var body = new BodyEmitter(batch, law, method, returnsResult: false);
                for (var i = 0; i < free.Length; i++)
                    body.Env[free[i]] = body.TakeCaptured(i, free.Length, isWord[i], isWhnf[i]);
                body.EmitTail(term);
                body.Finish();
            });
    }

    private Operand TakeCaptured(int index, int count, bool isWord, bool isWhnf)
    {
        var boxed = NewLocal(typeof(Value));
        if (count <= Thunk.FieldsCount)
        {
            IL.Emit(OpCodes.Ldarg, (short)(index + 2));
        }
        else
        {
            IL.Emit(OpCodes.Ldarg_2);
            IL.Emit(OpCodes.Ldc_I4, index);
            IL.Emit(OpCodes.Ldelem_Ref);
        }
        IL.Emit(OpCodes.Stloc, boxed);
        if (!isWord)
            return Operand.OfBoxed(boxed, isWhnf);
        var word = NewLocal(typeof(ulong));
        IL.Emit(OpCodes.Ldloc, boxed);
        IL.Emit(OpCodes.Ldfld, Members.Word);
        IL.Emit(OpCodes.Stloc, word);
        return new Operand { Boxed = boxed, Word = word, IsWhnf = true };
    }

    private void PushFields(Operand[] operands)
    {
        switch (operands.Length)
        {
            case 0:
                IL.Emit(OpCodes.Newobj, Members.NewThunk);
                return;
            case 1:
                PushValue(operands[0]);
                IL.Emit(OpCodes.Ldnull);
                break;
            case 2:
                PushValue(operands[0]);
                PushValue(operands[1]);
                break;
            default:
                PushArray(operands);
                IL.Emit(OpCodes.Ldnull);
                break;
        }
        IL.Emit(OpCodes.Newobj, Members.NewThunkOf);
    }

    // ---- Lets

    /// <summary>Binds a let; at once where the body is sure to want it first.</summary>
    private void Bind(LetTerm let)
    {
        var demand = DemandFinder.Of(law.Code, let.Body);
        var at = demand.IndexOf(let.Id);
        if (at < 0)
        {
            Env[let.Id] = EmitLazy(let.Bound);
            return;
        }
        foreach (var id in demand.Take(at))
        {
            if (Env.ContainsKey(id))
                ForceVariable(id);
        }
        Env[let.Id] = EmitStrict(let.Bound);
    }

    private void BindRec(RecTerm rec)
    {
        var thunks = new LocalBuilder[rec.Bindings.Length];
        for (var i = 0; i < thunks.Length; i++)
        {
            thunks[i] = NewLocal(typeof(Value));
            Env[rec.Bindings[i].Id] = Operand.OfBoxed(thunks[i], isWhnf: false);
        }
        for (var i = 0; i < thunks.Length; i++)
        {
            var term = rec.Bindings[i].Bound;
            PushConstant(DefineThunk(
                term, term.Free, [.. term.Free.Select(id => Env[id])]));
            IL.Emit(OpCodes.Newobj, Members.NewThunk);
            IL.Emit(OpCodes.Stloc, thunks[i]);
        }
        for (var i = 0; i < thunks.Length; i++)
        {
            var captured = rec.Bindings[i].Bound.Free.Select(id => Env[id]).ToArray();
            if (captured.Length > Thunk.FieldsCount)
            {
                IL.Emit(OpCodes.Ldloc, thunks[i]);
                PushArray(captured);
                IL.Emit(OpCodes.Stfld, Members.ThunkA);
                continue;
            }
            for (var field = 0; field < captured.Length; field++)
            {
                IL.Emit(OpCodes.Ldloc, thunks[i]);
                PushValue(captured[field]);
                IL.Emit(OpCodes.Stfld, field == 0 ? Members.ThunkA : Members.ThunkB);
            }
        }
    }

    private void PushWorkerArgs(Operand[] args, bool[] isWord)
    {
        IL.Emit(OpCodes.Ldarg_0);
        IL.Emit(OpCodes.Ldarg_1);
        for (var i = 0; i < args.Length; i++)
        {
            if (isWord[i])
                PushWord(args[i]);
            else
                PushValue(args[i]);
        }
    }

    private bool IsNatLike(Term term) => term switch
    {
        ConstTerm constant => constant.Value is SmallNat,
        VarTerm variable => Env.TryGetValue(variable.Id, out var known) && known.HasWord,
        OpTerm op => Ops.IsNat(op.Op),
        LetTerm let => IsNatLike(let.Body),
        SeqTerm seq => IsNatLike(seq.Then),
        IfTerm choice => IsNatLike(choice.Then) && IsNatLike(choice.Else),
        CallTerm call => batch.Find(call.Code) is { Facts.ReturnsNat: true },
        _ => false,
    };
}
