namespace Pallas.Bench.Soak;

/// <summary>Waiting times and failures of the clients of one kind. Any thread may add one.
/// </summary>
internal sealed class Waits(string name)
{
    private readonly Lock gate = new();
    private readonly List<double> times = [];
    private readonly Dictionary<string, int> faults = [];

    public string Name => name;

    public int Count
    {
        get
        {
            lock (gate)
                return times.Count;
        }
    }

    public int FaultCount
    {
        get
        {
            lock (gate)
                return faults.Values.Sum();
        }
    }

    public double LongestMs
    {
        get
        {
            lock (gate)
                return times.Count == 0 ? 0 : times.Max();
        }
    }

    public void Add(TimeSpan time)
    {
        lock (gate)
            times.Add(time.TotalMilliseconds);
    }

    public void AddFault(string what)
    {
        lock (gate)
            faults[what] = faults.GetValueOrDefault(what) + 1;
    }

    /// <summary>A line of Markdown.</summary>
    public override string ToString()
    {
        lock (gate)
        {
            times.Sort();
            var wrong = string.Join(
                ", ", faults.Select(pair => $"{pair.Value} x {pair.Key}").DefaultIfEmpty("none"));
            return times.Count == 0
                ? $"| {name} | 0 | | | | {wrong} |"
                : $"| {name} | {times.Count:N0} | {At(50):N1} | {At(99):N1} | {times[^1]:N0} "
                    + $"| {wrong} |";
        }
    }

    private double At(int percent) => times[times.Count * percent / 100];
}
