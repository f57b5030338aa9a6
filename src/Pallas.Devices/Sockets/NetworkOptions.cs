using System.Net;
using System.Net.Sockets;
using Pallas.Machine;

namespace Pallas.Devices.Sockets;

/// <summary>The addresses on which devices listen, and the limits beyond which they refuse input.
/// </summary>
public sealed record NetworkOptions
{
    public const int DefaultRouterPort = 4747;

    /// <summary>The address that all devices listen on.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port of the first cog that serves HTTP; 0 for any that is free.</summary>
    public int HttpPort { get; init; }

    /// <summary>The ports of certain cogs that serve HTTP.</summary>
    public IReadOnlyDictionary<CogId, int> HttpPorts { get; init; } =
        new Dictionary<CogId, int>();

    /// <summary>The port of the loopback address where machines find each other.</summary>
    public int RouterPort { get; init; } = DefaultRouterPort;

    /// <summary>The connections to each port of a cog. Ended connections that were not shut count
    /// until others need their slot.</summary>
    public int ConnectionsMax { get; init; } = 2048;

    /// <summary>The connections that may wait for a cog; more are closed.</summary>
    public int WaitingMax { get; init; } = 128;

    /// <summary>The longest time that a connection waits for a cog.</summary>
    public TimeSpan WaitTimeMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The silence, in both directions, after which a connection may be evicted for a new
    /// one when all slots are taken.</summary>
    public TimeSpan SilenceTimeMin { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The longest time that one send waits for a slow peer; then the connection is
    /// closed.</summary>
    public TimeSpan SendTimeMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The bytes that are read from a connection before its cog asks for them; then the
    /// peer waits.</summary>
    public int ReadAheadBytesMax { get; init; } = 64 << 10;

    /// <summary>The bytes of all request bodies that are not answered yet; more are refused with
    /// 503. The same bound holds for WebSocket messages and questions to ports that are being
    /// received; more end the connection.</summary>
    public long BodyBytesMax { get; init; } = 256 << 20;

    /// <summary>The bytes of a WebSocket message; a longer one ends the connection.</summary>
    public int MessageBytesMax { get; init; } = 4 << 20;

    /// <summary>The silence after which a peer is probed.</summary>
    public TimeSpan KeepAliveTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The evaluations of served functions that may wait for a thread; more are refused
    /// with 503.</summary>
    public int EvaluationsMax { get; init; } = 1024;

    /// <summary>The bytes of the body of an answer to a cog's own request, together with the bodies
    /// of its redirections.</summary>
    public int AnswerBytesMax { get; init; } = 256 << 20;

    /// <summary>The longest pause within an answer to a cog's own request.</summary>
    public TimeSpan ReceiveTimeMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The address as a client writes it before a port.</summary>
    internal string HostText => IPAddress.IsLoopback(Address) || Address.Equals(IPAddress.Any)
        || Address.Equals(IPAddress.IPv6Any) ? "localhost"
        : Address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{Address}]"
        : Address.ToString();

    /// <summary>Sets a socket to notice dead peers and to send small messages at once.</summary>
    internal void Prepare(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(
            SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime,
            Math.Max(1, (int)KeepAliveTime.TotalSeconds));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }
}
