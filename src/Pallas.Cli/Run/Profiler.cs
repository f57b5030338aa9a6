using System.Text.Json;
using Pallas.Eval;

namespace Pallas.Cli.Run;

/// <summary>
/// Samples the running laws once a millisecond and writes time and allocation by law in the format
/// of speedscope.
/// </summary>
/// <remarks>
/// A thread asks each running evaluator for a sample; the evaluator takes it at its
/// next call, so time in native code counts for the next caller. Equal stacks are one entry. Time
/// in which nothing is evaluated (reading, printing, waiting) is not in the profile.
/// </remarks>
internal sealed class Profiler : EvalProfile, IDisposable
{
    private const int IntervalMs = 1;
    private const int DepthMax = 200;
    private const int StacksMax = 20_000;

    /// <summary>A sample may not take more than this part of the time.</summary>
    private const int CostShare = 4;

    private static readonly string[] Dropped = ["(other stacks)"];

    private readonly Lock gate = new();
    private readonly List<Watched> evaluators = [];
    private readonly Dictionary<string, Spent> stacks = [];
    private readonly CancellationTokenSource stop = new();
    private readonly TimeProvider clock;
    private readonly Thread thread;

    public Profiler(TimeProvider clock)
    {
        this.clock = clock;
        thread = new Thread(Run) { IsBackground = true, Name = "profiler" };
        thread.Start();
    }

    public void Dispose()
    {
        stop.Cancel();
        thread.Join();
        stop.Dispose();
    }

    public void Write(Stream stream)
    {
        lock (gate)
        {
            using var json = new Utf8JsonWriter(stream);
            var frames = new Dictionary<string, int>();
            foreach (var name in stacks.Values.SelectMany(spent => spent.Stack))
                frames.TryAdd(name, frames.Count);
            json.WriteStartObject();
            json.WriteString("$schema", "https://www.speedscope.app/file-format-schema.json");
            json.WriteString("exporter", "pallas");
            json.WriteStartObject("shared");
            json.WriteStartArray("frames");
            foreach (var name in frames.Keys)
            {
                json.WriteStartObject();
                json.WriteString("name", name);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartArray("profiles");
            WriteProfile(json, frames, "time", "milliseconds", spent => spent.Milliseconds);
            WriteProfile(json, frames, "allocation", "bytes", spent => spent.Bytes);
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    protected override void Attach(Evaluator evaluator)
    {
        lock (gate)
            evaluators.Add(new Watched(new WeakReference<Evaluator>(evaluator)));
    }

    protected override void Sample(Evaluator evaluator)
    {
        var began = clock.GetTimestamp();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        lock (gate)
        {
            if (Find(evaluator) is not { PendingMs: > 0 } watched)
                return;
            var stack = evaluator.LawStack(DepthMax);
            var bytes = watched.ThreadId == Environment.CurrentManagedThreadId
                ? allocated - watched.BytesBefore
                : 0;
            if (stack.Count > 0)
                Add(stack, watched.PendingMs, bytes);
            watched.PendingMs = 0;
            watched.ThreadId = Environment.CurrentManagedThreadId;
            watched.BytesBefore = GC.GetAllocatedBytesForCurrentThread();
            watched.RestMs = CostShare * clock.GetElapsedTime(began).TotalMilliseconds;
        }
    }

    private void Run()
    {
        var last = clock.GetTimestamp();
        while (!stop.Token.WaitHandle.WaitOne(IntervalMs))
        {
            var elapsedMs = clock.GetElapsedTime(last).TotalMilliseconds;
            last = clock.GetTimestamp();
            lock (gate)
            {
                evaluators.RemoveAll(watched => !watched.Evaluator.TryGetTarget(out _));
                foreach (var watched in evaluators)
                    Ask(watched, elapsedMs);
            }
        }
    }

    private static void Ask(Watched watched, double elapsedMs)
    {
        if (!watched.Evaluator.TryGetTarget(out var evaluator))
            return;
        watched.RestMs -= elapsedMs;
        if (!evaluator.IsRunning)
        {
            watched.PendingMs = 0;
            return;
        }
        watched.PendingMs += elapsedMs;
        if (watched.RestMs <= 0)
            evaluator.RequestSample();
    }

    private Watched? Find(Evaluator evaluator) => evaluators.Find(watched =>
        watched.Evaluator.TryGetTarget(out var target) && ReferenceEquals(target, evaluator));

    private void Add(IReadOnlyList<string> stack, double milliseconds, long bytes)
    {
        var key = string.Join('\n', stack);
        if (!stacks.TryGetValue(key, out var spent))
        {
            (key, stack) = stacks.Count < StacksMax ? (key, stack) : ("", Dropped);
            if (!stacks.TryGetValue(key, out spent))
                stacks[key] = spent = new Spent(stack);
        }
        spent.Milliseconds += milliseconds;
        spent.Bytes += bytes;
    }

    private void WriteProfile(
        Utf8JsonWriter json, Dictionary<string, int> frames, string name, string unit,
        Func<Spent, double> weigh)
    {
        json.WriteStartObject();
        json.WriteString("type", "sampled");
        json.WriteString("name", name);
        json.WriteString("unit", unit);
        json.WriteNumber("startValue", 0);
        json.WriteNumber("endValue", stacks.Values.Sum(weigh));
        json.WriteStartArray("samples");
        foreach (var spent in stacks.Values)
        {
            json.WriteStartArray();
            foreach (var frame in spent.Stack)
                json.WriteNumberValue(frames[frame]);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteStartArray("weights");
        foreach (var spent in stacks.Values)
            json.WriteNumberValue(weigh(spent));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private sealed record Watched(WeakReference<Evaluator> Evaluator)
    {
        /// <summary>Time since the last sample in which it ran.</summary>
        public double PendingMs;

        /// <summary>The pause before the next sample, after a slow one.</summary>
        public double RestMs;
        public int ThreadId;
        public long BytesBefore;
    }

    private sealed record Spent(IReadOnlyList<string> Stack)
    {
        public double Milliseconds;
        public long Bytes;
    }
}
