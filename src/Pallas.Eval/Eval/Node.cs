using Pallas.Values;

namespace Pallas.Eval;

/// <summary>
/// An expression of a law, ready to run. A node is evaluated in an activation: variables are
/// slots counted from its base.
/// </summary>
internal abstract class Node
{
    /// <summary>The size of the activation: slots from here on are free.</summary>
    public int Extent;

    /// <summary>Whether nothing reads the activation after this node, so that a call may write
    /// over it.</summary>
    public bool IsTail;

    /// <summary>The first slot of the activation of a call.</summary>
    public int CallBase(int activation) => IsTail ? activation : activation + Extent;

    /// <summary>Returns a value in weak head normal form, or null after it has told the evaluator
    /// which node runs next.</summary>
    public abstract Value? Eval(Evaluator evaluator, int activation);

    /// <summary>Continues with the value that this node waited for; returns as Eval does.</summary>
    public virtual Value? Resume(Evaluator evaluator, in Frame frame, Value value) =>
        throw new InvalidOperationException("this node never waits");

    /// <summary>Returns the value in weak head normal form if that takes little work and no call,
    /// otherwise null.</summary>
    public virtual Value? Quick(Evaluator evaluator, int activation) => null;

    /// <summary>Returns the value, or a thunk of it.</summary>
    public virtual Value Delay(Evaluator evaluator, int activation) =>
        throw new InvalidOperationException("this node is never in lazy position");
}

/// <summary>The bottom of a run: the value that it waits for is the result.</summary>
internal sealed class StopNode : Node
{
    public static readonly StopNode Instance = new();

    public override Value? Eval(Evaluator evaluator, int activation) =>
        throw new InvalidOperationException("a stop is not evaluated");
}

/// <summary>Overwrites the thunk whose evaluation has ended.</summary>
internal sealed class UpdateNode : Node
{
    public static readonly UpdateNode Instance = new();

    public override Value? Eval(Evaluator evaluator, int activation) =>
        throw new InvalidOperationException("an update is not evaluated");

    public override Value? Resume(Evaluator evaluator, in Frame frame, Value value)
    {
        ((Thunk)frame.Extra!).Finish(value);
        return value;
    }
}

internal sealed class ConstNode(Value value) : Node
{
    public override Value? Eval(Evaluator evaluator, int activation) => value;

    public override Value? Quick(Evaluator evaluator, int activation) => value;

    public override Value Delay(Evaluator evaluator, int activation) => value;
}

internal sealed class LocalNode(int slot) : Node
{
    /// <summary>Evaluates the first slot in tail position.</summary>
    public static readonly LocalNode First = new(0) { IsTail = true, Extent = 1 };

    public override Value? Eval(Evaluator evaluator, int activation)
    {
        var value = evaluator.Slots[activation + slot];
        return value.AsThunk is { } thunk ? EvalThunk(evaluator, activation, thunk) : value;
    }

    public override Value? Quick(Evaluator evaluator, int activation)
    {
        var value = evaluator.Slots[activation + slot];
        if (value.AsThunk is not { IsDone: true } thunk)
            return value.IsThunk ? null : value;
        value = thunk.Follow();
        evaluator.Slots[activation + slot] = value;
        return value.IsThunk ? null : value;
    }

    public override Value Delay(Evaluator evaluator, int activation) =>
        evaluator.Slots[activation + slot].Resolved;

    private Value? EvalThunk(Evaluator evaluator, int activation, Thunk thunk)
    {
        var value = thunk.Follow();
        if (value.AsThunk is { } pending)
            return evaluator.EnterThunk(pending, CallBase(activation));
        evaluator.Slots[activation + slot] = value;
        return value;
    }
}

/// <summary>Binds one slot to a delayed expression.</summary>
internal sealed class LetNode(int slot, Node bound, Node body) : Node
{
    public override Value? Eval(Evaluator evaluator, int activation)
    {
        evaluator.Slots[activation + slot] = bound.Delay(evaluator, activation);
        return evaluator.GoOn(body, activation);
    }
}

/// <summary>Binds slots to thunks that may refer to each other.</summary>
internal sealed class LetRecNode((int Slot, ThunkNode Bound)[] bindings, Node body) : Node
{
    public override Value? Eval(Evaluator evaluator, int activation)
    {
        foreach (var (slot, bound) in bindings)
            evaluator.Slots[activation + slot] = bound.Allocate();
        foreach (var (slot, bound) in bindings)
            bound.Fill((Thunk)evaluator.Slots[activation + slot], evaluator, activation);
        return evaluator.GoOn(body, activation);
    }
}

