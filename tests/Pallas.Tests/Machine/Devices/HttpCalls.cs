using System.Net.Sockets;
using System.Text;
using Pallas.Devices.Http;
using Pallas.Devices.Sockets;
using Pallas.Fuzz;
using Pallas.Machine;
using Pallas.Values;

namespace Pallas.Tests.Machine.Devices;

/// <summary>Requests to the HTTP device, and functions to be served.</summary>
internal static class HttpCalls
{
    public static readonly Row Hear = Row.Of("http", 0, "hear");

    public static readonly Row Port = Row.Of("http", 0, "port");

    /// <summary>Answers nothing itself: every request goes to the cog.</summary>
    public static readonly Value None = Const(0);

    /// <summary>Answers each request with "served", as text.</summary>
    public static readonly Value Page = Const(App.Make(
        0, Answer(200, "fine", "served", ("Content-Type", "text/plain"), ("X-Made-By", "a cog"))));

    /// <summary>Serves the same to all.</summary>
    public static Value Const(Value result) =>
        Law.Make(Nat.OfText("page"), Nat.One, Cogs.Quote(result));

    public static Row Serve(Value function) => Row.Of("http", 0, "serv", function);

    public static Row Echo(ulong id, int code, string body) => Row.Of(
        ["http", 0, "echo", id, .. Answer(code, "said", body).ToArray()]);

    public static Row Answer(
        int code, string message, string body, params (string Name, string Value)[] headers) =>
        Row.Of(code, Bar.OfText(message), HeadersOf(headers), Bar.OfText(body));

    public static Row Send(
        string method, string url, string body = "", int redirects = 0, int microseconds = 0,
        params (string Name, string Value)[] headers) =>
        Row.Of(
            "http", 0, "req", Bar.OfText(method), Bar.OfText(url), HeadersOf(headers),
            Bar.OfText(body), redirects, microseconds);

    public static string TextOf(Value bar) => Encoding.UTF8.GetString(((Bar)bar).Bytes);

    /// <summary>The answer of the server to bytes that need not be HTTP.</summary>
    public static async Task<string> Raw(int port, string bytes)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
        var stream = client.GetStream();
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(bytes));
            using var reader = new StreamReader(stream, Encoding.Latin1);
            return await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(20));
        }
        catch (IOException)
        {
            return "";
        }
    }

    public static bool CanConnect(int port)
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static Row HeadersOf((string Name, string Value)[] headers) => Row.Of(
        [.. headers.Select(each => Row.Of(Bar.OfText(each.Name), Bar.OfText(each.Value)))]);
}

/// <summary>The HTTP device without a machine around it.</summary>
internal sealed class HttpRig : IDisposable
{
    public HttpRig(MachineContext? context = null, NetworkOptions? network = null)
    {
        Device = new HttpDevice(
            (context ?? TestEval.Machine) with
            {
                FillRandom = buffer => buffer.AsSpan().Clear(),
            },
            network ?? new NetworkOptions());
    }

    public HttpDevice Device { get; }

    public HttpClient Client { get; } = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        // By default, a client that asks before it sends waits for a second only.
        Expect100ContinueTimeout = Timeout.InfiniteTimeSpan,
    })
    {
        Timeout = TimeSpan.FromSeconds(20),
    };

    public Asked Ask(Row request, ulong cog = 1)
    {
        var asked = new Asked();
        asked.Cancel = Device.Start(new DeviceCall(
            new CogId(cog), request.ToArray()[2..], value => asked.Answer = value));
        return asked;
    }

    public int Port(ulong cog = 1) =>
        (int)((SmallNat)Ask(HttpCalls.Port, cog).WaitForAnswer()).Word;

    public string Url(string path = "/", ulong cog = 1) => $"http://127.0.0.1:{Port(cog)}{path}";

    public void Dispose()
    {
        Client.Dispose();
        Device.Dispose();
    }

    public sealed class Asked
    {
        private volatile Value? answer;

        public Value? Answer
        {
            get => answer;
            set => answer = value;
        }

        public Action? Cancel { get; set; }

        public Value WaitForAnswer()
        {
            Wait.Until(() => answer is not null);
            return answer!;
        }
    }
}
