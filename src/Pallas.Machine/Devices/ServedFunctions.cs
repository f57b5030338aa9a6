using Pallas.Plan;

namespace Pallas.Machine.Devices;

/// <summary>Functions that a cog hands to a device, called beside the cog and without an event.
/// </summary>
internal static class ServedFunctions
{
    /// <summary>What it traces is shown at once.</summary>
    public static Task<Outcome> Evaluate(
        this WorkPool pool, MachineOptions options, CogId cog, Value function, Value argument)
    {
        var done = new TaskCompletionSource<Outcome>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        pool.Post(worker =>
        {
            try
            {
                worker.Begin();
                var outcome = worker.Apply(options.EventTimeMax, function, [argument]);
                worker.End();
                foreach (var value in worker.TakeTraces())
                    options.Trace?.Invoke(cog, value);
                done.SetResult(outcome);
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        });
        return done.Task;
    }
}
