using Pallas.Devices.Sockets;
using Pallas.Machine;
using Pallas.Values;

namespace Pallas.Devices.Http;

/// <summary>HTTP in both directions. Each cog that serves has a site of its own.</summary>
/// <remarks>
/// The first call of a cog that needs a site opens it, on the port that the options give or a free
/// one. The file <c>[cog].http.port</c> in the machine's folder names the port.
/// </remarks>
public sealed class HttpDevice : IDevice
{
    private static readonly CallShape[] Shapes =
    [
        new("serv", "f", CallKind.Acts, "never: f answers requests until this is cancelled"),
        new("hear", "", CallKind.TakesIn,
            "the next request that f left: `[id method path headers body]`"),
        new("echo", "id code message headers body", CallKind.Acts,
            "0, also if no client waits"),
        new("hold", "id", CallKind.TakesIn,
            "0 when the request id is over; at once, if there is none"),
        new("port", "", CallKind.TakesIn, "the number of the port that the cog listens on"),
        new("req", "method url headers body redirects time", CallKind.Acts,
            "`[code message headers body]`", "a name, or a row of a name and what there is to say"),
    ];

    private const int EvaluatorsMax = 8;
    private static readonly TimeSpan CloseMax = TimeSpan.FromSeconds(5);

    private readonly MachineContext context;
    private readonly NetworkOptions network;
    private readonly CogTable<HttpSite> sites = new(site => Task.Run(site.Close), CloseMax);
    private readonly ServedFunctions served;
    private readonly HttpOutbound outbound;
    private readonly CancellationTokenSource closing = new();

    public HttpDevice(MachineContext context, NetworkOptions network)
    {
        this.context = context;
        this.network = network;
        served = new ServedFunctions(
            context, EvaluatorsMax, network.EvaluationsMax, "HTTP");
        outbound = new HttpOutbound(context.Time, network);
    }

    public string Name => "http";

    public IReadOnlyList<CallShape> Calls => Shapes;

    public CallKind KindOf(ReadOnlySpan<Value> args) => HttpCall.Read(args) switch
    {
        null => CallKind.Unknown,
        HttpCall.Hear or HttpCall.Hold or HttpCall.Port => CallKind.TakesIn,
        _ => CallKind.Acts,
    };

    public void Prepare() => HttpWarmUp.Begin(context.Time, closing.Token);

    public Action? Start(DeviceCall call)
    {
        switch (HttpCall.Read(call.Args))
        {
            case HttpCall.Serve serve:
                return SiteOf(call.Cog).Serve(serve.Function);
            case HttpCall.Hear:
                return SiteOf(call.Cog).Exchanges.Listen(call);
            case HttpCall.Hold hold:
                return SiteOf(call.Cog).Exchanges.Hold(call, hold.Id);
            case HttpCall.Port:
                return SiteOf(call.Cog).AnswerPort(call);
            case HttpCall.Send send:
                return outbound.Send(call, send.Question);
            case HttpCall.Echo echo:
                SiteOf(call.Cog).Exchanges.Echo(call, echo.Id, echo.Answer);
                return null;
            default:
                return null;
        }
    }

    public void Forget(CogId cog) => sites.Forget(cog);

    public void Dispose()
    {
        closing.Cancel();
        outbound.Dispose();
        sites.Dispose();
        served.Dispose();
    }

    /// <summary>The site of a cog; opens one if it has none.</summary>
    internal HttpSite SiteOf(CogId cog) => sites.Of(
        cog, others => new HttpSite(cog, context, network, served, PortFor(cog, others)));

    private int PortFor(CogId cog, IEnumerable<HttpSite> others) =>
        network.HttpPorts.TryGetValue(cog, out var port) ? port
        : others.Any(site => site.WantedPort == network.HttpPort) ? 0
        : network.HttpPort;
}
