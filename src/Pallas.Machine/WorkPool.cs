namespace Pallas.Machine;

/// <summary>Lanes of our own that evaluate; one is made when work finds none idle.</summary>
/// <remarks>
/// Work is begun in the order of posting. It may go on in further steps
/// (<see cref="Worker.Then"/>), which its lane takes before it begins other work.
/// <para>
/// As many lanes are awake as there are processors: waking a thread for each piece of short work
/// costs far more than the work. Where all of them are busy with long work, so that waiting work
/// has not got on for <see cref="StuckMs"/>, one more is woken, and so on. The timer that watches
/// runs only while work waits.
/// </para>
/// </remarks>
internal sealed class WorkPool(MachineOptions options, Action<Exception> fail)
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

    /// <summary>
    /// Does the work on some lane; work that is posted after closing is dropped.
    /// </summary>
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

    /// <summary>
    /// Drops waiting work, interrupts what runs, and waits for the lanes to end.
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

    /// <summary>Wakes a lane for work that was posted, or sees to it that it does not wait long.
    /// </summary>
    private void WakeSome()
    {
        if (places.Count - idle.Count < options.Scheduler.LanesAtOnce)
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
        watch ??= TimeProvider.System.CreateTimer(
            _ => LookForStuckWork(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        watch.Change(TimeSpan.FromMilliseconds(StuckMs), Timeout.InfiniteTimeSpan);
    }

    private void LookForStuckWork()
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
            place.IsIdle = false;
            place.Lane!.Wake();
        }
        else if (places.Count < options.ThreadsMax)
        {
            var added = new Place(new Worker(options));
            var name = $"cogs {places.Count}";
            places.Add(added);
            added.Lane = options.Scheduler.Start(name, StackBytes, () => Step(added));
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
            place.IsIdle = true;
            return null;
        }
    }

    /// <summary>A lane and what it evaluates with. Guarded by the pool's gate.</summary>
    private sealed class Place(Worker worker)
    {
        public Worker Worker { get; } = worker;

        public ILane? Lane { get; set; }

        /// <summary>It is among the idle ones.</summary>
        public bool IsIdle { get; set; }
    }
}
