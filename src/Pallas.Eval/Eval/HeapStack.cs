using System.Runtime.CompilerServices;
using Pallas.Values;

namespace Pallas.Eval;

/// <summary>The stack of an evaluator: it is on the heap, and bounded.</summary>
/// <remarks>
/// It has two parts:
/// <list type="bullet">
/// <item>slots: the activation of a law is a run of slots: the law itself, its arguments, its
/// lets, and scratch; an activation's base is handed from node to node. A call in tail position
/// writes the new activation over the old one.</item>
/// <item>frames: what waits for a value: a node to resume, with the base of its activation. Frames
/// that left the native stack are one frame here, which has the queue of them.</item>
/// </list>
/// A structure, so that the interpreter, which does little else than push and pop, goes through no
/// further reference. It is a field of its evaluator and is never copied.
/// </remarks>
internal struct HeapStack(int depthMax)
{
    private const int FramesLength = 256;
    private const int SlotsLength = 1024;

    // What an evaluation may leave behind: slots that are cleared, but not given back.
    private const int KeptLength = 1 << 14;

    private Frame[] frames = new Frame[FramesLength];
    private int dirtySlots;

    public Value[] Slots = new Value[SlotsLength];

    /// <summary>The number of frames.</summary>
    public int Count;

    /// <summary>The number of frames in queues.</summary>
    public int QueuedCount;

    /// <summary>The frame at which the innermost run of the interpreter ends; -1 where none runs.
    /// </summary>
    public int StopAt = -1;

    /// <summary>The slot from which nested evaluations may write.</summary>
    public int Free;

    public readonly ReadOnlySpan<Frame> Frames => frames.AsSpan(0, Count);

    /// <summary>Whether the frames are more than an evaluation may have.</summary>
    public readonly bool IsTooDeep => QueuedCount + Count > depthMax;

    public readonly ref Frame this[int index] => ref frames[index];

    public void Push(Node node, int activation, int state, object? extra)
    {
        if (Count == frames.Length)
            GrowFrames();
        ref var frame = ref frames[Count++];
        frame.Node = node;
        frame.Base = activation;
        frame.State = state;
        frame.Extra = extra;
    }

    /// <summary>Begins a run of the interpreter, which ends when this frame is popped.</summary>
    public void PushStop(int start)
    {
        Push(StopNode.Instance, start, StopAt, null);
        StopAt = Count - 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Frame Pop()
    {
        ref var top = ref frames[--Count];
        var frame = top;
        top.Extra = null;
        return frame;
    }

    /// <summary>Takes a frame off that is done with.</summary>
    public void Drop() => frames[--Count].Extra = null;

    /// <summary>Drops all frames but so many, and the queues that they have.</summary>
    public void DropTo(int count)
    {
        while (Count > count)
        {
            if (frames[Count - 1].Extra is FrameQueue queue)
                QueuedCount -= queue.Count;
            Drop();
        }
    }

    /// <summary>Puts the frame back that was popped last: its queue is not empty yet.</summary>
    public void PutBack(FrameQueue queue) => frames[Count++].Extra = queue;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EnsureSlots(int length)
    {
        if (length > Slots.Length)
            GrowSlots(length);
    }

    /// <summary>Lets go of what slots hold that no activation has; now and then.</summary>
    public void ClearSlots(int liveCount)
    {
        var end = Math.Min(dirtySlots, Slots.Length);
        if (end > liveCount)
            Array.Clear(Slots, liveCount, end - liveCount);
        dirtySlots = liveCount + KeptLength;
    }

    /// <summary>Gives the memory of a deep evaluation back, and lets go of what it held.</summary>
    public void Shrink()
    {
        if (frames.Length > KeptLength)
            frames = new Frame[FramesLength];
        if (Slots.Length > KeptLength)
            Slots = new Value[SlotsLength];
        else
            Array.Clear(Slots);
    }

    public readonly MachineFault TooDeep() =>
        new(FaultKind.Depth, $"the evaluation is deeper than {depthMax:N0} frames");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GrowSlots(int length)
    {
        if (length > depthMax * 4L)
            throw TooDeep();
        Array.Resize(ref Slots, Math.Max(length, 2 * Slots.Length));
        dirtySlots = Slots.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GrowFrames()
    {
        if (Count >= depthMax)
            throw TooDeep();
        Array.Resize(ref frames, Math.Min(frames.Length * 2, depthMax));
    }
}
