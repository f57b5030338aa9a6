using System.Reflection.Emit;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// Emits lazy terms that are computed at once where their operands turn out to be evaluated small
/// numbers. No program can observe that: the terms are total and cheap.
/// </summary>
internal sealed class SpeculationEmitter(BodyEmitter body)
{
    private CodeRecorder IL => body.IL;

    /// <summary>
    /// Whether a lazy term can be tried: it is total on small numbers, and its operands may be
    /// evaluated at run time.
    /// </summary>
    public bool IsPossible(Core term, int depth) => term switch
    {
        Core.Const constant => constant.Value is SmallNat,
        Core.Var variable => body.Env[variable.Id] is var known
            && (known.Const is SmallNat || known.Const is null),
        Core.Operation op when op.Op.IsItem =>
            body.Items.IsReady(op) || body.Items.MayBeReady(op, depth),
        Core.Operation op => depth > 0 && op.Op.Fast is not null
            && op.Args.All(arg => IsPossible(arg, depth - 1)),
        _ => false,
    };

    /// <summary>
    /// Whether a law body is total and takes a few instructions on small numbers: the law gets
    /// <see cref="CompiledCode.Eager"/> code then.
    /// </summary>
    public static bool IsEager(Core term, int depth = 6) => term switch
    {
        Core.Const constant => constant.Value is SmallNat,
        Core.Var => true,
        Core.JetCall { Jet: { Shortcut: not null, Arity: <= 2 } } jet =>
            jet.Args.All(arg => arg is Core.Var or Core.Const),
        Core.If choice => depth > 0 && IsEager(choice.Condition, depth - 1)
            && choice.Condition is not (Core.If or Core.JetCall)
            && IsEager(choice.Then, depth - 1) && IsEager(choice.Else, depth - 1),
        Core.Operation op => depth > 0 && op.Op.Fast is not null
            && op.Args.All(arg => arg is not (Core.If or Core.JetCall) && IsEager(arg, depth - 1)),
        _ => false,
    };

    /// <summary>Emits a term as a word; jumps where an operand is no evaluated small number.
    /// </summary>
    public Operand Emit(Core term, Label fail)
    {
        switch (term)
        {
            case Core.Const constant:
                return Operand.Of(constant.Value);
            case Core.Var variable:
                var known = body.Env[variable.Id];
                if (known.IsWord)
                    return known;
                if (known.Word is null)
                    return body.Unbox(known.Boxed!, fail);
                body.BranchIfOverflow([known], fail);
                return Operand.OfWord(known.Word);
            case Core.Operation item when item.Op.IsItem:
                return body.Items.TryNumber(item, fail);
            default:
                var op = (Core.Operation)term;
                var operands = op.Args.Select(arg => Emit(arg, fail)).ToArray();
                var result = body.NewLocal(typeof(ulong));
                body.Operations.EmitFast(op.Op, operands, result, fail);
                return Operand.OfWord(result);
        }
    }

    /// <summary>Whether an eager term needs no objects: the law gets
    /// <see cref="CompiledCode.EagerWords"/> code then.</summary>
    public static bool IsEagerOnWords(Core term) => term switch
    {
        Core.JetCall => false,
        Core.If choice => IsEagerOnWords(choice.Then) && IsEagerOnWords(choice.Else),
        _ => true,
    };

    /// <summary>Returns the value of an eager term; jumps where an operand is no evaluated small
    /// number.</summary>
    public void EmitEager(Core term, Label fail)
    {
        switch (term)
        {
            case Core.If choice:
                var otherwise = IL.DefineLabel();
                body.PushWord(Emit(choice.Condition, fail));
                IL.Emit(choice.IsZeroTest ? OpCodes.Brtrue : OpCodes.Brfalse, otherwise);
                EmitEager(choice.Then, fail);
                IL.MarkLabel(otherwise);
                EmitEager(choice.Else, fail);
                break;
            case Core.Var variable when !body.Env[variable.Id].IsWord:
                body.BranchIfThunk(body.Env[variable.Id].Boxed!, fail);
                body.Return(body.Env[variable.Id]);
                break;
            case Core.JetCall jet:
                body.Return(TryShortcut(jet, fail));
                break;
            default:
                body.Return(Emit(term, fail));
                break;
        }
    }

    /// <summary>Emits a call of a jet's shortcut; jumps where an argument is a thunk, or where the
    /// shortcut has no answer.</summary>
    private Operand TryShortcut(Core.JetCall jet, Label fail)
    {
        var args = jet.Args.Select(arg => arg is Core.Const constant
            ? Operand.Of(constant.Value)
            : body.Env[((Core.Var)arg).Id]).ToArray();
        foreach (var arg in args)
        {
            if (arg.Boxed is { } boxed)
                body.BranchIfThunk(boxed, fail);
        }
        body.PushConstant(body.Batch.StubOf(jet.Jet, jet.Pin));
        body.PushValue(args[0]);
        body.PushValue(args[^1]);
        IL.Call(SlowPaths.Shortcut);
        var result = body.TakeValue();
        IL.Emit(OpCodes.Ldloc, result.Boxed!);
        IL.Emit(OpCodes.Brfalse, fail);
        return result;
    }
}
