using Pallas.Values;

namespace Pallas.Machine.Devices;

/// <summary>HTTP, both ways: each cog that wants to has a site of its own.</summary>
/// <remarks>
/// A site is opened by the first call of its cog that needs one, on the port that the options give
/// it or a free one; the port is written to <c>[cog].http.port</c> in the machine's folder.
/// </remarks>
public sealed class HttpDevice : IDevice
{
    private static readonly CallShape[] Shapes =
    [
        new("serv", "f", CallKind.Acts, "never: f answers requests until this is cancelled"),
        new("hear", "", CallKind.TakesIn,
            "the next request that f left: `[id method path headers body]`"),
        new("echo", "id code message headers body", CallKind.Acts,
            "0, whether or not somebody waited"),
        new("hold", "id", CallKind.TakesIn,
            "0 when the request id is over; at once, if there is none"),
        new("port", "", CallKind.TakesIn, "the number of the port that the cog listens on"),
        new("req", "method url headers body redirects time", CallKind.Acts,
            "`[code message headers body]`", "a name, or a row of a name and what there is to say"),
    ];

    private const int EvaluatorsMax = 8;
    private static readonly TimeSpan CloseMax = TimeSpan.FromSeconds(5);

    private readonly MachineOptions options;
    private readonly CogTable<HttpSite> sites = new(site => Task.Run(site.Close), CloseMax);
    private readonly ServedFunctions served;
    private readonly HttpOutbound outbound;

    public HttpDevice(MachineOptions options)
    {
        this.options = options;
        served = new ServedFunctions(options, EvaluatorsMax, "HTTP");
        outbound = new HttpOutbound(options);
    }

    public string Name => "http";

    public IReadOnlyList<CallShape> Calls => Shapes;

    public CallKind KindOf(ReadOnlySpan<Value> args) => HttpCall.Read(args) switch
    {
        null => CallKind.Unknown,
        HttpCall.Hear or HttpCall.Hold or HttpCall.Port => CallKind.TakesIn,
        _ => CallKind.Acts,
    };

    public void Prepare() => HttpWarmUp.Begin();

    public Action? Start(DeviceCall call)
    {
        switch (HttpCall.Read(call.Args))
        {
            case HttpCall.Serve serve:
                return SiteOf(call.Cog).Serve(serve.Function);
            case HttpCall.Hear:
                return SiteOf(call.Cog).Listen(call);
            case HttpCall.Hold hold:
                return SiteOf(call.Cog).Hold(call, hold.Id);
            case HttpCall.Port:
                return SiteOf(call.Cog).TellPort(call);
            case HttpCall.Send send:
                return outbound.Send(call, send.Question);
            case HttpCall.Echo echo:
                SiteOf(call.Cog).Echo(call, echo.Id, echo.Answer);
                return null;
            default:
                return null;
        }
    }

    public void Forget(CogId cog) => sites.Forget(cog);

    public void Dispose()
    {
        outbound.Dispose();
        sites.Dispose();
        served.Dispose();
    }

    /// <summary>The site of a cog, opened where it has none.</summary>
    internal HttpSite SiteOf(CogId cog) => sites.Of(
        cog, others => new HttpSite(cog, options, served, PortFor(cog, others)));

    private int PortFor(CogId cog, IEnumerable<HttpSite> others) =>
        options.HttpPorts.TryGetValue(cog, out var port) ? port
        : others.Any(site => site.WantedPort == options.HttpPort) ? 0
        : options.HttpPort;
}
