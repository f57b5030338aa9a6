using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Pallas.Devices.Http;
using Pallas.Devices.Sockets;
using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Values;
using Xunit;

// Each wait of these tests has a limit of its own.
#pragma warning disable xUnit1051

namespace Pallas.Tests.Machine.Devices;

/// <summary>Connections to the devices that give handles, with a real peer.</summary>
public sealed class ConnectionTests : IDisposable
{
    private static readonly CogId Cog = new(1);

    private readonly List<IDisposable> opened = [];
    private string message = "";
    private int plainPort;
    private int webPort;

    public void Dispose()
    {
        foreach (var each in Enumerable.Reverse(opened))
            each.Dispose();
    }

    [Theory]
    [InlineData("sock")]
    [InlineData("wock")]
    public async Task Bytes_go_both_ways_in_order(string name)
    {
        var (device, peer, handle) = await Connect(name);
        await peer.Send("one");
        Assert.Equal("one", TextOf(await Ask(device, "recv", handle).Answered));
        var (first, second) = (
            Ask(device, "send", handle, Bar.OfText("two ")),
            Ask(device, "send", handle, Bar.OfText("three")));
        Rig.AssertEqual(1, await first.Answered);
        Rig.AssertEqual(1, await second.Answered);
        Assert.Equal("two three", await peer.Receive(9));
    }

    [Theory]
    [InlineData("sock")]
    [InlineData("wock")]
    public async Task The_end_of_the_peer_answers_all_calls(string name)
    {
        var (device, peer, handle) = await Connect(name);
        var (wait, recv) = (Ask(device, "wait", handle), Ask(device, "recv", handle));
        await peer.Send("last words");
        Assert.Equal("last words", TextOf(await recv.Answered));
        await peer.Close();
        Rig.AssertEqual(1, await wait.Answered);
        Rig.AssertEqual(0, await Ask(device, "recv", handle).Answered);
        Rig.AssertEqual(0, await Ask(device, "send", handle, Bar.OfText("x")).Answered);
        Rig.AssertEqual(1, await Ask(device, "wait", handle).Answered);
        Rig.AssertEqual(1, await Ask(device, "kill", handle).Answered);
        Rig.AssertEqual(0, await Ask(device, "kill", handle).Answered);
        Rig.AssertEqual(0, await Ask(device, "wait", handle).Answered);
    }

    [Theory]
    [InlineData("sock", "kill")]
    [InlineData("wock", "shut")]
    public async Task A_cog_shuts_its_connection(string name, string how)
    {
        var (device, peer, handle) = await Connect(name);
        var (wait, recv) = (Ask(device, "wait", handle), Ask(device, "recv", handle));
        Rig.AssertEqual(1, await Ask(device, how, handle).Answered);
        Rig.AssertEqual(0, await wait.Answered);
        Rig.AssertEqual(0, await recv.Answered);
        await peer.WaitForEnd();
    }

    [Theory]
    [InlineData("sock")]
    [InlineData("wock")]
    public async Task The_input_of_a_cancelled_recv_comes_first_again(string name)
    {
        var (device, peer, handle) = await Connect(name);
        var (one, two) = (Ask(device, "recv", handle), Ask(device, "recv", handle));
        await peer.Send("1");
        Assert.Equal("1", TextOf(await one.Answered));
        await peer.Send("2");
        Assert.Equal("2", TextOf(await two.Answered));
        one.Cancel!();
        two.Cancel!();
        Assert.Equal("1", TextOf(await Ask(device, "recv", handle).Answered));
        Assert.Equal("2", TextOf(await Ask(device, "recv", handle).Answered));
    }

