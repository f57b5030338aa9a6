namespace Pallas.Machine.Devices;

/// <summary>What a device has open for each cog that called it. From any thread.</summary>
/// <remarks>
/// What a cog leaves behind is closed beside the work; the end of the machine waits for that, but
/// not for ever.
/// </remarks>
internal sealed class CogTable<T>(Func<T, Task> close, TimeSpan closeMax) : IDisposable
    where T : class
{
    private readonly Lock gate = new();
    private readonly Dictionary<CogId, T> open = [];
    private readonly List<Task> closing = [];

    /// <param name="make">Opens it where the cog has none; gets those of the other cogs.</param>
    public T Of(CogId cog, Func<IEnumerable<T>, T> make)
    {
        lock (gate)
        {
            if (!open.TryGetValue(cog, out var found))
                open.Add(cog, found = make(open.Values));
            return found;
        }
    }

    /// <summary>Closes what the cog had.</summary>
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
