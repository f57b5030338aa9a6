using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Pallas.Values;

namespace Pallas.Machine.Devices;

/// <summary>A request of a client, as a cog sees it.</summary>
/// <param name="Method">A HEAD is a GET to the cog.</param>
/// <param name="Path">As the client wrote it, still encoded, with what follows a '?'.</param>
/// <param name="Headers">Their names in lower case.</param>
/// <param name="Body">A bar.</param>
internal sealed record HttpRequestValue(Nat Method, Bar Path, Row Headers, Pin Body)
{
    private const int PieceBytesMax = 64 << 10;

    private static readonly Pin NoBody = Pin.Make(Bar.Empty);

    /// <param name="share">Of what all bodies may take together.</param>
    /// <exception cref="BadHttpRequestException">
    /// The body is too long, or too slow, or the budget is spent.
    /// </exception>
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
        // A length alone takes little memory: the rest comes with the bytes.
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

    /// <summary>Clients may write the whole address.</summary>
    private static string PathOf(string target)
    {
        var scheme = target.StartsWith('/') ? -1 : target.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
            return target;
        var path = target.IndexOf('/', scheme + 3);
        return path < 0 ? "/" : target[path..];
    }
}

/// <summary>A request that waits for a cog. Guarded by its site's gate.</summary>
internal sealed class HttpExchange(ulong id, Row request)
{
    private readonly TaskCompletionSource<HttpAnswer> answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ulong Id { get; } = id;

    /// <summary>What a hear is answered.</summary>
    public Row Request { get; } = request;

    public Task<HttpAnswer> Answered => answer.Task;

    /// <summary>The holds that wait for its end.</summary>
    public List<DeviceCall> Holds { get; } = [];

    /// <summary>It was answered, or nobody waits any more.</summary>
    public bool Over { get; set; }

    public void Answer(HttpAnswer value) => answer.TrySetResult(value);
}

/// <summary>Answers on the wire.</summary>
internal static class HttpResponses
{
    private const int CodeMin = 200;
    private const int CodeMax = 999;
    private const int PieceBytesMax = 64 << 10;

    /// <summary>
    /// Sends an answer with its length. Headers that cannot be sent are left out, and those that
    /// say where a message ends: that is the server's to know.
    /// </summary>
    public static async Task Write(HttpContext context, HttpAnswer answer)
    {
        if (answer.Code is not SmallNat { Word: >= CodeMin and <= CodeMax } code)
        {
            answer = HttpAnswer.Plain(500, "the program's answer has no status");
            code = (SmallNat)answer.Code;
        }
        var response = context.Response;
        response.StatusCode = (int)code.Word;
        if (answer.Message.Count > 0 && HttpText.IsLine(answer.Message))
        {
            context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase =
                HttpText.Of(answer.Message);
        }
        foreach (var header in answer.Headers)
        {
            var name = HttpText.Of(header.Name);
            if (header.IsSendable && !IsFraming(name))
                response.Headers.Append(name, HttpText.Of(header.Value));
        }
        if (response.StatusCode is StatusCodes.Status204NoContent
            or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified)
        {
            return;
        }
        var part = PartOf(context, answer.Body.Count);
        response.ContentLength = part.Count;
        if (part.Count > 0 && !HttpMethods.IsHead(context.Request.Method))
            await WriteBody(context, answer.Body, part).ConfigureAwait(false);
    }

    /// <summary>The part of a good answer that the client asks for; the header says so.</summary>
    private static HttpRange PartOf(HttpContext context, int bodyBytes)
    {
        var response = context.Response;
        var isWhole = response.StatusCode == StatusCodes.Status200OK
            && response.Headers.ContentRange.Count == 0;
        if (!isWhole || HttpRange.Of(context.Request, bodyBytes) is not { } part)
            return new HttpRange(0, bodyBytes);
        var isGiven = part.Count > 0;
        context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = null;
        response.StatusCode = isGiven
            ? StatusCodes.Status206PartialContent
            : StatusCodes.Status416RangeNotSatisfiable;
        var which = isGiven ? $"{part.Start}-{part.Start + part.Count - 1}" : "*";
        response.Headers.ContentRange = $"bytes {which}/{bodyBytes}";
        return part;
    }

    /// <summary>In pieces, so that a slow client holds one of them and not the whole.</summary>
    private static async Task WriteBody(HttpContext context, Bar body, HttpRange part)
    {
        var (writer, cancel) = (context.Response.BodyWriter, context.RequestAborted);
        await context.Response.StartAsync(cancel).ConfigureAwait(false);
        for (var (at, end) = (part.Start, part.Start + part.Count); at < end;)
        {
            var count = Math.Min(PieceBytesMax, end - at);
            try
            {
                writer.Write(body.Bytes.Slice(at, count));
            }
            catch (ArgumentOutOfRangeException)
            {
                // The writer has no room because its client has gone.
                return;
            }
            await writer.FlushAsync(cancel).ConfigureAwait(false);
            at += count;
        }
    }

    private static bool IsFraming(string name) =>
        name.Equals("content-length", StringComparison.OrdinalIgnoreCase)
        || name.Equals("transfer-encoding", StringComparison.OrdinalIgnoreCase)
        || name.Equals("connection", StringComparison.OrdinalIgnoreCase)
        || name.Equals("keep-alive", StringComparison.OrdinalIgnoreCase)
        || name.Equals("upgrade", StringComparison.OrdinalIgnoreCase)
        || name.Equals("trailer", StringComparison.OrdinalIgnoreCase);
}
