using Pallas.Values;

namespace Pallas.Machine;

/// <summary>
/// Ends an evaluation that takes more memory than it may: one that has allocated more in all than
/// its budget, or one of the large ones when the heap of the whole process comes to its bound.
/// </summary>
/// <remarks>
/// What is counted is what the thread has allocated, which costs some 20 ns to ask for and says
/// nothing about what is still held. So the budget is generous, and a second rule keeps the
/// process alive: who has allocated a lot since it began pays for a heap that a full collection
/// does not bring below its bound; a small event never does. The outcome depends on the machine
/// that it runs on; it is recorded, and replay takes it from the record.
/// </remarks>
internal sealed class MemoryBudget(long bytesMax, long heapBytesMax)
{
    /// <summary>Who has allocated less than this is never to blame for a full heap; also how often
    /// the heap is looked at.</summary>
    private const long LargeBytes = 64 << 20;

    private int thread;
    private long threadBytes;
    private long spentBytes;
    private long heapCheckAt;

    /// <summary>Begins to count, on the thread that evaluates.</summary>
    public void Begin()
    {
        thread = Environment.CurrentManagedThreadId;
        threadBytes = GC.GetAllocatedBytesForCurrentThread();
        spentBytes = 0;
        heapCheckAt = LargeBytes;
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
        if (!IsHeapFull())
            return;
        GC.Collect();
        if (IsHeapFull())
            throw new MachineFault(FaultKind.Memory, $"the heap is over {heapBytesMax:N0} bytes");
    }

    private bool IsHeapFull() => GC.GetTotalMemory(forceFullCollection: false) > heapBytesMax;

    /// <summary>A deep evaluation goes on with a fresh thread, whose count begins at 0.</summary>
    private void Count()
    {
        var (now, nowBytes) =
            (Environment.CurrentManagedThreadId, GC.GetAllocatedBytesForCurrentThread());
        if (now == thread)
            spentBytes += nowBytes - threadBytes;
        (thread, threadBytes) = (now, nowBytes);
    }
}