/// <summary>Allocates a thunk that captures slots.</summary>
/// <param name="shortcut">Has the value if the captured values suffice; null for none.</param>
internal sealed class ThunkNode(ThunkCode code, int[] captures, Node? shortcut) : Node
{
    public override Value? Eval(Evaluator evaluator, int activation) =>
        throw new InvalidOperationException("a thunk is built, not evaluated");

    public override Value Delay(Evaluator evaluator, int activation)
    {
        if (shortcut?.Quick(evaluator, activation) is { } value)
            return value;
        var thunk = Allocate();
        Fill(thunk, evaluator, activation);
        return thunk;
    }

    public Thunk Allocate() => Thunk.Of(code);

    public void Fill(Thunk thunk, Evaluator evaluator, int activation)
    {
        var slots = evaluator.Slots;
        if (captures.Length > Thunk.FieldsCount)
        {
            var captured = new Value[captures.Length];
            for (var i = 0; i < captured.Length; i++)
                captured[i] = slots[activation + captures[i]].Resolved;
            thunk.A = captured;
            return;
        }
        if (captures.Length > 0)
            thunk.A = slots[activation + captures[0]].Resolved;
        if (captures.Length > 1)
            thunk.B = slots[activation + captures[1]].Resolved;
    }
}

/// <summary>Builds the closure or row of a known head with too few arguments.</summary>
internal sealed class BuildNode(Node head, Node[] args) : Node
{
    public override Value? Eval(Evaluator evaluator, int activation) =>
        Delay(evaluator, activation);

    public override Value? Quick(Evaluator evaluator, int activation) =>
        Delay(evaluator, activation);

    public override Value Delay(Evaluator evaluator, int activation)
    {
        var first = args[0].Delay(evaluator, activation);
        if (args.Length == 1)
            return DataShape.MakeApp(head.Delay(evaluator, activation), first);
        if (args.Length == 2)
        {
            var second = args[1].Delay(evaluator, activation);
            return DataShape.MakeApp(head.Delay(evaluator, activation), first, second);
        }
        var values = new Value[args.Length];
        values[0] = first;
        for (var i = 1; i < values.Length; i++)
            values[i] = args[i].Delay(evaluator, activation);
        return DataShape.MakeApp(head.Delay(evaluator, activation), values);
    }
}

/// <summary>A branch: a nat other than 0 is true, any other value is false.</summary>
internal class IfNode(Node condition, Node whenTrue, Node whenFalse) : Node
{
    public override Value? Eval(Evaluator evaluator, int activation) =>
        condition.Quick(evaluator, activation) is { } value
            ? Branch(evaluator, activation, value)
            : evaluator.Await(condition, this, activation);

    public override Value? Resume(Evaluator evaluator, in Frame frame, Value value) =>
        Branch(evaluator, frame.Base, value);

    private Value? Branch(Evaluator evaluator, int activation, Value value) =>
        evaluator.GoOn(Holds(value) ? whenTrue : whenFalse, activation);

    protected virtual bool Holds(Value value) => value is Nat { IsZero: false };
}

/// <summary>A branch: the nat 0 takes the first one, any other value the second.</summary>
internal sealed class IfZeroNode(Node condition, Node whenZero, Node otherwise)
    : IfNode(condition, whenZero, otherwise)
{
    protected override bool Holds(Value value) => value is Nat { IsZero: true };
}

/// <summary>Evaluates one expression, then continues with another.</summary>
internal sealed class SeqNode(Node first, Node then) : Node
{
    public override Value? Eval(Evaluator evaluator, int activation) =>
        first.Quick(evaluator, activation) is null
            ? evaluator.Await(first, this, activation)
            : evaluator.GoOn(then, activation);

    public override Value? Resume(Evaluator evaluator, in Frame frame, Value value) =>
        evaluator.GoOn(then, frame.Base);
}

/// <summary>A branch by index; a value other than an index takes the fallback.</summary>
internal sealed class SwitchNode(Node index, Node fallback, Node[] branches) : Node
{
    public override Value? Eval(Evaluator evaluator, int activation) =>
        index.Quick(evaluator, activation) is { } value
            ? Branch(evaluator, activation, value)
            : evaluator.Await(index, this, activation);

    public override Value? Resume(Evaluator evaluator, in Frame frame, Value value) =>
        Branch(evaluator, frame.Base, value);

    private Value? Branch(Evaluator evaluator, int activation, Value value)
    {
        var branch = value is SmallNat small && small.Word < (ulong)branches.Length
            ? branches[small.Word]
            : fallback;
        return evaluator.GoOn(branch, activation);
    }
}
