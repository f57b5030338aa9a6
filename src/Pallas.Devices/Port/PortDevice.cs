using System.Net;
using System.Net.Sockets;
using Pallas.Devices.Sockets;
using Pallas.Machine;
using Pallas.Values;

namespace Pallas.Devices.Port;

/// <summary>Ports between programs, on this machine or on another: found by address, a public key.
/// </summary>
/// <remarks>
/// The router finds the server of an address. The function served there gets each question, and
/// drops it, has it asked again, answers it, or turns it into a port: a stream of which each side
/// has a number. A port ends with the machine, or with the cog that used it last.
/// </remarks>
public sealed class PortDevice : IDevice
{
    private const int EvaluatorsMax = 4;
    private static readonly TimeSpan CloseMax = TimeSpan.FromSeconds(3);

    private static readonly CallShape[] Shapes =
    [
        new("sire", "", CallKind.TakesIn, "`[seed address]`, a new identity"),
        new("serv", "seed f", CallKind.Acts,
            "never: f answers questions to the address of the seed",
            "0 when another serv takes over"),
        new("rqst", "seed question", CallKind.Acts,
            "`[to bar 0]`, or `[to bar (0 port)]` where it became a port",
            "0 when it was dropped, or its time is over"),
        new("dyno", "seed", CallKind.TakesIn,
            "`[address x port]`, the other end of a port that f made of a question"),
        new("hold", "port", CallKind.TakesIn, "0 when the port has ended"),
        new("send", "port bar", CallKind.Acts, "the time in nanoseconds, when it is sent",
            "0 when the port has ended"),
        new("recv", "port", CallKind.TakesIn, "`[time bar]`, the next bytes, all of one send",
            "`[time bar]` with an empty bar, when the port has ended"),
        new("rcll", "port n", CallKind.TakesIn, "`[time bar]`, the next n bytes",
            "`[time bar]` with fewer, when the port has ended"),
    ];

    private readonly MachineContext context;
    private readonly NetworkOptions network;
    private readonly ServedFunctions served;
    private readonly RouterLink link;
    private readonly ConnectionTable ports;
    private readonly PortServer server;
    private readonly CancellationTokenSource closing = new();

    public PortDevice(MachineContext context, NetworkOptions network)
    {
        this.context = context;
        this.network = network;
        served = new ServedFunctions(
            context, EvaluatorsMax, network.EvaluationsMax, "ports");
        link = new RouterLink(context.Time, context.FillRandom, network.RouterPort);
        ports = new ConnectionTable(context, network, new ConnectionAnswers(
            input => Row.Of(Now(), Pin.Make(input ?? Bar.Empty)),
            count => count is null ? 0 : Now(),
            _ => 0));
        server = new PortServer(context, network, served, link, ports);
    }

    public string Name => "port";

    public IReadOnlyList<CallShape> Calls => Shapes;

    public CallKind KindOf(ReadOnlySpan<Value> args) => PortCall.Read(args) is null
        ? CallKind.Unknown
        : Shapes.KindOf(CallShapes.NameOf(args));

    public Action? Start(DeviceCall call) => PortCall.Read(call.Args) switch
    {
        PortCall.Sire => Sire(call),
        PortCall.Serve serve => server.Serve(call, serve.Seed, serve.Function),
        PortCall.Dyno dyno => server.Dyno(call, dyno.Seed),
        PortCall.Ask ask => Ask(call, ask),
        PortCall.Send send when ports.Find(send.Handle, call.Cog) is { } port =>
            port.Send(call, send.Data),
        PortCall.Receive receive when ports.Find(receive.Handle, call.Cog) is { } port =>
            port.Receive(call, receive.Count),
        PortCall.Hold hold when ports.Find(hold.Handle, call.Cog) is { } port => port.Wait(call),
        PortCall.Receive => AnswerNow(call, Row.Of(Now(), Pin.Make(Bar.Empty))),
        _ => AnswerNow(call, 0),
    };

    public void Forget(CogId cog)
    {
        server.Forget(cog);
        ports.Forget(cog);
    }

