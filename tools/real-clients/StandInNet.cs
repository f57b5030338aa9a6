using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pallas.RealClients;

/// <summary>An HTTP proxy that answers every request itself, with the same text, so that the
/// demos can be checked without a network.</summary>
internal sealed class StandInNet : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly byte[] answer;

    public StandInNet(string text)
    {
        answer = Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Length: {text.Length}\r\nConnection: close\r\n\r\n{text}");
        listener.Start();
        _ = Task.Run(Serve);
    }

    public string Address => $"http://{listener.LocalEndpoint}";

    public void Dispose() => listener.Dispose();

    private async Task Serve()
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                var reader = new StreamReader(client.GetStream());
                while (await reader.ReadLineAsync() is { Length: > 0 })
                {
                    // A GET has no body.
                }
                await client.GetStream().WriteAsync(answer);
            }
        }
        catch (Exception error) when (error is SocketException or IOException
            or ObjectDisposedException)
        {
            // The client is gone.
        }
    }
}
