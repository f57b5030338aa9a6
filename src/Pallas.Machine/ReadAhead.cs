using System.Runtime.ExceptionServices;
using Pallas.Values;

namespace Pallas.Machine;

/// <summary>Enumerates a sequence on a thread of its own, a few items ahead of the consumer.
/// </summary>
/// <remarks>
/// The consumer gets an exception of the thread after all items before it. The thread has ended
/// when the enumeration ends or is disposed.
/// </remarks>
internal static class ReadAhead
{
    private const int StackBytes = 16 << 20;
    private const int ItemsMax = 16;

    public static IEnumerable<T> Of<T>(IEnumerable<T> source)
        where T : class
    {
        var feed = new Feed<T>();
        var thread = new Thread(() => feed.Fill(source), StackBytes) { Name = "read ahead" };
        thread.Start();
        try
        {
            while (feed.Take() is { } item)
                yield return item;
        }
        finally
        {
            feed.Stop();
            thread.Join();
        }
    }

    private sealed class Feed<T>
        where T : class
    {
        private readonly object gate = new();
        private readonly Queue<T> ready = new();
        private ExceptionDispatchInfo? failure;
        private bool ended;
        private bool stopped;

        public void Fill(IEnumerable<T> source)
        {
            try
            {
                foreach (var item in source)
                {
                    if (!Put(item))
                        break;
                }
            }
            catch (Exception error)
            {
                failure = ExceptionDispatchInfo.Capture(error);
            }
            lock (gate)
            {
                ended = true;
                Monitor.PulseAll(gate);
            }
        }

        /// <summary>Null at the end.</summary>
        public T? Take()
        {
            lock (gate)
            {
                while (ready.Count == 0 && !ended)
                    Monitor.Wait(gate);
                Monitor.PulseAll(gate);
                if (ready.TryDequeue(out var item))
                    return item;
            }
            failure?.Throw();
            return null;
        }

        public void Stop()
        {
            lock (gate)
            {
                stopped = true;
                Monitor.PulseAll(gate);
            }
        }

        private bool Put(T item)
        {
            lock (gate)
            {
                while (ready.Count >= ItemsMax && !stopped)
                    Monitor.Wait(gate);
                ready.Enqueue(item);
                Invariant.Check(
                    ready.Count <= ItemsMax || stopped, $"{ready.Count} items are read ahead");
                Monitor.PulseAll(gate);
                return !stopped;
            }
        }
    }
}
