using System.Net;
using System.Net.Sockets;
using Pallas.Devices.Port;
using Pallas.Devices.Sockets;
using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Values;
using Xunit;

// Each wait of these tests has a limit of its own.
#pragma warning disable xUnit1051

namespace Pallas.Tests.Machine.Devices;

/// <summary>Calls of the port device, and identities of small seeds.</summary>
internal static class PortRig
{
    public sealed record Asked(Task<Value> Answered, Action? Cancel);

    public static Asked Ask(IDevice device, params Value[] args)
    {
        var answer = new TaskCompletionSource<Value>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.NotEqual(CallKind.Unknown, device.KindOf(args));
        var cancel = device.Start(new DeviceCall(
            new CogId(1), args, value => answer.TrySetResult(value)));
        return new Asked(answer.Task.WaitAsync(TimeSpan.FromSeconds(20)), cancel);
    }

    public static Nat AddressOf(int seed)
    {
        using var keys = new PortKeys(PortKeys.BytesOf(seed)!);
        return Nat.OfBytes(keys.Address);
    }

    public static Value[] Question(int from, int to, Value? time = null, string body = "") =>
    [
        "rqst", from,
        Row.Of(AddressOf(from), AddressOf(to), time ?? 0, Bar.OfText(body)),
    ];

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

public sealed class PortDeviceTests : IDisposable
{
    private readonly List<PortDevice> devices = [];
    private readonly NetworkOptions network = new() { RouterPort = PortRig.FreePort() };

    public void Dispose()
    {
        foreach (var device in devices)
            device.Dispose();
    }

    [Fact]
    public void An_address_is_the_public_key_of_its_seed()
    {
        // The first test vector of RFC 8032.
        var seed = Convert.FromHexString(
            "9D61B19DEFFD5A60BA844AF492EC2CC44449C5697B326919703BAC031CAE7F60");
        using var keys = new PortKeys(seed);
        Assert.Equal(
            "D75A980182B10AB7D54BFED3C964073A0EE172F3DAA62325AF021A68F707511A",
            Convert.ToHexString(keys.Address));
    }

    [Fact]
    public async Task Sire_makes_an_identity()
    {
        var made = (Row)await PortRig.Ask(Make(), "sire").Answered;
        using var keys = new PortKeys(PortKeys.BytesOf(made[0])!);
        Rig.AssertEqual(Nat.OfBytes(keys.Address), made[1]);
    }

    [Fact]
    public async Task A_question_is_answered_by_the_served_function()
    {
        Serve(Make(), 1, Row.Of(1, 10, Bar.OfText("yes")));
        var answer = await PortRig.Ask(Make(), PortRig.Question(2, 1)).Answered;
        Rig.AssertEqual(
            Row.Of(PortRig.AddressOf(1), Pin.Make(Bar.OfText("yes")), 0), answer);
    }

    [Fact]
    public async Task A_question_that_is_dropped_is_answered_0()
    {
        Serve(Make(), 1, 0);
        Rig.AssertEqual(0, await PortRig.Ask(Make(), PortRig.Question(2, 1)).Answered);
    }

    [Fact]
    public async Task A_question_that_is_held_is_asked_again_until_its_time_is_over()
    {
        var serving = Make();
        var held = Serve(serving, 1, Row.Of(0, 60));
        var clock = new TestClock(DateTimeOffset.UnixEpoch);
        var asked = PortRig.Ask(Make(clock), PortRig.Question(2, 1));
        Wait.Until(() => clock.SetCount == 1, "the question is held");
        Assert.False(asked.Answered.IsCompleted);
        Serve(serving, 1, Row.Of(1, 0, Bar.OfText("now")));
        clock.Advance(TimeSpan.FromSeconds(1));
        Rig.AssertEqual(0, await held.Answered);
        Rig.AssertEqual(Pin.Make(Bar.OfText("now")), ((Row)await asked.Answered)[1]);
        Serve(serving, 3, Row.Of(0, 0));
        Rig.AssertEqual(0, await PortRig.Ask(Make(), PortRig.Question(2, 3)).Answered);
    }

    [Fact]
    public async Task A_question_to_an_unknown_address_waits_for_its_time()
    {
        var answer = await PortRig.Ask(
            Make(), PortRig.Question(2, 1, time: App.Make(0, 0))).Answered;
        Rig.AssertEqual(0, answer);
    }

    [Fact]
    public async Task A_question_with_a_forged_sender_is_dropped()
    {
        var question = PortRig.Question(2, 1);
        question[1] = 3;
        Rig.AssertEqual(0, await PortRig.Ask(Make(), question).Answered);
    }

