using Pallas.Values;

namespace Pallas.Machine;

/// <summary>A cog in a running machine. The loop's lock guards it.</summary>
internal sealed class LiveCog(CogId id)
{
    private bool isBusy;

    public CogId Id { get; } = id;

    /// <summary>Its open requests by slot.</summary>
    public SortedDictionary<int, OpenRequest> Open { get; } = [];

    /// <summary>An event of it runs, or an event of another cog depends on its state.</summary>
    public bool Busy
    {
        get => Volatile.Read(ref isBusy);
        set => Volatile.Write(ref isBusy, value);
    }

    /// <summary>The worker that runs an event of it.</summary>
    public Worker? Worker { get; set; }

    /// <summary>Its next event is posted to the pool.</summary>
    public bool IsScheduled { get; set; }

    /// <summary>Its last event answered an ask, so other answers go first now.</summary>
    public bool AnsweredAskLast { get; set; }

    /// <summary>The machine has no such cog any more.</summary>
    public bool IsRemoved { get; set; }
}

/// <summary>A request that waits for its answer.</summary>
internal sealed class OpenRequest(LiveCog cog, int slot, Value value, Request request)
{
    public LiveCog Cog { get; } = cog;

    public int Slot { get; } = slot;

    public Value Value { get; } = value;

    public Request Request { get; } = request;

    /// <summary>Nothing in this machine answers it.</summary>
    public bool IsUnknown { get; set; }

    /// <summary>The answer that its cog's next event takes. The loop's lock guards it.</summary>
    public Answer? Answer { get; set; }

    /// <summary>Answered by an event, or withdrawn. The loop's lock guards it.</summary>
    public bool IsClosed { get; set; }

    /// <summary>The call that a device serves. The lock of the device calls guards it, as it does
    /// the next two.</summary>
    public DeviceCall? Call { get; set; }

    /// <summary>Withdraws the call at its device.</summary>
    public Action? Cancel { get; set; }

    /// <summary>The call must not start, or was cancelled.</summary>
    public bool IsWithdrawn { get; set; }

    /// <summary>Where an evaluation waits. The lock of the evaluations guards it.</summary>
    public LinkedListNode<OpenRequest>? EvalNode { get; set; }

    public override string ToString() =>
        $"slot {Slot} of cog {Cog.Id}: {PlanText.Print(Value)}";
}

/// <summary>An event that is about to be computed.</summary>
/// <param name="Cog">Busy, as are the cogs held.</param>
/// <param name="Before">The machine's state when the event was gathered.</param>
/// <param name="Known">Answers by slot that need not be computed again.</param>
/// <param name="Held">Cogs whose state the event answers: they do not change until it is done.
/// </param>
/// <param name="Asked">The ask that its tell answers in the same commit.</param>
/// <param name="Traces">The traces of the evaluations whose answers it takes.</param>
internal sealed record PendingEvent(
    LiveCog Cog, MachineState Before, Receipt.Ran Draft, IReadOnlyDictionary<int, Value> Known,
    IReadOnlyList<LiveCog> Held, OpenRequest? Asked, IReadOnlyList<Value> Traces);

/// <summary>An event that was computed.</summary>
/// <param name="Function">The next function of the cog, for a receipt that ran.</param>
/// <param name="Traces">Its traces, in order.</param>
internal sealed record ComputedEvent(
    Receipt Receipt, Value? Function, IReadOnlyList<Value> Traces);
