using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Pallas.Devices.Sockets;
using Pallas.Values;
using Xunit;

// Each wait of these tests has a limit of its own.
#pragma warning disable xUnit1051

namespace Pallas.Tests.Machine.Devices;

/// <summary>Bad clients harm neither a site nor its other clients.</summary>
/// <remarks>
/// A line of the corpus is a name, the bytes, and what becomes of them: the code of an answer; a
/// dash where the server ends the connection; else it waits for more, and the client says that
/// nothing more comes. With <c>400?</c> the server has an answer to that, which the client may not
/// get.
/// </remarks>
public sealed partial class HttpSafetyTests : IDisposable
{
    private const string Dropped = "-";
    private const string Lost = "400?";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public async Task Bad_requests_are_refused_or_dropped_and_disturb_no_other_client()
    {
        rig.Ask(HttpCalls.Serve(HttpCalls.Page));
        var port = rig.Port();
        var lines = File.ReadAllLines(Path.Combine(Golden.Root, "tests/golden/bad-requests.tsv"))
            .Select(line => line.Split('\t'))
            .ToArray();
        Assert.InRange(lines.Length, 60, 1000);
        var got = await Task.WhenAll(lines.Select(async line =>
            $"{line[0]}\t{line[1]}\t{Fit(line[2], await CodeOf(port, line[1], line[2]))}"));
        Assert.Equal(string.Join('\n', lines.Select(line => string.Join('\t', line))),
            string.Join('\n', got));
        Assert.Equal("served", await rig.Client.GetStringAsync(rig.Url()));
    }

