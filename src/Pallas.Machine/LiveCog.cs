using Pallas.Values;

namespace Pallas.Machine;

/// <summary>A cog in a running machine. Guarded by the event loop's gate.</summary>
internal sealed class LiveCog(CogId id)
{
    private bool isBusy;

    public CogId Id { get; } = id;

    /// <summary>What it waits for, by slot.</summary>
    public SortedDictionary<int, OpenRequest> Open { get; } = [];

    /// <summary>An event of it runs, or one of another cog counts on its not changing.</summary>
    public bool Busy
    {
        get => Volatile.Read(ref isBusy);
        set => Volatile.Write(ref isBusy, value);
    }

    /// <summary>The thread that runs an event of it.</summary>
    public Worker? Worker { get; set; }

    /// <summary>It is posted to be looked at.</summary>
    public bool Posted { get; set; }

    /// <summary>Its last event was a tell, so that other answers go first now.</summary>
    public bool ToldLast { get; set; }

    /// <summary>Gone from the machine.</summary>
    public bool Removed { get; set; }
}

/// <summary>A request that waits for its answer. Guarded by the event loop's gate.</summary>
internal sealed class OpenRequest(LiveCog cog, int slot, Value value, Request request)
{
    public LiveCog Cog { get; } = cog;

    public int Slot { get; } = slot;

    public Value Value { get; } = value;

    public Request Request { get; } = request;

    /// <summary>Nothing in this machine answers it.</summary>
    public bool IsUnknown { get; set; }

    /// <summary>How it was answered from outside the event loop, once it was.</summary>
    public ReceiptItem? Item { get; set; }

    /// <summary>The answer that <see cref="Item"/> stands for; in normal form.</summary>
    public Value? Answer { get; set; }

    /// <summary>Who answered it wants to hear that the answer is durable.</summary>
    public Action? Kept { get; set; }

    /// <summary>What an evaluation traced; shown with the event that takes its answer.</summary>
    public IReadOnlyList<Value> Traces { get; set; } = [];

    /// <summary>Withdraws it where it is being served.</summary>
    public Action? Cancel { get; set; }

    /// <summary>Answered in an event, or withdrawn.</summary>
    public bool Closed { get; set; }
}

/// <summary>An event that is about to be computed.</summary>
/// <param name="Cog">Busy, as are the cogs held.</param>
/// <param name="Before">The machine's state when it was put together.</param>
/// <param name="Known">Answers by slot that need not be computed again.</param>
/// <param name="Held">Cogs that it answers about: they do not change until it is done.</param>
/// <param name="Asked">The ask that its tell answers in the same commit.</param>
/// <param name="Traces">What evaluations traced whose answers it takes.</param>
internal sealed record PendingEvent(
    LiveCog Cog, MachineState Before, Receipt.Ran Draft, IReadOnlyDictionary<int, Value> Known,
    IReadOnlyList<LiveCog> Held, OpenRequest? Asked, IReadOnlyList<Value> Traces);

/// <summary>An event that was computed.</summary>
/// <param name="Function">What the cog became, for a receipt that ran.</param>
/// <param name="Traces">What it traced, in order.</param>
internal sealed record RunEvent(Receipt Receipt, Value? Function, IReadOnlyList<Value> Traces);
