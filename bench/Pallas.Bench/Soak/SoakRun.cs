using System.Diagnostics;
using Pallas.Bench.Http;

namespace Pallas.Bench.Soak;

/// <summary>A machine among good clients and bad ones, and what it takes meanwhile.</summary>
/// <remarks>
/// The run compares the second quarter of the time, when everything has been used, with the
/// last; and, of handles and threads, the beginning with the end, when all clients have gone.
/// </remarks>
internal sealed class SoakRun(string pallas, int seconds)
{
    private const string History = "64MiB";
    private const long DiskBytesMax = 1L << 30;
    private const long MemoryBytesMore = 64 << 20;
    private const int SocketsMore = 4;
    private const int FilesMore = 256;
    private const int ThreadsMore = 24;

    private static readonly string Files = Path.Combine(AppContext.BaseDirectory, "http");
    private static readonly TimeSpan SampleTime = TimeSpan.FromSeconds(5);

    /// <summary>The server drops silent connections in this time.</summary>
    private static readonly TimeSpan AfterTime = TimeSpan.FromSeconds(30);

    private readonly List<string> broken = [];

    /// <returns>Whether all that is claimed was so.</returns>
    public async Task<bool> Run()
    {
        using var machine = Served.Machine(
            pallas, Path.Combine(Files, "soak.sire"), "--history", History);
        using var end = new CancellationTokenSource();
        using var good = new GoodClients(machine.Url, end.Token);
        var bad = new BadClients(
            machine.Url, File.ReadAllLines(Path.Combine(Files, "bad-requests.tsv")), end.Token);
        Console.WriteLine("| second | memory | heap | sockets | other handles | threads | disk |");
        Console.WriteLine("|--:|--:|--:|--:|--:|--:|--:|");
        var samples = new List<Sample>();
        var before = Take(machine, 0);
        var clients = good.Start().Concat(bad.Start()).ToArray();
        for (var watch = Stopwatch.StartNew(); watch.Elapsed.TotalSeconds < seconds;)
        {
            await Task.Delay(SampleTime);
            samples.Add(Take(machine, (int)watch.Elapsed.TotalSeconds));
        }
        await end.CancelAsync();
        await Task.WhenAll(clients);
        good.Dispose();
        await Task.Delay(AfterTime);
        var after = Take(machine, seconds + (int)AfterTime.TotalSeconds);
        Report(good, bad);
        Compare(samples, before, after);
        Console.WriteLine(broken.Count == 0
            ? "\nNo good client was stalled; memory, handles, threads and disk are flat."
            : "\n" + string.Join('\n', broken.Select(what => $"NOT SO: {what}")));
        return broken.Count == 0;
    }

    private Sample Take(Served machine, int second)
    {
        var sample = Sample.Take(pallas, machine);
        if (second % 30 < SampleTime.TotalSeconds)
            Console.WriteLine($"| {second} {sample}");
        return sample;
    }

    private void Report(GoodClients good, BadClients bad)
    {
        Console.WriteLine(
            $"\n{bad.Count:N0} bad requests; the good ones, in milliseconds:\n");
        Console.WriteLine("| what | times | p50 | p99 | longest | wrong |");
        Console.WriteLine("|---|--:|--:|--:|--:|---|");
        foreach (var waits in good.All)
        {
            Console.WriteLine(waits);
            Claim(waits.Count > 0, $"no client had an answer: {waits.Name}");
            Claim(waits.FaultCount == 0, $"{waits.FaultCount} went wrong: {waits.Name}");
            Claim(
                waits.LongestMs < GoodClients.WaitMax.TotalMilliseconds,
                $"one client waited {waits.LongestMs:N0} ms: {waits.Name}");
        }
    }

    private void Compare(List<Sample> samples, Sample before, Sample after)
    {
        var quarter = samples.Count / 4;
        var (early, late) = (samples[quarter..(2 * quarter)], samples[^quarter..]);
        Flat("memory", early, late, sample => sample.MemoryBytes, MemoryBytesMore);
        Flat("heap", early, late, sample => sample.HeapBytes, MemoryBytesMore);
        Flat("threads", early, late, sample => sample.Threads, ThreadsMore);
        Claim(
            after.Sockets <= before.Sockets + SocketsMore,
            $"sockets are {after.Sockets} when all have gone, and were {before.Sockets}");
        Claim(
            samples.All(sample => sample.Files <= before.Files + FilesMore),
            $"other handles grew from {before.Files} to {samples.Max(sample => sample.Files)}");
        Claim(
            after.Threads <= before.Threads + ThreadsMore,
            $"threads are {after.Threads} when all have gone, and were {before.Threads}");
        var disk = samples.Max(sample => sample.DiskBytes);
        Claim(disk < DiskBytesMax, $"the disk took {disk >> 20:N0} MiB");
        Console.WriteLine(
            $"\ndisk: at most {disk >> 20:N0} MiB with --history {History}; when all have gone: "
            + $"{after.Sockets} sockets ({before.Sockets} before), {after.Files} other handles "
            + $"({before.Files}), {after.Threads} threads ({before.Threads})");
    }

    private void Flat(
        string what, List<Sample> early, List<Sample> late, Func<Sample, long> number, long more)
    {
        var (first, last) = (early.Average(number), late.Average(number));
        Claim(
            last <= (first * 1.1) + more, $"{what} grew from {first:N0} to {last:N0}");
    }

    private void Claim(bool isSo, string otherwise)
    {
        if (!isSo)
            broken.Add(otherwise);
    }
}
