using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Pallas.Machine.Devices;

/// <summary>Has one request served to nobody, so that all that serves it is loaded and compiled
/// before a client waits for it: that takes longer than everything else about a first answer.
/// </summary>
/// <remarks>Blocking calls on a thread of its own, since for those the least is loaded that a
/// server does not need.</remarks>
internal static class HttpWarmUp
{
    private const int TimeMaxMs = 5000;

    /// <summary>Stopping the server costs as much again: not while the machine starts.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(2);

    private static int isBegun;

    /// <summary>Once in a process is enough.</summary>
    public static void Begin()
    {
        if (Interlocked.Exchange(ref isBegun, 1) == 0)
            new Thread(() => Run(Rest)) { IsBackground = true, Name = "warm up HTTP" }.Start();
    }

    /// <returns>Whether it was served.</returns>
    internal static bool Run(TimeSpan rest)
    {
        try
        {
            using var server = HttpServer.Start(new SocketLimits(), 0, Answer, _ => { })
                .GetAwaiter().GetResult();
            var isServed = Ask(server.Port);
            Thread.Sleep(rest);
            server.Stop(TimeSpan.Zero).GetAwaiter().GetResult();
            return isServed;
        }
        catch (Exception)
        {
            // Whatever it is: the first client waits a little longer, and nobody else for anything.
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
