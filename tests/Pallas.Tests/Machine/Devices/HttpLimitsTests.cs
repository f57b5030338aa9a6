using System.Net;
using System.Net.Sockets;
using System.Text;
using Pallas.Devices.Sockets;
using Pallas.Values;
using Xunit;

// Each wait of these tests has a limit of its own.
#pragma warning disable xUnit1051

namespace Pallas.Tests.Machine.Devices;

/// <summary>The limits of a site, and of a cog's own requests, on input from outside.</summary>
public sealed class HttpLimitsTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Computes for ever; takes a request.</summary>
    private static readonly Value Endless = App.Make(Cogs.Spin, 0);

    /// <summary><c>(count n) = (2 page count n)</c>, where 2 takes one off.</summary>
    private static readonly Value Count = Law.Make(
        Nat.OfText("count"),
        Nat.One,
        Cogs.Call(
            Cogs.Quote(2), Cogs.Quote(App.Make(0, HttpCalls.Answer(200, "", "served"))), 0, 1));

    /// <summary>Takes longer than a thread of the server has for it.</summary>
    private static readonly Value SlowPage = Law.Make(
        Nat.OfText("slow"), Nat.One, Cogs.Call(Cogs.Quote(Count), Cogs.Quote(1_000_000)));

    private readonly List<IDisposable> opened = [];

    public void Dispose()
    {
        foreach (var each in Enumerable.Reverse(opened))
            each.Dispose();
    }

    [Fact]
    public async Task Bodies_count_until_their_requests_are_answered()
    {
        var rig = Open(new NetworkOptions { BodyBytesMax = 100_000 });
        rig.Ask(HttpCalls.Serve(HttpCalls.None));
        var hear = rig.Ask(HttpCalls.Hear);
        var first = rig.Client.PostAsync(rig.Url(), new ByteArrayContent(new byte[60_000]));
        hear.WaitForAnswer();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Post(rig, 60_000)).StatusCode);
        rig.Ask(HttpCalls.Echo(0, 200, "done"));
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
        var next = rig.Ask(HttpCalls.Hear);
        var last = Post(rig, 60_000);
        var id = ((SmallNat)((Row)next.WaitForAnswer())[0]).Word;
        rig.Ask(HttpCalls.Echo(id, 200, "done"));
        Assert.Equal(HttpStatusCode.OK, (await last).StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET / HTT")]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf")]
    public async Task A_connection_that_sends_no_request_is_evicted(string said)
    {
        var rig = Open(new NetworkOptions { ConnectionsMax = 4 });
        rig.Ask(HttpCalls.Serve(HttpCalls.Page));
        var port = rig.Port();
        var silent = Enumerable.Range(0, 4).Select(_ => Say(port, said)).ToArray();
        // Until they are there, they have no places to lose.
        Wait.Until(() => CanRead(silent[0]) || IsServed(port));
        var left = Task.WhenAny(silent.Select(ReadsEnd));
        for (var i = 0; i < 10; i++)
            Assert.True(await IsServed(port, Patience));
        await left.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_connection_that_waits_for_an_answer_keeps_its_slot()
    {
        var rig = Open(new NetworkOptions { ConnectionsMax = 2 });
        rig.Ask(HttpCalls.Serve(HttpCalls.None));
        var port = rig.Port();
        var hears = new[] { rig.Ask(HttpCalls.Hear), rig.Ask(HttpCalls.Hear) };
        var waiting = Enumerable.Range(0, 2)
            .Select(_ => Say(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")).ToArray();
        foreach (var hear in hears)
            hear.WaitForAnswer();
        Assert.False(await IsServed(port, Patience));
        rig.Ask(HttpCalls.Echo(0, 200, "a"));
        rig.Ask(HttpCalls.Echo(1, 200, "b"));
        foreach (var socket in waiting)
            Assert.StartsWith("HTTP/1.1 200", await ReadSome(socket));
    }

    [Fact]
    public async Task Evaluations_end_when_their_clients_leave()
    {
        const int Count = 30;
        var rig = Open(new NetworkOptions { EvaluationsMax = Count - 1 });
        var serving = rig.Ask(HttpCalls.Serve(Endless));
        var port = rig.Port();
        // There are more than threads: some are computed, some wait, and one too many is refused.
        var asking = Enumerable.Range(0, Count)
            .Select(_ => Say(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")).ToArray();
        await Task.WhenAny(asking.Select(ReadSome)).WaitAsync(Patience);
        foreach (var socket in asking)
            socket.Dispose();
        serving.Cancel!();
        rig.Ask(HttpCalls.Serve(SlowPage));
        Assert.Equal("served", await rig.Client.GetStringAsync(rig.Url()));
    }

    [Fact]
    public async Task More_evaluations_than_may_wait_are_refused()
    {
        var rig = Open(new NetworkOptions { EvaluationsMax = 3 });
        rig.Ask(HttpCalls.Serve(Endless));
        var port = rig.Port();
        var asking = Enumerable.Range(0, 4)
            .Select(_ => Say(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")).ToArray();
        var refused = await Task.WhenAny(asking.Select(ReadSome)).WaitAsync(Patience);
        Assert.StartsWith("HTTP/1.1 503", await refused);
    }

    [Fact]
    public void A_stalled_answer_is_cancelled()
    {
        var rig = Open(new NetworkOptions { ReceiveTimeMax = TimeSpan.FromMilliseconds(100) });
        var url = Serve("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        Rig.AssertEqual(
            "RESPONSE_TIMEOUT", rig.Ask(HttpCalls.Send("GET", url)).WaitForAnswer());
    }

    [Fact]
    public void The_bodies_of_redirections_count_as_well()
    {
        var rig = Open(new NetworkOptions { AnswerBytesMax = 50 });
        var body = new string('x', 20);
        var url = Serve($"HTTP/1.1 302 No\r\nLocation: /\r\nContent-Length: 20\r\n\r\n{body}");
        Rig.AssertEqual(
            "OVERLONG_BODY",
            rig.Ask(HttpCalls.Send("GET", url, redirects: 50)).WaitForAnswer());
    }

    private HttpRig Open(NetworkOptions limits)
    {
        var rig = new HttpRig(network: limits);
        opened.Add(rig);
        return rig;
    }

    /// <summary>Asks before it sends: else the connection may be gone before the answer is read.
    /// </summary>
    private static Task<HttpResponseMessage> Post(HttpRig rig, int count) =>
        rig.Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, rig.Url())
        {
            Content = new ByteArrayContent(new byte[count]),
            Headers = { ExpectContinue = true },
        });

    private Socket Say(int port, string text)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        opened.Add(socket);
        socket.Connect(IPAddress.Loopback, port);
        socket.Send(Encoding.ASCII.GetBytes(text));
        return socket;
    }

    private static bool CanRead(Socket socket) => socket.Poll(0, SelectMode.SelectRead);

    private static bool IsServed(int port) => IsServed(port, Patience).Result;

    private static async Task<bool> IsServed(int port, TimeSpan patience)
    {
        try
        {
            var answer = await HttpCalls.Raw(
                port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                .WaitAsync(patience);
            return answer.EndsWith("served", StringComparison.Ordinal);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task<string> ReadSome(Socket socket)
    {
        var bytes = new byte[1000];
        var count = await socket.ReceiveAsync(bytes).WaitAsync(Patience);
        return Encoding.ASCII.GetString(bytes, 0, count);
    }

    private static async Task ReadsEnd(Socket socket)
    {
        try
        {
            while (await socket.ReceiveAsync(new byte[1000]) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // An end without a farewell is one, too.
        }
    }

    /// <summary>Sends the same text to each client, and nothing more.</summary>
    private string Serve(string text)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        opened.Add(listener);
        listener.Start();
        _ = Task.Run(async () =>
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync();
                _ = Task.Run(async () =>
                {
                    var stream = client.GetStream();
                    while (await stream.ReadAsync(new byte[10_000]) > 0)
                        await stream.WriteAsync(Encoding.ASCII.GetBytes(text));
                });
            }
        });
        return $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/";
    }
}
