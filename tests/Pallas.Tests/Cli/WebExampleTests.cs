using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>Web examples with real clients, beyond their transcripts.</summary>
[Collection(SiteCollection.Name)]
public sealed partial class WebExampleTests(CliHome home)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [GeneratedRegex(@"is at (http://localhost:\d+/)")]
    private static partial Regex AddressPattern();

    [GeneratedRegex(@"^\+\+ \[%\w+ \{has token\} (\d+)\]$", RegexOptions.Multiline)]
    private static partial Regex TokenPattern();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_chat_reaches_all_and_keeps_its_lines_after_a_kill()
    {
        var folder = Boot("chat", "chat/chat.sire");
        string[] lines = ["ann: good morning", "bob: grüß dich", "ann: " + new string('x', 5000)];
        using (var machine = home.Start(folder, ["start", "chat"]))
        {
            var site = SiteOf(machine);
            using var client = new HttpClient { BaseAddress = site };
            Assert.Contains("new WebSocket(", await client.GetStringAsync("/", Cancel));
            using var ann = await Connect(site);
            using var bob = await Connect(site);
            await Say(ann, lines[0]);
            Assert.Equal(lines[0], await Hear(bob));
            await Say(bob, lines[1]);
            await Say(bob, lines[2]);
            foreach (var line in lines)
                Assert.Equal(line, await Hear(ann));
            machine.Stop("KILL");
        }
        using (var machine = home.Start(folder, ["start", "chat"]))
        {
            using var cyd = await Connect(SiteOf(machine));
            foreach (var line in lines)
                Assert.Equal(line, await Hear(cyd));
            await Say(cyd, "cyd: I am late");
            Assert.Equal("cyd: I am late", await Hear(cyd));
        }
    }

    [Fact]
    public async Task Files_are_the_same_bytes_in_whole_and_in_part()
    {
        var folder = Boot("files", "files/files.sire");
        using var machine = home.Start(folder, ["start", "files"]);
        using var client = new HttpClient { BaseAddress = SiteOf(machine) };
        Assert.Contains("<h1>Files</h1>", await client.GetStringAsync("/", Cancel));
        var bytes = new byte[300_000];
        new Random(7).NextBytes(bytes);
        var put = await client.PutAsync("/file/a%20b", new ByteArrayContent(bytes), Cancel);
        Assert.Equal(201, (int)put.StatusCode);
        Assert.Equal(bytes, await client.GetByteArrayAsync("/file/a%20b", Cancel));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/file/a%20b");
        request.Headers.Range = new(299_000, null);
        using var part = await client.SendAsync(request, Cancel);
        Assert.Equal(206, (int)part.StatusCode);
        Assert.Equal(bytes[299_000..], await part.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal(404, (int)(await client.PutAsync("/list", null, Cancel)).StatusCode);
        Assert.Equal("/file/a%20b\n", await client.GetStringAsync("/list", Cancel));
    }

    [Fact]
    public async Task A_tile_is_the_Mandelbrot_set()
    {
        var folder = Boot("mandelbrot", "mandelbrot/mandelbrot.sire");
        using var machine = home.Start(folder, ["start", "mandelbrot"]);
        using var client = new HttpClient { BaseAddress = SiteOf(machine) };
        Assert.Contains("<h1>Mandelbrot</h1>", await client.GetStringAsync("/", Cancel));
        var bitmap = await client.GetByteArrayAsync("/tile/3/5/3.bmp", Cancel);
        Assert.Equal("BM"u8, bitmap.AsSpan(0, 2));
        Assert.Equal(Tile(3, 5, 3), bitmap[54..]);
    }

    [Fact]
    public void A_token_continues_after_a_machine_is_killed()
    {
        var folder = Boot("ann", "ring/ann.sire");
        foreach (var name in new[] { "bob", "cyd" })
            Boot(folder, name, $"ring/{name}.sire");
        string[] router = ["--router-port", $"{ShellTranscript.FreePort()}"];
        using var cyd = home.Start(folder, ["start", "cyd", .. router]);
        using var ann = home.Start(folder, ["start", "ann", .. router]);
        List<int> bobs;
        using (var bob = home.Start(folder, ["start", "bob", .. router]))
        {
            ann.WaitUntil(() => TokensOf(ann).Count > 0);
            bob.Stop("KILL");
            bobs = TokensOf(bob);
        }
        var before = TokensOf(ann).Count;
        using (var bob = home.Start(folder, ["start", "bob", .. router]))
        {
            ann.WaitUntil(() => TokensOf(ann).Count >= before + 2);
            Assert.Equal(0, bob.Stop("TERM").ExitCode);
            bobs.AddRange(TokensOf(bob));
        }
        Assert.Equal(0, ann.Stop("TERM").ExitCode);
        Assert.Equal(0, cyd.Stop("TERM").ExitCode);
        // A line that the kill fell on may be missing at bob's; a token is not, nor is it doubled.
        CheckTokens(TokensOf(ann), 0, isWhole: true);
        CheckTokens(bobs, 1, isWhole: false);
        CheckTokens(TokensOf(cyd), 2, isWhole: true);
    }

    private static void CheckTokens(List<int> tokens, int rest, bool isWhole)
    {
        Assert.NotEmpty(tokens);
        Assert.All(tokens, token => Assert.Equal(rest, token % 3));
        Assert.All(tokens.Zip(tokens.Skip(1)), pair => Assert.InRange(
            pair.Second, pair.First + 3, isWhole ? pair.First + 3 : int.MaxValue));
    }

    private static List<int> TokensOf(CliProcess machine) =>
        [.. TokenPattern().Matches(machine.Error).Select(line => int.Parse(line.Groups[1].Value))];

    private string Boot(string store, string example)
    {
        var folder = home.NewFolder();
        Boot(folder, store, example);
        return folder;
    }

    private void Boot(string folder, string store, string example)
    {
        var file = Path.Combine(Golden.Root, "examples", example);
        var result = home.Run(folder, "", "boot", store, file);
        Assert.True(result.ExitCode == 0, result.Error);
    }

    private static Uri SiteOf(CliProcess machine)
    {
        machine.WaitUntil(() => AddressPattern().IsMatch(machine.Error));
        return new Uri(AddressPattern().Match(machine.Error).Groups[1].Value);
    }

    private static async Task<ClientWebSocket> Connect(Uri site)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(site) { Scheme = "ws" }.Uri, Cancel);
        return socket;
    }

    private static async Task Say(ClientWebSocket socket, string line) => await socket.SendAsync(
        Encoding.UTF8.GetBytes(line), WebSocketMessageType.Text, endOfMessage: true, Cancel);

    private static async Task<string> Hear(ClientWebSocket socket)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Patience);
        var buffer = new byte[1 << 16];
        var count = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(count), limit.Token);
            count += part.Count;
            if (part.EndOfMessage)
                return Encoding.UTF8.GetString(buffer, 0, count);
        }
    }

    /// <summary>The points of a tile, computed by the same arithmetic once more.</summary>
    private static byte[] Tile(int z, int x, int y)
    {
        const int Points = 64;
        const long One = 1 << 24;
        var step = (3 * One >> z) / Points;
        var points = new List<byte>();
        for (var row = 0; row < Points; row++)
        {
            for (var column = 0; column < Points; column++)
            {
                var re = -9 * One / 4 + step * (Points * x + column);
                var im = -3 * One / 2 + step * (Points * y + row);
                points.AddRange(Colour(Rounds(re, im, One)));
            }
        }
        return [.. points];
    }

    private static int Rounds(long re, long im, long one)
    {
        var (count, x, y) = (0, 0L, 0L);
        while (count < 64 && x * x / one + y * y / one <= 4 * one)
        {
            (x, y) = (re + x * x / one - y * y / one, im + 2 * (x * y / one));
            count++;
        }
        return count;
    }

    private static byte[] Colour(int count) => count >= 64
        ? [0, 0, 0]
        : [(byte)Math.Min(255, 60 + 8 * count), (byte)(4 * count), (byte)(13 * count % 200)];
}
