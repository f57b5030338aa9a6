namespace Pallas.Machine;

/// <summary>Lanes of our own that evaluate; one is made when work finds none idle.</summary>
/// <remarks>
/// Work is begun in the order of posting. It may go on in further steps
/// (<see cref="Worker.Then"/>), which its lane takes before it begins other work.
/// </remarks>
internal sealed class WorkPool(MachineOptions options, Action<Exception> fail)
{
    private const int StackBytes = 16 << 20;

    private readonly Lock gate = new();
    private readonly Queue<Action<Worker>> queue = new();
    private readonly List<Place> places = [];
    private readonly Stack<Place> idle = new();
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
                WakeOne();
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
                WakeOne();
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
                return work;
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
