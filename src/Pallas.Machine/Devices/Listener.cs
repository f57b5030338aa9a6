using System.Net;
using System.Net.Sockets;

namespace Pallas.Machine.Devices;

/// <summary>Takes connections of TCP until it is closed.</summary>
public sealed class Listener : IDisposable
{
    private const int BacklogMax = 512;
    private static readonly TimeSpan BreathTime = TimeSpan.FromMilliseconds(50);

    private readonly Socket socket;
    private readonly CancellationTokenSource closing = new();

    private Listener(Socket socket) => this.socket = socket;

    public int Port => ((IPEndPoint)socket.LocalEndPoint!).Port;

    /// <param name="take">Gets each connection, which is then its to close.</param>
    /// <exception cref="SocketException">It cannot listen there.</exception>
    public static Listener Open(SocketLimits limits, int port, Action<Socket> take)
    {
        var socket = new Socket(
            limits.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(limits.Address, port));
            socket.Listen(BacklogMax);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        var listener = new Listener(socket);
        _ = Task.Run(() => listener.Accept(limits, take));
        return listener;
    }

    public void Dispose()
    {
        closing.Cancel();
        socket.Dispose();
    }

    private async Task Accept(SocketLimits limits, Action<Socket> take)
    {
        while (!closing.IsCancellationRequested)
        {
            try
            {
                var accepted = await socket.AcceptAsync(closing.Token).ConfigureAwait(false);
                limits.Prepare(accepted);
                take(accepted);
            }
            catch (SocketException) when (!closing.IsCancellationRequested)
            {
                // The peer has gone already, or there are no handles left: others may have luck.
                await Task.Delay(BreathTime).ConfigureAwait(false);
            }
            catch (Exception error) when (
                error is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }
}
