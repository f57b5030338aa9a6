using System.Reflection.Emit;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Emits one method: a body in which each variable is an <see cref="Operand"/>.</summary>
/// <remarks>
/// A strict expression is computed, and its value is in weak head normal form. A lazy expression
/// is computed early if it is cheap and total; otherwise a thunk is allocated. Knowledge of a
/// variable grows along a path: a branch starts with a copy, and the join goes back to the
/// knowledge before the branch. Slow paths go to the end of the method.
/// </remarks>
internal sealed class BodyEmitter : MethodEmitter
{
    /// <param name="returnsResult">As <see cref="MethodEmitter.ReturnsResult"/>.</param>
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

    public LawMethods Law { get; }

    public OpEmitter Operations { get; }

    public ItemEmitter Items { get; }

    public SpeculationEmitter Speculation { get; }

    public CallEmitter Call { get; }

    public LazyEmitter Lazy { get; }

    /// <summary>Emits the checks of the native stack and of the fuel.</summary>
    public void EmitChecks(LocalBuilder[] args)
    {
        var (deep, poll, polled) = (IL.DefineLabel(), IL.DefineLabel(), IL.DefineLabel());
        var enough = IL.DefineLabel();
        var probe = NewLocal(typeof(int));
        IL.Emit(OpCodes.Ldloca, probe).Emit(OpCodes.Conv_U);
        IL.Emit(OpCodes.Ldarg_1).Emit(OpCodes.Ldfld, Members.StackLimit);
        IL.Emit(OpCodes.Blt_Un, deep).Mark(enough);
        IL.Emit(OpCodes.Ldarg_1);
        IL.Emit(OpCodes.Ldarg_1).Emit(OpCodes.Ldfld, Members.Fuel);
        IL.Emit(OpCodes.Ldc_I4_1).Emit(OpCodes.Sub).Emit(OpCodes.Stfld, Members.Fuel);
        IL.Emit(OpCodes.Ldarg_1).Emit(OpCodes.Ldfld, Members.Fuel);
        IL.Emit(OpCodes.Ldc_I4_0).Emit(OpCodes.Blt, poll).Mark(polled);
        Later(poll, () => IL.Emit(OpCodes.Ldarg_1).Call(Members.Poll).Jump(polled));
        var operands = args.Select((_, index) => Env[index + 1]).ToArray();
        Later(deep, () =>
        {
            IL.Emit(OpCodes.Ldarg_1).Emit(OpCodes.Ldfld, Members.Exit).Call(Members.MayEnter);
            IL.Emit(OpCodes.Brtrue, enough);
            IL.Emit(OpCodes.Ldarg_1);
            PushConstant(Law.Code);
            PushArray(operands);
            IL.Call(CallStubs.Deep);
            ReturnValueOnStack();
        });
    }

    // ---- Strict expressions

