using System.Reflection.Emit;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Emits lazy terms: computes a term at once where it is total and cheap, and allocates a
/// thunk elsewhere.</summary>
internal sealed class LazyEmitter(BodyEmitter body)
{
    private const int SpeculationDepthMax = 4;

    private CodeRecorder IL => body.IL;

    /// <param name="isNumber">Whether the value is most often used as a number.</param>
    public Operand Emit(Core term, bool isNumber = false)
    {
        switch (term)
        {
            case Core.Const constant:
                return Operand.Of(constant.Value);
            case Core.Var variable:
                return body.Env[variable.Id];
            case Core.Build build:
                return body.Call.EmitBuild(build);
            case Core.Operation op
                when IsCheapOnWords(op, SpeculationDepthMax)
                    || (op.Jet is null && op.Op == OpTable.Dec):
                return body.EmitStrict(op);
            case Core.Operation op when op.Op.IsItem && body.Items.IsReady(op):
                return EmitItem(op, isNumber);
            case Core.Operation op when op.Op.IsItem
                && body.Items.MayBeReady(op, SpeculationDepthMax):
                return OrSuspend(
                    op, Operand.OfBoxed(body.NewLocal(typeof(Value)), isWhnf: false),
                    fail => body.Items.TryAt(op, fail));
            case Core.Operation op when body.Speculation.IsPossible(op, SpeculationDepthMax):
                var target = new Operand
                {
                    Overflow = body.NewLocal(typeof(Value)), Word = body.NewLocal(typeof(ulong)),
                };
                return OrSuspend(op, target, fail => body.Speculation.Emit(op, fail));
            default:
                Suspend(term);
                return body.TakeLazy();
        }
    }

    /// <summary>Emits code that tries to compute a term, and allocates a thunk where that fails.
    /// </summary>
    public Operand OrSuspend(Core term, Operand target, Func<Label, Operand> compute)
    {
        var (fail, end) = (IL.DefineLabel(), IL.DefineLabel());
        body.InBranch(() => body.Store(target, compute(fail)));
        IL.MarkLabel(end);
        body.Later(fail, () =>
        {
            Suspend(term);
            IL.Emit(OpCodes.Stloc, target.Word is null ? target.Boxed! : target.Overflow!);
            IL.Emit(OpCodes.Br, end);
        });
        return target;
    }

    /// <summary>Whether the term is total and takes a few instructions.</summary>
    private bool IsCheapOnWords(Core term, int depth) => term switch
    {
        Core.Const constant => constant.Value is SmallNat,
        Core.Var variable => body.Env[variable.Id].IsWord,
        Core.Operation op => depth > 0 && op.Op.IsCheapOnWords
            && op.Args.All(arg => IsCheapOnWords(arg, depth - 1)),
        _ => false,
    };

    /// <summary>Emits an item of an evaluated row; the item may be a thunk.</summary>
    private Operand EmitItem(Core.Operation op, bool isNumber)
    {
        var (row, index) = ItemEmitter.PartsOf(op);
        var (items, at) = (Emit(row), Emit(index));
        return body.Items.EmitAt(items, at, isStrict: false, isNumber);
    }

    /// <summary>Pushes a new thunk of the term.</summary>
    private void Suspend(Core term)
    {
        if (term is Core.Call { Code.Source: not null } call
            && call.Args.Length <= Thunk.FieldsCount
            && call.Args.All(IsAtom) && !call.Args.Any(IsBareWord))
        {
            var args = call.Args.Select(arg => Emit(arg)).ToArray();
            body.PushConstant(body.Batch.CallThunk(call.Code));
            PushFields(args);
            return;
        }
        if (term is Core.Apply { Function: Core.Var function, Args: [var arg] } && IsAtom(arg))
        {
            var argument = Emit(arg);
            IL.Emit(OpCodes.Ldarg_1);
            body.PushValue(body.Env[function.Id]);
            body.PushValue(argument);
            IL.Call(LazyCalls.Delay1);
            return;
        }
        var free = term.Free;
        var operands = free.Select(id => body.Env[id]).ToArray();
        var places = PlacesOf(operands);
        body.PushConstant(DefineThunk(term, free, operands, places));
        if (places is null)
            PushFields(operands);
        else
            PushPlaces(operands, places);
    }

    /// <summary>Whether the term is a number without an object.</summary>
    private bool IsBareWord(Core term) => term switch
    {
        Core.Var variable => IsBareWord(body.Env[variable.Id]),
        Core.Operation op => !op.Op.IsItem,
        _ => false,
    };

    private static bool IsBareWord(Operand operand) =>
        operand is { IsWord: true, Const: null, Boxed: null };

    /// <summary>Assigns numbers without an object to words of the thunk. Null where there are none.
    /// </summary>
    private static int[]? PlacesOf(Operand[] operands)
    {
        if (!operands.Any(IsBareWord))
            return null;
        var places = new int[operands.Length];
        var wordCount = 0;
        var others = new List<int>();
        for (var i = 0; i < operands.Length; i++)
        {
            if (IsBareWord(operands[i]) && wordCount < 2)
                places[i] = ThunkCode.PlaceW + wordCount++;
            else
                others.Add(i);
        }
        var start = others.Count <= Thunk.FieldsCount ? ThunkCode.PlaceA : ThunkCode.PlaceArray;
        for (var i = 0; i < others.Count; i++)
            places[others[i]] = start + i;
        return places;
    }

