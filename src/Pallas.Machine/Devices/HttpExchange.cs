using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Pallas.Plan;

namespace Pallas.Machine.Devices;

/// <summary>A request of a client, as a cog sees it.</summary>
/// <param name="Method">A HEAD is a GET to the cog.</param>
/// <param name="Path">As the client wrote it, still encoded, with what follows a '?'.</param>
/// <param name="Headers">Their names in lower case.</param>
/// <param name="Body">A bar.</param>
internal sealed record HttpRequestValue(Nat Method, Bar Path, Row Headers, Pin Body)
{
    private static readonly Pin NoBody = Pin.Make(Bar.Empty);

    /// <exception cref="BadHttpRequestException">The body is too long, or too slow.</exception>
    public static async Task<HttpRequestValue> Read(
        HttpRequest request, CancellationToken cancel)
    {
        var body = new MemoryStream((int)Math.Min(request.ContentLength ?? 0, 1 << 20));
        await request.Body.CopyToAsync(body, cancel).ConfigureAwait(false);
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>()
            .RawTarget;
        return new HttpRequestValue(
            Nat.OfText(HttpMethods.IsHead(request.Method) ? "GET" : request.Method),
            HttpText.ToBar(PathOf(target)),
            HttpHeader.ToValue(request.Headers.SelectMany(
                pair => pair.Value,
                (pair, value) => HttpHeader.Of(pair.Key.ToLowerInvariant(), value))),
            body.Length == 0 ? NoBody : Pin.Make(Bar.Of(body.ToArray())));
    }

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
        response.ContentLength = answer.Body.Count;
        if (answer.Body.Count == 0 || HttpMethods.IsHead(context.Request.Method))
            return;
        await response.StartAsync(context.RequestAborted).ConfigureAwait(false);
        try
        {
            response.BodyWriter.Write(answer.Body.Bytes);
        }
        catch (ArgumentOutOfRangeException)
        {
            // The writer has no room because its client has gone.
            return;
        }
        await response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    private static bool IsFraming(string name) =>
        name.Equals("content-length", StringComparison.OrdinalIgnoreCase)
        || name.Equals("transfer-encoding", StringComparison.OrdinalIgnoreCase)
        || name.Equals("connection", StringComparison.OrdinalIgnoreCase)
        || name.Equals("keep-alive", StringComparison.OrdinalIgnoreCase)
        || name.Equals("upgrade", StringComparison.OrdinalIgnoreCase)
        || name.Equals("trailer", StringComparison.OrdinalIgnoreCase);
}
