using System.Collections.Concurrent;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>Evaluates the functions that cogs hand to a device, beside the cogs and without events.
/// </summary>
/// <remarks>
/// Most evaluations take microseconds, less than a switch of threads, so each begins on the thread
/// of its caller. One that takes longer begins again on a thread of the pool, which is allowed
/// because it is pure. So no slow one blocks the threads of the server.
/// </remarks>
public sealed class ServedFunctions : IDisposable
{
    private static readonly TimeSpan SoonTimeMax = TimeSpan.FromMilliseconds(5);

    private readonly MachineContext context;
    private readonly WorkPool pool;
    private readonly ConcurrentBag<Worker> workers = [];
    private readonly int waitingMax;
    private int waitingCount;

    public ServedFunctions(
        MachineContext context, int threadsMax, int waitingMax, string whose)
    {
        this.waitingMax = waitingMax;
        this.context = context;
        pool = new WorkPool(
            context with { Options = context.Options with { ThreadsMax = threadsMax } },
            error => context.Message?.Invoke($"{whose}: {error.Message}"));
    }

    /// <summary>Shows its traces at once.</summary>
    /// <param name="stop">Cancelled when the client is gone.</param>
    /// <returns>Null if too many evaluations wait already.</returns>
    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    /// <exception cref="Store.StoreError">A part of the state cannot be read.</exception>
    public ValueTask<Outcome?> Evaluate(
        CogId cog, Value function, Value argument, CancellationToken stop)
    {
        if (!workers.TryTake(out var worker))
            worker = new Worker(context);
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
        if (Interlocked.Increment(ref waitingCount) > waitingMax)
        {
            Interlocked.Decrement(ref waitingCount);
            return null;
        }
        try
        {
            pool.Post(worker => Run(worker, job));
            // A client that is gone needs no result: stop the evaluation.
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
            var outcome = worker.Apply(context.Options.EventTimeMax, function, [argument]);
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
            context.Trace?.Invoke(cog, value);
    }

    /// <summary>An evaluation that waits for a thread or runs on one.</summary>
    private sealed class Job(CogId cog, Value function, Value argument)
    {
        private readonly Lock gate = new();
        private readonly TaskCompletionSource<Outcome> done =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Null once the client is gone.</summary>
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

        /// <summary>False if the client is gone.</summary>
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
            Release();
            done.TrySetResult(outcome);
        }

        public void Fail(Exception error)
        {
            Release();
            done.TrySetException(error);
        }

        private void Release()
        {
            lock (gate)
                running = null;
        }
    }
}
