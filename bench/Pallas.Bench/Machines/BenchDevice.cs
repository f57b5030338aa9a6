using Pallas.Machine;
using Pallas.Values;

namespace Pallas.Bench.Machines;

/// <summary>
/// <c>[%bench 0 %next n]</c> is answered at once, after the event that asked for it is durable:
/// so each event of a cog is acknowledged before its next one begins.
/// </summary>
internal sealed class BenchDevice(Action<CogId> onCall) : IDevice
{
    private volatile bool stopped;

    public string Name => "bench";

    public CallKind KindOf(ReadOnlySpan<Value> args) => CallKind.Acts;

    public Action? Start(DeviceCall call)
    {
        onCall(call.Cog);
        if (!stopped)
            call.Answer(1);
        return null;
    }

    /// <summary>Answers nothing more.</summary>
    public void Stop() => stopped = true;

    public void Dispose() => Stop();
}

/// <summary>A device that answers when the benchmark rings it.</summary>
internal sealed class BellDevice : IDevice
{
    private readonly SemaphoreSlim called = new(0);
    private volatile DeviceCall? open;

    public string Name => "bench";

    public CallKind KindOf(ReadOnlySpan<Value> args) => CallKind.Acts;

    public Action? Start(DeviceCall call)
    {
        open = call;
        called.Release();
        return null;
    }

    /// <summary>Answers the open call; returns when the event is durable.</summary>
    /// <param name="answer">In normal form.</param>
    public void Ring(Value? answer = null)
    {
        open!.Answer(answer ?? 1);
        WaitForCall();
    }

    public void WaitForCall() => called.Wait();

    public void Dispose() => called.Dispose();
}
