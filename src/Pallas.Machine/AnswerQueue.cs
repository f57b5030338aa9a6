using System.Collections.Concurrent;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>An answer to an open request, as its event records and as its cog sees it.</summary>
/// <param name="Value">In normal form; what <paramref name="Item"/> is replayed to.</param>
internal sealed record Answer(OpenRequest Request, ReceiptItem Item, Value Value)
{
    /// <summary>The traces of an evaluation, shown with the event that takes the answer.</summary>
    public IReadOnlyList<Value> Traces { get; init; } = [];

    /// <summary>The device wants to hear when the answer is durable.</summary>
    public bool WantsConfirmation { get; init; }
}

/// <summary>Answers on their way to the event loop, in the order in which they came.</summary>
/// <remarks>
/// Devices answer at any time and under their own locks, so enqueueing takes none of the loop's.
/// </remarks>
internal sealed class AnswerQueue(WorkPool pool)
{
    private readonly ConcurrentQueue<Answer> queue = new();
    private Action<Worker>? drain;
    private int isPosted;

    /// <param name="drain">Takes the answers, on a lane of the pool.</param>
    public void WakeBy(Action<Worker> drain)
    {
        Invariant.Check(this.drain is null, "one loop drains the answers");
        this.drain = drain;
    }

    /// <summary>Adds an answer, from any thread, and wakes the loop.</summary>
    /// <remarks>
    /// A busy cog does not wake the loop: the lane that runs its event clears Busy and then drains
    /// the queue. The barrier orders the addition before the look at Busy.
    /// </remarks>
    public void Enqueue(Answer answer)
    {
        queue.Enqueue(answer);
        Interlocked.MemoryBarrier();
        if (!answer.Request.Cog.Busy && Interlocked.Exchange(ref isPosted, 1) == 0)
            pool.Post(drain!);
    }

    /// <summary>Adds an answer that a lane of the pool has made; the lane then drains the queue.
    /// </summary>
    public void Enqueue(Answer answer, Worker worker)
    {
        queue.Enqueue(answer);
        worker.Then(drain!);
    }

    /// <summary>Called before answers are taken: a later one wakes the loop again.</summary>
    public void BeginDrain() => Interlocked.Exchange(ref isPosted, 0);

    /// <summary>Null where no answer waits.</summary>
    public Answer? Take() => queue.TryDequeue(out var answer) ? answer : null;
}
