using Pallas.Values;

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

/// <summary>One line of a device's table: a request that it serves, for programs and people.
/// </summary>
/// <param name="Name">The first argument.</param>
/// <param name="Args">Names of the other arguments, as a reader sees them.</param>
/// <param name="Answer">What it is answered when all is well, in words.</param>
/// <param name="Failure">What it is answered otherwise, in words; empty where it cannot fail.
/// </param>
public sealed record CallShape(
    string Name, string Args, CallKind Kind, string Answer, string Failure = "");

/// <summary>One kind of world outside the machine.</summary>
/// <remarks>
/// <see cref="Start"/>, the cancelling that it gives back, and <see cref="Forget"/> are called one
/// at a time, must not block, and never see two calls that are the same. Answers may come from any
/// thread, even from within <see cref="Start"/>; one that comes after the cancelling is ignored.
/// What a call took from the world and its cog did not is given back by the cancelling.
/// </remarks>
public interface IDevice : IDisposable
{
    /// <summary>The first element of its requests, as text.</summary>
    string Name { get; }

    /// <summary>The requests that it serves.</summary>
    IReadOnlyList<CallShape> Calls => [];

    /// <param name="args">What follows the name and the flag, in normal form.</param>
    CallKind KindOf(ReadOnlySpan<Value> args);

    /// <summary>A call is likely to come: what can be loaded before it may be, on a thread of the
    /// device's own. Nothing of it is seen outside.</summary>
    void Prepare()
    {
    }

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
/// <param name="answer">Gets the answer, and what is to be done once its event is durable.</param>
public sealed class DeviceCall(CogId cog, Value[] args, Action<Value, Action?> answer)
{
    public DeviceCall(CogId cog, Value[] args, Action<Value> answer)
        : this(cog, args, (value, _) => answer(value))
    {
    }

    public CogId Cog { get; } = cog;

    public ReadOnlySpan<Value> Args => args;

    /// <param name="value">In normal form.</param>
    /// <param name="kept">
    /// Called once the event that took the answer is durable; never, where none takes it.
    /// </param>
    public void Answer(Value value, Action? kept = null) => answer(value, kept);
}

/// <summary>Reading a call by its device's table.</summary>
internal static class CallShapes
{
    /// <summary>The name that a call begins with, or "".</summary>
    public static string NameOf(ReadOnlySpan<Value> args) =>
        args.Length > 0 && args[0] is Nat name ? name.ToText() ?? "" : "";

    /// <summary>What the table says of a call of this name.</summary>
    public static CallKind KindOf(this IReadOnlyList<CallShape> table, string name)
    {
        foreach (var shape in table)
        {
            if (shape.Name == name)
                return shape.Kind;
        }
        return CallKind.Unknown;
    }
}
