using System.Runtime.CompilerServices;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>Calls a known law or opcode with exactly its arguments.</summary>
/// <param name="caller">The law in which the call is written.</param>
internal sealed class CallNode(CallTarget target, Node[] args, LawCode caller) : Node
{
    private LawCode? code;

    public override Value? Eval(Evaluator evaluator, int activation)
    {
        code ??= target.Code;
        if (code.Compiled is not null)
            evaluator.Caller = caller;
        var slots = evaluator.Slots;
        var start = activation + Extent;
        slots[start] = target.Function ?? caller.Self;
        for (var i = 0; i < args.Length; i++)
            slots[start + 1 + i] = args[i].Delay(evaluator, activation);
        if (!IsTail)
            return evaluator.EnterCode(code, start);
        Array.Copy(slots, start, slots, activation, args.Length + 1);
        return evaluator.EnterCode(code, activation);
    }
}

/// <summary>Calls machine code.</summary>
/// <remarks>
/// The call is a node of its own, so that the native frame of the calling node is gone before the
/// machine code runs. That frame may hold an argument, such as the head of a long list.
/// </remarks>
internal sealed class CompiledNode : Node
{
    public static readonly CompiledNode Instance = new();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override Value? Eval(Evaluator evaluator, int activation) =>
        evaluator.CallEntered(activation);
}

/// <summary>Enters a law whose arguments are in the first slots.</summary>
internal sealed class EnterNode(LawCode code) : Node
{
    public override Value? Eval(Evaluator evaluator, int activation)
    {
        evaluator.EnsureSlots(activation + code.Arity + 1);
        var slots = evaluator.Slots;
        Array.Copy(slots, activation, slots, activation + 1, code.Arity);
        slots[activation] = code.Self;
        return evaluator.EnterCode(code, activation);
    }
}

/// <summary>Applies an unknown function, or a function to more arguments than it takes.</summary>
internal sealed class ApplyNode(Node function, Node[] args) : Node
{
    public override Value? Eval(Evaluator evaluator, int activation) =>
        function.Quick(evaluator, activation) is { } value
            ? Apply(evaluator, activation, value)
            : evaluator.Await(function, this, activation);

    public override Value? Resume(Evaluator evaluator, in Frame frame, Value value) =>
        Apply(evaluator, frame.Base, value);

    private Value? Apply(Evaluator evaluator, int activation, Value value)
    {
        var slots = evaluator.Slots;
        var start = activation + Extent;
        slots[start] = value;
        for (var i = 0; i < args.Length; i++)
            slots[start + 1 + i] = args[i].Delay(evaluator, activation);
        if (IsTail)
        {
            Array.Copy(slots, start, slots, activation, args.Length + 1);
            start = activation;
        }
        return Application.Enter(evaluator, value, start, args.Length);
    }
}

/// <summary>Calls a jet with exactly its arguments.</summary>
/// <param name="pin">The pin that the jet answers to.</param>
/// <param name="args">A forced argument is a strict node, any other a lazy one.</param>
/// <param name="scratch">The first slot of those that hold the arguments.</param>
/// <param name="isQuick">Whether lazy position may try the shortcut.</param>
internal sealed class JetNode(Jet jet, Pin pin, Node[] args, int scratch, bool isQuick) : Node
{
    private readonly bool[] isForced = MarkForced(jet);
    private readonly byte[] order = [.. jet.Force, .. jet.Late];
    private LawCode? law;

    public override Value? Eval(Evaluator evaluator, int activation)
    {
        for (var i = 0; i < args.Length; i++)
        {
            if (!isForced[i])
            {
                evaluator.Slots[activation + scratch + i] =
                    args[i].Delay(evaluator, activation);
            }
        }
        return Force(evaluator, activation, 0);
    }

    public override Value? Resume(Evaluator evaluator, in Frame frame, Value value)
    {
        evaluator.Slots[frame.Base + scratch + order[frame.State] - 1] = value;
        return Force(evaluator, frame.Base, frame.State + 1);
    }

    public override Value? Quick(Evaluator evaluator, int activation)
    {
        if (!isQuick || args[0].Quick(evaluator, activation) is not { } first)
            return null;
        if (args.Length == 1)
            return jet.Shortcut!(first, first);
        return args[1].Quick(evaluator, activation) is { } second
            ? jet.Shortcut!(first, second)
            : null;
    }

    /// <summary>Evaluates arguments in order, from the given one on, then calls the jet.</summary>
    private Value? Force(Evaluator evaluator, int activation, int next)
    {
        for (; next < order.Length; next++)
        {
            if (next == jet.Force.Length && Cheap(evaluator, activation) is { } cheap)
                return cheap;
            var index = order[next] - 1;
            var slot = activation + scratch + index;
            if (!isForced[index])
            {
                if (evaluator.Slots[slot].Resolved.AsThunk is { } late)
                {
                    evaluator.Push(this, activation, next, null);
                    return evaluator.EnterThunk(late, activation + Extent);
                }
                evaluator.Slots[slot] = evaluator.Slots[slot].Resolved;
                continue;
            }
            if (args[index].Quick(evaluator, activation) is not { } value)
                return evaluator.Await(args[index], this, activation, next);
            evaluator.Slots[slot] = value;
        }
        return Finish(evaluator, activation);
    }

    private Value? Cheap(Evaluator evaluator, int activation) =>
        jet.Shortcut?.Invoke(
            evaluator.Slots[activation + scratch],
            evaluator.Slots[activation + scratch + args.Length - 1]);

    private Value? Finish(Evaluator evaluator, int activation)
    {
        if (Cheap(evaluator, activation) is { } cheap)
            return cheap;
        evaluator.ReserveSlots(activation + Extent);
        var values = evaluator.Slots.AsSpan(activation + scratch, args.Length);
        var result = jet.Code(evaluator, values);
        return result is null
            ? RunLaw(evaluator, activation)
            : evaluator.Continue(result, CallBase(activation));
    }

    private Value? RunLaw(Evaluator evaluator, int activation)
    {
        evaluator.Options.Jets.ReportFallback(jet);
        law ??= JetMatch.Of(pin, evaluator.Options.Jets).PlainCode;
        var start = CallBase(activation);
        evaluator.EnsureSlots(start + args.Length + 1);
        var slots = evaluator.Slots;
        Array.Copy(slots, activation + scratch, slots, start + 1, args.Length);
        slots[start] = pin;
        return evaluator.EnterCode(law, start);
    }

    private static bool[] MarkForced(Jet jet)
    {
        var marks = new bool[jet.Arity];
        foreach (var index in jet.Force)
            marks[index - 1] = true;
        return marks;
    }
}