    public void Dispose()
    {
        closing.Cancel();
        server.Dispose();
        link.Dispose();
        ports.Close().Wait(CloseMax);
        served.Dispose();
    }

    private static Action? AnswerNow(DeviceCall call, Value answer)
    {
        call.Answer(answer);
        return null;
    }

    private Action? Sire(DeviceCall call)
    {
        var seed = new byte[PortKeys.BytesCount];
        context.FillRandom(seed);
        using var keys = new PortKeys(seed);
        return AnswerNow(call, Row.Of(Nat.OfBytes(seed), Nat.OfBytes(keys.Address)));
    }

    private Action? Ask(DeviceCall call, PortCall.Ask ask)
    {
        var keys = new PortKeys(ask.Seed);
        if (!keys.Address.AsSpan().SequenceEqual(ask.Question.From))
        {
            keys.Dispose();
            return AnswerNow(call, 0);
        }
        var cancel = CancellationTokenSource.CreateLinkedTokenSource(closing.Token);
        var client = new PortClient(context.Time, network, link, ports);
        _ = Task.Run(async () =>
        {
            using (keys)
            {
                if (await client.Ask(call.Cog, keys, ask.Question, cancel.Token)
                    .ConfigureAwait(false) is { } answer)
                {
                    call.Answer(answer);
                }
            }
        });
        return () => _ = cancel.CancelAsync();
    }

    private Nat Now() =>
        Nat.Of((ulong)((context.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks
            * TimeSpan.NanosecondsPerTick));
}

/// <summary>Asks a question again until it is answered or its time is over.</summary>
internal sealed class PortClient(
    TimeProvider clock, NetworkOptions network, RouterLink link, ConnectionTable ports)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan TryTimeMax = TimeSpan.FromSeconds(10);

    private DateTimeOffset end = DateTimeOffset.MaxValue;
    private bool isHeld;

    /// <summary>The answer of the call; null if it was cancelled.</summary>
    public async Task<Value?> Ask(
        CogId cog, PortKeys keys, PortQuestion question, CancellationToken cancel)
    {
        if (question.Time is { } seconds)
            EndAfter(seconds);
        try
        {
            while (true)
            {
                if (await AskOnce(cog, keys, question, cancel).ConfigureAwait(false) is { } done)
                    return done;
                if (clock.GetUtcNow() >= end)
                    return 0;
                await Task.Delay(RetryPause, clock, cancel).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return null;
        }
    }

    private void EndAfter(uint seconds)
    {
        var then = clock.GetUtcNow().AddSeconds(seconds);
        if (then < end)
            end = then;
    }

    /// <summary>Null to ask again.</summary>
    private async Task<Value?> AskOnce(
        CogId cog, PortKeys keys, PortQuestion question, CancellationToken cancel)
    {
        if (!IPEndPoint.TryParse(
            await link.Resolve(question.To, cancel).ConfigureAwait(false) ?? "", out var place))
        {
            return null;
        }
        var socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(TryTimeMax);
            await socket.ConnectAsync(place, limit.Token).ConfigureAwait(false);
            network.Prepare(socket);
            using var stream = new NetworkStream(socket);
            var reply = await PortWire.Ask(stream, keys, question, limit.Token)
                .ConfigureAwait(false);
            var to = Nat.OfBytes(question.To);
            switch (reply)
            {
                case PortReply.Drop:
                    socket.Dispose();
                    return 0;
                case PortReply.Answer answer:
                    socket.Dispose();
                    return Row.Of(to, Pin.Make(answer.Payload), 0);
                case PortReply.Hold hold when !isHeld:
                    isHeld = true;
                    EndAfter(hold.Seconds);
                    goto default;
                case PortReply.Port port when ports.Add(new PortChannel(socket), cog) is { } own:
                    return Row.Of(to, Pin.Make(port.Payload), App.Make(0, own));
                default:
                    socket.Dispose();
                    return null;
            }
        }
        catch (Exception error) when (
            !cancel.IsCancellationRequested
            && error is SocketException or IOException or OperationCanceledException)
        {
            socket.Dispose();
            return null;
        }
    }
}
