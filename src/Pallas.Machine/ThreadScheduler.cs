using System.Runtime.ExceptionServices;

namespace Pallas.Machine;

/// <summary>Runs each lane on a thread of its own. An idle lane blocks its thread.</summary>
public sealed class ThreadScheduler : IScheduler
{
    public static readonly ThreadScheduler Instance = new();

    private ThreadScheduler()
    {
    }

    public int LanesAtOnce => Environment.ProcessorCount;

    public bool MayUseThreads => LanesAtOnce > 1;

    public ILane Start(string name, int stackBytes, Func<bool> step) =>
        new Lane(name, stackBytes, step);

    public void Run(int stackBytes, Action work)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    work();
                }
                catch (Exception error)
                {
                    failure = ExceptionDispatchInfo.Capture(error);
                }
            },
            stackBytes);
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    private sealed class Lane : ILane
    {
        private readonly object gate = new();
        private readonly Func<bool> step;
        private readonly Thread thread;
        private bool woken;
        private bool closed;

        public Lane(string name, int stackBytes, Func<bool> step)
        {
            this.step = step;
            thread = new Thread(Work, stackBytes) { IsBackground = true, Name = name };
            thread.Start();
        }

        public void Wake()
        {
            lock (gate)
            {
                woken = true;
                Monitor.Pulse(gate);
            }
        }

        public void Close()
        {
            lock (gate)
            {
                closed = true;
                Monitor.Pulse(gate);
            }
            if (thread != Thread.CurrentThread)
                thread.Join();
        }

        private void Work()
        {
            do
            {
                while (step())
                {
                }
            }
            while (IsWoken());
        }

        private bool IsWoken()
        {
            lock (gate)
            {
                while (!woken && !closed)
                    Monitor.Wait(gate);
                var was = woken;
                woken = false;
                return was;
            }
        }
    }
}