    [Theory]
    [InlineData("/../../etc/passwd")]
    [InlineData("/..%2f..%2fetc/passwd")]
    [InlineData("/%2e%2e/x")]
    [InlineData("//x")]
    [InlineData("/a?b=/../c&d=%00")]
    [InlineData("/a%20b?c=d%26e")]
    public async Task A_path_reaches_the_program_as_the_client_wrote_it(string path)
    {
        rig.Ask(HttpCalls.Serve(HttpCalls.None));
        var hear = rig.Ask(HttpCalls.Hear);
        var sent = HttpCalls.Raw(
            rig.Port(), $"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        var request = (Row)hear.WaitForAnswer();
        Rig.AssertEqual(Bar.OfText(path), request[2]);
        rig.Ask(HttpCalls.Echo(((SmallNat)request[0]).Word, 200, "x"));
        Assert.StartsWith("HTTP/1.1 200 ", await sent);
    }

    [Theory]
    [InlineData("bytes=0-1", 206, "se", "bytes 0-1/6")]
    [InlineData("bytes=4-", 206, "ed", "bytes 4-5/6")]
    [InlineData("bytes=-2", 206, "ed", "bytes 4-5/6")]
    [InlineData("bytes=-100", 206, "served", "bytes 0-5/6")]
    [InlineData("bytes=2-100", 206, "rved", "bytes 2-5/6")]
    [InlineData("bytes=6-", 416, "", "bytes */6")]
    [InlineData("bytes=-0", 416, "", "bytes */6")]
    [InlineData("bytes=3-2", 200, "served", null)]
    [InlineData("bytes=0-1,3-4", 200, "served", null)]
    [InlineData("bytes=-", 200, "served", null)]
    [InlineData("lines=0-1", 200, "served", null)]
    public async Task A_range_of_a_body(string range, int code, string body, string? content)
    {
        rig.Ask(HttpCalls.Serve(HttpCalls.Page));
        using var request = new HttpRequestMessage(HttpMethod.Get, rig.Url());
        request.Headers.TryAddWithoutValidation("Range", range);
        var response = await rig.Client.SendAsync(request);
        Assert.Equal(code, (int)response.StatusCode);
        Assert.Equal(body, await response.Content.ReadAsStringAsync());
        Assert.Equal(content, response.Content.Headers.ContentRange?.ToString());
    }

    [Fact]
    public async Task Large_bodies_go_both_ways_over_one_connection()
    {
        rig.Ask(HttpCalls.Serve(HttpCalls.None));
        var body = new byte[20 << 20];
        new Random(3).NextBytes(body);
        for (var round = 0; round < 2; round++)
        {
            var hear = rig.Ask(HttpCalls.Hear);
            var sent = rig.Client.PostAsync(rig.Url(), new ByteArrayContent(body));
            var request = (Row)hear.WaitForAnswer();
            var taken = (Bar)((Pin)request[4]).Item;
            Assert.True(taken.Bytes.SequenceEqual(body));
            rig.Ask(Row.Of(
                "http", 0, "echo", request[0], 200, Bar.Empty, Row.Empty, taken));
            Assert.Equal(body, await (await sent).Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task A_connection_serves_many_requests_also_pipelined()
    {
        rig.Ask(HttpCalls.Serve(HttpCalls.Page));
        const string Get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        var answer = await HttpCalls.Raw(
            rig.Port(), Get + Get + Get.Replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
        Assert.Equal(3, ServedPattern().Count(answer));
    }

    [Fact]
    public async Task Stalled_clients_block_no_others()
    {
        rig.Ask(HttpCalls.Serve(HttpCalls.Page));
        var port = rig.Port();
        var stalled = new List<Socket>();
        for (var i = 0; i < 200; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(IPAddress.Loopback, port);
            // Of three kinds: silent, within the head, within the body.
            if (i % 3 > 0)
                socket.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9"u8);
            if (i % 3 > 1)
                socket.Send("9\r\n\r\nhalf of it"u8);
            stalled.Add(socket);
        }
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("served", await rig.Client.GetStringAsync(rig.Url())
                .WaitAsync(TimeSpan.FromSeconds(5)));
        }
        stalled.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task Bodies_beyond_the_budget_are_refused_and_those_within_are_not()
    {
        using var small = new HttpRig(
            network: new NetworkOptions { BodyBytesMax = 100_000 });
        small.Ask(HttpCalls.Serve(HttpCalls.Page));
        // Asks before it sends: else the connection may be gone before the answer is read.
        using var large = new HttpRequestMessage(HttpMethod.Post, small.Url())
        {
            Content = new ByteArrayContent(new byte[200_000]),
            Headers = { ExpectContinue = true },
        };
        var refused = await small.Client.SendAsync(large);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        for (var i = 0; i < 5; i++)
        {
            var taken = await small.Client.PostAsync(
                small.Url(), new ByteArrayContent(new byte[90_000]));
            Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        }
    }

    /// <summary>The expected text if it allows the code, else the code.</summary>
    private static string Fit(string expected, string code) => expected switch
    {
        Dropped => code.Length == 0 ? expected : code,
        Lost => code is "" or "400" ? expected : code,
        _ => code,
    };

    private static async Task<string> CodeOf(int port, string text, string expected)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        var stream = client.GetStream();
        var answer = new MemoryStream();
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await stream.WriteAsync(BadRequestText.BytesOf(text), limit.Token);
            if (expected is not ("" or Lost))
            {
                var first = new byte[1];
                answer.Write(first, 0, await stream.ReadAsync(first, limit.Token));
            }
            client.Client.Shutdown(SocketShutdown.Send);
            await stream.CopyToAsync(answer, limit.Token);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            // It was dropped while it still spoke.
        }
        catch (OperationCanceledException)
        {
            return $"nothing within {Patience.TotalSeconds:0} s";
        }
        var codes = CodePattern().Matches(Encoding.Latin1.GetString(answer.ToArray()));
        return string.Join(' ', codes.Select(match => match.Groups[1].Value));
    }

    [GeneratedRegex(@"HTTP/1\.1 (\d{3}) ")]
    private static partial Regex CodePattern();

    [GeneratedRegex("served")]
    private static partial Regex ServedPattern();
}
