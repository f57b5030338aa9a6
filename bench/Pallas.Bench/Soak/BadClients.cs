using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Pallas.Tests.Machine.Devices;

namespace Pallas.Bench.Soak;

/// <summary>Clients that do harm, by mistake or on purpose. Their answers do not matter.
/// </summary>
/// <param name="corpus">Lines of bad requests, as the tests have them.</param>
internal sealed class BadClients(
    string url, IReadOnlyList<string> corpus, CancellationToken end)
{
    private const int FloodCount = 3000;

    private readonly int port = new Uri(url).Port;
    private readonly byte[][] requests =
        [.. corpus.Select(line => BadRequestText.BytesOf(line.Split('\t')[1]))];
    private int actsCount;

    /// <summary>The number of bad acts.</summary>
    public int Count => Volatile.Read(ref actsCount);

    public IEnumerable<Task> Start() =>
    [
        .. Many(30, SlowHead), .. Many(10, SlowBody), .. Many(10, SlowReader),
        .. Many(60, Silence), .. Many(4, BadRequest), .. Many(2, LeaveAtOnce),
        .. Many(1, Flood), .. Many(4, BadSocket),
    ];

    private IEnumerable<Task> Many(int count, Func<Random, Task> act) =>
        Enumerable.Range(0, count).Select(number => Task.Run(async () =>
        {
            var random = new Random(number);
            while (!end.IsCancellationRequested)
            {
                try
                {
                    Interlocked.Increment(ref actsCount);
                    await act(random);
                }
                catch (Exception error) when (error is SocketException or WebSocketException
                    or IOException or OperationCanceledException)
                {
                    // It was dropped, which is good.
                }
                await Task.Delay(random.Next(5, 50), CancellationToken.None);
            }
        }));

    private async Task<Socket> Connect(string text)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, end);
        await socket.SendAsync(Encoding.ASCII.GetBytes(text), end);
        return socket;
    }

    private async Task SlowHead(Random random)
    {
        using var socket = await Connect("GET /static HTTP/1.1\r\nHost: x\r\nX: ");
        for (var i = 0; i < 60; i++)
        {
            await socket.SendAsync("x"u8.ToArray(), end);
            await Task.Delay(1000, end);
        }
    }

    private async Task SlowBody(Random random)
    {
        using var socket = await Connect(
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
        for (var i = 0; i < 60; i++)
        {
            await socket.SendAsync(new byte[random.Next(1, 400)], end);
            await Task.Delay(1000, end);
        }
    }

    private async Task SlowReader(Random random)
    {
        using var socket = await Connect("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
        var bytes = new byte[100];
        for (var i = 0; i < 30 && await socket.ReceiveAsync(bytes, end) > 0; i++)
            await Task.Delay(1000, end);
    }

    private async Task Silence(Random random)
    {
        using var socket = await Connect(random.Next(2) == 0 ? "" : "G");
        await Task.Delay(random.Next(30_000), end);
        // Half of them leave without a word.
        if (random.Next(2) == 0)
            socket.LingerState = new LingerOption(true, 0);
    }

    private async Task BadRequest(Random random)
    {
        var bytes = requests[random.Next(requests.Length)].ToArray();
        for (var changes = random.Next(3); changes > 0 && bytes.Length > 0; changes--)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        using var socket = await Connect("");
        await socket.SendAsync(bytes, end);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(end);
        limit.CancelAfter(random.Next(1, 1000));
        await socket.ReceiveAsync(new byte[1000], limit.Token);
    }

    private async Task LeaveAtOnce(Random random)
    {
        var path = random.Next(2) == 0 ? "large" : "";
        using var socket = await Connect($"GET /{path} HTTP/1.1\r\nHost: x\r\n\r\n");
        socket.LingerState = new LingerOption(true, 0);
    }

    /// <summary>More connections than there are places, all at once; half of them ask.</summary>
    private async Task Flood(Random random)
    {
        await Task.Delay(10_000, end);
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < FloodCount; i++)
            {
                sockets.Add(await Connect(
                    i % 2 == 0 ? "" : "GET /static HTTP/1.1\r\nHost: x\r\n\r\n"));
            }
            await Task.Delay(2000, end);
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    private async Task BadSocket(Random random)
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(
            new Uri(url.Replace("http", "ws", StringComparison.Ordinal)), end);
        switch (random.Next(4))
        {
            case 0:
                // Longer than a message may be.
                for (var i = 0; i < 100; i++)
                {
                    await socket.SendAsync(
                        new byte[100_000], WebSocketMessageType.Binary, false, end);
                }
                break;
            case 1:
                // Reads nothing of what the others say.
                await Task.Delay(20_000, end);
                break;
            case 2:
                // Half a message.
                await socket.SendAsync("half"u8.ToArray(), WebSocketMessageType.Text, false, end);
                await Task.Delay(5000, end);
                break;
            default:
                await socket.SendAsync(
                    ReadOnlyMemory<byte>.Empty, WebSocketMessageType.Text, true, end);
                break;
        }
        socket.Abort();
    }
}
