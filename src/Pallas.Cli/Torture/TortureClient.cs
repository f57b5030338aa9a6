using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pallas.Cli.Torture;

/// <summary>One connection to a site; sends each request once, whatever happens to it.</summary>
/// <remarks>
/// Written by hand, because HTTP libraries retry requests that they consider idempotent.
/// </remarks>
internal sealed class TortureClient : IDisposable
{
    private static readonly TimeSpan AnswerTimeMax = TimeSpan.FromSeconds(30);

    private readonly TcpClient tcp = new() { NoDelay = true };
    private readonly byte[] buffer = new byte[1 << 16];
    private int start;
    private int end;

    /// <exception cref="SocketException">No process listens.</exception>
    public async Task Connect(int port) =>
        await tcp.ConnectAsync(IPAddress.Loopback, port).ConfigureAwait(false);

    /// <summary>The body of the answer, or null where the answer is not a good one.</summary>
    /// <exception cref="IOException">The connection broke before the answer was whole.</exception>
    /// <exception cref="TimeoutException">There was none in time.</exception>
    public async Task<string?> Get(string path)
    {
        using var late = new CancellationTokenSource(AnswerTimeMax);
        try
        {
            var request = Encoding.ASCII.GetBytes(
                $"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
            await tcp.GetStream().WriteAsync(request, late.Token).ConfigureAwait(false);
            var status = await ReadLine(late.Token).ConfigureAwait(false);
            var length = 0;
            while (await ReadLine(late.Token).ConfigureAwait(false) is { Length: > 0 } header)
            {
                if (header.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                    length = int.Parse(header.AsSpan(15), CultureInfo.InvariantCulture);
            }
            var body = await ReadBody(length, late.Token).ConfigureAwait(false);
            return status.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal) ? body : null;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"no answer to {path} in {AnswerTimeMax.TotalSeconds} s");
        }
    }

    public void Dispose() => tcp.Dispose();

    private async Task<string> ReadLine(CancellationToken cancel)
    {
        var line = new StringBuilder();
        while (true)
        {
            var at = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            var length = at < 0 ? end - start : at;
            line.Append(Encoding.Latin1.GetString(buffer, start, length));
            start += at < 0 ? length : length + 1;
            if (at >= 0)
                return line.ToString().TrimEnd('\r');
            await Fill(cancel).ConfigureAwait(false);
        }
    }

    private async Task<string> ReadBody(int length, CancellationToken cancel)
    {
        var body = new ArrayBufferWriter<byte>(Math.Max(1, length));
        while (body.WrittenCount < length)
        {
            if (start == end)
                await Fill(cancel).ConfigureAwait(false);
            var taken = Math.Min(end - start, length - body.WrittenCount);
            body.Write(buffer.AsSpan(start, taken));
            start += taken;
        }
        return Encoding.Latin1.GetString(body.WrittenSpan);
    }

    private async Task Fill(CancellationToken cancel)
    {
        start = 0;
        end = await tcp.GetStream().ReadAsync(buffer, cancel).ConfigureAwait(false);
        if (end == 0)
            throw new IOException("the connection was closed");
    }
}
