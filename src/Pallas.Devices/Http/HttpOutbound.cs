using System.Net.Sockets;
using System.Text;
using Pallas.Devices.Sockets;
using Pallas.Machine;
using Pallas.Values;

namespace Pallas.Devices.Http;

/// <summary>Sends the requests of cogs to other servers.</summary>
/// <remarks>
/// An answer is <c>[code message headers body]</c>, the body a pinned bar; a failure is a name, or
/// a row of a name and details. After a restart, a request without an answer is sent again.
/// </remarks>
internal sealed class HttpOutbound(TimeProvider clock, NetworkOptions limits) : IDisposable
{
    private static readonly TimeSpan ConnectTimeMax = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource closing = new();
    private readonly Lazy<HttpMessageInvoker> client = new(() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = ConnectTimeMax,
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1,
    }));

    /// <returns>Cancels the request.</returns>
    public Action Send(DeviceCall call, HttpQuestion question)
    {
        var cancel = CancellationTokenSource.CreateLinkedTokenSource(closing.Token);
        _ = Task.Run(async () =>
        {
            if (await Answer(question, cancel.Token).ConfigureAwait(false) is { } answer)
                call.Answer(answer);
        });
        return () => _ = cancel.CancelAsync();
    }

    public void Dispose()
    {
        closing.Cancel();
        if (client.IsValueCreated)
            client.Value.Dispose();
    }

    /// <summary>Null if the request was cancelled.</summary>
    private async Task<Value?> Answer(HttpQuestion question, CancellationToken cancel)
    {
        try
        {
            return await Follow(question, cancel).ConfigureAwait(false);
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            return null;
        }
        catch (TimeoutException)
        {
            return "RESPONSE_TIMEOUT";
        }
        catch (OperationCanceledException error) when (error.InnerException is TimeoutException)
        {
            return "CONNECTION_TIMEOUT";
        }
        catch (HttpRequestException error)
        {
            return NameOf(error);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            return "CONNECTION_CLOSED";
        }
        catch (Exception)
        {
            return "INTERNAL_ERROR";
        }
    }

    private async Task<Value> Follow(HttpQuestion question, CancellationToken cancel)
    {
        var text = Encoding.UTF8.GetString(question.Url.Bytes);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url))
            return Row.Of("INVALID_URL", Bar.OfText("Invalid URL"));
        foreach (var header in question.Headers)
        {
            if (!header.IsSendable)
                return Row.Of("INVALID_REQUEST_HEADER", header.Name);
        }
        var passed = new List<Value>();
        var restBytes = limits.AnswerBytesMax;
        while (true)
        {
            if (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)
                return Row.Of("INVALID_URL", Bar.OfText("Invalid scheme"));
            using var response = await SendOnce(question, url, cancel).ConfigureAwait(false);
            var code = (int)response.StatusCode;
            var next = code is >= 300 and < 400 ? response.Headers.Location : null;
            var answer = await ReadAnswer(response, restBytes, cancel).ConfigureAwait(false);
            if (next is null || question.RedirectsMax == 0 || answer is not Row)
                return answer;
            passed.Add(answer);
            restBytes -= ((Bar)((Pin)((Row)answer)[3]).Item).Count;
            if (passed.Count > question.RedirectsMax)
                return Row.Of("TOO_MANY_REDIRECTS", Row.Of([.. passed]));
            var target = new Uri(url, next);
            if (target.Authority != url.Authority)
                question = WithoutSecrets(question);
            if (code is 302 or 303)
                question = question with { Method = MethodAfter(question), Body = Bar.Empty };
            url = target;
        }
    }

    private async Task<HttpResponseMessage> SendOnce(
        HttpQuestion question, Uri url, CancellationToken cancel)
    {
        using var request = MakeRequest(question, url);
        using var limit = new CancellationTokenSource(
            question.TimeMax ?? Timeout.InfiniteTimeSpan, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        try
        {
            return await client.Value.SendAsync(request, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (limit.IsCancellationRequested)
        {
            throw new TimeoutException(question.Method, error);
        }
    }

    private static HttpRequestMessage MakeRequest(HttpQuestion question, Uri url)
    {
        var request = new HttpRequestMessage(new HttpMethod(question.Method), url);
        if (question.Body.Count > 0 || question.Method is not ("GET" or "HEAD"))
            request.Content = new ByteArrayContent(question.Body.Bytes.ToArray());
        foreach (var header in question.Headers)
        {
            var (name, value) = (HttpText.Of(header.Name), HttpText.Of(header.Value));
            if (request.Headers.TryAddWithoutValidation(name, value))
                continue;
            // .NET accepts headers that describe a body only on a body.
            request.Content ??= new ByteArrayContent([]);
            request.Content.Headers.TryAddWithoutValidation(name, value);
        }
        return request;
    }

    /// <param name="bytesMax">The limit, less the bodies of the redirections.</param>
    private async Task<Value> ReadAnswer(
        HttpResponseMessage response, int bytesMax, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var body = new MemoryStream();
        var stream = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        var part = new byte[64 << 10];
        while (true)
        {
            limit.CancelAfter(limits.ReceiveTimeMax);
            var count = await ReadPart(stream, part, limit.Token, cancel).ConfigureAwait(false);
            if (count == 0)
                break;
            body.Write(part, 0, count);
            if (body.Length > bytesMax)
                return "OVERLONG_BODY";
        }
        var headers = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
            .SelectMany(pair => pair.Value, (pair, value) => HttpHeader.Of(pair.Key, value));
        return Row.Of(
            Nat.Of((ulong)response.StatusCode),
            HttpText.ToBar(response.ReasonPhrase ?? ""),
            HttpHeader.ToValue(headers),
            Pin.Make(Bar.Of(body.ToArray())));
    }

    private static async Task<int> ReadPart(
        Stream stream, byte[] part, CancellationToken limit, CancellationToken cancel)
    {
        try
        {
            return await stream.ReadAsync(part, limit).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException("the rest of the answer does not come", error);
        }
    }

    private static string MethodAfter(HttpQuestion question) =>
        question.Method == "HEAD" ? "HEAD" : "GET";

    private static HttpQuestion WithoutSecrets(HttpQuestion question) => question with
    {
        Headers =
        [
            .. question.Headers.Where(header => !HttpText.Of(header.Name).ToLowerInvariant().Equals(
                "authorization", StringComparison.Ordinal)),
        ],
    };

    private static Value NameOf(HttpRequestException error) => error.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "CONNECTION_FAILURE",
        HttpRequestError.ConnectionError => "CONNECTION_FAILURE",
        HttpRequestError.ResponseEnded => "NO_RESPONSE_DATA",
        HttpRequestError.ConfigurationLimitExceeded => "OVERLONG_HEADERS",
        HttpRequestError.InvalidResponse =>
            Row.Of("INVALID_STATUS_LINE", Bar.OfText(error.Message)),
        _ => "INTERNAL_ERROR",
    };
}
