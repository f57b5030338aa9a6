using System.Reflection.Emit;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Emits one method: a body in which each variable is an <see cref="Operand"/>.</summary>
/// <remarks>
/// A strict term is computed at once, and its value is in weak head normal form. A lazy term is
/// computed at once where nobody can tell, because it is cheap and total; else it is suspended.
/// What is known of a variable grows along a path: at a branch the knowledge is copied, and where
/// branches meet it is what it was before. Slow paths go to the end of the method.
/// </remarks>
internal sealed class BodyEmitter : MethodEmitter
{
    /// <param name="returnsResult">Whether the method returns a <see cref="Result"/>, instead of
    /// a value.</param>
    public BodyEmitter(Batch batch, LawMethods law, MethodBuilder method, bool returnsResult)
        : base(batch, method, returnsResult)
    {
        Law = law;
        Operations = new OpEmitter(this);
        Items = new ItemEmitter(this);
        Speculation = new SpeculationEmitter(this);
        Call = new CallEmitter(this);
        Lazy = new LazyEmitter(this);
    }

    /// <summary>The law that the method belongs to.</summary>
    public LawMethods Law { get; }

    public OpEmitter Operations { get; }

    public ItemEmitter Items { get; }

    public SpeculationEmitter Speculation { get; }

    public CallEmitter Call { get; }

