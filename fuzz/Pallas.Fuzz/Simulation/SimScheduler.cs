using Pallas.Machine;

namespace Pallas.Fuzz.Simulation;

/// <summary>All lanes on one thread: the next step is that of a lane that is picked.</summary>
/// <remarks>
/// Some lanes are slow, by chance, so that orders come up that an even choice would hardly make:
/// a writer far behind, a snapshot that starts late.
/// </remarks>
internal sealed class SimScheduler(RandomStream random) : IScheduler
{
    private static readonly int[] Slownesses = [0, 0, 0, 1, 4, 20];

    private readonly List<Lane> ready = [];

    public bool HasReady => ready.Count > 0;

    public ILane Start(string name, int stackBytes, Func<bool> step)
    {
        var lane = new Lane(this, step, random.Pick(Slownesses));
        lane.Wake();
        return lane;
    }

    public void Run(int stackBytes, Action work) => work();

    /// <summary>One step of some lane that is ready.</summary>
    public void StepOne()
    {
        var lane = random.Pick(ready);
        if (ready.Count > 1 && random.Below(lane.Slowness + 1) != 0)
            lane = random.Pick(ready);
        lane.Step();
    }

    private sealed class Lane(SimScheduler scheduler, Func<bool> step, int slowness) : ILane
    {
        private bool isReady;
        private bool running;
        private bool closed;

        public int Slowness => slowness;

        public void Wake()
        {
            if (isReady || closed)
                return;
            isReady = true;
            scheduler.ready.Add(this);
        }

        public void Step()
        {
            isReady = false;
            scheduler.ready.Remove(this);
            running = true;
            if (step())
                Wake();
            running = false;
        }

        public void Close()
        {
            while (isReady && !running)
                Step();
            closed = true;
            if (isReady)
                scheduler.ready.Remove(this);
            isReady = false;
        }
    }
}
