using System.Diagnostics;
using System.Net.Sockets;
using System.Net.WebSockets;
using Pallas.Values;

namespace Pallas.Machine.Devices;

/// <summary>How the calls on a connection are answered.</summary>
/// <param name="Received">From what came, or null where nothing comes any more.</param>
/// <param name="Sent">From how many bytes were sent, or null where they were not.</param>
/// <param name="Ended">From whether it was the peer who ended it.</param>
internal sealed record ConnectionAnswers(
    Func<Bar?, Value> Received, Func<int?, Value> Sent, Func<bool, Value> Ended);

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

    /// <summary>What an input takes beside its bytes: many small ones are not little.</summary>
    private const int InputOverheadBytes = 256;

    private readonly Lock gate = new();
    private readonly SortedDictionary<(long Number, int At), Bar> inputs = [];
    private readonly LinkedList<Receiving> receives = [];
    private readonly LinkedList<Sending> sends = [];
    private readonly LinkedList<DeviceCall> waits = [];
    private readonly CancellationTokenSource closing = new();
    private readonly TaskCompletionSource closed =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private long lastActiveAt = Stopwatch.GetTimestamp();
    private long inputsCount;
    private int inputBytes;
    private bool isReading;
    private bool isSending;
    private bool isShut;

    /// <summary>The peer has gone, or is gone from.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>How long nothing has gone either way.</summary>
    public TimeSpan Silence => Stopwatch.GetElapsedTime(Volatile.Read(ref lastActiveAt));

    /// <summary>Nothing of it is left open.</summary>
    public Task Closed => closed.Task;

    /// <summary>Begins to read.</summary>
    public void Open()
    {
        lock (gate)
            Read();
    }

    /// <param name="count">
    /// How many bytes are waited for, all in one answer, less only at the end; null for any.
    /// </param>
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

    /// <summary>Ends it as if the peer had: its place is needed.</summary>
    public void Leave() => End();

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
            while (inputs.Count > 0 && !receiving.IsFull)
                Give(receiving);
            if (!receiving.IsFull && !IsEnded)
                break;
            receives.RemoveFirst();
            receiving.Call.Answer(answers.Received(receiving.Whole));
        }
        Read();
    }

    /// <summary>Gives the next input, or of it what is wanted; the rest stays next.</summary>
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
        receiving.Given.Add((key, input));
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
                    Volatile.Write(ref lastActiveAt, Stopwatch.GetTimestamp());
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
            Volatile.Write(ref lastActiveAt, Stopwatch.GetTimestamp());
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

        /// <summary>What it was given, and from where.</summary>
        public List<((long Number, int At) Key, Bar Input)> Given { get; } = [];

        /// <summary>How much it still waits for; null where any is enough.</summary>
        public int? RestCount => count - Given.Sum(each => each.Input.Count);

        public bool IsFull => RestCount is { } rest ? rest == 0 : Given.Count > 0;

        /// <summary>Null where it was given nothing.</summary>
        public Bar? Whole => Given.Count switch
        {
            0 => null,
            1 => Given[0].Input,
            _ => Bar.Of([.. Given.SelectMany(each => each.Input.Bytes.ToArray())]),
        };
    }

    private sealed record Sending(DeviceCall Call, Bar Data);
}