    public LazyEmitter Lazy { get; }

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
            IL.Emit(OpCodes.Ldfld, Members.Exit);
            IL.Emit(OpCodes.Call, Members.MayEnter);
            IL.Emit(OpCodes.Brtrue, enough);
            IL.Emit(OpCodes.Ldarg_1);
            PushConstant(Law.Code);
            PushArray(operands);
            IL.Call(CallStubs.Deep);
            ReturnValueOnStack();
        });
    }

    // ---- Strict terms

    /// <summary>Emits the rest of the method: returns the value of the term.</summary>
    public void EmitTail(Core term)
    {
        switch (term)
        {
            case Core.Let let:
                Bind(let);
                EmitTail(let.Body);
                break;
            case Core.LetRec rec:
                BindRec(rec);
                EmitTail(rec.Body);
                break;
            case Core.Seq seq:
                EmitStrict(seq.First);
                EmitTail(seq.Then);
                break;
            case Core.If choice:
                var otherwise = IL.DefineLabel();
                EmitJump(choice.Condition, choice.IsZeroTest, otherwise, when: false);
                InBranch(() => EmitTail(choice.Then));
                IL.MarkLabel(otherwise);
                InBranch(() => EmitTail(choice.Else));
                break;
            case Core.Switch choice:
                EmitSwitch(choice, EmitTail);
                break;
            case Core.Call call:
                Call.EmitTailCall(call);
                break;
            case Core.Apply apply when !ReturnsResult:
                Call.EmitApply(apply, isTail: true);
                break;
            default:
                Return(EmitStrict(term));
                break;
        }
    }

    public Operand EmitStrict(Core term)
    {
        switch (term)
        {
            case Core.Const constant:
                return Operand.Of(constant.Value);
            case Core.Var variable:
                return ForceVariable(variable.Id);
            case Core.Let let:
                Bind(let);
                return EmitStrict(let.Body);
            case Core.LetRec rec:
                BindRec(rec);
                return EmitStrict(rec.Body);
            case Core.Seq seq:
                EmitStrict(seq.First);
                return EmitStrict(seq.Then);
            case Core.If choice:
                return EmitIf(choice);
            case Core.Switch choice:
                var target = NewTarget(choice.Items.All(IsNatLike) && IsNatLike(choice.Fallback));
                var end = IL.DefineLabel();
                EmitSwitch(choice, item =>
                {
                    Store(target, EmitStrict(item));
                    IL.Emit(OpCodes.Br, end);
                });
                IL.MarkLabel(end);
                return target;
            case Core.Operation op:
                return Operations.Emit(op);
            case Core.JetCall jet:
                return Call.EmitJet(jet);
            case Core.Call call:
                return Call.EmitCall(call);
            case Core.Apply apply:
                return Call.EmitApply(apply, isTail: false);
            default:
                return Call.EmitBuild((Core.Build)term);
        }
    }

    public Operand EmitLazy(Core term) => Lazy.Emit(term);

    /// <summary>A strict term with a word, where it can be a small number at all.</summary>
    public Operand EmitNat(Core term) => AsNat(
        term is Core.Operation op && op.Op.IsItem
            ? Items.Emit(op, isNumber: true)
            : EmitStrict(term));

    private Operand EmitIf(Core.If choice)
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

    private void EmitSwitch(Core.Switch choice, Action<Core> emit)
    {
        var index = EmitNat(choice.Index);
        var fallback = IL.DefineLabel();
        var labels = choice.Items.Select(_ => IL.DefineLabel()).ToArray();
        if (!index.HasWord)
        {
            InBranch(() => emit(choice.Fallback));
            return;
        }
        if (index.Overflow is { } other)
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
    private void EmitJump(Core condition, bool isZeroTest, Label target, bool when)
    {
        if (isZeroTest)
        {
            JumpIfZero(EmitNat(condition), target, when);
            return;
        }
        switch (condition)
        {
            case Core.Operation not when not.Op == OpTable.Not:
                EmitJump(not.Args[0], false, target, !when);
                return;
            case Core.Operation bit when bit.Op == OpTable.Bit || bit.Op == OpTable.ToNat:
                EmitJump(bit.Args[0], false, target, when);
                return;
            case Core.Operation zero when zero.Op == OpTable.Eqz:
                JumpIfZero(EmitNat(zero.Args[0]), target, when);
                return;
            case Core.Operation op when Operations.TryEmitJump(op, target, when):
                return;
            case Core.Let let:
                Bind(let);
                EmitJump(let.Body, false, target, when);
                return;
            case Core.If choice when IsTestLike(choice.Then) && IsTestLike(choice.Else):
                var (otherwise, end) = (IL.DefineLabel(), IL.DefineLabel());
                EmitJump(choice.Condition, choice.IsZeroTest, otherwise, when: false);
                InBranch(() => EmitJump(choice.Then, false, target, when));
                IL.Emit(OpCodes.Br, end);
                IL.MarkLabel(otherwise);
                InBranch(() => EmitJump(choice.Else, false, target, when));
                IL.MarkLabel(end);
                return;
            case Core.Const constant:
                if (ControlJets.IsTrue(constant.Value) == when)
                    IL.Emit(OpCodes.Br, target);
                return;
        }
        JumpIfTrue(EmitNat(condition), target, when);
    }

    private static bool IsTestLike(Core term) =>
        term is Core.Const or Core.Operation or Core.If;

    private void JumpIfTrue(Operand value, Label target, bool when)
    {
        var next = IL.DefineLabel();
        if (value is { Const: not null, IsWord: false })
        {
            if (ControlJets.IsTrue(value.Const) == when)
                IL.Emit(OpCodes.Br, target);
            return;
        }
        if (value.Overflow is { } other)
        {
            var slow = IL.DefineLabel();
            IL.Emit(OpCodes.Ldloc, other);
            IL.Emit(OpCodes.Brtrue, slow);
            Later(slow, () =>
            {
                IL.Emit(OpCodes.Ldloc, other);
                IL.Call(SlowPaths.IsTrue);
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
        if (value.Overflow is { } other)
        {
            IL.Emit(OpCodes.Ldloc, other);
            IL.Emit(OpCodes.Brtrue, when ? next : target);
        }
        PushWord(value);
        IL.Emit(when ? OpCodes.Brfalse : OpCodes.Brtrue, target);
        IL.MarkLabel(next);
    }

    // ---- Lets

    /// <summary>Binds a let; at once where the body is sure to want it first.</summary>
    private void Bind(Core.Let let)
    {
        var demand = DemandFinder.Of(Law.Code, let.Body);
        var at = demand.IndexOf(let.Id);
        if (at < 0)
        {
            Env[let.Id] = Lazy.Emit(let.Bound, IsMeantAsNumber(let));
            return;
        }
        foreach (var id in demand.Take(at))
        {
            if (Env.ContainsKey(id))
                ForceVariable(id);
        }
        Env[let.Id] = let.Bound is Core.Operation op && IsMeantAsNumber(let)
            ? Items.Emit(op, isNumber: true)
            : EmitStrict(let.Bound);
    }

    private bool IsMeantAsNumber(Core.Let let) =>
        let.Bound is Core.Operation op && ItemEmitter.IsOfFirst(op)
            && WordUse.IsNumber(Law, let.Id, let.Body);

    private void BindRec(Core.LetRec rec)
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
            PushConstant(Lazy.DefineThunk(
                term, term.Free, [.. term.Free.Select(id => Env[id])]));
            IL.Emit(OpCodes.Ldnull);
            IL.Emit(OpCodes.Ldnull);
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

    private bool IsNatLike(Core term) => term switch
    {
        Core.Const constant => constant.Value is SmallNat,
        Core.Var variable => Env.TryGetValue(variable.Id, out var known)
            && known is { HasWord: true, MayBeUnboxed: false },
        Core.Operation op => op.Op.GivesNat,
        Core.Let let => IsNatLike(let.Body),
        Core.Seq seq => IsNatLike(seq.Then),
        Core.If choice => IsNatLike(choice.Then) && IsNatLike(choice.Else),
        Core.Call call => Batch.Find(call.Code) is { Facts.ReturnsNat: true },
        _ => false,
    };
}
