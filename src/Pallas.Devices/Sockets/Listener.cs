using System.Net;
using System.Net.Sockets;

namespace Pallas.Devices.Sockets;

/// <summary>Accepts TCP connections until it is closed.</summary>
public sealed class Listener : IDisposable
{
    private const int BacklogMax = 512;
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(50);

    private readonly Socket socket;
    private readonly CancellationTokenSource closing = new();

    private Listener(Socket socket) => this.socket = socket;

    public int Port => ((IPEndPoint)socket.LocalEndPoint!).Port;

    /// <param name="take">Gets and owns each connection.</param>
    /// <exception cref="SocketException">The system refuses the address or the port.</exception>
    public static Listener Open(NetworkOptions limits, int port, Action<Socket> take)
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

    private async Task Accept(NetworkOptions limits, Action<Socket> take)
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
                // The peer is gone already, or there are no handles left: try the next one.
                await Task.Delay(RetryPause).ConfigureAwait(false);
            }
            catch (Exception error) when (
                error is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }
}
