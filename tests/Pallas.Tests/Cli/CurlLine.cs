using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>The part of curl's command line that our documents use, done by HttpClient.</summary>
internal static partial class CurlLine
{
    private static readonly HttpClient Client = new() { Timeout = TimeSpan.FromSeconds(30) };

    [GeneratedRegex(@"'([^']*)'|(\S+)")]
    private static partial Regex WordPattern();

    /// <returns>The output of curl.</returns>
    public static string Run(string folder, string line)
    {
        var words = new Queue<string>(WordPattern().Matches(line)
            .Select(word => word.Groups[1].Success ? word.Groups[1].Value : word.Value).Skip(1));
        using var request = new HttpRequestMessage();
        string? method = null;
        string? output = null;
        var format = "";
        var headers = new List<string>();
        while (words.TryDequeue(out var word))
        {
            switch (word)
            {
                case "-s":
                    break;
                case "-X":
                    method = words.Dequeue();
                    break;
                case "-H":
                    headers.Add(words.Dequeue());
                    break;
                case "-r":
                    request.Headers.Range = RangeHeaderValue.Parse("bytes=" + words.Dequeue());
                    break;
                case "-d":
                    request.Content = new StringContent(words.Dequeue());
                    break;
                case "-T":
                    method ??= "PUT";
                    request.Content = FileContent(folder, words.Dequeue());
                    break;
                case "--data-binary":
                    request.Content = FileContent(folder, words.Dequeue().TrimStart('@'));
                    break;
                case "-o":
                    output = words.Dequeue();
                    break;
                case "-w":
                    format = words.Dequeue().Replace("\\n", "\n");
                    break;
                default:
                    Assert.StartsWith("http://", word);
                    request.RequestUri = new Uri(word);
                    break;
            }
        }
        request.Method = new HttpMethod(method ?? (request.Content is null ? "GET" : "POST"));
        foreach (var header in headers)
            AddHeader(request, header);
        return Send(request, output is null ? null : Path.Combine(folder, output), format);
    }

    private static ByteArrayContent FileContent(string folder, string name) =>
        new(File.ReadAllBytes(Path.Combine(folder, name)));

    private static void AddHeader(HttpRequestMessage request, string header)
    {
        var (name, value) = (header.Split(':')[0], header[(header.IndexOf(':') + 1)..].Trim());
        if (!request.Headers.TryAddWithoutValidation(name, value))
        {
            request.Content!.Headers.Remove(name);
            request.Content.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private static string Send(HttpRequestMessage request, string? file, string format)
    {
        using var answer = Client.Send(request);
        using var body = new MemoryStream();
        answer.Content.ReadAsStream().CopyTo(body);
        if (file is not null && file != "/dev/null")
            File.WriteAllBytes(file, body.ToArray());
        return (file is null ? Encoding.UTF8.GetString(body.ToArray()) : "")
            + format.Replace("%{http_code}", $"{(int)answer.StatusCode}")
                .Replace("%{content_type}", $"{answer.Content.Headers.ContentType}");
    }
}
