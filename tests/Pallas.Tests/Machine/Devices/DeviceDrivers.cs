using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Pallas.Devices;
using Pallas.Devices.Http;
using Pallas.Devices.Port;
using Pallas.Devices.Sockets;
using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Values;

namespace Pallas.Tests.Machine.Devices;

/// <summary>The world outside a device, for the tests of what all devices have in common.</summary>
internal abstract class DeviceDriver : IDisposable
{
    public static readonly string[] Names =
        ["time", "rand", "http", "sock", "wock", "tcp", "port", "poke"];

    /// <summary>The number of inputs that a device may hold before a cog asks for them.</summary>
    public const int HeldMax = 8;

    protected const ulong FirstSecond = 1_000_000_000;

    protected static readonly CogId Cog = new(1);

    public static readonly NetworkOptions Network = new()
    {
        ConnectionsMax = 8,
        WaitingMax = 8,
        WaitTimeMax = TimeSpan.FromMinutes(5),
    };

    private readonly List<IDisposable> opened = [];

    /// <summary>The devices that the driven one uses, and itself, last.</summary>
    public abstract IDevice[] Make(MachineContext context);

    /// <summary>The requests that have to be open, so that an input can come.</summary>
    public virtual Row[] Beside => [];

    /// <summary>A request that waits for what <see cref="Feed"/> brings of the same number.
    /// </summary>
    public abstract Row Taking(int number);

    public abstract void Feed(int number);

    /// <summary>The number that an answer brings, or null where answers bring none.</summary>
    public abstract int? NumberOf(Value answer);

    /// <summary>Arguments for every request of the device.</summary>
    public abstract Row[] Samples { get; }

    /// <summary>Whether it waits for nothing.</summary>
    public virtual bool AnswersAtOnce => false;

    /// <summary>Sends many inputs without a request; gives the number that the device holds.
    /// </summary>
    public virtual int Flood(int count) => 0;

    public TestClock Clock { get; } =
        new(DateTimeOffset.FromUnixTimeSeconds((long)FirstSecond));

    public static DeviceDriver Of(string name) => name switch
    {
        "time" => new Time(),
        "rand" => new Rand(),
        "http" => new Http(),
        "sock" => new Sock(),
        "wock" => new Wock(),
        "tcp" => new Tcp(),
        "port" => new Peers(),
        _ => new Poke(),
    };

    public virtual void Dispose()
    {
        foreach (var each in opened)
            each.Dispose();
    }

    protected T Keep<T>(T made)
        where T : IDisposable
    {
        opened.Add(made);
        return made;
    }

    protected static Row Call(string device, params Value[] args) =>
        Row.Of([device, 0, .. args]);

    /// <summary>Asks a device directly and waits for the answer.</summary>
    protected static Value AskNow(IDevice device, params Value[] args)
    {
        Value? answer = null;
        device.Start(new DeviceCall(Cog, args, value => Volatile.Write(ref answer, value)));
        Wait.Until(() => Volatile.Read(ref answer) is not null);
        return answer!;
    }

