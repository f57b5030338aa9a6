using Pallas.Values;

namespace Pallas.Machine;

/// <summary>
/// Ends an evaluation that exceeds its memory: one that has allocated more in all than its budget,
/// or a large one while the heap of the process is over its bound.
/// </summary>
/// <remarks>
/// The budget counts the bytes that the thread has allocated, live or not, which costs 20 ns. So
/// the budget is generous, and a second rule keeps the process alive: an evaluation that has
/// allocated much ends if a full collection during it leaves the heap over its bound. The outcome
/// depends on the computer; the receipt records it, and replay takes it from there.
/// </remarks>
internal sealed class MemoryBudget(long bytesMax, long heapBytesMax)
{
    /// <summary>Evaluations below this size are never ended for a full heap. It is also the
    /// interval, in allocated bytes, between two checks of the heap.</summary>
    private const long LargeBytes = 64 << 20;

    private int thread;
    private long threadBytes;
    private long spentBytes;
    private long heapCheckAt;
    private long begunAtCollection;

    /// <summary>Begins to count, on the thread that evaluates.</summary>
    public void Begin()
    {
        thread = Environment.CurrentManagedThreadId;
        threadBytes = GC.GetAllocatedBytesForCurrentThread();
        spentBytes = 0;
        heapCheckAt = LargeBytes;
        begunAtCollection = GC.CollectionCount(0);
    }

    /// <exception cref="MachineFault">The budget is spent, or the heap is full.</exception>
    public void Check()
    {
        Count();
        if (spentBytes > bytesMax)
        {
            throw new MachineFault(
                FaultKind.Memory, $"more than {bytesMax:N0} bytes were allocated");
        }
        if (spentBytes < heapCheckAt)
            return;
        heapCheckAt = spentBytes + LargeBytes;
        if (IsFullAfter(GCKind.FullBlocking) || IsFullAfter(GCKind.Background))
            throw new MachineFault(FaultKind.Memory, $"the heap is over {heapBytesMax:N0} bytes");
    }

    /// <summary>Whether the last collection of a kind was during the evaluation, and left the heap
    /// over its bound.</summary>
    private bool IsFullAfter(GCKind kind)
    {
        var last = GC.GetGCMemoryInfo(kind);
        return last.Index > begunAtCollection && last.HeapSizeBytes > heapBytesMax;
    }

    /// <summary>A deep evaluation continues on a fresh thread, whose count begins at 0.</summary>
    private void Count()
    {
        var (now, nowBytes) =
            (Environment.CurrentManagedThreadId, GC.GetAllocatedBytesForCurrentThread());
        if (now == thread)
            spentBytes += nowBytes - threadBytes;
        (thread, threadBytes) = (now, nowBytes);
    }
}