    /// <summary>Emits the rest of the method, which returns the value of the expression.</summary>
    public void EmitTail(Core core)
    {
        if (!StackGuard.HasRoom)
        {
            StackGuard.OnFreshStack(() =>
            {
                EmitTail(core);
                return 0;
            });
            return;
        }
        switch (core)
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
                IL.Mark(otherwise);
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
                Return(EmitStrict(core));
                break;
        }
    }

    public Operand EmitStrict(Core core)
    {
        if (!StackGuard.HasRoom)
            return StackGuard.OnFreshStack(() => EmitStrict(core));
        switch (core)
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
                    IL.Jump(end);
                });
                IL.Mark(end);
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
                return Call.EmitBuild((Core.Build)core);
        }
    }

    public Operand EmitLazy(Core core) => Lazy.Emit(core);

    /// <summary>Emits a strict expression whose value has a word, unless it is never a small nat.
    /// </summary>
    public Operand EmitNat(Core core) => AsNat(
        core is Core.Operation op && op.Op.IsItem
            ? Items.Emit(op, isNumber: true)
            : EmitStrict(core));

    private Operand EmitIf(Core.If choice)
    {
        var target = NewTarget(IsNatLike(choice.Then) && IsNatLike(choice.Else));
        var (otherwise, end) = (IL.DefineLabel(), IL.DefineLabel());
        EmitJump(choice.Condition, choice.IsZeroTest, otherwise, when: false);
        InBranch(() => Store(target, EmitStrict(choice.Then)));
        IL.Jump(end);
        IL.Mark(otherwise);
        InBranch(() => Store(target, EmitStrict(choice.Else)));
        IL.Mark(end);
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
            IL.Load(other).Emit(OpCodes.Brtrue, fallback);
        PushWord(index);
        IL.Emit(OpCodes.Ldc_I8, (long)labels.Length).Emit(OpCodes.Bge_Un, fallback);
        PushWord(index);
        IL.Emit(OpCodes.Conv_U4).Emit(OpCodes.Switch, labels);
        IL.Mark(fallback);
        InBranch(() => emit(choice.Fallback));
        for (var i = 0; i < labels.Length; i++)
        {
            IL.Mark(labels[i]);
            InBranch(() => emit(choice.Items[i]));
        }
    }

    /// <summary>Emits a branch, and drops the knowledge that holds only in it.</summary>
    public void InBranch(Action emit)
    {
        var before = Env;
        Env = new Dictionary<int, Operand>(before);
        emit();
        Env = before;
    }

    /// <summary>Emits a jump that is taken if the condition is <paramref name="when"/>.</summary>
    private void EmitJump(Core condition, bool isZeroTest, Label target, bool when)
    {
        if (isZeroTest)
        {
            JumpIf(EmitNat(condition), isZeroTest: true, target, when);
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
                JumpIf(EmitNat(zero.Args[0]), isZeroTest: true, target, when);
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
                IL.Jump(end);
                IL.Mark(otherwise);
                InBranch(() => EmitJump(choice.Else, false, target, when));
                IL.Mark(end);
                return;
            case Core.Const constant:
                if (ControlJets.IsTrue(constant.Value) == when)
                    IL.Jump(target);
                return;
        }
        JumpIf(EmitNat(condition), isZeroTest: false, target, when);
    }

    private static bool IsTestLike(Core core) =>
        core is Core.Const or Core.Operation or Core.If;

    /// <param name="isZeroTest">Whether the condition is that the value is the nat 0; otherwise
    /// it is that the value is a nat other than 0.</param>
    private void JumpIf(Operand value, bool isZeroTest, Label target, bool when)
    {
        var next = IL.DefineLabel();
        if (value is { Const: { } constant, IsWord: false })
        {
            if ((!isZeroTest && ControlJets.IsTrue(constant)) == when)
                IL.Jump(target);
            return;
        }
        if (value.Overflow is { } other && isZeroTest)
        {
            IL.Load(other).Emit(OpCodes.Brtrue, when ? next : target);
        }
        else if (value.Overflow is { } unknown)
        {
            var slow = IL.DefineLabel();
            IL.Load(unknown).Emit(OpCodes.Brtrue, slow);
            Later(slow, () =>
            {
                IL.Load(unknown).Call(SlowPaths.IsTrue);
                IL.Emit(when ? OpCodes.Brtrue : OpCodes.Brfalse, target).Jump(next);
            });
        }
        PushWord(value);
        IL.Emit(when != isZeroTest ? OpCodes.Brtrue : OpCodes.Brfalse, target).Mark(next);
    }

    // ---- Lets

    /// <summary>Binds a let: strict if the body evaluates it first, otherwise lazy.</summary>
    private void Bind(Core.Let let)
    {
        var strict = StrictnessAnalysis.Of(Law.Code, let.Body);
        var at = strict.IndexOf(let.Id);
        if (at < 0)
        {
            Env[let.Id] = Lazy.Emit(let.Bound, IsUsedAsNumber(let));
            return;
        }
        foreach (var id in strict.Take(at))
        {
            if (Env.ContainsKey(id))
                ForceVariable(id);
        }
        Env[let.Id] = let.Bound is Core.Operation op && IsUsedAsNumber(let)
            ? Items.Emit(op, isNumber: true)
            : EmitStrict(let.Bound);
    }

    private bool IsUsedAsNumber(Core.Let let) =>
        let.Bound is Core.Operation op && ItemEmitter.IsOfFirst(op)
            && UnboxingAnalysis.IsNumber(Law, let.Id, let.Body);

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
            var core = rec.Bindings[i].Bound;
            PushConstant(Lazy.DefineThunk(
                core, core.Free, [.. core.Free.Select(id => Env[id])]));
            IL.Emit(OpCodes.Ldnull).Emit(OpCodes.Ldnull).Emit(OpCodes.Newobj, Members.NewThunk);
            IL.Store(thunks[i]);
        }
        for (var i = 0; i < thunks.Length; i++)
        {
            var captured = rec.Bindings[i].Bound.Free.Select(id => Env[id]).ToArray();
            if (captured.Length > Thunk.FieldsCount)
            {
                IL.Load(thunks[i]);
                PushArray(captured);
                IL.Emit(OpCodes.Stfld, Members.ThunkA);
                continue;
            }
            for (var field = 0; field < captured.Length; field++)
            {
                IL.Load(thunks[i]);
                PushValue(captured[field]);
                IL.Emit(OpCodes.Stfld, field == 0 ? Members.ThunkA : Members.ThunkB);
            }
        }
    }

    private bool IsNatLike(Core core) => core switch
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
