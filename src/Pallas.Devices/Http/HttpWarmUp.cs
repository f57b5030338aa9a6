using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Pallas.Devices.Sockets;

namespace Pallas.Devices.Http;

/// <summary>Serves one request over the loopback address, so that the server is loaded and compiled
/// before a client waits for it: that takes longer than all else about a first answer.</summary>
/// <remarks>It uses blocking calls on a thread of its own: for those, .NET loads least beside the
/// server.</remarks>
internal static class HttpWarmUp
{
    private const int TimeMaxMs = 5000;

    /// <summary>Stopping the server costs as much as the request: the pause keeps that out of the
    /// machine's start.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(2);

    /// <param name="stop">Ends the pause before the server is stopped.</param>
    public static void Begin(TimeProvider clock, CancellationToken stop) => new Thread(
        () => Run(Task.Delay(Rest, clock, stop)))
    {
        IsBackground = true, Name = "warm up HTTP",
    }.Start();

    /// <param name="rest">Ends when the server may be stopped.</param>
    /// <returns>Whether the request was served.</returns>
    internal static bool Run(Task rest)
    {
        try
        {
            using var server = HttpServer.Start(new NetworkOptions(), 0, Answer, _ => { })
                .GetAwaiter().GetResult();
            var isServed = Ask(server.Port);
            Task.WaitAny(rest);
            server.Stop(TimeSpan.Zero).GetAwaiter().GetResult();
            return isServed;
        }
        catch (Exception)
        {
            // A warm-up that fails only makes the first client wait longer.
            return false;
        }
    }

    private static bool Ask(int port)
    {
        using var client = new Socket(
            AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            SendTimeout = TimeMaxMs,
            ReceiveTimeout = TimeMaxMs,
        };
        client.Connect(new IPEndPoint(IPAddress.Loopback, port));
        client.Send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8);
        var answer = new byte[1 << 10];
        var count = 0;
        while (client.Receive(answer) is > 0 and var more)
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
