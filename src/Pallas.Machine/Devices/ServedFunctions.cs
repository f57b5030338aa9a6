using System.Collections.Concurrent;
using Pallas.Plan;

namespace Pallas.Machine.Devices;

/// <summary>Functions that a cog hands to a device, called beside the cog and without an event.
/// </summary>
/// <remarks>
/// Most take microseconds, less than it takes to hand them to another thread: so each is begun on
/// the thread of its caller. One that is not done soon begins again on a thread of the pool, which
/// is allowed since it is pure; so no slow one keeps the threads of the server.
/// </remarks>
internal sealed class ServedFunctions : IDisposable
{
    private static readonly TimeSpan SoonTimeMax = TimeSpan.FromMilliseconds(5);

    private readonly MachineOptions options;
    private readonly WorkPool pool;
    private readonly ConcurrentBag<Worker> workers = [];

    public ServedFunctions(MachineOptions options, int threadsMax, string whose)
    {
        this.options = options;
        pool = new WorkPool(
            options with { ThreadsMax = threadsMax },
            error => options.Message?.Invoke($"{whose}: {error.Message}"));
    }

    /// <summary>What it traces is shown at once.</summary>
    public ValueTask<Outcome> Evaluate(CogId cog, Value function, Value argument)
    {
        if (!workers.TryTake(out var worker))
            worker = new Worker(options);
        var outcome = Run(worker, SoonTimeMax, function, argument);
        var traces = worker.TakeTraces();
        workers.Add(worker);
        if (outcome is Outcome.TimedOut)
            return new(Post(cog, function, argument));
        Show(cog, traces);
        return new(outcome);
    }

    public void Dispose()
    {
        pool.Close();
        while (workers.TryTake(out var worker))
            worker.Dispose();
    }

    private static Outcome Run(Worker worker, TimeSpan timeMax, Value function, Value argument)
    {
        worker.Begin();
        var outcome = worker.Apply(timeMax, function, [argument]);
        worker.End();
        return outcome;
    }

    private Task<Outcome> Post(CogId cog, Value function, Value argument)
    {
        var done = new TaskCompletionSource<Outcome>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        pool.Post(worker =>
        {
            try
            {
                var outcome = Run(worker, options.EventTimeMax, function, argument);
                Show(cog, worker.TakeTraces());
                done.SetResult(outcome);
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        });
        return done.Task;
    }

    private void Show(CogId cog, IReadOnlyList<Value> traces)
    {
        foreach (var value in traces)
            options.Trace?.Invoke(cog, value);
    }
}
