using System.Net;
using System.Net.Sockets;
using Pallas.Machine;
using Pallas.Values;

namespace Pallas.Devices.Sockets;

/// <summary>TCP in both directions. Its requests have no flag.</summary>
/// <remarks>
/// The machine listens on one port for all its cogs, beginning with the first call that needs it.
/// An address is a number whose lowest byte is its first part: 127.0.0.1 is 16777343. A handle
/// works for every cog that knows it; the connection ends with the cog that used it last.
/// </remarks>
public sealed class TcpDevice : IDevice
{
    private static readonly TimeSpan CloseMax = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ConnectTimeMax = TimeSpan.FromSeconds(30);

    private static readonly CallShape[] Shapes =
    [
        new("open", "ip port", CallKind.Acts, "`(0 h)`, connected", "0"),
        new("mine", "", CallKind.TakesIn, "the port that the machine listens on"),
        new("hear", "", CallKind.TakesIn, "`[h ip port]` of the next client"),
        new("take", "h", CallKind.TakesIn, "a bar, the next bytes of the peer",
            "an empty bar when the connection has ended"),
        new("give", "h bar", CallKind.Acts, "`(0 n)` when all n bytes are sent",
            "0 when the connection has ended"),
        new("shut", "h", CallKind.Acts, "0"),
    ];

    private static readonly ConnectionAnswers Answers = new(
        input => input ?? Bar.Empty,
        count => count is { } sent ? App.Make(0, sent) : 0,
        _ => 0);

    private readonly MachineContext context;
    private readonly NetworkOptions network;
    private readonly ConnectionTable connections;
    private readonly CancellationTokenSource closing = new();
    private readonly Lock gate = new();
    private Listener? listener;
    private bool isRefused;

    public TcpDevice(MachineContext context, NetworkOptions network)
    {
        this.context = context;
        this.network = network;
        connections = new ConnectionTable(context, network, Answers);
    }

    public string Name => "tcp";

    public IReadOnlyList<CallShape> Calls => Shapes;

    public CallKind KindOf(ReadOnlySpan<Value> args)
    {
        var name = CallShapes.NameOf(args);
        var fits = (name, args.Length) switch
        {
            ("mine" or "hear", 1) => true,
            ("take" or "shut", 2) => args[1] is Nat,
            ("give", 3) => args[1] is Nat && args[2] is Bar,
            ("open", 3) => args[1] is SmallNat { Word: <= uint.MaxValue }
                && args[2] is SmallNat { Word: <= ushort.MaxValue },
            _ => false,
        };
        return fits ? Shapes.KindOf(name) : CallKind.Unknown;
    }

    public Action? Start(DeviceCall call)
    {
        switch (CallShapes.NameOf(call.Args))
        {
            case "mine":
                if (Listen() is { } mine)
                    call.Answer(mine.Port);
                return null;
            case "hear":
                Listen();
                return connections.Open(call);
            case "open":
                return Connect(call);
            case "shut":
                connections.Shut(call.Args[1]);
                call.Answer(0);
                return null;
            case "take" when connections.Find(call.Args[1], call.Cog) is { } taken:
                return taken.Receive(call);
            case "take":
                call.Answer(Answers.Received(null));
                return null;
            case "give" when connections.Find(call.Args[1], call.Cog) is { } given:
                return given.Send(call, (Bar)call.Args[2]);
            default:
                call.Answer(Answers.Sent(null));
                return null;
        }
    }

    public void Forget(CogId cog) => connections.Forget(cog);

    public void Dispose()
    {
        closing.Cancel();
        lock (gate)
        {
            listener?.Dispose();
            isRefused = true;
        }
        connections.Close().Wait(CloseMax);
    }

    private Listener? Listen()
    {
        lock (gate)
        {
            if (listener is not null || isRefused)
                return listener;
            try
            {
                return listener = Listener.Open(network, 0, Take);
            }
            catch (SocketException error)
            {
                isRefused = true;
                context.Message?.Invoke($"TCP cannot listen: {error.Message}");
                return null;
            }
        }
    }

    private void Take(Socket socket)
    {
        var peer = (IPEndPoint)socket.RemoteEndPoint!;
        connections.AddWaiting(
            new SocketChannel(socket),
            handle => Row.Of(handle, NumberOf(peer.Address), peer.Port));
    }

    private Action Connect(DeviceCall call)
    {
        var cancel = CancellationTokenSource.CreateLinkedTokenSource(closing.Token);
        var peer = new IPEndPoint(
            new IPAddress((long)((SmallNat)call.Args[1]).Word),
            (int)((SmallNat)call.Args[2]).Word);
        _ = Task.Run(async () =>
        {
            var handle = await TryConnect(peer, call.Cog, cancel.Token).ConfigureAwait(false);
            if (handle is { } made && cancel.IsCancellationRequested)
                connections.Shut(made);
            else
                call.Answer(handle is { } open ? App.Make(0, open) : 0);
        });
        return () => _ = cancel.CancelAsync();
    }

    private async Task<ulong?> TryConnect(IPEndPoint peer, CogId cog, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(ConnectTimeMax);
            await socket.ConnectAsync(peer, limit.Token).ConfigureAwait(false);
            network.Prepare(socket);
            return connections.Add(new SocketChannel(socket), cog);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <summary>0 if the address has no number in 32 bits.</summary>
    private static ulong NumberOf(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? NumberOf(address.MapToIPv4())
        : address.AddressFamily == AddressFamily.InterNetwork
            ? BitConverter.ToUInt32(address.GetAddressBytes())
            : 0;
}
