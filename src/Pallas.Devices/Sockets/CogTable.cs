using Pallas.Machine;

namespace Pallas.Devices.Sockets;

/// <summary>The resources that a device has open for each cog. Any thread may use it.</summary>
/// <remarks>
/// The resources of a cog that has ended are closed in the background. The stop of the machine
/// waits for that, up to a limit.
/// </remarks>
internal sealed class CogTable<T>(Func<T, Task> close, TimeSpan closeMax) : IDisposable
    where T : class
{
    private readonly Lock gate = new();
    private readonly Dictionary<CogId, T> open = [];
    private readonly List<Task> closing = [];

    /// <param name="make">Opens the resource if the cog has none; gets those of the other cogs.
    /// </param>
    public T Of(CogId cog, Func<IEnumerable<T>, T> make)
    {
        lock (gate)
        {
            if (!open.TryGetValue(cog, out var found))
                open.Add(cog, found = make(open.Values));
            return found;
        }
    }

    /// <summary>Closes the resource of a cog.</summary>
    public void Forget(CogId cog)
    {
        lock (gate)
        {
            closing.RemoveAll(task => task.IsCompleted);
            if (open.Remove(cog, out var left))
                closing.Add(close(left));
        }
    }

    public void Dispose()
    {
        Task[] last;
        lock (gate)
        {
            last = [.. closing, .. open.Values.Select(close)];
            open.Clear();
        }
        Task.WaitAll(last, closeMax);
    }
}
