using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebSockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Pallas.Values;

namespace Pallas.Machine.Devices;

/// <summary>WebSockets to a cog, at any path of its web site.</summary>
/// <remarks>
/// From the first open of a cog on, who asks its site for a WebSocket gets one. A page of another
/// site cannot have one: browsers say where a page is from, and only this site and this computer
/// are let in.
/// </remarks>
public sealed class WockDevice : IDevice
{
    private static readonly TimeSpan CloseMax = TimeSpan.FromSeconds(3);

    private readonly MachineOptions options;
    private readonly HttpDevice http;
    private readonly CogTable<ConnectionTable> tables = new(table => table.Close(), CloseMax);
    private readonly WebSocketMiddleware middleware;

    public WockDevice(MachineOptions options, HttpDevice http)
    {
        this.options = options;
        this.http = http;
        middleware = new WebSocketMiddleware(
            Accept,
            Options.Create(new WebSocketOptions
            {
                KeepAliveInterval = options.Sockets.KeepAliveTime,
                KeepAliveTimeout = options.Sockets.KeepAliveTime,
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

    /// <summary>Whether a request asks to speak WebSocket.</summary>
    internal static bool IsUpgrade(HttpRequest request) => request.Headers.Upgrade.ToString()
        .Equals("websocket", StringComparison.OrdinalIgnoreCase);

    private ConnectionTable Open(CogId cog)
    {
        var table = new ConnectionTable(options, HandleCalls.Answers);
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
        if (!IsFromHere(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }
        var table = (ConnectionTable)context.Items[this]!;
        using var socket = await context.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false);
        HttpPlaces.Of(context.Features).Leave();
        var channel = new WebSocketChannel(socket, options.Sockets.MessageBytesMax, table.Budget);
        await table.AddWaiting(channel, handle => Nat.Of(handle)).ConfigureAwait(false);
    }

    private static bool IsFromHere(HttpRequest request)
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
