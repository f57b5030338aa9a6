using System.Diagnostics;

namespace Pallas.Bench;

/// <summary>Seconds of the first run and of the fastest one.</summary>
internal readonly record struct Timing(double First, double Best, object Result)
{
    private const int RunCountMin = 3;
    private const int RunCountMax = 40;

    /// <summary>Runs again until .NET has had time to compile what is hot.</summary>
    private const double SecondsMin = 1;

    public static Timing Of(Func<object> action)
    {
        var (first, best, total) = (0.0, double.MaxValue, 0.0);
        object result = "";
        for (var run = 0; run < RunCountMin || (total < SecondsMin && run < RunCountMax); run++)
        {
            GC.Collect();
            var start = Stopwatch.GetTimestamp();
            result = action();
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            first = run == 0 ? seconds : first;
            best = Math.Min(best, seconds);
            total += seconds;
        }
        return new Timing(first, best, result);
    }
}