    [Fact]
    public async Task A_question_becomes_a_port_of_two_ends()
    {
        var (serving, asking) = (Make(), Make());
        Serve(serving, 1, Row.Of(2, Bar.OfText("meaning"), Bar.OfText("welcome")));
        var dyno = PortRig.Ask(serving, "dyno", 1);
        var client = (Row)await PortRig.Ask(asking, PortRig.Question(2, 1)).Answered;
        Rig.AssertEqual(Pin.Make(Bar.OfText("welcome")), client[1]);
        var server = (Row)await dyno.Answered;
        Rig.AssertEqual(PortRig.AddressOf(1), server[0]);
        Rig.AssertEqual(Bar.OfText("meaning"), server[1]);
        var (here, there) = (((App)client[2])[0], server[2]);

        var all = PortRig.Ask(serving, "rcll", there, 10);
        Assert.NotEqual("0", PlanText.Print(
            await PortRig.Ask(asking, "send", here, Bar.OfText("12345678")).Answered));
        await PortRig.Ask(asking, "send", here, Bar.OfText("90ab")).Answered;
        Assert.Equal("1234567890", TextOf(await all.Answered));
        Assert.Equal("ab", TextOf(await PortRig.Ask(serving, "recv", there).Answered));

        // Two sends are two receives.
        await PortRig.Ask(asking, "send", here, Bar.OfText("5")).Answered;
        await PortRig.Ask(asking, "send", here, Bar.OfText("hello")).Answered;
        Assert.Equal("5", TextOf(await PortRig.Ask(serving, "recv", there).Answered));
        Assert.Equal("hello", TextOf(await PortRig.Ask(serving, "recv", there).Answered));

        var hold = PortRig.Ask(asking, "hold", here);
        serving.Forget(new CogId(1));
        Rig.AssertEqual(0, await hold.Answered);
        Assert.Equal("", TextOf(await PortRig.Ask(asking, "recv", here).Answered));
        Rig.AssertEqual(0, await PortRig.Ask(asking, "send", here, Bar.OfText("x")).Answered);
    }

    [Fact]
    public async Task Another_machine_takes_over_when_the_router_host_ends()
    {
        var first = Make();
        Serve(first, 1, Row.Of(1, 0, Bar.OfText("first")));
        Assert.Equal("first", await AnswerOf(1));
        var second = Make();
        Serve(second, 2, Row.Of(1, 0, Bar.OfText("second")));
        Assert.Equal("second", await AnswerOf(2));
        devices.Remove(first);
        first.Dispose();
        Assert.Equal("second", await AnswerOf(2));
    }

    [Fact]
    public async Task A_process_that_is_no_router_is_refused()
    {
        using var other = new TcpListener(IPAddress.Loopback, network.RouterPort);
        other.Start();
        var accepting = other.AcceptTcpClientAsync();
        var asked = PortRig.Ask(Make(), PortRig.Question(2, 1, time: App.Make(0, 0)));
        using var accepted = await accepting;
        accepted.GetStream().Write("HTTP/1.1 400 Bad Request\r\n\r\n"u8);
        accepted.Close();
        Rig.AssertEqual(0, await asked.Answered);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 255, 255, 255, 255, 1, 2, 3 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 9 })]
    [InlineData(new byte[] { 34, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    public async Task Nonsense_ends_a_session_with_the_router_and_no_other(byte[] nonsense)
    {
        using var router = Router.TryStart(
            network.RouterPort, TestEval.Machine.FillRandom);
        Serve(Make(), 1, Row.Of(1, 0, Bar.OfText("yes")));
        using (var client = new TcpClient("127.0.0.1", network.RouterPort))
        {
            var stream = client.GetStream();
            await stream.WriteAsync(nonsense);
            client.Client.Shutdown(SocketShutdown.Send);
            using var rest = new MemoryStream();
            try
            {
                await stream.CopyToAsync(rest).WaitAsync(TimeSpan.FromSeconds(20));
            }
            catch (IOException)
            {
                // It was ended before all the nonsense was read.
            }
            Assert.InRange(rest.Length, 0, Router.Greeting.Length + 4);
        }
        Assert.Equal("yes", await AnswerOf(1));
    }

    [Fact]
    public async Task A_machine_that_only_proposes_ends_its_session_with_the_router()
    {
        using var router = Router.TryStart(
            network.RouterPort, TestEval.Machine.FillRandom);
        using var client = new TcpClient("127.0.0.1", network.RouterPort);
        var stream = client.GetStream();
        await Frames.Read(stream, 100, CancellationToken.None);
        var count = 0;
        for (; count < 1000; count++)
        {
            byte[] proposal = [Router.Propose, .. BitConverter.GetBytes(count), .. new byte[28]];
            await Frames.Write(stream, proposal, CancellationToken.None);
            if (await Frames.Read(stream, 100, CancellationToken.None) is null)
                break;
        }
        Assert.InRange(count, 10, 100);
    }

    [Fact]
    public async Task A_frame_is_not_read_where_there_is_no_room_for_it()
    {
        using var stream = new MemoryStream();
        await Frames.Write(stream, new byte[1000], CancellationToken.None);
        foreach (var (room, isRead) in new[] { (999, false), (1000, true) })
        {
            stream.Position = 0;
            var budget = new ByteBudget(room);
            using var share = new ByteShare(budget);
            var frame = await Frames.Read(stream, 5000, CancellationToken.None, share);
            Assert.Equal(isRead, frame is not null);
        }
    }

    private async Task<string> AnswerOf(int seed) =>
        TextOf(await PortRig.Ask(Make(), PortRig.Question(9, seed)).Answered);

    private static string TextOf(Value row) => HttpCalls.TextOf(((Pin)((Row)row)[1]).Item);

    private static PortRig.Asked Serve(PortDevice device, int seed, Value reply) =>
        PortRig.Ask(device, "serv", seed, HttpCalls.Const(reply));

    private PortDevice Make(TimeProvider? clock = null)
    {
        var device = new PortDevice(
            TestEval.Machine with { Time = clock ?? TestEval.Machine.Time }, network);
        devices.Add(device);
        return device;
    }
}
