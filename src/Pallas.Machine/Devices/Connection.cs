using System.Net.Sockets;
using System.Net.WebSockets;
using Pallas.Plan;

namespace Pallas.Machine.Devices;

/// <summary>How the calls on a connection are answered.</summary>
/// <param name="Received">From what came, or null where nothing comes any more.</param>
/// <param name="Sent">From how many bytes were sent, or null where they were not.</param>
internal sealed record ConnectionAnswers(Func<Bar?, Value> Received, Func<int?, Value> Sent);

/// <summary>A connection to a peer: who waits for its bytes, and what it is still to be sent.
/// </summary>
/// <remarks>
/// Receives are answered in the order of their coming, sends are sent in it, and each is answered
/// when its bytes are with the operating system. Little more is read than somebody asks for; then
/// the peer has to wait. What a receive was given and its cog did not take comes first again.
/// </remarks>
internal sealed class Connection(
    IChannel channel, SocketLimits limits, ConnectionAnswers answers)
{
    private static readonly TimeSpan CloseTimeMax = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly SortedDictionary<long, Bar> inputs = [];
    private readonly LinkedList<Receiving> receives = [];
    private readonly LinkedList<Sending> sends = [];
    private readonly LinkedList<DeviceCall> waits = [];
    private readonly CancellationTokenSource closing = new();
    private readonly TaskCompletionSource closed =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private long inputsCount;
    private int inputBytes;
    private bool isReading;
    private bool isSending;
    private bool isShut;

    /// <summary>The peer has gone, or is gone from.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Nothing of it is left open.</summary>
    public Task Closed => closed.Task;

    /// <summary>Begins to read.</summary>
    public void Open()
    {
        lock (gate)
            Read();
    }

    public Action? Receive(DeviceCall call)
    {
        var receiving = new Receiving(call);
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

    /// <summary>Answers 1 when the peer has gone, 0 when the connection was shut from here.
    /// </summary>
    public Action? Wait(DeviceCall call)
    {
        lock (gate)
        {
            if (IsEnded)
            {
                call.Answer(Nat.Of(!isShut));
                return null;
            }
            var node = waits.AddLast(call);
            return () => Cancel(node);
        }
    }

    /// <summary>Closes it from this side; all that waits on it is answered.</summary>
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

    private void End()
    {
        lock (gate)
        {
            if (IsEnded)
                return;
            IsEnded = true;
            foreach (var wait in waits)
                wait.Answer(Nat.Of(!isShut));
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
            // It is being closed: how it fails does not matter any more.
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
            if (inputs.Count > 0)
            {
                var (number, input) = inputs.First();
                inputs.Remove(number);
                inputBytes -= input.Count;
                receiving.Given = (number, input);
            }
            else if (!IsEnded)
            {
                break;
            }
            receives.RemoveFirst();
            receiving.Call.Answer(answers.Received(receiving.Given?.Input));
        }
        Read();
    }

    private void Read()
    {
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
                    inputs.Add(inputsCount++, input);
                    inputBytes += input.Count;
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
            // A peer that goes away is an end like another.
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
            return true;
        }
        catch (Exception error) when (IsOfPeer(error))
        {
            return false;
        }
    }

    private static bool IsOfPeer(Exception error) => error is SocketException or IOException
        or WebSocketException or OperationCanceledException or ObjectDisposedException
        or InvalidOperationException;

    private void Cancel(Receiving receiving)
    {
        lock (gate)
        {
            if (receives.Remove(receiving) || receiving.Given is not { } given || isShut)
                return;
            inputs.Add(given.Number, given.Input);
            inputBytes += given.Input.Count;
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

    private sealed class Receiving(DeviceCall call)
    {
        public DeviceCall Call { get; } = call;

        public (long Number, Bar Input)? Given { get; set; }
    }

    private sealed record Sending(DeviceCall Call, Bar Data);
}
