using System.Globalization;
using System.Net.Sockets;
using Pallas.Machine;
using Pallas.Values;

namespace Pallas.Devices.Sockets;

/// <summary>Plain TCP connections to a cog, for clients such as telnet.</summary>
/// <remarks>
/// A cog listens on a port of its own from its first open on. The file <c>[cog].telnet.port</c> in
/// the machine's folder names the port.
/// </remarks>
public sealed class SockDevice(MachineContext context, NetworkOptions network) : IDevice
{
    private static readonly TimeSpan CloseMax = TimeSpan.FromSeconds(3);

    private readonly CogTable<Site> sites = new(site => site.Close(), CloseMax);

    public string Name => "sock";

    public IReadOnlyList<CallShape> Calls => HandleCalls.Shapes;

    public CallKind KindOf(ReadOnlySpan<Value> args) => HandleCalls.KindOf(args);

    public Action? Start(DeviceCall call) => HandleCalls.Start(
        call, sites.Of(call.Cog, _ => new Site(call.Cog, context, network)).Connections);

    public void Forget(CogId cog) => sites.Forget(cog);

    public void Dispose() => sites.Dispose();

    /// <summary>The listener and the connections of one cog.</summary>
    private sealed class Site
    {
        private readonly Listener? listener;
        private readonly PortFile? file;

        public Site(CogId cog, MachineContext context, NetworkOptions network)
        {
            Connections = new ConnectionTable(context, network, HandleCalls.Answers);
            try
            {
                listener = Listener.Open(network, 0, Take);
                file = PortFile.Write(context, $"{cog}.telnet.port", listener.Port);
                var port = listener.Port.ToString(CultureInfo.InvariantCulture);
                context.Message?.Invoke(
                    $"cog {cog} takes connections at {network.HostText}:{port}");
            }
            catch (Exception error) when (
                error is SocketException or IOException or UnauthorizedAccessException)
            {
                listener?.Dispose();
                context.Message?.Invoke($"cog {cog} cannot take connections: {error.Message}");
            }
        }

        public ConnectionTable Connections { get; }

        public Task Close()
        {
            listener?.Dispose();
            file?.Dispose();
            return Connections.Close();
        }

        private void Take(Socket socket) => Connections.AddWaiting(
            new SocketChannel(socket), handle => Nat.Of(handle));
    }
}

/// <summary>The calls of devices that give handles: open, recv, send, wait, kill.</summary>
internal static class HandleCalls
{
    public static readonly ConnectionAnswers Answers = new(
        input => input ?? (Value)0,
        count => Nat.Of(count is not null),
        isOfPeer => Nat.Of(isOfPeer));

    public static readonly CallShape[] Shapes =
    [
        new("open", "", CallKind.TakesIn, "the handle of the next client"),
        new("recv", "h", CallKind.TakesIn, "a bar, the next that the peer sends",
            "0 when the connection has ended"),
        new("send", "h bar", CallKind.Acts, "1 when the bar is sent",
            "0 when the connection has ended"),
        new("wait", "h", CallKind.TakesIn, "1 when the peer has gone",
            "0 when it was shut from here, or there is none"),
        new("kill", "h", CallKind.Acts, "1 when it is shut", "0 when there is none"),
        new("shut", "h", CallKind.Acts, "the same as `%kill`", "0 when there is none"),
    ];

    public static CallKind KindOf(ReadOnlySpan<Value> args)
    {
        var name = CallShapes.NameOf(args);
        var fits = (name, args.Length) switch
        {
            ("open", 1) => true,
            ("recv" or "wait" or "kill" or "shut", 2) => args[1] is Nat,
            ("send", 3) => args[1] is Nat && args[2] is Bar,
            _ => false,
        };
        return fits ? Shapes.KindOf(name) : CallKind.Unknown;
    }

    public static Action? Start(DeviceCall call, ConnectionTable table)
    {
        var name = CallShapes.NameOf(call.Args);
        if (name == "open")
            return table.Open(call);
        var handle = call.Args[1];
        if (name is "kill" or "shut")
        {
            call.Answer(Nat.Of(table.Shut(handle)));
            return null;
        }
        if (table.Find(handle, call.Cog) is not { } connection)
        {
            call.Answer(0);
            return null;
        }
        return name switch
        {
            "recv" => connection.Receive(call),
            "send" => connection.Send(call, (Bar)call.Args[2]),
            _ => connection.Wait(call),
        };
    }
}