    protected Socket Connect(int port)
    {
        var socket = Keep(new Socket(SocketType.Stream, ProtocolType.Tcp));
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    /// <summary>Waits until the other side has closed all connections but a few.</summary>
    protected static int CountOpen(List<Socket> sockets)
    {
        Wait.Until(() => sockets.Count(IsOpen) <= HeldMax);
        return sockets.Count(IsOpen);
    }

    /// <summary>Reads what has come, to find the end behind it.</summary>
    private static bool IsOpen(Socket socket)
    {
        var buffer = new byte[1000];
        try
        {
            while (socket.Poll(0, SelectMode.SelectRead))
            {
                if (socket.Receive(buffer) == 0)
                    return false;
            }
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private sealed class Time : DeviceDriver
    {
        public override IDevice[] Make(MachineContext context) => [new TimeDevice(context.Time)];

        public override Row Taking(int number) =>
            Call("time", "wait", FirstSecond + (ulong)number);

        public override void Feed(int number) => Clock.Advance(
            DateTimeOffset.FromUnixTimeSeconds((long)FirstSecond + number) - Clock.GetUtcNow());

        public override int? NumberOf(Value answer) => null;

        public override Row[] Samples => [Row.Of("when"), Row.Of("wait", 5)];
    }

    private sealed class Rand : DeviceDriver
    {
        public override IDevice[] Make(MachineContext context) =>
            [new RandDevice(context.FillRandom)];

        public override bool AnswersAtOnce => true;

        public override Row Taking(int number) => Call("rand", "byte", number);

        public override void Feed(int number)
        {
        }

        public override int? NumberOf(Value answer) => ((Bar)answer).Count;

        public override Row[] Samples => [Row.Of("byte", 5)];
    }

    /// <summary>A client of a site for each number, on the path of that number.</summary>
    private sealed class Http : DeviceDriver
    {
        private readonly HttpClient client = new();
        private HttpDevice? device;

        public override IDevice[] Make(MachineContext context) =>
            [device = new HttpDevice(context, Network)];

        public override Row[] Beside => [HttpCalls.Serve(HttpCalls.None)];

        public override Row Taking(int number) => HttpCalls.Hear;

        public override void Feed(int number) =>
            _ = client.GetAsync($"http://127.0.0.1:{Port}/{number}");

        public override int? NumberOf(Value answer) =>
            int.Parse(HttpCalls.TextOf(((Row)answer)[2])[1..]);

        public override Row[] Samples =>
        [
            Row.Of("serv", 0), Row.Of("hear"), Row.Of("hold", 5), Row.Of("port"),
            Row.Of([.. HttpCalls.Echo(5, 200, "x").ToArray()[2..]]),
            Row.Of([.. HttpCalls.Send("GET", "http://localhost/").ToArray()[2..]]),
        ];

        public override int Flood(int count)
        {
            var sockets = new List<Socket>();
            for (var i = 0; i < count; i++)
            {
                sockets.Add(Connect(Port));
                sockets[^1].Send("GET / HTTP/1.1\r\nhost: x\r\n\r\n"u8);
            }
            return CountOpen(sockets);
        }

        public override void Dispose()
        {
            client.Dispose();
            base.Dispose();
        }

        private int Port => (int)((SmallNat)AskNow(device!, "port")).Word;
    }

    /// <summary>Connections that send nothing: their order is that of their handles.</summary>
    private abstract class Connecting(string name) : DeviceDriver
    {
        private ulong? first;

        protected abstract int Port { get; }

        public override Row Taking(int number) => Call(name, "open");

        public override void Feed(int number) => Connect(Port);

        public override int? NumberOf(Value answer)
        {
            var handle = ((SmallNat)answer).Word;
            first ??= handle;
            return (int)(handle - first.Value) + 1;
        }

        public override Row[] Samples =>
        [
            Row.Of("open"), Row.Of("recv", 5), Row.Of("send", 5, Bar.Empty), Row.Of("wait", 5),
            Row.Of("kill", 5), Row.Of("shut", 5),
        ];

        public override int Flood(int count) =>
            CountOpen([.. Enumerable.Range(0, count).Select(_ => Connect(Port))]);
    }

    private sealed class Sock : Connecting
    {
        private string message = "";

        public Sock()
            : base("sock")
        {
        }

        protected override int Port
        {
            get
            {
                Wait.Until(() => message.Length > 0);
                return int.Parse(message[(message.LastIndexOf(':') + 1)..]);
            }
        }

        public override IDevice[] Make(MachineContext context)
        {
            message = "";
            return [new SockDevice(context with { Message = text => message = text }, Network)];
        }
    }

    private sealed class Wock : Connecting
    {
        private HttpDevice? http;

        public Wock()
            : base("wock")
        {
        }

        protected override int Port => (int)((SmallNat)AskNow(http!, "port")).Word;

        public override IDevice[] Make(MachineContext context)
        {
            http = new HttpDevice(context, Network);
            return [http, new WockDevice(context, Network, http)];
        }

        public override void Feed(int number) => Keep(new ClientWebSocket()).ConnectAsync(
            new Uri($"ws://127.0.0.1:{Port}/"), CancellationToken.None).GetAwaiter().GetResult();

        public override int Flood(int count)
        {
            var sockets = new List<Socket>();
            for (var i = 0; i < count; i++)
            {
                sockets.Add(Connect(Port));
                sockets[^1].Send(Encoding.ASCII.GetBytes(string.Join(
                    "\r\n", "GET / HTTP/1.1", "Host: localhost", "Connection: Upgrade",
                    "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "", "")));
            }
            return CountOpen(sockets);
        }
    }

    private sealed class Tcp : Connecting
    {
        private TcpDevice? device;

        public Tcp()
            : base("tcp")
        {
        }

        protected override int Port => (int)((SmallNat)AskNow(device!, "mine")).Word;

        public override IDevice[] Make(MachineContext context) =>
            [device = new TcpDevice(context, Network)];

        public override Row Taking(int number) => Row.Of("tcp", "hear");

        public override int? NumberOf(Value answer) => base.NumberOf(((Row)answer)[0]);

        public override Row[] Samples =>
        [
            Row.Of("open", 16777343, 1), Row.Of("mine"), Row.Of("hear"), Row.Of("take", 5),
            Row.Of("give", 5, Bar.Empty), Row.Of("shut", 5),
        ];
    }

    /// <summary>A question of another machine for each number, which becomes a port.</summary>
    private sealed class Peers : DeviceDriver
    {
        private readonly int routerPort = PortRig.FreePort();
        private readonly PortDevice asking;
        private ulong? first;

        public Peers() => asking = Keep(new PortDevice(
            TestEval.Machine, new NetworkOptions { RouterPort = routerPort }));

        public override IDevice[] Make(MachineContext context) =>
        [
            new PortDevice(
                context with { Time = TimeProvider.System },
                Network with { RouterPort = routerPort }),
        ];

        public override Row[] Beside =>
            [Call("port", "serv", 1, HttpCalls.Const(Row.Of(2, 7, Bar.OfText("welcome"))))];

        public override Row Taking(int number) => Call("port", "dyno", 1);

        public override void Feed(int number) => PortRig.Ask(asking, PortRig.Question(2, 1));

        public override int? NumberOf(Value answer)
        {
            var handle = ((SmallNat)((Row)answer)[2]).Word;
            first ??= handle;
            return (int)(handle - first.Value) + 1;
        }

        public override Row[] Samples =>
        [
            Row.Of("sire"), Row.Of("serv", 1, 0), Row.Of("dyno", 1), Row.Of("hold", 5),
            Row.Of("rqst", 1, Row.Of(2, 3, 0, Bar.Empty)), Row.Of("send", 5, Bar.Empty),
            Row.Of("recv", 5), Row.Of("rcll", 5, 6),
        ];

        public override int Flood(int count)
        {
            var answers = Enumerable.Range(0, count / 2)
                .Select(_ => PortRig.Ask(asking, PortRig.Question(2, 1)).Answered)
                .ToArray();
            return Task.WhenAll(answers).GetAwaiter().GetResult()
                .Count(answer => answer is Row row && row[2] is App);
        }
    }

    private sealed class Poke : DeviceDriver
    {
        private PokeDevice? device;

        public override IDevice[] Make(MachineContext context) => [device = new PokeDevice()];

        public override Row Taking(int number) => Call("poke", "poke", Row.Of("a", "b"));

        public override void Feed(int number) => Submit(number);

        public override int? NumberOf(Value answer) => (int)((SmallNat)answer).Word;

        public override Row[] Samples => [Row.Of("poke", Row.Of("a"))];

        public override int Flood(int count) =>
            Enumerable.Range(0, count).Count(each => Submit(each).IsCompleted);

        private Task Submit(int number) =>
            device!.Submit(Cog, ["a", "b"], number, CancellationToken.None);
    }
}
