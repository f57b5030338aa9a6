using System.Collections.Concurrent;
using Pallas.Machine;
using Pallas.Values;

namespace Pallas.Tests.Machine;

/// <summary>
/// <c>[%test 0 %hear n]</c> waits for the test to answer; <c>[%test 0 %say x]</c> is an effect.
/// </summary>
internal sealed class TestDevice : IDevice
{
    private readonly Lock gate = new();
    private readonly Dictionary<(CogId, ulong), DeviceCall> hears = [];

    /// <summary>The values of the says, in order.</summary>
    public ConcurrentQueue<Value> Said { get; } = [];

    /// <summary>How many hears were issued, cancelled ones too.</summary>
    public int HearsCount { get; private set; }

    public int CancelledCount { get; private set; }

    /// <summary>Hears of a number below this are answered at once, by that number and 1000.
    /// </summary>
    public ulong? AnswersBelow { get; init; }

    /// <summary>The number of calls of <see cref="Prepare"/>.</summary>
    public int PreparedCount { get; private set; }

    public bool IsDisposed { get; private set; }

    /// <summary>A bug that is met when it is let go of.</summary>
    public Exception? DisposeError { get; init; }

    public string Name => "test";

    public void Prepare() => PreparedCount++;

    public CallKind KindOf(ReadOnlySpan<Value> args) =>
        (args.Length == 2 ? (args[0] as Nat)?.ToText() : null) switch
        {
            "hear" when args[1] is SmallNat => CallKind.TakesIn,
            "say" => CallKind.Acts,
            _ => CallKind.Unknown,
        };

    public Action? Start(DeviceCall call)
    {
        if (AnswersBelow is { } bound
            && ((Nat)call.Args[0]).ToText() == "hear"
            && call.Args[1] is SmallNat { Word: var word } && word < bound)
        {
            call.Answer(word + 1000);
            return null;
        }
        if (((Nat)call.Args[0]).ToText() == "say")
        {
            Said.Enqueue(call.Args[1]);
            return null;
        }
        var key = (call.Cog, ((SmallNat)call.Args[1]).Word);
        lock (gate)
        {
            HearsCount++;
            hears[key] = call;
        }
        return () =>
        {
            lock (gate)
            {
                CancelledCount++;
                hears.Remove(key);
            }
        };
    }

    public bool IsOpen(CogId cog, ulong number)
    {
        lock (gate)
            return hears.ContainsKey((cog, number));
    }

    /// <summary>Answers a hear, waiting until it is there.</summary>
    public void Answer(CogId cog, ulong number, Value value)
    {
        DeviceCall? call = null;
        Wait.Until(
            () =>
            {
                lock (gate)
                    return hears.Remove((cog, number), out call);
            },
            $"cog {cog} hears {number}");
        call!.Answer(value);
    }

    public void Dispose()
    {
        IsDisposed = true;
        if (DisposeError is not null)
            throw DisposeError;
    }
}
