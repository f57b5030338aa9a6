using System.Collections.Concurrent;
using Pallas.Values;

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
    private int waitingCount;

    public ServedFunctions(MachineOptions options, int threadsMax, string whose)
    {
        this.options = options;
        pool = new WorkPool(
            options with { ThreadsMax = threadsMax },
            error => options.Message?.Invoke($"{whose}: {error.Message}"));
    }

    /// <summary>What it traces is shown at once.</summary>
    /// <param name="stop">Nobody waits any more.</param>
    /// <returns>Null where too many wait already.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="Store.StoreError">A part of the state cannot be read.</exception>
    public ValueTask<Outcome?> Evaluate(
        CogId cog, Value function, Value argument, CancellationToken stop)
    {
        if (!workers.TryTake(out var worker))
            worker = new Worker(options);
        Outcome outcome;
        worker.Begin();
        try
        {
            outcome = worker.Apply(SoonTimeMax, function, [argument]);
        }
        finally
        {
            worker.End();
        }
        var traces = worker.TakeTraces();
        workers.Add(worker);
        if (outcome is Outcome.TimedOut)
            return new(Post(new Job(cog, function, argument), stop));
        Show(cog, traces);
        return new(outcome);
    }

    public void Dispose()
    {
        pool.Close();
        while (workers.TryTake(out var worker))
            worker.Dispose();
    }

    private async Task<Outcome?> Post(Job job, CancellationToken stop)
    {
        if (Interlocked.Increment(ref waitingCount) > options.Sockets.EvaluationsMax)
        {
            Interlocked.Decrement(ref waitingCount);
            return null;
        }
        try
        {
            pool.Post(worker => Run(worker, job));
            // Who has gone is not computed for any more.
            using (stop.Register(job.Stop))
                return await job.Done.ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref waitingCount);
        }
    }

    private void Run(Worker worker, Job job)
    {
        worker.Begin();
        try
        {
            if (!job.TryBegin(worker, out var function, out var argument))
                return;
            var outcome = worker.Apply(options.EventTimeMax, function, [argument]);
            Show(job.Cog, worker.TakeTraces());
            job.End(outcome);
        }
        catch (Exception error)
        {
            job.Fail(error);
        }
        finally
        {
            worker.End();
        }
    }

    private void Show(CogId cog, IReadOnlyList<Value> traces)
    {
        foreach (var value in traces)
            options.Trace?.Invoke(cog, value);
    }

    /// <summary>An evaluation that waits for a thread, or has one.</summary>
    private sealed class Job(CogId cog, Value function, Value argument)
    {
        private readonly Lock gate = new();
        private readonly TaskCompletionSource<Outcome> done =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Null once it is not needed any more.</summary>
        private (Value Function, Value Argument)? call = (function, argument);
        private Worker? running;

        public CogId Cog { get; } = cog;

        public Task<Outcome> Done => done.Task;

        public void Stop()
        {
            lock (gate)
            {
                call = null;
                running?.Interrupt();
            }
            done.TrySetCanceled();
        }

        /// <summary>False where it was stopped before.</summary>
        public bool TryBegin(Worker worker, out Value function, out Value argument)
        {
            lock (gate)
            {
                (function, argument) = call.GetValueOrDefault();
                running = call is null ? null : worker;
                return call is not null;
            }
        }

        public void End(Outcome outcome)
        {
            LetGo();
            done.TrySetResult(outcome);
        }

        public void Fail(Exception error)
        {
            LetGo();
            done.TrySetException(error);
        }

        private void LetGo()
        {
            lock (gate)
                running = null;
        }
    }
}
