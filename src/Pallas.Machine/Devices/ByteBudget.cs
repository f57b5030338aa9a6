namespace Pallas.Machine.Devices;

/// <summary>How many bytes of what comes from outside may be in memory together.</summary>
internal sealed class ByteBudget(long bytesMax)
{
    private long bytesTaken;

    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref bytesTaken, bytes) <= bytesMax)
            return true;
        Give(bytes);
        return false;
    }

    public void Give(long bytes) => Interlocked.Add(ref bytesTaken, -bytes);
}

/// <summary>What one message has of a budget, until it is let go. From any thread.</summary>
internal sealed class ByteShare(ByteBudget budget) : IDisposable
{
    private readonly Lock gate = new();
    private long bytesTaken;
    private bool isClosed;

    public bool TryTake(int bytes)
    {
        lock (gate)
        {
            if (isClosed || !budget.TryTake(bytes))
                return false;
            bytesTaken += bytes;
            return true;
        }
    }

    /// <summary>Gives back what was taken; more may be taken afterwards.</summary>
    public void Reclaim()
    {
        lock (gate)
        {
            budget.Give(bytesTaken);
            bytesTaken = 0;
        }
    }

    /// <summary>Gives back what was taken; nothing may be taken any more.</summary>
    public void Dispose()
    {
        lock (gate)
            isClosed = true;
        Reclaim();
    }
}
