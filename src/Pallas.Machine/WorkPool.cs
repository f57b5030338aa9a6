using Pallas.Values;

namespace Pallas.Machine;

/// <summary>The lanes that evaluate. The pool makes a new one when work finds none idle.</summary>
/// <remarks>
/// Work begins in the order of posting. It may continue in further steps
/// (<see cref="Worker.Then"/>), which its lane runs before other work.
/// <para>
/// One lane for each processor is awake: to wake a thread for each piece of short work costs far
/// more than the work. If all of them are busy with long work, so that no work has begun for
/// <see cref="StuckMs"/>, the pool wakes one more, and so on. The timer for that runs only while
/// work waits.
/// </para>
/// </remarks>
internal sealed class WorkPool(MachineContext context, Action<Exception> fail)
{
    private const int StackBytes = 16 << 20;

    private const int StuckMs = 2;

    private readonly Lock gate = new();
    private readonly Queue<Action<Worker>> queue = new();
    private readonly List<Place> places = [];
    private readonly Stack<Place> idle = new();
    private ITimer? watch;
    private bool watching;
    private int begunCount;
    private int begunBefore;
    private bool held;
    private bool closed;

    /// <summary>Runs the work on some lane. Work posted after closing is dropped.</summary>
    public void Post(Action<Worker> work)
    {
        lock (gate)
        {
            if (closed)
                return;
            queue.Enqueue(work);
            if (!held)
                WakeSome();
        }
    }

    /// <summary>Work waits for a lane.</summary>
    public bool HasWaiting
    {
        get
        {
            lock (gate)
                return held || queue.Count > 0;
        }
    }

    /// <summary>Begins no more work until <see cref="Release"/>.</summary>
    public void Hold()
    {
        lock (gate)
            held = true;
    }

    public void Release()
    {
        lock (gate)
        {
            held = false;
            for (var i = Math.Min(queue.Count, Math.Max(1, idle.Count)); i > 0; i--)
                WakeSome();
        }
    }

    /// <summary>Drops waiting work, interrupts running work, and waits for the lanes to end.
    /// </summary>
    public void Close()
    {
        Place[] all;
        lock (gate)
        {
            closed = true;
            queue.Clear();
            watch?.Dispose();
            all = [.. places];
        }
        foreach (var place in all)
            place.Worker.Interrupt();
        foreach (var place in all)
        {
            place.Lane!.Close();
            place.Worker.Dispose();
        }
    }

    /// <summary>Wakes a lane for posted work, or starts the timer that limits its wait.</summary>
    private void WakeSome()
    {
        if (places.Count - idle.Count < context.Scheduler.LanesAtOnce)
            WakeOne();
        else
            Watch();
    }

    private void Watch()
    {
        if (watching || closed)
            return;
        watching = true;
        begunBefore = begunCount;
        watch ??= context.Scheduler.Time.CreateTimer(
            _ => WakeForStuckWork(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        watch.Change(TimeSpan.FromMilliseconds(StuckMs), Timeout.InfiniteTimeSpan);
    }

    private void WakeForStuckWork()
    {
        lock (gate)
        {
            watching = false;
            if (queue.Count == 0 || held || closed)
                return;
            if (begunCount == begunBefore)
                WakeOne();
            Watch();
        }
    }

    private void WakeOne()
    {
        if (idle.TryPop(out var place))
        {
            Invariant.Check(place.IsIdle, "a lane that is woken was idle");
            place.IsIdle = false;
            place.Lane!.Wake();
        }
        else if (places.Count < context.Options.ThreadsMax)
        {
            var added = new Place(new Worker(context));
            var name = $"cogs {places.Count}";
            places.Add(added);
            added.Lane = context.Scheduler.Start(name, StackBytes, () => Step(added));
        }
    }

    private bool Step(Place place)
    {
        if ((place.Worker.TakeNext() ?? Begin(place)) is not { } work)
            return false;
        try
        {
            work(place.Worker);
        }
        catch (Exception error)
        {
            fail(error);
        }
        return true;
    }

    private Action<Worker>? Begin(Place place)
    {
        lock (gate)
        {
            if (!held && queue.TryDequeue(out var work))
            {
                begunCount++;
                return work;
            }
            if (!place.IsIdle && !closed)
                idle.Push(place);
            Invariant.Check(
                idle.Count <= places.Count, $"{idle.Count} of {places.Count} lanes are idle");
            place.IsIdle = true;
            return null;
        }
    }

    /// <summary>A lane and its worker. The pool's lock guards it.</summary>
    private sealed class Place(Worker worker)
    {
        public Worker Worker { get; } = worker;

        public ILane? Lane { get; set; }

        /// <summary>The lane is in the idle stack.</summary>
        public bool IsIdle { get; set; }
    }
}
