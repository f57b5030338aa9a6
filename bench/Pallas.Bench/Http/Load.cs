using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Pallas.Bench.Http;

/// <summary>The result of wrk with 64 connections on two threads.</summary>
/// <param name="Faults">Its report of failed requests; empty if all succeeded.</param>
internal sealed partial record Load(
    double Rate, double P50Ms, double P99Ms, double MaxMs, string Faults)
{
    /// <param name="script">In Lua, what to send; null for GET.</param>
    public static Load Run(string url, int seconds, string? script = null)
    {
        string[] scripted = script is null ? [] : ["-s", script];
        using var wrk = Process.Start(new ProcessStartInfo(
            "wrk", ["-t2", "-c64", $"-d{seconds}s", "--latency", .. scripted, url])
        {
            RedirectStandardOutput = true,
        })!;
        var text = wrk.StandardOutput.ReadToEnd();
        wrk.WaitForExit();
        return new Load(
            Number(text, @"Requests/sec:\s+([\d.]+)"),
            Time(text, @"\n +50%\s+(\S+)"),
            Time(text, @"\n +99%\s+(\S+)"),
            Time(text, @"Latency\s+\S+\s+\S+\s+(\S+)"),
            string.Join(
                "; ",
                text.Split('\n').Where(line => Fault().IsMatch(line)).Select(line => line.Trim())));
    }

    private static double Number(string text, string pattern) =>
        double.Parse(Regex.Match(text, pattern).Groups[1].Value, CultureInfo.InvariantCulture);

    private static double Time(string text, string pattern)
    {
        var word = Regex.Match(text, pattern).Groups[1].Value;
        var unit = word.TrimStart([.. "0123456789."]);
        var number = double.Parse(word[..^unit.Length], CultureInfo.InvariantCulture);
        return unit switch
        {
            "us" => number / 1000,
            "ms" => number,
            _ => number * 1000,
        };
    }

    [GeneratedRegex("Non-2xx|Socket errors")]
    private static partial Regex Fault();
}
