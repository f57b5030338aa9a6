using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Pallas.Machine.Devices;

/// <summary>Has one request served to nobody, so that all that serves it is loaded and compiled
/// before a client waits for it: that takes longer than everything else about a first answer.
/// </summary>
internal static class HttpWarmUp
{
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(5);

    private static int isBegun;

    /// <summary>Once in a process is enough.</summary>
    public static void Begin()
    {
        if (Interlocked.Exchange(ref isBegun, 1) == 0)
            _ = Task.Run(Run);
    }

    /// <returns>Whether it was served.</returns>
    internal static async Task<bool> Run()
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeMax);
            using var server = await HttpServer.Start(new SocketLimits(), 0, Answer, _ => { })
                .ConfigureAwait(false);
            var isServed = await Ask(server.Port, limit.Token).ConfigureAwait(false);
            await server.Stop(TimeSpan.Zero).ConfigureAwait(false);
            return isServed;
        }
        catch (Exception error) when (error is IOException or SocketException
            or OperationCanceledException)
        {
            // Then the first client waits a little longer.
            return false;
        }
    }

    private static async Task<bool> Ask(int port, CancellationToken cancel)
    {
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Loopback, port, cancel).ConfigureAwait(false);
        await client.SendAsync(
            "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray(), cancel)
            .ConfigureAwait(false);
        var answer = new byte[1 << 10];
        var count = 0;
        while (await client.ReceiveAsync(answer, cancel).ConfigureAwait(false) is > 0 and var more)
            count += more;
        return count > 0;
    }

    private static async Task Answer(HttpContext context)
    {
        using var share = new ByteShare(new ByteBudget(0));
        var request = await HttpRequestValue.Read(context.Request, share, context.RequestAborted)
            .ConfigureAwait(false);
        _ = request.ToValue();
        await HttpResponses.Write(context, HttpAnswer.Plain(503, "")).ConfigureAwait(false);
    }
}
