using System.Text;
using Pallas.Values;

namespace Pallas.Devices.Http;

/// <summary>A call of the HTTP device, read from the arguments after the name and the flag.
/// </summary>
internal abstract record HttpCall
{
    private HttpCall()
    {
    }

    /// <summary><c>%serv f</c>: answer requests by a function.</summary>
    public sealed record Serve(Value Function) : HttpCall;

    /// <summary><c>%hear</c>: take a request that the function did not answer.</summary>
    public sealed record Hear : HttpCall;

    /// <summary><c>%hold id</c>: wait for the end of a request.</summary>
    public sealed record Hold(Nat Id) : HttpCall;

    /// <summary><c>%echo id code message headers body</c>: answer a request.</summary>
    public sealed record Echo(Nat Id, HttpAnswer Answer) : HttpCall;

    /// <summary><c>%port</c>: the number of the cog's port.</summary>
    public sealed record Port : HttpCall;

    /// <summary><c>%req method url headers body redirects microseconds</c>.</summary>
    public sealed record Send(HttpQuestion Question) : HttpCall;

    /// <summary>Null if the shape is another.</summary>
    public static HttpCall? Read(ReadOnlySpan<Value> args)
    {
        if (args.IsEmpty || args[0] is not Nat name)
            return null;
        return (name.ToText(), args.Length) switch
        {
            ("serv", 2) => new Serve(args[1]),
            ("hear", 1) => new Hear(),
            ("hold", 2) when args[1] is Nat id => new Hold(id),
            ("echo", 6) when args[1] is Nat id && HttpAnswer.Read(args[2..]) is { } answer =>
                new Echo(id, answer),
            ("port", 1) => new Port(),
            ("req", 7) when HttpQuestion.Read(args[1..]) is { } question => new Send(question),
            _ => null,
        };
    }
}

/// <summary>One line of a header; as a value, the row of two bars.</summary>
internal readonly record struct HttpHeader(Bar Name, Bar Value)
{
    public static HttpHeader Of(string name, string? value) =>
        new(HttpText.ToBar(name), HttpText.ToBar(value ?? ""));

    /// <summary>Whether it can be sent without changing the framing of the message.</summary>
    public bool IsSendable
    {
        get
        {
            if (Name.Count == 0)
                return false;
            foreach (var each in Name.Bytes)
            {
                if (!char.IsAsciiLetterOrDigit((char)each) && !"!#$%&'*+-.^_`|~"u8.Contains(each))
                    return false;
            }
            return HttpText.IsLine(Value);
        }
    }

    /// <summary>Null if the value is no row of pairs of bars.</summary>
    public static HttpHeader[]? ReadAll(Value value)
    {
        if (value is not Row row)
            return null;
        var headers = new HttpHeader[row.Count];
        for (var i = 0; i < headers.Length; i++)
        {
            if (row[i] is not Row { Count: 2 } pair || pair[0] is not Bar name
                || pair[1] is not Bar text)
            {
                return null;
            }
            headers[i] = new HttpHeader(name, text);
        }
        return headers;
    }

    public Row ToValue() => Row.Of(Name, Value);

    public static Row ToValue(IEnumerable<HttpHeader> headers) =>
        Row.Of([.. headers.Select(header => header.ToValue())]);
}

/// <summary>An answer to a client; as a value <c>[code message headers body]</c>.</summary>
internal sealed record HttpAnswer(Nat Code, Bar Message, HttpHeader[] Headers, Bar Body)
{
    public static HttpAnswer? Read(ReadOnlySpan<Value> parts) =>
        parts.Length == 4
            && parts[0] is Nat code
            && parts[1] is Bar message
            && HttpHeader.ReadAll(parts[2]) is { } headers
            && parts[3] is Bar body
            ? new HttpAnswer(code, message, headers, body)
            : null;

    /// <summary>An answer of the machine itself.</summary>
    public static HttpAnswer Plain(int code, string text) => new(
        Nat.Of((ulong)code),
        Bar.Empty,
        [HttpHeader.Of("Content-Type", "text/plain; charset=utf-8")],
        Bar.OfText(text + "\n"));
}

/// <summary>A request that a cog sends out.</summary>
/// <param name="RedirectsMax">The number of redirections to follow.</param>
/// <param name="TimeMax">The limit until the header of the answer arrives; null for none.</param>
internal sealed record HttpQuestion(
    string Method, Bar Url, HttpHeader[] Headers, Bar Body, int RedirectsMax, TimeSpan? TimeMax)
{
    private const int RedirectsLimit = 50;

    public static HttpQuestion? Read(ReadOnlySpan<Value> parts) =>
        parts.Length == 6
            && parts[0] is Bar method
            && parts[1] is Bar url
            && HttpHeader.ReadAll(parts[2]) is { } headers
            && parts[3] is Bar body
            && parts[4] is Nat redirects
            && parts[5] is Nat microseconds
            ? new HttpQuestion(
                HttpText.Of(method), url, headers, body, CountOf(redirects), TimeOf(microseconds))
            : null;

    private static int CountOf(Nat redirects) =>
        redirects is SmallNat { Word: < RedirectsLimit } small ? (int)small.Word : RedirectsLimit;

    /// <summary>Null for a limit beyond the longest timer.</summary>
    private static TimeSpan? TimeOf(Nat microseconds) =>
        microseconds is SmallNat { Word: > 0 and var word } && word / 1000 < int.MaxValue
            ? TimeSpan.FromMicroseconds(word)
            : null;
}

/// <summary>The bytes of a header as text, each a character of the same number.</summary>
internal static class HttpText
{
    public static string Of(Bar bar) => Encoding.Latin1.GetString(bar.Bytes);

    public static Bar ToBar(string text) => Bar.Of(Encoding.Latin1.GetBytes(text));

    /// <summary>Whether the text has no control character that could end the line.</summary>
    public static bool IsLine(Bar bar)
    {
        foreach (var each in bar.Bytes)
        {
            if (each is (< 0x20 and not (byte)'\t') or 0x7f)
                return false;
        }
        return true;
    }
}
