using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebSockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Pallas.Devices.Sockets;
using Pallas.Machine;
using Pallas.Values;

namespace Pallas.Devices.Http;

/// <summary>WebSockets to a cog, at any path of its site.</summary>
/// <remarks>
/// A site accepts WebSockets from the first open of its cog on. It refuses pages of other sites:
/// browsers name the origin of a page, and the site accepts only itself and this computer.
/// </remarks>
public sealed class WockDevice : IDevice
{
    private static readonly TimeSpan CloseMax = TimeSpan.FromSeconds(3);

    private readonly MachineContext context;
    private readonly NetworkOptions network;
    private readonly HttpDevice http;
    private readonly CogTable<ConnectionTable> tables = new(table => table.Close(), CloseMax);
    private readonly WebSocketMiddleware middleware;

    public WockDevice(MachineContext context, NetworkOptions network, HttpDevice http)
    {
        this.context = context;
        this.network = network;
        this.http = http;
        middleware = new WebSocketMiddleware(
            Accept,
            Options.Create(new WebSocketOptions
            {
                KeepAliveInterval = network.KeepAliveTime,
                KeepAliveTimeout = network.KeepAliveTime,
            }),
            NullLoggerFactory.Instance);
    }

    public string Name => "wock";

    public IReadOnlyList<CallShape> Calls => HandleCalls.Shapes;

    public CallKind KindOf(ReadOnlySpan<Value> args) => HandleCalls.KindOf(args);

    public Action? Start(DeviceCall call) => HandleCalls.Start(
        call, tables.Of(call.Cog, _ => Open(call.Cog)));

    public void Forget(CogId cog) => tables.Forget(cog);

    public void Dispose() => tables.Dispose();

    /// <summary>Whether a request asks for a WebSocket.</summary>
    internal static bool IsUpgrade(HttpRequest request) => request.Headers.Upgrade.ToString()
        .Equals("websocket", StringComparison.OrdinalIgnoreCase);

    private ConnectionTable Open(CogId cog)
    {
        var table = new ConnectionTable(context, network, HandleCalls.Answers);
        http.SiteOf(cog).Upgrades = context =>
        {
            context.Items[this] = table;
            return middleware.Invoke(context);
        };
        return table;
    }

    private async Task Accept(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        if (!IsSameOrigin(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }
        var table = (ConnectionTable)context.Items[this]!;
        using var socket = await context.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false);
        ConnectionLimiter.SlotOf(context.Features).Leave();
        var channel = new WebSocketChannel(socket, network.MessageBytesMax, table.Budget);
        await table.AddWaiting(channel, handle => Nat.Of(handle)).ConfigureAwait(false);
    }

    private static bool IsSameOrigin(HttpRequest request)
    {
        var text = request.Headers.Origin.ToString();
        if (text.Length == 0)
            return true;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var origin))
            return false;
        return origin.IsLoopback
            || origin.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase);
    }
}