    private void PushPlaces(Operand[] operands, int[] places)
    {
        var others = operands.Where((_, i) =>
            places[i] is not (ThunkCode.PlaceW or ThunkCode.PlaceV)).ToArray();
        if (others.Length > Thunk.FieldsCount)
            body.PushArray(others);
        for (var i = others.Length > Thunk.FieldsCount ? 1 : 0; i < Thunk.FieldsCount; i++)
        {
            if (i < others.Length && others.Length <= Thunk.FieldsCount)
                body.PushValue(others[i]);
            else
                IL.Emit(OpCodes.Ldnull);
        }
        for (var place = ThunkCode.PlaceW; place <= ThunkCode.PlaceV; place++)
        {
            var at = Array.IndexOf(places, place);
            if (at >= 0)
                body.PushWord(operands[at]);
            else
                body.PushWord(Operand.Of(Nat.Zero));
        }
        IL.Emit(OpCodes.Newobj, Members.NewThunkOfWords);
    }

    /// <summary>Whether the term can be captured by value.</summary>
    private bool IsAtom(Core term) => term switch
    {
        Core.Const or Core.Var => true,
        Core.Operation op => IsCheapOnWords(op, 1)
            || (op.Op.IsItem && body.Items.IsReady(op)),
        _ => false,
    };

    /// <param name="places">As <see cref="Suspension.Places"/>.</param>
    public ThunkCode DefineThunk(
        Core term, int[] free, Operand[] operands, int[]? places = null)
    {
        var (batch, law) = (body.Batch, body.Law);
        var code = law.Code;
        var isWord = operands.Select(operand => operand.IsWord).ToArray();
        var isWhnf = operands.Select(operand => operand.IsWhnf).ToArray();
        return batch.DefineThunk(
            code,
            free.Length,
            places,
            () => NodeBuilder.BuildThunk(term, free, code),
            method =>
            {
                var inner = new BodyEmitter(batch, law, method, returnsResult: false);
                for (var i = 0; i < free.Length; i++)
                {
                    inner.Env[free[i]] = places is null
                        ? inner.Lazy.TakeCaptured(i, free.Length, isWord[i], isWhnf[i])
                        : inner.Lazy.TakePlace(places[i], isWord[i], isWhnf[i]);
                }
                inner.EmitTail(term);
                inner.Finish();
            });
    }

    /// <summary>Reads a value that the thunk of this method captured.</summary>
    private Operand TakeCaptured(int index, int count, bool isWord, bool isWhnf)
    {
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
        return StoreCaptured(isWord, isWhnf);
    }

    /// <summary>Stores the captured value on the stack.</summary>
    private Operand StoreCaptured(bool isWord, bool isWhnf)
    {
        var boxed = body.NewLocal(typeof(Value));
        IL.Emit(OpCodes.Stloc, boxed);
        if (!isWord)
            return Operand.OfBoxed(boxed, isWhnf);
        var word = body.NewLocal(typeof(ulong));
        IL.Emit(OpCodes.Ldloc, boxed);
        IL.Emit(OpCodes.Ldfld, Members.Word);
        IL.Emit(OpCodes.Stloc, word);
        return new Operand { Boxed = boxed, Word = word, IsWhnf = true };
    }

    /// <summary>As <see cref="TakeCaptured"/>, in a method that takes all fields of the thunk.
    /// </summary>
    private Operand TakePlace(int place, bool isWord, bool isWhnf)
    {
        if (place is ThunkCode.PlaceW or ThunkCode.PlaceV)
        {
            var word = body.NewLocal(typeof(ulong));
            IL.Emit(OpCodes.Ldarg, (short)(place + 2));
            IL.Emit(OpCodes.Stloc, word);
            return Operand.OfWord(word);
        }
        if (place < ThunkCode.PlaceArray)
        {
            IL.Emit(OpCodes.Ldarg, (short)(place + 2));
        }
        else
        {
            IL.Emit(OpCodes.Ldarg_2);
            IL.Emit(OpCodes.Ldc_I4, place - ThunkCode.PlaceArray);
            IL.Emit(OpCodes.Ldelem_Ref);
        }
        return StoreCaptured(isWord, isWhnf);
    }

    private void PushFields(Operand[] operands)
    {
        switch (operands.Length)
        {
            case 0:
                IL.Emit(OpCodes.Ldnull);
                IL.Emit(OpCodes.Ldnull);
                break;
            case 1:
                body.PushValue(operands[0]);
                IL.Emit(OpCodes.Ldnull);
                break;
            case 2:
                body.PushValue(operands[0]);
                body.PushValue(operands[1]);
                break;
            default:
                body.PushArray(operands);
                IL.Emit(OpCodes.Ldnull);
                break;
        }
        IL.Emit(OpCodes.Newobj, Members.NewThunk);
    }
}
