using System.Globalization;

namespace Pallas.Bench.Http;

/// <summary>
/// A machine and what one would write instead of it, under the same load, one after the other.
/// </summary>
/// <remarks>The load generator shares the processors with the server.</remarks>
internal sealed class HttpTable(string pallas, int seconds)
{
    private const int WarmUpSeconds = 2;

    private static readonly string Files = Path.Combine(AppContext.BaseDirectory, "http");
    private static readonly string Post = Path.Combine(Files, "post.lua");

    public void Print()
    {
        using var client = new HttpClient();
        Load page, read, write;
        long bytes, writes;
        using (var machine = Served.Machine(pallas, Path.Combine(Files, "load.sire")))
        {
            page = Measure(machine.Url + "static");
            read = Measure(machine.Url);
            Load.Run(machine.Url, WarmUpSeconds, Post);
            var (bytesBefore, before) = (machine.DiskBytes(), Count(client, machine));
            write = Load.Run(machine.Url, seconds, Post);
            writes = Count(client, machine) - before;
            bytes = machine.DiskBytes() - bytesBefore;
        }
        Load peerPage, peerRead, each, grouped;
        using (var peer = Served.Peer())
        {
            peerPage = Measure(peer.Url + "static");
            peerRead = Measure(peer.Url);
            each = Measure(peer.Url + "each", Post);
            grouped = Measure(peer.Url + "grouped", Post);
        }
        Console.WriteLine(
            "| 64 clients | bar | a second | p50 | p99 | longest | Kestrel | p99 | ratio |");
        Console.WriteLine("|---|--:|--:|--:|--:|--:|--:|--:|--:|");
        Line("page from the served function", "25,000", page, peerPage);
        Line("read through the cog", "10,000, p99 50 ms", read, peerRead);
        Line("durable write of 1 KiB; SQLite, all that wait together",
            "8,000, p99 50 ms", write, grouped);
        Line("the same; SQLite, a transaction each", "", write, each);
        Console.WriteLine();
        Console.WriteLine(
            $"{writes:N0} writes took {(double)bytes / writes:N0} bytes of disk each; bar 1,536");
    }

    private static long Count(HttpClient client, Served machine) =>
        long.Parse(client.GetStringAsync(machine.Url).Result, CultureInfo.InvariantCulture);

    private Load Measure(string url, string? script = null)
    {
        Load.Run(url, WarmUpSeconds, script);
        return Load.Run(url, seconds, script);
    }

    private static void Line(string what, string bar, Load ours, Load peer)
    {
        Console.WriteLine(
            $"| {what} | {bar} | {ours.Rate:N0} | {ours.P50Ms:N1} ms | {ours.P99Ms:N1} ms "
            + $"| {ours.MaxMs:N0} ms | {peer.Rate:N0} | {peer.P99Ms:N1} ms "
            + $"| {ours.Rate / peer.Rate:N2} |");
        foreach (var faults in new[] { ours.Faults, peer.Faults }.Where(text => text.Length > 0))
            Console.Error.WriteLine($"{what}: {faults}");
    }
}
