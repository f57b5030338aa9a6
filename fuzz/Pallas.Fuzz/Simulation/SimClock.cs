namespace Pallas.Fuzz.Simulation;

/// <summary>
/// A clock that moves only when the simulation advances it. Its time of day may jump either way.
/// Timers and timestamps follow the time that really passed.
/// </summary>
internal sealed class SimClock : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SortedDictionary<(long Due, long Id), Action> due = [];
    private long nextId;
    private long passedTicks;
    private long jumpedTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public long NowSecond => GetUtcNow().ToUnixTimeSeconds();

    public bool HasTimer => due.Count > 0;

    /// <summary>Whether a timer is due now.</summary>
    public bool IsDue => due.Count > 0 && due.First().Key.Due <= passedTicks;

    public override DateTimeOffset GetUtcNow() => Start.AddTicks(passedTicks + jumpedTicks);

    public override long GetTimestamp() => passedTicks;

    public override ITimer CreateTimer(
        TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    public void Pass(TimeSpan time) => passedTicks += time.Ticks;

    /// <summary>Sets the time of day, not before the first day.</summary>
    public void Jump(TimeSpan by) => jumpedTicks = Math.Max(-passedTicks, jumpedTicks + by.Ticks);

    /// <summary>Lets time pass until the next timer is due, and fires it.</summary>
    public void FireNext()
    {
        var (key, fire) = due.First();
        due.Remove(key);
        passedTicks = Math.Max(passedTicks, key.Due);
        fire();
    }

    /// <summary>Forgets all timers: their process is gone.</summary>
    public void ForgetTimers() => due.Clear();

    private sealed class SimTimer(SimClock clock, Action fire) : ITimer
    {
        private (long Due, long Id)? key;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (key is { } old)
                clock.due.Remove(old);
            key = null;
            if (dueTime == Timeout.InfiniteTimeSpan)
                return true;
            key = (clock.passedTicks + dueTime.Ticks, clock.nextId++);
            clock.due.Add(key.Value, fire);
            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