    [Theory]
    [InlineData("sock")]
    [InlineData("wock")]
    public async Task A_peer_that_sends_more_than_fits_loses_nothing(string name)
    {
        var (device, peer, handle) = await Connect(name);
        var part = new string('x', 100_000);
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 400; i++)
                await peer.Send(part);
        });
        for (var rest = 400L * part.Length; rest > 0;)
            rest -= ((Bar)await Ask(device, "recv", handle).Answered).Count;
        await sending;
    }

    [Fact]
    public async Task A_peer_that_does_not_read_is_disconnected()
    {
        var limits = new NetworkOptions { SendTimeMax = TimeSpan.FromMilliseconds(200) };
        var (device, _, handle) = await Connect("sock", limits);
        Value answer = 1;
        for (var i = 0; i < 100 && answer is SmallNat { Word: 1 }; i++)
            answer = await Ask(device, "send", handle, Bar.Of(new byte[1 << 20])).Answered;
        Rig.AssertEqual(0, answer);
    }

    [Fact]
    public async Task A_message_beyond_the_limit_ends_a_web_socket()
    {
        var limits = new NetworkOptions { MessageBytesMax = 1000 };
        var (device, peer, handle) = await Connect("wock", limits);
        await peer.Send(new string('x', 1000));
        Assert.Equal(1000, ((Bar)await Ask(device, "recv", handle).Answered).Count);
        await peer.Send(new string('x', 1001));
        Rig.AssertEqual(0, await Ask(device, "recv", handle).Answered);
        await peer.WaitForEnd();
    }

    [Fact]
    public async Task Messages_beyond_the_budget_of_all_end_their_web_socket()
    {
        var limits = new NetworkOptions { BodyBytesMax = 1500, ReadAheadBytesMax = 100 };
        var (device, peer, handle) = await Connect("wock", limits);
        await peer.Send(new string('x', 1000));
        var open = Ask(device, "open");
        var other = Keep(new Peer.Web(webPort));
        var second = await open.Answered;
        await other.Send(new string('x', 1000));
        Rig.AssertEqual(0, await Ask(device, "recv", second).Answered);
        Assert.Equal(1000, ((Bar)await Ask(device, "recv", handle).Answered).Count);
        await peer.Send("and on");
        Assert.Equal("and on", TextOf(await Ask(device, "recv", handle).Answered));
    }

    [Fact]
    public void No_more_is_read_ahead_than_the_limit()
    {
        // An empty message counts as 256 bytes.
        const int AheadMax = 20;
        var limits = new NetworkOptions { ReadAheadBytesMax = AheadMax * 256 };
        var channel = new EmptyChannel();
        var connection = new Connection(
            channel, limits, TimeProvider.System,
            new ConnectionAnswers(_ => 0, _ => 0, _ => 0));
        connection.Open();
        for (var takenCount = 0; takenCount < 100; takenCount++)
        {
            Wait.Until(() => channel.Count >= AheadMax + takenCount);
            Assert.Equal(AheadMax + takenCount, channel.Count);
            connection.Receive(new DeviceCall(Cog, [], _ => { }));
        }
        connection.Shut();
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(60, false)]
    public async Task A_connection_that_is_silent_for_long_is_evicted_when_all_slots_are_taken(
        int seconds, bool makesRoom)
    {
        var limits = new NetworkOptions
        {
            ConnectionsMax = 2,
            SilenceTimeMin = TimeSpan.FromSeconds(seconds),
        };
        var (device, first, handle) = await Connect("sock", limits);
        var opens = new[] { Ask(device, "open"), Ask(device, "open") };
        Keep(new Peer.Plain(plainPort));
        await opens[0].Answered;
        var wait = Ask(device, "wait", handle);
        var third = Keep(new Peer.Plain(plainPort));
        if (makesRoom)
        {
            Rig.AssertEqual(1, await wait.Answered);
            await opens[1].Answered;
            await first.WaitForEnd();
        }
        else
        {
            await third.WaitForEnd();
        }
    }

    [Theory]
    [InlineData("http://evil.example", 403)]
    [InlineData("null", 403)]
    [InlineData("http://localhost:3000", 101)]
    public async Task Pages_of_other_sites_get_no_web_socket(string origin, int code)
    {
        var http = Keep(new HttpDevice(TestEval.Machine, new NetworkOptions()));
        var device = Keep(new WockDevice(TestEval.Machine, new NetworkOptions(), http));
        Ask(device, "open");
        var port = (int)((SmallNat)await Ask(http, "port").Answered).Word;
        using var client = new ClientWebSocket();
        client.Options.CollectHttpResponseDetails = true;
        client.Options.SetRequestHeader("Origin", origin);
        var connecting = client.ConnectAsync(
            new Uri($"ws://127.0.0.1:{port}/"), CancellationToken.None);
        if (code == 101)
            await connecting;
        else
            await Assert.ThrowsAsync<WebSocketException>(() => connecting);
        Assert.Equal(code, (int)client.HttpStatusCode);
    }

    [Fact]
    public async Task Two_cogs_talk_over_tcp()
    {
        var device = Keep(new TcpDevice(TestEval.Machine, new NetworkOptions()));
        var mine = await Ask(device, "mine").Answered;
        var heard = Ask(device, "hear");
        var open = (App)await Ask(device, "open", 16777343, mine).Answered;
        Rig.AssertEqual(0, open.Head);
        var hear = (Row)await heard.Answered;
        Rig.AssertEqual(16777343, hear[1]);
        Rig.AssertEqual(
            App.Make(0, 5), await Ask(device, "give", open[0], Bar.OfText("hello")).Answered);
        Assert.Equal("hello", TextOf(await Ask(device, "take", hear[0]).Answered));
        Rig.AssertEqual(0, await Ask(device, "shut", open[0]).Answered);
        Rig.AssertEqual(Bar.Empty, await Ask(device, "take", hear[0]).Answered);
        Rig.AssertEqual(0, await Ask(device, "give", hear[0], Bar.OfText("x")).Answered);
    }

    [Fact]
    public async Task Tcp_without_a_peer_and_on_unknown_handles_answers_failure()
    {
        var device = Keep(new TcpDevice(TestEval.Machine, new NetworkOptions()));
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        Rig.AssertEqual(0, await Ask(device, "open", 16777343, port).Answered);
        Rig.AssertEqual(Bar.Empty, await Ask(device, "take", 12).Answered);
        Rig.AssertEqual(0, await Ask(device, "give", 12, Bar.OfText("x")).Answered);
        Rig.AssertEqual(0, await Ask(device, "shut", 12).Answered);
    }

    private async Task<(IDevice Device, Peer Peer, Value Handle)> Connect(
        string name, NetworkOptions? limits = null)
    {
        var network = limits ?? new NetworkOptions();
        var options = TestEval.Machine with { Message = text => message = text };
        Peer peer;
        IDevice device;
        Asked open;
        if (name == "sock")
        {
            device = Keep(new SockDevice(options, network));
            open = Ask(device, "open");
            plainPort = int.Parse(message[(message.LastIndexOf(':') + 1)..]);
            peer = new Peer.Plain(plainPort);
        }
        else
        {
            var http = Keep(new HttpDevice(options, network));
            device = Keep(new WockDevice(options, network, http));
            open = Ask(device, "open");
            webPort = (int)((SmallNat)await Ask(http, "port").Answered).Word;
            peer = new Peer.Web(webPort);
        }
        Keep(peer);
        return (device, peer, await open.Answered);
    }

    private T Keep<T>(T made)
        where T : IDisposable
    {
        opened.Add(made);
        return made;
    }

    private static string TextOf(Value bar) => HttpCalls.TextOf(bar);

    private static Asked Ask(IDevice device, params Value[] args)
    {
        var answer = new TaskCompletionSource<Value>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.NotEqual(CallKind.Unknown, device.KindOf(args));
        var cancel = device.Start(new DeviceCall(
            Cog, args, value => answer.TrySetResult(value)));
        return new Asked(answer.Task.WaitAsync(TimeSpan.FromSeconds(20)), cancel);
    }

    private sealed record Asked(Task<Value> Answered, Action? Cancel);

    /// <summary>A peer that sends empty messages without end.</summary>
    private sealed class EmptyChannel : IChannel
    {
        private int count;

        public int Count => Volatile.Read(ref count);

        public Task<Bar?> Receive(CancellationToken cancel)
        {
            Interlocked.Increment(ref count);
            return Task.FromResult<Bar?>(Bar.Empty);
        }

        public Task Send(Bar data, CancellationToken cancel) => Task.CompletedTask;

        public Task Close(CancellationToken cancel) => Task.CompletedTask;

        public void Dispose()
        {
        }
    }

    /// <summary>A client.</summary>
    private abstract class Peer : IDisposable
    {
        public abstract Task Send(string text);

        public abstract Task<string> Receive(int count);

        public abstract Task Close();

        public abstract Task WaitForEnd();

        public abstract void Dispose();

        public sealed class Plain(int port) : Peer
        {
            private readonly TcpClient client = new("127.0.0.1", port);

            public override async Task Send(string text) =>
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));

            public override async Task<string> Receive(int count)
            {
                var bytes = new byte[count];
                await client.GetStream().ReadExactlyAsync(bytes);
                return Encoding.ASCII.GetString(bytes);
            }

            public override Task Close()
            {
                client.Close();
                return Task.CompletedTask;
            }

            public override async Task WaitForEnd() =>
                Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1]));

            public override void Dispose() => client.Dispose();
        }

        public sealed class Web : Peer
        {
            private readonly ClientWebSocket client = new();

            public Web(int port) => client.ConnectAsync(
                new Uri($"ws://127.0.0.1:{port}/any/path"), CancellationToken.None)
                .Wait(TimeSpan.FromSeconds(20));

            public override Task Send(string text) => client.SendAsync(
                Encoding.ASCII.GetBytes(text), WebSocketMessageType.Text, true,
                CancellationToken.None);

            public override async Task<string> Receive(int count)
            {
                var bytes = new byte[count];
                for (var at = 0; at < count;)
                {
                    at += (await client.ReceiveAsync(
                        bytes.AsMemory(at), CancellationToken.None)).Count;
                }
                return Encoding.ASCII.GetString(bytes);
            }

            public override Task Close() => client.CloseAsync(
                WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);

            public override async Task WaitForEnd()
            {
                try
                {
                    var end = await client.ReceiveAsync(new byte[1000], CancellationToken.None);
                    Assert.Equal(WebSocketMessageType.Close, end.MessageType);
                }
                catch (WebSocketException)
                {
                    // An end without a farewell is one, too.
                }
            }

            public override void Dispose() => client.Dispose();
        }
    }
}
