using System.Net;
using System.Net.Sockets;
using Pallas.Devices.Sockets;
using Pallas.Machine;
using Pallas.Values;

namespace Pallas.Devices.Port;

/// <summary>Receives questions, answers them by served functions, and gives ports to dynos.
/// </summary>
internal sealed class PortServer(
    MachineContext context, NetworkOptions network, ServedFunctions evaluator, RouterLink link,
    ConnectionTable ports)
    : IDisposable
{
    private static readonly TimeSpan QuestionTimeMax = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Served> servedByAddress = [];
    private readonly Dictionary<string, Dynos> dynosByAddress = [];
    private readonly CancellationTokenSource closing = new();
    private Listener? listener;
    private int questionsCount;

    /// <summary>Serves questions to the seed's address by the function.</summary>
    /// <returns>Stops serving.</returns>
    public Action Serve(DeviceCall call, byte[] seed, Value function)
    {
        var served = new Served(call, new PortKeys(seed), function);
        lock (gate)
        {
            if (servedByAddress.Remove(served.Address, out var before))
            {
                link.Release(before.Keys);
                before.Call.Answer(0);
            }
            servedByAddress.Add(served.Address, served);
            if (Place() is { } place)
                link.Claim(served.Keys, place);
        }
        return () => Withdraw(served);
    }

    /// <summary>Answers with the next port made from a question to the seed's address.</summary>
    public Action Dyno(DeviceCall call, byte[] seed)
    {
        using var keys = new PortKeys(seed);
        var address = Convert.ToHexString(keys.Address);
        var taking = new Taking(call);
        lock (gate)
        {
            DynosOf(address).Taking.AddLast(taking);
            Match(address);
        }
        return () => Cancel(address, taking);
    }

    public void Forget(CogId cog)
    {
        lock (gate)
        {
            foreach (var served in servedByAddress.Values.ToArray())
            {
                if (served.Call.Cog == cog)
                    servedByAddress.Remove(served.Address);
            }
        }
    }

    public void Dispose()
    {
        closing.Cancel();
        lock (gate)
            listener?.Dispose();
    }

    /// <summary>The place that receives questions, opened by the first serv.</summary>
    private string? Place()
    {
        try
        {
            listener ??= Listener.Open(network, 0, Take);
            var address = network.Address;
            var isAny = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
            return new IPEndPoint(isAny ? IPAddress.Loopback : address, listener.Port).ToString();
        }
        catch (SocketException error)
        {
            context.Message?.Invoke($"ports cannot listen: {error.Message}");
            return null;
        }
    }

    private void Withdraw(Served served)
    {
        lock (gate)
        {
            link.Release(served.Keys);
            if (servedByAddress.GetValueOrDefault(served.Address) == served)
                servedByAddress.Remove(served.Address);
        }
    }

    private void Take(Socket socket)
    {
        if (Interlocked.Increment(ref questionsCount) > network.WaitingMax)
        {
            Interlocked.Decrement(ref questionsCount);
            socket.Dispose();
            return;
        }
        _ = Task.Run(async () =>
        {
            try
            {
                await Hear(socket).ConfigureAwait(false);
            }
            catch (Exception error) when (error is IOException or SocketException
                or OperationCanceledException or ObjectDisposedException)
            {
                socket.Dispose();
            }
            finally
            {
                Interlocked.Decrement(ref questionsCount);
            }
        });
    }

    private async Task Hear(Socket socket)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(closing.Token);
        limit.CancelAfter(QuestionTimeMax);
        // The stream does not own the socket: a port continues on it.
        using var stream = new NetworkStream(socket);
        using var share = new ByteShare(ports.Budget);
        var challenge = new byte[PortKeys.BytesCount];
        context.FillRandom(challenge);
        var question = await PortWire.Hear(stream, challenge, share, limit.Token)
            .ConfigureAwait(false);
        if (question is null || Find(question) is not { } served)
        {
            // Nothing serves the address here (any more): the client asks the router again.
            socket.Dispose();
            return;
        }
        limit.CancelAfter(context.Options.EventTimeMax);
        var outcome = await evaluator.Evaluate(
            served.Call.Cog, served.Function, question.ToValue(), limit.Token)
            .ConfigureAwait(false);
        var reply = outcome is Outcome.Good { Result: { } result } ? PortReply.Read(result) : null;
        if (reply is PortReply.Port port && Reserve(served.Address))
        {
            try
            {
                await Reply(stream, port).ConfigureAwait(false);
                if (ports.Add(new PortChannel(socket), served.Call.Cog) is { } handle)
                    Offer(served, port, handle);
            }
            finally
            {
                EndReservation(served.Address);
            }
            return;
        }
        await Reply(stream, reply is null or PortReply.Port ? new PortReply.Drop() : reply)
            .ConfigureAwait(false);
        socket.Dispose();
    }

    private async Task Reply(NetworkStream stream, PortReply reply)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(closing.Token);
        limit.CancelAfter(QuestionTimeMax);
        await PortWire.Reply(stream, reply, limit.Token).ConfigureAwait(false);
    }

    private Served? Find(PortQuestion question)
    {
        lock (gate)
            return servedByAddress.GetValueOrDefault(Convert.ToHexString(question.To));
    }

    /// <summary>Whether there is room for one more port that waits for its dyno.</summary>
    private bool Reserve(string address)
    {
        lock (gate)
        {
            var dynos = DynosOf(address);
            if (dynos.Offered.Count + dynos.ReservedCount >= network.WaitingMax)
                return false;
            dynos.ReservedCount++;
            return true;
        }
    }

    private void EndReservation(string address)
    {
        lock (gate)
        {
            DynosOf(address).ReservedCount--;
            Match(address);
        }
    }

    private void Offer(Served served, PortReply.Port port, ulong handle)
    {
        lock (gate)
        {
            DynosOf(served.Address).Offered.AddLast(
                Row.Of(Nat.OfBytes(served.Keys.Address), port.Meaning, handle));
            Match(served.Address);
        }
    }

    private Dynos DynosOf(string address)
    {
        if (!dynosByAddress.TryGetValue(address, out var dynos))
            dynosByAddress.Add(address, dynos = new Dynos());
        return dynos;
    }

    private void Match(string address)
    {
        var dynos = DynosOf(address);
        while (dynos.Taking.First is { Value: var taking }
            && dynos.Offered.First is { Value: var offered })
        {
            dynos.Taking.RemoveFirst();
            dynos.Offered.RemoveFirst();
            taking.Given = offered;
            taking.Call.Answer(offered);
        }
        if (dynos is { Taking.Count: 0, Offered.Count: 0, ReservedCount: 0 })
            dynosByAddress.Remove(address);
    }

    private void Cancel(string address, Taking taking)
    {
        lock (gate)
        {
            var dynos = DynosOf(address);
            if (!dynos.Taking.Remove(taking) && taking.Given is { } offered)
                dynos.Offered.AddFirst(offered);
            Match(address);
        }
    }

    /// <summary>A function that answers the questions to an address.</summary>
    private sealed class Served(DeviceCall call, PortKeys keys, Value function)
    {
        public DeviceCall Call { get; } = call;

        public PortKeys Keys { get; } = keys;

        public Value Function { get; } = function;

        public string Address { get; } = Convert.ToHexString(keys.Address);
    }

    /// <summary>The dynos that wait for ports to an address, and the ports that wait for dynos.
    /// </summary>
    private sealed class Dynos
    {
        public LinkedList<Taking> Taking { get; } = [];

        public LinkedList<Row> Offered { get; } = [];

        public int ReservedCount { get; set; }
    }

    private sealed class Taking(DeviceCall call)
    {
        public DeviceCall Call { get; } = call;

        public Row? Given { get; set; }
    }
}
