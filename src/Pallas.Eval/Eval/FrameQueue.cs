using System.Runtime.CompilerServices;

namespace Pallas.Eval;

/// <summary>
/// Frames of compiled code that left the native stack together. They are written as they leave,
/// the innermost first, and that is the order in which they go on, so nothing is ever turned
/// round: a queue is read from where it was begun.
/// </summary>
/// <remarks>
/// A frame is the point where it goes on, its objects, and its words; each of the three stands in
/// a chain of its own, so that the collector need look at objects only, and has nothing to do with
/// the words. A slot that was read is
/// cleared: what goes on may walk along a list whose head stood there. (A point holds nothing but
/// code.)
/// <para>
/// Deep recursion is one law that calls itself, or a law and the thunk that it waits for, or two
/// laws: the points are one or two that take turns. Those are counted, and written only where
/// another one comes. Of eight million frames the collector looks at each twice, and to each point
/// it took as long as to what the frame keeps.
/// </para>
/// </remarks>
internal sealed class FrameQueue
{
    private Chain<Run> runs = Chain<Run>.Empty;
    private Chain<Slot> refs = Chain<Slot>.Empty;
    private WordChain words;

    // What is written last stands here.
    private Run writing;
    private int writtenCount;

    private Run reading;
    private int readCount;

    /// <summary>Frames that have not gone on yet.</summary>
    public int Count { get; private set; }

    /// <summary>Begins a frame; its objects and words are to follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin(ResumePoint point)
    {
        Count++;
        if (ReferenceEquals(point, writing[writing.Count]))
            writing.Count++;
        else
            BeginRun(point);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(object? item) => refs.Next().Item = item;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(ulong word) => words.Write(word);

    /// <summary>Takes the frame that is next: where it goes on; its slots are to be taken.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ResumePoint Take()
    {
        Count--;
        if (readCount == reading.Count)
            NextRun();
        return reading[readCount++]!;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public object? TakeRef()
    {
        ref var slot = ref refs.Take();
        var item = slot.Item;
        slot.Item = null;
        return item;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong TakeWord() => words.Take();

    /// <summary>After the last frame has gone on.</summary>
    public void Free() => words.Free();

    /// <summary>The laws that wait here, the innermost first.</summary>
    public IEnumerable<string> Names()
    {
        var copy = (FrameQueue)MemberwiseClone();
        while (copy.Count > 0)
        {
            if (copy.Take().LawName is { } name)
                yield return name;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void BeginRun(ResumePoint point)
    {
        if (writing.Count == 1)
        {
            writing.Odd = point;
            writing.Count = 2;
            return;
        }
        if (writing.Count > 0)
        {
            runs.Next() = writing;
            writtenCount++;
        }
        writing = new Run { Even = point, Count = 1 };
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void NextRun()
    {
        reading = writtenCount > 0 ? runs.Take() : writing;
        writtenCount--;
        readCount = 0;
    }

    /// <summary>Points that take turns, so many in all.</summary>
    private struct Run
    {
        public ResumePoint? Even;
        public ResumePoint? Odd;
        public int Count;

        public readonly ResumePoint? this[int index] => (index & 1) == 0 ? Even : Odd;
    }

    /// <summary>A structure, because a store to an array of objects checks their type.</summary>
    private struct Slot
    {
        public object? Item;
    }

    /// <summary>A queue in small segments: one array that grows would be copied over and over, and
    /// one that is large would be looked through by each collection.</summary>
    private struct Chain<T>
    {
        private const int FirstLength = 32;
        private const int SegmentLength = 2048;

        private Segment last;
        private Segment first;
        private T[] writing;
        private T[] reading;
        private int writeAt;
        private int readAt;

        public static Chain<T> Empty => new()
        {
            last = Segment.None, first = Segment.None, writing = [], reading = [],
        };

        /// <summary>The place for another item.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ref T Next()
        {
            if (writeAt == writing.Length)
                AddSegment();
            return ref writing[writeAt++];
        }

        /// <summary>The item that was written first of those that are left.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ref T Take()
        {
            if (readAt == reading.Length)
                NextSegment();
            return ref reading[readAt++];
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private void AddSegment()
        {
            var isFirst = ReferenceEquals(last, Segment.None);
            var items = GC.AllocateUninitializedArray<T>(isFirst ? FirstLength : SegmentLength);
            var segment = new Segment(items);
            if (isFirst)
                (first, reading) = (segment, items);
            else
                last.Next = segment;
            (last, writing, writeAt) = (segment, items, 0);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private void NextSegment()
        {
            first = first.Next!;
            (reading, readAt) = (first.Items, 0);
        }

        private sealed class Segment(T[] items)
        {
            public static readonly Segment None = new([]);

            public readonly T[] Items = items;
            public Segment? Next;
        }
    }
}
