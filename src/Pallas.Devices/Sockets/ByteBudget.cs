using Pallas.Values;

namespace Pallas.Devices.Sockets;

/// <summary>A bound for the bytes of input from outside that are in memory together.</summary>
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

    public void Give(long bytes)
    {
        var left = Interlocked.Add(ref bytesTaken, -bytes);
        Invariant.Check(left >= 0, $"{left} bytes are taken after {bytes} were returned");
    }
}

/// <summary>The share of one message in a budget, until it is disposed. Any thread may use it.
/// </summary>
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

    /// <summary>Returns the bytes taken; more may be taken afterwards.</summary>
    public void ReturnAll()
    {
        lock (gate)
        {
            budget.Give(bytesTaken);
            bytesTaken = 0;
        }
    }

    /// <summary>Returns the bytes taken; nothing may be taken afterwards.</summary>
    public void Dispose()
    {
        lock (gate)
            isClosed = true;
        ReturnAll();
    }
}
