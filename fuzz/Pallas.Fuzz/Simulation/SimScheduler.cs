using Pallas.Machine;

namespace Pallas.Fuzz.Simulation;

/// <summary>All lanes on one thread: the next step is that of a lane that is picked.</summary>
/// <remarks>
/// Some lanes are slow, by chance, so that orders come up that an even choice would hardly make:
/// a writer far behind, a snapshot that starts late. The lanes that work in the background take
/// long steps; others take theirs in the middle of these, wherever the store is called. The lanes
/// that compute and commit call it with locks held, and are not interrupted.
/// </remarks>
internal sealed class SimScheduler(RandomStream random) : IScheduler
{
    private const int StepsWithinMax = 12;
    private const int InterruptOneIn = 12;

    private static readonly int[] Slownesses = [0, 0, 0, 1, 4, 20];
    private static readonly string[] Foreground = ["cogs", "commit"];

    private readonly List<Lane> ready = [];
    private Lane? current;

    public bool HasReady => ready.Count > 0;

    public ILane Start(string name, int stackBytes, Func<bool> step)
    {
        var isForeground = Foreground.Any(each => name.StartsWith(each, StringComparison.Ordinal));
        var lane = new Lane(this, step, random.Pick(Slownesses), isForeground);
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

    /// <summary>Lets others take some steps in the middle of a step in the background.</summary>
    public void Interrupt()
    {
        if (current is not { IsForeground: false } || !random.OneIn(InterruptOneIn))
            return;
        for (var i = random.Skewed(StepsWithinMax); i > 0 && HasReady; i--)
            StepOne();
    }

    private sealed class Lane(
        SimScheduler scheduler, Func<bool> step, int slowness, bool isForeground) : ILane
    {
        private bool isReady;
        private bool isWoken;
        private bool isRunning;
        private bool isClosed;

        public int Slowness => slowness;

        public bool IsForeground => isForeground;

        public void Wake()
        {
            isWoken = !isClosed;
            if (isReady || isClosed || isRunning)
                return;
            isReady = true;
            scheduler.ready.Add(this);
        }

        public void Step()
        {
            isReady = false;
            scheduler.ready.Remove(this);
            var outer = scheduler.current;
            (scheduler.current, isRunning, isWoken) = (this, true, false);
            var hasMore = step();
            (scheduler.current, isRunning) = (outer, false);
            if (hasMore || isWoken)
                Wake();
        }

        public void Close()
        {
            while (isReady)
                Step();
            isClosed = true;
        }
    }
}
