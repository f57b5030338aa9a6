namespace Pallas.Machine;

/// <summary>Threads of our own that evaluate; one is made when work finds none idle.</summary>
/// <remarks>
/// Work is begun in the order of posting. An idle thread blocks and costs nothing.
/// </remarks>
internal sealed class WorkPool(MachineOptions options, Action<Exception> fail)
{
    private const int StackBytes = 16 << 20;

    private readonly object gate = new();
    private readonly Queue<Action<Worker>> queue = new();
    private readonly List<(Thread Thread, Worker Worker)> threads = [];
    private int idleCount;
    private bool closed;

    /// <summary>
    /// Does the work on some thread; work that is posted after closing is dropped.
    /// </summary>
    public void Post(Action<Worker> work)
    {
        lock (gate)
        {
            if (closed)
                return;
            queue.Enqueue(work);
            if (queue.Count > idleCount && threads.Count < options.ThreadsMax)
                AddThread();
            else
                Monitor.Pulse(gate);
        }
    }

    /// <summary>
    /// Drops waiting work, interrupts what runs, and waits for the threads to end.
    /// </summary>
    public void Close()
    {
        (Thread Thread, Worker Worker)[] all;
        lock (gate)
        {
            closed = true;
            queue.Clear();
            Monitor.PulseAll(gate);
            all = [.. threads];
        }
        foreach (var (_, worker) in all)
            worker.Interrupt();
        foreach (var (thread, worker) in all)
        {
            if (thread != Thread.CurrentThread)
                thread.Join();
            worker.Dispose();
        }
    }

    private void AddThread()
    {
        var worker = new Worker(options);
        var thread = new Thread(() => Work(worker), StackBytes)
        {
            IsBackground = true,
            Name = $"cogs {threads.Count}",
        };
        threads.Add((thread, worker));
        thread.Start();
    }

    private void Work(Worker worker)
    {
        while (Take() is { } work)
        {
            try
            {
                work(worker);
            }
            catch (Exception error)
            {
                fail(error);
            }
        }
    }

    private Action<Worker>? Take()
    {
        lock (gate)
        {
            idleCount++;
            while (queue.Count == 0 && !closed)
                Monitor.Wait(gate);
            idleCount--;
            return closed ? null : queue.Dequeue();
        }
    }
}
