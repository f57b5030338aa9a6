using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Pallas.Values;

namespace Pallas.Devices.Http;

/// <summary>Writes answers to the wire.</summary>
internal static class HttpResponses
{
    private const int CodeMin = 200;
    private const int CodeMax = 999;
    private const int PieceBytesMax = 64 << 10;

    /// <summary>Sends an answer with its length. It omits headers that cannot be sent and headers
    /// that frame the message: the server sets those.</summary>
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

    /// <summary>The part of an answer that the client asks for, announced in the header.</summary>
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

    /// <summary>Writes in pieces, so a slow client holds one piece of the body in memory.</summary>
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
                // The writer has no room because the client is gone.
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
