using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Pallas.Devices.Http;

/// <summary>The range of bytes that a client asks for.</summary>
/// <param name="Start">The first byte.</param>
/// <param name="Count">0 if the range is not satisfiable.</param>
internal readonly record struct HttpRange(int Start, int Count)
{
    private const string Unit = "bytes=";

    /// <summary>Null for the whole body: the client asks for no range, or for one that is not
    /// served.</summary>
    /// <remarks>
    /// A client that asks for several ranges, or for one on condition that the body is the same,
    /// gets the whole body.
    /// </remarks>
    public static HttpRange? Of(HttpRequest request, int bodyBytes)
    {
        var text = request.Headers.Range.ToString();
        if (!HttpMethods.IsGet(request.Method) || request.Headers.IfRange.Count > 0
            || !text.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
        var ends = text[Unit.Length..].Split('-');
        if (ends.Length != 2 || (ends[0].Length == 0 && ends[1].Length == 0))
            return null;
        long? first = null, last = null;
        if (ends[0].Length > 0 && (first = NumberOf(ends[0])) is null)
            return null;
        if (ends[1].Length > 0 && (last = NumberOf(ends[1])) is null)
            return null;
        if (last < first)
            return null;
        var start = first ?? Math.Max(0, bodyBytes - last!.Value);
        var end = first is null || last is null ? bodyBytes : Math.Min(bodyBytes, last.Value + 1);
        return start >= end ? new HttpRange(0, 0) : new HttpRange((int)start, (int)(end - start));
    }

    private static long? NumberOf(string text) =>
        uint.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
