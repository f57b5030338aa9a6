using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Pallas.Devices.Sockets;
using Pallas.Values;

namespace Pallas.Devices.Http;

/// <summary>A client's request as the value that a cog sees.</summary>
/// <param name="Method">The method; HEAD is shown as GET.</param>
/// <param name="Path">The path and query as the client wrote them, still encoded.</param>
/// <param name="Headers">The headers, with names in lower case.</param>
/// <param name="Body">A bar.</param>
internal sealed record HttpRequestValue(Nat Method, Bar Path, Row Headers, Pin Body)
{
    private const int PieceBytesMax = 64 << 10;

    private static readonly Pin NoBody = Pin.Make(Bar.Empty);

    /// <param name="share">The share of the body in the budget of all bodies.</param>
    /// <exception cref="BadHttpRequestException">The body is too long or too slow, or the budget is
    /// spent.</exception>
    public static async Task<HttpRequestValue> Read(
        HttpRequest request, ByteShare share, CancellationToken cancel)
    {
        var body = await ReadBody(request, share, cancel).ConfigureAwait(false);
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>()
            .RawTarget;
        return new HttpRequestValue(
            Nat.OfText(HttpMethods.IsHead(request.Method) ? "GET" : request.Method),
            HttpText.ToBar(PathOf(target)),
            HttpHeader.ToValue(request.Headers.SelectMany(
                pair => pair.Value,
                (pair, value) => HttpHeader.Of(pair.Key.ToLowerInvariant(), value))),
            body.Count == 0 ? NoBody : Pin.Make(body));
    }

    private static async Task<Bar> ReadBody(
        HttpRequest request, ByteShare share, CancellationToken cancel)
    {
        var isChunked = request.Headers.TransferEncoding.Count > 0;
        if (request.ContentLength is null or 0 && !isChunked)
            return Bar.Empty;
        // A length alone allocates little: memory grows with the bytes.
        var body = new byte[(int)Math.Min(request.ContentLength ?? 0, PieceBytesMax)];
        var takenBytes = 0;
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancel).ConfigureAwait(false);
            foreach (var piece in read.Buffer)
            {
                if (!share.TryTake(piece.Length))
                    throw Crowded();
                var bytesCount = takenBytes + piece.Length;
                if (bytesCount > body.Length)
                    Array.Resize(ref body, Math.Max(2 * body.Length, bytesCount));
                piece.Span.CopyTo(body.AsSpan(takenBytes));
                takenBytes = bytesCount;
            }
            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return Bar.Of(takenBytes == body.Length ? body : body[..takenBytes]);
        }
    }

    private static BadHttpRequestException Crowded() => new(
        "too much is being sent at the same time", StatusCodes.Status503ServiceUnavailable);

    /// <summary><c>[method path headers body]</c>.</summary>
    public Row ToValue() => Row.Of(Method, Path, Headers, Body);

    /// <summary><c>[id method path headers body]</c>.</summary>
    public Row ToValue(ulong id) => Row.Of(id, Method, Path, Headers, Body);

    /// <summary>The path of a target; clients may write the whole address.</summary>
    private static string PathOf(string target)
    {
        var scheme = target.StartsWith('/') ? -1 : target.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
            return target;
        var path = target.IndexOf('/', scheme + 3);
        return path < 0 ? "/" : target[path..];
    }
}
