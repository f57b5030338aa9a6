namespace Pallas.Eval;

/// <summary>A state of an evaluator to go back to.</summary>
internal readonly record struct EvalMark(
    int FrameCount,
    ThunkCode? Running,
    int Free,
    int StopAt,
    int FloorCount,
    nuint StackLimit,
    nuint NativeLimit);

/// <summary>A node that waits for a value.</summary>
internal struct Frame
{
    public Node Node;

    /// <summary>What the node needs besides: arguments, or the thunk to overwrite.</summary>
    public object? Extra;

    /// <summary>The first slot of the activation.</summary>
    public int Base;

    /// <summary>How far the node got; its own meaning.</summary>
    public int State;
}
