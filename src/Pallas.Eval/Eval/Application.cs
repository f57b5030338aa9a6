using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Applies a value that is known only when the program runs.</summary>
internal static class Application
{
    /// <summary>
    /// Applies a function to arguments which stand in the slots after <paramref name="start"/>.
    /// </summary>
    /// <param name="function">In weak head normal form.</param>
    /// <returns>As <see cref="Node.Eval"/>.</returns>
    public static Value? Enter(Evaluator evaluator, Value function, int start, int count)
    {
        while (true)
        {
            var arity = function.Arity;
            if (function is App app)
            {
                Unpack(evaluator, app, start, ref count);
                function = app.Head;
                continue;
            }
            if (count < arity)
                return DataShape.MakeApp(function, Args(evaluator, start, count));
            if (function is Pin { IsLaw: false } pin)
            {
                function = pin.Item;
                continue;
            }
            if (count > arity)
                SaveRest(evaluator, start, count, arity);
            evaluator.Slots[start] = function;
            return Call(evaluator, function, start);
        }
    }

    /// <summary>Runs a function on exactly its arguments.</summary>
    private static Value? Call(Evaluator evaluator, Value function, int start)
    {
        var jets = evaluator.Options.Jets;
        return function switch
        {
            Law law => evaluator.EnterCode(LawCode.Of(law, jets), start),
            Pin { Item: not Law } => function,
            Pin pin => evaluator.EnterCode(JetMatch.CodeOf(pin, jets), start),
            SmallNat { Word: <= Opcode.Pin } op =>
                evaluator.EnterCode(OpcodeNodes.Codes[op.Word], start),
            Nat nat => throw Crash(evaluator, nat, start),
            Row row => new Cow(Nat.Of((ulong)row.Count)) is { Size.IsZero: false } cow ? cow : row,
            Bar { Count: 0 } => evaluator.Continue(evaluator.Slots[start + 1], start),
            Bar bar => bar.BodyNat,
            Tab tab => tab.Keys.ToRow(),
            Set set => set.ToRow(),
            _ => function,
        };
    }

    private static PlanCrash Crash(Evaluator evaluator, Nat op, int start)
    {
        evaluator.ReserveSlots(start + 2);
        return new PlanCrash(op, evaluator.Normalize(evaluator.Slots[start + 1]));
    }

    private static Value[] Args(Evaluator evaluator, int start, int count)
    {
        var args = new Value[count];
        for (var i = 0; i < count; i++)
            args[i] = evaluator.Slots[start + 1 + i].Resolved;
        return args;
    }

    /// <summary>Puts a closure's arguments before those that it is applied to.</summary>
    private static void Unpack(Evaluator evaluator, App app, int start, ref int count)
    {
        evaluator.EnsureSlots(start + 1 + app.Count + count);
        var slots = evaluator.Slots;
        Array.Copy(slots, start + 1, slots, start + 1 + app.Count, count);
        app.CopyPartsTo(slots.AsSpan(start + 1));
        count += app.Count;
    }

    /// <summary>Keeps the arguments beyond the arity for what the call returns.</summary>
    private static void SaveRest(Evaluator evaluator, int start, int count, int arity)
    {
        var rest = evaluator.Slots.AsSpan(start + 1 + arity, count - arity).ToArray();
        evaluator.Push(ApplyRestNode.Instance, start, 0, rest);
    }
}

/// <summary>Applies the value of a call to the arguments that the call did not take.</summary>
internal sealed class ApplyRestNode : Node
{
    public static readonly ApplyRestNode Instance = new();

    public override Value? Eval(Evaluator evaluator, int activation) =>
        throw new InvalidOperationException("a rest of arguments is not evaluated");

    public override Value? Resume(Evaluator evaluator, in Frame frame, Value value)
    {
        var rest = (Value[])frame.Extra!;
        evaluator.EnsureSlots(frame.Base + 1 + rest.Length);
        rest.CopyTo(evaluator.Slots, frame.Base + 1);
        return Application.Enter(evaluator, value, frame.Base, rest.Length);
    }
}
