using System.Net;
using System.Net.Sockets;

namespace Pallas.Machine.Devices;

/// <summary>Where devices listen, and what they take from outside before they refuse.</summary>
public sealed record SocketLimits
{
    /// <summary>The address that everything listens on.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Connections of a cog to each of its ports; those that ended and were not shut
    /// count until others need their place.</summary>
    public int ConnectionsMax { get; init; } = 2048;

    /// <summary>Connections that wait for a cog to take them; more are closed.</summary>
    public int WaitingMax { get; init; } = 128;

    /// <summary>How long a connection waits for a cog to take it.</summary>
    public TimeSpan WaitTimeMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection must have been silent, both ways, before it has to make room
    /// for a new one when there are as many as there may be.</summary>
    public TimeSpan SilenceTimeMin { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long one send may wait for a slow peer; then the connection is closed.
    /// </summary>
    public TimeSpan SendTimeMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What is read of a connection before its cog asks for it; then its peer waits.
    /// </summary>
    public int ReadAheadBytesMax { get; init; } = 64 << 10;

    /// <summary>What all bodies of requests together may take that are not answered yet; more are
    /// refused with 503. The same for messages of WebSockets, and for questions to ports, that are
    /// being received; more end the connection.</summary>
    public long BodyBytesMax { get; init; } = 256 << 20;

    /// <summary>A message of a WebSocket; a longer one ends the connection.</summary>
    public int MessageBytesMax { get; init; } = 4 << 20;

    /// <summary>How long a peer may be silent before it is asked whether it is still there.
    /// </summary>
    public TimeSpan KeepAliveTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Evaluations of served functions that wait for a thread; more are refused with 503.
    /// </summary>
    public int EvaluationsMax { get; init; } = 1024;

    /// <summary>The body of an answer to a cog's own request, with those of the redirections that
    /// led to it.</summary>
    public int AnswerBytesMax { get; init; } = 256 << 20;

    /// <summary>How long an answer to a cog's own request may stop on its way.</summary>
    public TimeSpan ReceiveTimeMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How the address is written before a port.</summary>
    internal string HostText => IPAddress.IsLoopback(Address) || Address.Equals(IPAddress.Any)
        || Address.Equals(IPAddress.IPv6Any) ? "localhost"
        : Address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{Address}]"
        : Address.ToString();

    /// <summary>A socket whose dead peers are noticed and whose small sends are not held back.
    /// </summary>
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
