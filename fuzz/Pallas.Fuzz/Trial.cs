namespace Pallas.Fuzz;

/// <summary>The effect of one input on its reader.</summary>
/// <param name="IsValue">A value was read; false for an error.</param>
/// <param name="Escape">The forbidden effect, or null. Its first word is its kind.</param>
public readonly record struct Trial(
    bool IsValue, double Milliseconds, long AllocatedBytes, double AllocationShare, string? Escape)
{
    private const double MillisecondsPerByte = 0.02;
    private const long AllocatedPerByte = 2000;

    /// <summary>A busy machine makes one reading slow, not three.</summary>
    private const int SlowRunsMax = 3;

    public static Trial Run(FuzzTarget target, byte[] input)
    {
        var trial = RunOnce(target, input);
        var timeMax = target.TimeBaseMs + MillisecondsPerByte * input.Length;
        for (var i = 1; i < SlowRunsMax && trial.Milliseconds > timeMax; i++)
        {
            var again = RunOnce(target, input);
            if (again.Milliseconds < trial.Milliseconds)
                trial = again;
        }
        return trial.Escape is null && trial.Milliseconds > timeMax
            ? trial with { Escape = $"time: {trial.Milliseconds:F0} ms of {timeMax:F0}" }
            : trial;
    }

    private static Trial RunOnce(FuzzTarget target, byte[] input)
    {
        var before = AllocatedBy(target);
        var start = target.Clock.GetTimestamp();
        object? value = null;
        string? escape = null;
        try
        {
            value = target.Read(input);
        }
        catch (Exception error)
        {
            escape = Describe(error);
        }
        var milliseconds = target.Clock.GetElapsedTime(start).TotalMilliseconds;
        var allocated = AllocatedBy(target) - before;
        var allowed = target.AllocationBaseBytes + AllocatedPerByte * input.Length;
        if (allocated > allowed)
            escape ??= $"allocation: {allocated:N0} bytes of {allowed:N0}";
        if (escape is null && value is not null)
            escape = Checked(target, value, input);
        return new Trial(
            value is not null, milliseconds, allocated, (double)allocated / allowed, escape);
    }

    /// <summary>For the process it is exact to the few kilobytes that each thread was given and has
    /// not used.</summary>
    private static long AllocatedBy(FuzzTarget target) => target.IsAlone
        ? GC.GetTotalAllocatedBytes()
        : GC.GetAllocatedBytesForCurrentThread();

    private static string? Checked(FuzzTarget target, object value, byte[] input)
    {
        try
        {
            target.Check(value, input);
            return null;
        }
        catch (Exception error)
        {
            return Describe(error);
        }
    }

    private static string Describe(Exception error) => error is PropertyFailure
        ? $"property: {error.Message}"
        : $"{error.GetType().Name}: {error.Message}\n{error.StackTrace}";
}
