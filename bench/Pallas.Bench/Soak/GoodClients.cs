using System.Buffers;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;

namespace Pallas.Bench.Soak;

/// <summary>Clients that a machine is there for; each asks, checks the answer and asks again.
/// </summary>
/// <remarks>
/// A good client is quick and careful: what it waits is the machine's doing. One that gets no
/// answer within <see cref="WaitMax"/> counts as stalled.
/// </remarks>
internal sealed class GoodClients(string url, CancellationToken end) : IDisposable
{
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(10);

    private const int LargeBytes = 4 << 20;
    private const int RangeBytesMax = 64 << 10;
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(5);
    private static readonly byte[] Pattern = "0123456789abcdef"u8.ToArray();

    private readonly HttpClient client = new() { Timeout = WaitMax };

    public Waits Pages { get; } = new("page from the served function");

    public Waits Reads { get; } = new("read through the cog");

    public Waits Writes { get; } = new("durable write of 1 KiB");

    public Waits LargeWrites { get; } = new("durable write of 1 to 8 MiB");

    public Waits Ranges { get; } = new("range of a file of 4 MiB");

    public Waits Lines { get; } = new("line of a chat, until it is back");

    public IReadOnlyList<Waits> All => [Pages, Reads, Writes, LargeWrites, Ranges, Lines];

    public IEnumerable<Task> Start() =>
    [
        .. Many(4, Pages, Breath, ReadPage),
        .. Many(4, Reads, Breath, Read),
        .. Many(8, Writes, Breath, random => Write("", random, 1024)),
        .. Many(1, LargeWrites, TimeSpan.FromSeconds(2), random => Write(
            "large", random, random.Next(1, 9) << 20)),
        .. Many(2, Ranges, Breath, ReadRange),
        .. Enumerable.Range(0, 8).Select(Chat),
    ];

    public void Dispose() => client.Dispose();

    private IEnumerable<Task> Many(
        int count, Waits waits, TimeSpan breath, Func<Random, Task<bool>> act) =>
        Enumerable.Range(0, count).Select(number => Task.Run(async () =>
        {
            var random = new Random(number);
            while (!end.IsCancellationRequested)
            {
                await Act(waits, random, act);
                await Task.Delay(breath, CancellationToken.None);
            }
        }));

    private static async Task Act(Waits waits, Random random, Func<Random, Task<bool>> act)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            if (await act(random))
                waits.Add(Stopwatch.GetElapsedTime(start));
            else
                waits.AddFault("wrong answer");
        }
        catch (OperationCanceledException)
        {
            waits.AddFault("stalled");
        }
        catch (HttpRequestException error)
        {
            waits.AddFault($"{error.HttpRequestError} {error.StatusCode}".Trim());
        }
    }

    private Task<bool> ReadPage(Random random) => Twice(async () =>
        (await client.GetByteArrayAsync(url + "static")).Length == 256);

    private Task<bool> Read(Random random) => Twice(async () =>
        ulong.TryParse(await client.GetStringAsync(url), out _));

    /// <summary>Retries once if the connection has ended, as browsers do: in a flood the server
    /// closes silent connections.</summary>
    private static async Task<bool> Twice(Func<Task<bool>> ask)
    {
        try
        {
            return await ask();
        }
        catch (HttpRequestException error) when (error.StatusCode is null)
        {
            return await ask();
        }
    }

    private async Task<bool> Write(string path, Random random, int count)
    {
        var body = new byte[count];
        random.NextBytes(body);
        var answer = await client.PostAsync(url + path, new ByteArrayContent(body));
        answer.EnsureSuccessStatusCode();
        return true;
    }

    private async Task<bool> ReadRange(Random random)
    {
        var start = random.Next(LargeBytes);
        var last = Math.Min(LargeBytes, start + random.Next(1, RangeBytesMax)) - 1;
        using var request = new HttpRequestMessage(HttpMethod.Get, url + "large")
        {
            Headers = { Range = new RangeHeaderValue(start, last) },
        };
        using var answer = await client.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        return bytes.Length == last - start + 1
            && bytes.Select((each, i) => each == Pattern[(start + i) % Pattern.Length]).All(x => x);
    }

    /// <summary>Says a line, waits until it comes back among those of the others; now and then it
    /// leaves and comes again.</summary>
    private Task Chat(int number) => Task.Run(async () =>
    {
        for (var visit = 0; !end.IsCancellationRequested; visit++)
        {
            try
            {
                using var socket = new ClientWebSocket();
                using var limit = new CancellationTokenSource(WaitMax);
                await socket.ConnectAsync(
                    new Uri(url.Replace("http", "ws", StringComparison.Ordinal)), limit.Token);
                for (var i = 0; i < 100 && !end.IsCancellationRequested; i++)
                {
                    await Act(Lines, Random.Shared, _ => Say(socket, $"{number} {visit} {i}"));
                    await Task.Delay(100, CancellationToken.None);
                }
                await socket.CloseOutputAsync(
                    WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            }
            catch (Exception error) when (error is WebSocketException or OperationCanceledException)
            {
                Lines.AddFault(error is WebSocketException ? "broken" : "no connection");
            }
        }
    });

    private static async Task<bool> Say(ClientWebSocket socket, string line)
    {
        using var limit = new CancellationTokenSource(WaitMax);
        await socket.SendAsync(
            Encoding.ASCII.GetBytes(line), WebSocketMessageType.Text, true, limit.Token);
        var buffer = ArrayPool<byte>.Shared.Rent(1000);
        while (true)
        {
            var got = await socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
            if (got.MessageType == WebSocketMessageType.Close)
                throw new WebSocketException("closed");
            if (Encoding.ASCII.GetString(buffer, 0, got.Count) == line)
                return true;
        }
    }
}
