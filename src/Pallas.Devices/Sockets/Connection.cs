using System.Net.Sockets;
using System.Net.WebSockets;
using Pallas.Machine;
using Pallas.Values;

namespace Pallas.Devices.Sockets;

/// <summary>Makes the answers to the calls on a connection.</summary>
/// <param name="Received">From the bytes received; null at the end of the connection.</param>
/// <param name="Sent">From the number of bytes sent; null if sending failed.</param>
/// <param name="Ended">From whether the peer ended the connection.</param>
internal sealed record ConnectionAnswers(
    Func<Bar?, Value> Received, Func<int?, Value> Sent, Func<bool, Value> Ended);

/// <summary>A connection to a peer: its input, the calls that wait for it, and the queue of sends.
/// </summary>
/// <remarks>
/// Receives are answered in their order. Sends go out in their order, and each is answered when the
/// operating system has its bytes. Only a bounded number of bytes is read ahead; then the peer
/// waits. The input of a cancelled receive comes first again.
/// </remarks>
internal sealed class Connection(
    IChannel channel, NetworkOptions limits, TimeProvider clock, ConnectionAnswers answers)
{
    private static readonly TimeSpan CloseTimeMax = TimeSpan.FromSeconds(2);

    /// <summary>The memory that an input takes beside its bytes, so that many small ones count.
    /// </summary>
    private const int InputOverheadBytes = 256;

    private readonly Lock gate = new();
    private readonly SortedDictionary<(long Number, int At), Bar> inputs = [];
    private readonly LinkedList<Receiving> receives = [];
    private readonly LinkedList<Sending> sends = [];
    private readonly LinkedList<DeviceCall> waits = [];
    private readonly CancellationTokenSource closing = new();
    private readonly TaskCompletionSource closed =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private long lastActiveAt = clock.GetTimestamp();
    private long inputsCount;
    private int inputBytes;
    private bool isReading;
    private bool isSending;
    private bool isShut;

    /// <summary>Either side has closed the connection.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>The time since bytes last went either way.</summary>
    public TimeSpan Silence => clock.GetElapsedTime(Volatile.Read(ref lastActiveAt));

    /// <summary>Completes when the connection is closed on both sides.</summary>
    public Task Closed => closed.Task;

    /// <summary>Begins to read.</summary>
    public void Open()
    {
        lock (gate)
            Read();
    }

    /// <param name="count">The number of bytes of the one answer, fewer only at the end; null for
    /// the next bytes.</param>
    public Action? Receive(DeviceCall call, int? count = null)
    {
        var receiving = new Receiving(call, count);
        lock (gate)
        {
            receives.AddLast(receiving);
            Match();
        }
        return () => Cancel(receiving);
    }

    public Action? Send(DeviceCall call, Bar data)
    {
        var sending = new Sending(call, data);
        lock (gate)
        {
            if (IsEnded)
            {
                call.Answer(answers.Sent(null));
                return null;
            }
            sends.AddLast(sending);
            if (!isSending)
            {
                isSending = true;
                _ = Task.Run(SendAll);
            }
        }
        return () => Cancel(sending);
    }

    /// <summary>Answers when the connection has ended.</summary>
    public Action? Wait(DeviceCall call)
    {
        lock (gate)
        {
            if (IsEnded)
            {
                call.Answer(answers.Ended(!isShut));
                return null;
            }
            var node = waits.AddLast(call);
            return () => Cancel(node);
        }
    }

    /// <summary>Closes the connection from this side and answers all calls that wait on it.
    /// </summary>
    public void Shut()
    {
        lock (gate)
        {
            isShut = true;
            inputs.Clear();
            inputBytes = 0;
        }
        End();
    }

    /// <summary>Evicts the connection: it ends as if the peer had closed it.</summary>
    public void Evict() => End();

    private void End()
    {
        lock (gate)
        {
            if (IsEnded)
                return;
            IsEnded = true;
            foreach (var wait in waits)
                wait.Answer(answers.Ended(!isShut));
            waits.Clear();
            foreach (var sending in sends)
                sending.Call.Answer(answers.Sent(null));
            sends.Clear();
            Match();
        }
        _ = Task.Run(Close);
    }

    private async Task Close()
    {
        try
        {
            await closing.CancelAsync().ConfigureAwait(false);
            using var limit = new CancellationTokenSource(CloseTimeMax);
            await channel.Close(limit.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (IsOfPeer(error))
        {
            // The connection is being closed: a failure changes nothing.
        }
        finally
        {
            channel.Dispose();
            closed.TrySetResult();
        }
    }

    private void Match()
    {
        while (receives.First is { Value: var receiving })
        {
            while (inputs.Count > 0 && !receiving.IsFull)
                Give(receiving);
            if (!receiving.IsFull && !IsEnded)
                break;
            receives.RemoveFirst();
            receiving.Call.Answer(answers.Received(receiving.Whole));
        }
        Read();
    }

    /// <summary>Gives the next input, or the wanted part of it; the rest stays first.</summary>
    private void Give(Receiving receiving)
    {
        var (key, input) = inputs.First();
        inputs.Remove(key);
        if (receiving.RestCount is { } count && count < input.Count)
        {
            var rest = Bar.Of(input.Bytes[count..].ToArray());
            inputs.Add((key.Number, key.At + count), rest);
            inputBytes += InputOverheadBytes;
            input = Bar.Of(input.Bytes[..count].ToArray());
        }
        inputBytes -= SizeOf(input);
        Invariant.Check(inputBytes >= 0, $"{inputBytes} bytes of input wait");
        receiving.Given.Add((key, input));
    }

    private void Read()
    {
        Invariant.Check(
            inputs.Count > 0 || inputBytes == 0, $"{inputBytes} bytes wait in no input");
        if (isReading || IsEnded || (inputs.Count > 0 && inputBytes >= limits.ReadAheadBytesMax))
            return;
        isReading = true;
        _ = Task.Run(ReadAll);
    }

    private async Task ReadAll()
    {
        try
        {
            while (await channel.Receive(closing.Token).ConfigureAwait(false) is { } input)
            {
                lock (gate)
                {
                    if (IsEnded)
                        return;
                    Volatile.Write(ref lastActiveAt, clock.GetTimestamp());
                    inputs.Add((inputsCount++, 0), input);
                    inputBytes += SizeOf(input);
                    Match();
                    if (inputs.Count > 0 && inputBytes >= limits.ReadAheadBytesMax)
                    {
                        isReading = false;
                        return;
                    }
                }
            }
        }
        catch (Exception error) when (IsOfPeer(error))
        {
            // A peer that goes away ends the connection.
        }
        End();
    }

    private async Task SendAll()
    {
        while (true)
        {
            Sending sending;
            lock (gate)
            {
                if (IsEnded || sends.First is not { Value: var first })
                {
                    isSending = false;
                    return;
                }
                sends.RemoveFirst();
                sending = first;
            }
            var isSent = await TrySend(sending.Data).ConfigureAwait(false);
            sending.Call.Answer(answers.Sent(isSent ? sending.Data.Count : null));
            if (!isSent)
                End();
        }
    }

    private async Task<bool> TrySend(Bar data)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(closing.Token);
            limit.CancelAfter(limits.SendTimeMax);
            await channel.Send(data, limit.Token).ConfigureAwait(false);
            Volatile.Write(ref lastActiveAt, clock.GetTimestamp());
            return true;
        }
        catch (Exception error) when (IsOfPeer(error))
        {
            return false;
        }
    }

    private static int SizeOf(Bar input) => InputOverheadBytes + input.Count;

    private static bool IsOfPeer(Exception error) => error is SocketException or IOException
        or WebSocketException or OperationCanceledException or ObjectDisposedException
        or InvalidOperationException;

    private void Cancel(Receiving receiving)
    {
        lock (gate)
        {
            receives.Remove(receiving);
            if (isShut)
                return;
            foreach (var (key, input) in receiving.Given)
            {
                inputs.Add(key, input);
                inputBytes += SizeOf(input);
            }
            Match();
        }
    }

    private void Cancel(Sending sending)
    {
        lock (gate)
            sends.Remove(sending);
    }

    private void Cancel(LinkedListNode<DeviceCall> wait)
    {
        lock (gate)
        {
            if (wait.List == waits)
                waits.Remove(wait);
        }
    }

    private sealed class Receiving(DeviceCall call, int? count)
    {
        public DeviceCall Call { get; } = call;

        /// <summary>The inputs given to it, with their positions.</summary>
        public List<((long Number, int At) Key, Bar Input)> Given { get; } = [];

        /// <summary>The bytes that are still missing; null if any number is enough.</summary>
        public int? RestCount => count - Given.Sum(each => each.Input.Count);

        public bool IsFull => RestCount is { } rest ? rest == 0 : Given.Count > 0;

        /// <summary>Null if no input was given to it.</summary>
        public Bar? Whole => Given.Count switch
        {
            0 => null,
            1 => Given[0].Input,
            _ => Bar.Of([.. Given.SelectMany(each => each.Input.Bytes.ToArray())]),
        };
    }

    private sealed record Sending(DeviceCall Call, Bar Data);
}
