using Pallas.Machine;
using Pallas.Values;

namespace Pallas.Devices;

/// <summary>The clock, in whole seconds since 1970 in UTC.</summary>
/// <remarks>
/// <c>[%time 0 %when]</c> answers the time now. <c>[%time 0 %wait t]</c> answers 0 at the time t or
/// at once if it has passed; a t beyond 63 bits never comes. One timer serves the earliest wait; it
/// does not exist without waits.
/// </remarks>
public sealed class TimeDevice : IDevice
{
    private static readonly CallShape[] Shapes =
    [
        new("when", "", CallKind.TakesIn, "the time in whole seconds since 1970"),
        new("wait", "t", CallKind.TakesIn, "0 at the time t, or at once if it has passed"),
    ];

    private static readonly TimeSpan SleepMax = TimeSpan.FromDays(24);

    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private readonly SortedDictionary<(long Second, long Id), DeviceCall> waits = [];
    private readonly ITimer timer;
    private long nextId;

    public TimeDevice(TimeProvider clock)
    {
        this.clock = clock;
        timer = clock.CreateTimer(
            _ => WakeUp(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Name => "time";

    public IReadOnlyList<CallShape> Calls => Shapes;

    public CallKind KindOf(ReadOnlySpan<Value> args) =>
        IsWhen(args) || IsWait(args) ? CallKind.TakesIn : CallKind.Unknown;

    public Action? Start(DeviceCall call)
    {
        if (IsWhen(call.Args))
        {
            call.Answer((ulong)NowSecond());
            return null;
        }
        return call.Args[1] is SmallNat { Word: <= long.MaxValue } second
            ? StartWait((long)second.Word, call)
            : null;
    }

    public void Dispose() => timer.Dispose();

    private static bool IsWhen(ReadOnlySpan<Value> args) =>
        args.Length == 1 && args[0] is Nat name && name.ToText() == "when";

    private static bool IsWait(ReadOnlySpan<Value> args) =>
        args.Length == 2 && args[0] is Nat name && name.ToText() == "wait" && args[1] is Nat;

    private Action? StartWait(long second, DeviceCall call)
    {
        if (second <= NowSecond())
        {
            call.Answer(0);
            return null;
        }
        lock (gate)
        {
            var key = (second, nextId++);
            waits.Add(key, call);
            SetTimer();
            return () => Cancel(key);
        }
    }

    private void Cancel((long Second, long Id) key)
    {
        lock (gate)
        {
            if (waits.Remove(key))
                SetTimer();
        }
    }

    private void WakeUp()
    {
        lock (gate)
        {
            var now = NowSecond();
            while (waits.Count > 0 && waits.First() is var first && first.Key.Second <= now)
            {
                waits.Remove(first.Key);
                first.Value.Answer(0);
            }
            SetTimer();
        }
    }

    private void SetTimer()
    {
        var sleep = Timeout.InfiniteTimeSpan;
        if (waits.Count > 0)
        {
            var second = Math.Min(
                waits.First().Key.Second, DateTimeOffset.MaxValue.ToUnixTimeSeconds());
            sleep = DateTimeOffset.FromUnixTimeSeconds(second) - clock.GetUtcNow();
            // Timers round down to milliseconds: an early one would have to fire twice.
            sleep = TimeSpan.FromMilliseconds(
                Math.Clamp(Math.Ceiling(sleep.TotalMilliseconds), 0, SleepMax.TotalMilliseconds));
        }
        timer.Change(sleep, Timeout.InfiniteTimeSpan);
    }

    private long NowSecond() => Math.Max(0, clock.GetUtcNow().ToUnixTimeSeconds());
}
