using System.Text;

namespace Pallas.RealClients;

/// <summary>An answer to curl.</summary>
internal sealed record CurlAnswer(int Code, string Head, string Body)
{
    public bool HasHeader(string line) =>
        Head.Contains(line, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The program <c>curl</c>.</summary>
internal static class Curl
{
    /// <param name="args">Arguments of curl with the address.</param>
    public static CurlAnswer Ask(params string[] args)
    {
        var result = Finished.Run(null, "curl", ["-s", "-S", "-m", "60", "-D", "-", .. args]);
        CheckFailed.Unless(
            result.ExitCode == 0, $"curl {string.Join(' ', args)}: {result.Error.Trim()}");
        // An interim answer may precede the final one.
        var text = result.Output;
        string head;
        do
        {
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            head = text[..end];
            text = text[(end + 4)..];
        }
        while (head.StartsWith("HTTP/1.1 100", StringComparison.Ordinal));
        return new CurlAnswer(int.Parse(head.Split(' ')[1]), head, text);
    }

    public static CurlAnswer Get(string url) => Ask(url);

    public static CurlAnswer Put(string url, string text, params string[] headers) =>
        Send("PUT", url, text, headers);

    public static CurlAnswer Post(string url, string text, params string[] headers) =>
        Send("POST", url, text, headers);

    /// <summary>Sends a file; its suffix gives the type.</summary>
    public static CurlAnswer PutFile(string url, string file)
    {
        var type = Path.GetExtension(file) == ".js" ? "text/javascript" : "text/html";
        return Ask("-X", "PUT", "-H", $"Content-Type: {type}", "--data-binary", $"@{file}", url);
    }

    private static CurlAnswer Send(string method, string url, string text, string[] headers)
    {
        var lines = headers.SelectMany(header => new[] { "-H", header });
        return Ask(["-X", method, .. lines, "--data-binary", text, url]);
    }

    public static void Expect(this CurlAnswer answer, int code, string part = "")
    {
        CheckFailed.Unless(
            answer.Code == code && answer.Body.Contains(part, StringComparison.Ordinal),
            $"not {code} with {part} but {new StringBuilder(answer.Head.Split('\r')[0])}: "
                + answer.Body[..Math.Min(200, answer.Body.Length)]);
    }
}
