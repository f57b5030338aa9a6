using System.Diagnostics;

namespace Pallas.Fuzz;

/// <summary>An input that escaped.</summary>
/// <param name="Index">Of the input in the run; negative for one of the corpus.</param>
public sealed record Escape(string Target, ulong Seed, long Index, byte[] Input, string What);

/// <summary>The result of running one target for a time.</summary>
/// <param name="SlowestIndex">Of the input that took longest.</param>
public sealed record Campaign(
    string Target, long TriedCount, long ValuesCount, double SlowestMs, long SlowestIndex,
    long LargestBytes, double LargestShare, Escape? Escape)
{
    public long ErrorsCount => TriedCount - ValuesCount;

    /// <summary>Less than what a program has, so that recursion shows.</summary>
    private const int StackBytes = 1 << 20;

    private static readonly TimeSpan HangMin = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Runs a target on the corpus and then on generated inputs until the time is over or one
    /// escapes. An input that does not come back within a minute ends the run as well; its thread
    /// is left to itself.
    /// </summary>
    /// <param name="before">Told the index of each input before it is read.</param>
    /// <param name="countMax">Of generated inputs.</param>
    public static Campaign Run(
        FuzzTarget target, ulong seed, TimeSpan time, Action<long>? before = null,
        long countMax = long.MaxValue, long first = 0)
    {
        var run = new Running(target, seed, time, before, first, countMax);
        var thread = new Thread(run.Work, StackBytes) { IsBackground = true };
        thread.Start();
        while (!thread.Join(TimeSpan.FromSeconds(1)))
        {
            if (run.Hanging() is { } hanging)
                return hanging;
        }
        return run.Result;
    }

    private sealed class Running(
        FuzzTarget target, ulong seed, TimeSpan time, Action<long>? before, long first,
        long countMax)
    {
        private readonly long start = Stopwatch.GetTimestamp();
        private volatile byte[] current = [];
        private long currentStart = Stopwatch.GetTimestamp();
        private long currentIndex;

        /// <summary>Which input was there at the last look, and what this process had computed when
        /// it was first seen.</summary>
        private (long Start, TimeSpan Computed) looked;

        public Campaign Result { get; private set; } =
            new(target.Name, 0, 0, 0, 0, 0, 0, null);

        public void Work()
        {
            if (first == 0)
            {
                for (var i = 0; i < target.Corpus.Count && Result.Escape is null; i++)
                    Try(target.Corpus[i], -1 - i);
            }
            for (var index = first; index - first < countMax; index++)
            {
                if (Result.Escape is not null || Stopwatch.GetElapsedTime(start) > time)
                    return;
                before?.Invoke(index);
                Try(target.Input(RandomStream.For(target.Name, seed, index)), index);
            }
        }

        /// <summary>The result, if the current input seems never to come back.</summary>
        public Campaign? Hanging()
        {
            var started = Volatile.Read(ref currentStart);
            var waited = Stopwatch.GetElapsedTime(started);
            var input = current;
            var computed = Environment.CpuUsage.TotalTime;
            if (looked.Start != started)
                looked = (started, computed);
            if (waited < HangMin + 4 * TimeSpan.FromMilliseconds(target.TimeBaseMs))
                return null;
            // It may be that others had the processors all the time.
            if (computed - looked.Computed < HangMin / 2 && waited < 10 * HangMin)
                return null;
            return Result with
            {
                Escape = new Escape(
                    target.Name, seed, currentIndex, input, $"hang: {waited.TotalSeconds:F0} s"),
            };
        }

        private void Try(byte[] input, long index)
        {
            (current, currentIndex) = (input, index);
            Volatile.Write(ref currentStart, Stopwatch.GetTimestamp());
            var trial = Trial.Run(target, input);
            Escape? escape = null;
            if (trial.Escape is { } what)
            {
                var small = Shrinker.Shrink(target, input, what);
                escape = new Escape(target.Name, seed, index, small, what);
            }
            Result = new Campaign(
                target.Name, Result.TriedCount + 1,
                Result.ValuesCount + (trial.IsValue ? 1 : 0),
                Math.Max(Result.SlowestMs, trial.Milliseconds),
                trial.Milliseconds > Result.SlowestMs ? index : Result.SlowestIndex,
                Math.Max(Result.LargestBytes, trial.AllocatedBytes),
                Math.Max(Result.LargestShare, trial.AllocationShare), escape);
        }
    }
}
