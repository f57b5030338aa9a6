using System.Runtime.CompilerServices;

namespace Pallas.Plan;

/// <summary>
/// Frames of compiled code that left the native stack together. They are written as they leave,
/// the innermost first, and that is the order in which they go on, so nothing is ever turned
/// round: a queue is read from where it was begun.
/// </summary>
/// <remarks>
/// A frame is the point where it goes on, then its objects; its words stand apart, where the
/// collector need not look. The memory is a chain of small segments: one array that grows would be
/// copied over and over, and one that is large would be looked through by each collection. A slot
/// that was read is cleared: what goes on may walk along a list whose head stood there. (A point
/// holds nothing but code.)
/// </remarks>
internal sealed class FrameQueue
{
    private const int FirstLength = 64;
    private const int SegmentLength = 512;

    private Segment? reading;
    private Segment? writing;
    private int readAt;
    private int wordReadAt;

    /// <summary>Frames that have not gone on yet.</summary>
    public int Count { get; private set; }

    /// <summary>Begins a frame; as many objects and words as the point says are to follow.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin(ResumePoint point)
    {
        var segment = writing;
        if (segment is null || segment.Count + point.RefCount >= segment.Refs.Length
            || segment.WordCount + point.WordCount > segment.Words.Length)
            segment = AddSegment(point);
        Count++;
        segment.Refs[segment.Count++].Item = point;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(object? item)
    {
        var segment = writing!;
        segment.Refs[segment.Count++].Item = item;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(ulong word)
    {
        var segment = writing!;
        segment.Words[segment.WordCount++] = word;
    }

    /// <summary>Takes the frame that is next: where it goes on; its slots are to be taken.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ResumePoint Take()
    {
        if (readAt == reading!.Count)
            (reading, readAt, wordReadAt) = (reading.Next, 0, 0);
        Count--;
        return Unsafe.As<ResumePoint>(reading!.Refs[readAt++].Item!);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public object? TakeRef()
    {
        ref var slot = ref reading!.Refs[readAt++];
        var item = slot.Item;
        slot.Item = null;
        return item;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong TakeWord() => reading!.Words[wordReadAt++];

    /// <summary>The laws that wait here, the innermost first.</summary>
    public IEnumerable<string> Names()
    {
        var (segment, at) = (reading, readAt);
        for (var left = Count; left > 0; left--)
        {
            if (at == segment!.Count)
                (segment, at) = (segment.Next!, 0);
            var point = (ResumePoint)segment.Refs[at].Item!;
            if (point.LawName is { } name)
                yield return name;
            at += 1 + point.RefCount;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Segment AddSegment(ResumePoint point)
    {
        var length = writing is null ? FirstLength : SegmentLength;
        var hasWords = point.WordCount > 0 || writing is { Words.Length: > 0 };
        var segment = new Segment(Math.Max(length, point.RefCount + 1))
        {
            Words = hasWords
                ? GC.AllocateUninitializedArray<ulong>(Math.Max(length, point.WordCount))
                : [],
        };
        if (writing is null)
            reading = segment;
        else
            writing.Next = segment;
        return writing = segment;
    }

    private sealed class Segment(int length)
    {
        public readonly Slot[] Refs = new Slot[length];
        public ulong[] Words = [];
        public int Count;
        public int WordCount;
        public Segment? Next;
    }

    /// <summary>A structure, because a store to an array of objects checks their type.</summary>
    private struct Slot
    {
        public object? Item;
    }
}
