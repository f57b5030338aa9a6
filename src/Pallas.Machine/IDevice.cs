using Pallas.Values;

namespace Pallas.Machine;

/// <summary>The kind of a request, as its device sees it.</summary>
public enum CallKind
{
    /// <summary>The device has no such request: it stays open, unanswered.</summary>
    Unknown,

    /// <summary>The request only takes input: it may start before the event that issued it is
    /// durable.</summary>
    TakesIn,

    /// <summary>The request is visible outside: it starts once the event that issued it is durable.
    /// </summary>
    Acts,
}

/// <summary>One line of a device's table: a request that it serves.</summary>
/// <param name="Name">The first argument.</param>
/// <param name="Args">Names of the other arguments.</param>
/// <param name="Answer">The answer in the good case, in words.</param>
/// <param name="Failure">The answer in case of failure, in words; empty if the request cannot fail.
/// </param>
public sealed record CallShape(
    string Name, string Args, CallKind Kind, string Answer, string Failure = "");

/// <summary>The seam to one part of the world outside the machine.</summary>
/// <remarks>
/// <see cref="Start"/>, the cancelling that it gives back, <see cref="Confirm"/> and
/// <see cref="Forget"/> are called one at a time, must not block, and never see two calls that are
/// the same. A call is answered once, from any thread, even from within <see cref="Start"/>; an
/// answer that comes after the cancelling is ignored. Cancelling a call returns to the world what
/// the call has taken and its cog has not.
/// </remarks>
public interface IDevice : IDisposable
{
    /// <summary>The text that its requests begin with.</summary>
    string Name { get; }

    /// <summary>The requests that it serves.</summary>
    IReadOnlyList<CallShape> Calls => [];

    /// <param name="args">The arguments after the name and the flag, in normal form.</param>
    CallKind KindOf(ReadOnlySpan<Value> args);

    /// <summary>Loads what the first call needs, on a thread of the device's own, because a call is
    /// likely to come. This has no effect outside.</summary>
    void Prepare()
    {
    }

    /// <summary>Begins to serve a call that is not <see cref="CallKind.Unknown"/>.</summary>
    /// <returns>Cancels the call; null if there is nothing to do.</returns>
    Action? Start(DeviceCall call);

    /// <summary>Tells the device that the answer of a call is durable, if the call asked for that.
    /// </summary>
    void Confirm(DeviceCall call)
    {
    }

    /// <summary>Tells the device that the end of a cog is durable: it makes no more calls, and its
    /// calls are cancelled.</summary>
    void Forget(CogId cog)
    {
    }
}

/// <summary>A request to a device.</summary>
/// <param name="answer">Gets the answer, and whether to confirm it once it is durable.</param>
public sealed class DeviceCall(CogId cog, Value[] args, Action<Value, bool> answer)
{
    public DeviceCall(CogId cog, Value[] args, Action<Value> answer)
        : this(cog, args, (value, _) => answer(value))
    {
    }

    public CogId Cog { get; } = cog;

    public ReadOnlySpan<Value> Args => args;

    /// <param name="value">In normal form.</param>
    /// <param name="confirm">
    /// Call <see cref="IDevice.Confirm"/> once the event that took the answer is durable; never,
    /// where none takes it.
    /// </param>
    public void Answer(Value value, bool confirm = false) => answer(value, confirm);
}

/// <summary>Reads calls by the table of their device.</summary>
public static class CallShapes
{
    /// <summary>The name that a call begins with, or "".</summary>
    public static string NameOf(ReadOnlySpan<Value> args) =>
        args.Length > 0 && args[0] is Nat name ? name.ToText() ?? "" : "";

    /// <summary>The kind that the table gives for a name.</summary>
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
