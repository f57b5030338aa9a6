using Pallas.Plan;

namespace Pallas.Machine.Devices;

/// <summary>What a device makes of a request.</summary>
public enum CallKind
{
    /// <summary>No request of this device: it stays open, unanswered.</summary>
    Unknown,

    /// <summary>It only takes in: it may start before the event that asked is durable.</summary>
    TakesIn,

    /// <summary>It is seen outside: it starts once the event that asked is durable.</summary>
    Acts,
}

/// <summary>One kind of world outside the machine.</summary>
/// <remarks>
/// <see cref="Start"/>, the cancelling that it gives back, and <see cref="Forget"/> are called one
/// at a time, must not block, and never see two calls that are the same. Answers may come from any
/// thread, even from within <see cref="Start"/>; one that comes after the cancelling is ignored.
/// </remarks>
public interface IDevice : IDisposable
{
    /// <summary>The first element of its requests, as text.</summary>
    string Name { get; }

    /// <param name="args">What follows the name and the flag, in normal form.</param>
    CallKind KindOf(ReadOnlySpan<Value> args);

    /// <summary>Begins to serve a call that is not <see cref="CallKind.Unknown"/>.</summary>
    /// <returns>How to cancel it, or null where nothing needs to be done.</returns>
    Action? Start(DeviceCall call);

    /// <summary>A cog has ended, durably: it makes no more calls, and those that it made are
    /// cancelled.</summary>
    void Forget(CogId cog)
    {
    }
}

/// <summary>A request to a device.</summary>
public sealed class DeviceCall(CogId cog, Value[] args, Action<Value> answer)
{
    public CogId Cog { get; } = cog;

    public ReadOnlySpan<Value> Args => args;

    /// <param name="value">In normal form.</param>
    public void Answer(Value value) => answer(value);
}
