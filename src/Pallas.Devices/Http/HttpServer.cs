using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Pallas.Devices.Sockets;

namespace Pallas.Devices.Http;

/// <summary>An HTTP listener, without the rest of a web host.</summary>
internal sealed class HttpServer : IDisposable
{
    private const int BodyBytesMax = 64 << 20;
    private const int HeadersBytesMax = 64 << 10;
    private const int LineBytesMax = 16 << 10;
    private const int ReadAheadBytesMax = 128 << 10;
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan HeadersTimeMax = TimeSpan.FromSeconds(15);

    private readonly KestrelServer server;

    private HttpServer(KestrelServer server) => this.server = server;

    public int Port { get; private init; }

    /// <param name="port">0 for any that is free.</param>
    /// <param name="report">Gets failures of the handler, not of clients.</param>
    /// <exception cref="IOException">The port is in use.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The system refuses the address or the
    /// port.</exception>
    public static async Task<HttpServer> Start(
        NetworkOptions limits, int port, Func<HttpContext, Task> handle, Action<Exception> report)
    {
        var options = new KestrelServerOptions
        {
            AddServerHeader = false,
            RequestHeaderEncodingSelector = _ => Encoding.Latin1,
            ResponseHeaderEncodingSelector = _ => Encoding.Latin1,
            Limits =
            {
                MaxRequestBodySize = BodyBytesMax,
                MaxRequestBufferSize = ReadAheadBytesMax,
                KeepAliveTimeout = SilenceMax,
                MaxRequestHeadersTotalSize = HeadersBytesMax,
                MaxRequestLineSize = LineBytesMax,
                RequestHeadersTimeout = HeadersTimeMax,
            },
        };
        var limiter = new ConnectionLimiter(limits.ConnectionsMax);
        options.Listen(limits.Address, port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => connection => limiter.Serve(connection, next));
        });
        var server = new KestrelServer(
            Options.Create(options),
            new SocketTransportFactory(
                Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance),
            NullLoggerFactory.Instance);
        await server.StartAsync(new Application(handle, report), CancellationToken.None)
            .ConfigureAwait(false);
        var address = server.Features.GetRequiredFeature<IServerAddressesFeature>()
            .Addresses.Single();
        return new HttpServer(server) { Port = new Uri(address).Port };
    }

    /// <summary>Lets answers finish until the limit, then closes the remaining connections.
    /// </summary>
    public async Task Stop(TimeSpan timeMax)
    {
        using var limit = new CancellationTokenSource(timeMax);
        await server.StopAsync(limit.Token).ConfigureAwait(false);
        Dispose();
    }

    public void Dispose() => server.Dispose();

    private sealed class Application(Func<HttpContext, Task> handle, Action<Exception> report)
        : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) =>
            new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => handle(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
            // An IOException means that a client went away or broke the protocol.
            if (exception is not (null or IOException))
                report(exception);
        }
    }
}
