using System.Diagnostics;
using System.Globalization;
using Pallas.Eval;
using Pallas.Machine;
using Pallas.Values;

namespace Pallas.Bench.Machines;

/// <summary>
/// Measures a machine's work in a second, and its cost while it is idle; a line for each.
/// </summary>
/// <remarks>A figure of a whole process comes from a process of its own (<see cref="Child"/>).
/// </remarks>
internal sealed class MachineTable(MachineBenchOptions options)
{
    private const int CogsMany = 1000;

    private (string Name, Action Run)[] Rows =>
    [
        ("grouped", Grouped),
        ("one-by-one", OneByOne),
        ("replay", Replay),
        ("start", StartSmall),
        ("http-start", StartSite),
        ("restart", Restart),
        ("cogs", ManyCogs),
        ("pause", Pause),
        ("collect", Collect),
        ("idle", Idle),
        ("state", Pinned),
    ];

    public void Print()
    {
        Console.WriteLine("| what | measured | bar | a peer, in the same run |");
        Console.WriteLine("|---|--:|--:|--:|");
        foreach (var (name, run) in Rows)
        {
            if (options.Only is null || name.Contains(options.Only, StringComparison.Ordinal))
                run();
        }
    }

    private static void Line(string what, string measured, string bar = "", string peer = "")
    {
        Console.WriteLine($"| {what} | {measured} | {bar} | {peer} |");
        Console.Out.Flush();
    }

    /// <summary>Each cog's next event begins when its last one is durable.</summary>
    private void Grouped()
    {
        var path = MachineFolders.Make(Enumerable.Repeat(BenchCogs.Counter(), CogsMany));
        var rate = RateOf(path, options.Seconds, out _);
        Line(
            $"durable events a second, {CogsMany} cogs, grouped", Show(rate), "40,000",
            $"Redis, {CogsMany} clients: {Peers.Redis(CogsMany)}; SQLite, 1,000 rows in a "
                + $"transaction: {Peers.Sqlite(100, 1000)}");
    }

    private void OneByOne()
    {
        var path = MachineFolders.Make(BenchCogs.Counter());
        var bell = new BellDevice();
        var machine = RunningMachine.Start(path, ContextWith(bell));
        bell.WaitForCall();
        var times = new List<double>();
        for (var watch = Stopwatch.StartNew(); watch.Elapsed.TotalSeconds < options.Seconds;)
        {
            var start = Stopwatch.GetTimestamp();
            bell.Ring();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        machine.StopAsync().Wait();
        Directory.Delete(path, recursive: true);
        times.Sort();
        Line(
            "durable events a second, one by one",
            Show(times.Count / (double)options.Seconds),
            peer: $"Redis, one client: {Peers.Redis(1)}; SQLite, a row in a transaction: "
                + Peers.Sqlite(2000, 1));
        var sync = SyncMs();
        Line(
            "latency of a durable event, idle machine: median, p99",
            $"{times[times.Count / 2]:F2} ms, {times[times.Count * 99 / 100]:F2} ms",
            $"fdatasync + 1 ms = {sync + 1:F2} ms");
    }

    private void Replay()
    {
        var count = options.Events;
        var path = MachineFolders.Make(MachineFolders.StateOf(BenchCogs.Counter()), 0, count);
        var seconds = Best(() => Child.StartAndStop(path));
        var empty = MachineFolders.Make(BenchCogs.Counter());
        var nothing = Best(() => Child.StartAndStop(empty));
        Delete(path, empty);
        Line(
            $"replay of {count:N0} events of a counter, events a second",
            Show(count / (seconds - nothing)), "150,000");
    }

    private void StartSmall()
    {
        var path = MachineFolders.Make(MachineFolders.StateOf(BenchCogs.Counter()), 0, 40_000);
        Line(
            "start of a process with 40,000 events behind its snapshot, to the first answer",
            $"{Best(() => Child.StartAndStop(path)):F2} s", "0.3 s");
        Delete(path);
    }

    private static void StartSite()
    {
        var path = MachineFolders.Make(MachineFolders.StateOf(BenchCogs.Site()), 0, 40_000);
        Line(
            "start of pallas with 40,000 events behind its snapshot, to the first answer by HTTP",
            $"{Best(() => PallasProcess.StartToAnswer(path)):F2} s", "0.3 s");
        Delete(path);
    }

    private void Restart()
    {
        foreach (var times in new[] { 1, 10 })
        {
            var count = options.Events * times;
            var state = MachineFolders.StateOf(BenchCogs.Counter(BigTab(options.StateBytes)));
            var path = MachineFolders.Make(state, count - 40_000, 40_000);
            GC.Collect();
            Line(
                $"restart with {options.StateBytes >> 20:N0} MiB of state and {count:N0} events",
                $"{Best(() => Child.StartAndStop(path)):F2} s", "2 s");
            Delete(path);
        }
    }

    private static void ManyCogs()
    {
        const int Count = 100_000;
        var path = MachineFolders.Make(Enumerable.Repeat(BenchCogs.Counter(), Count));
        var numbers = Child.Run("cogs", path);
        Line(
            $"{Count:N0} idle cogs: memory, start",
            $"{numbers[0] / (1 << 20):N0} MiB, {numbers[1]:F2} s", "2,048 MiB");
        Delete(path);
    }

    /// <summary>How long cogs wait for their events while snapshots of much state are written.
    /// </summary>
    private void Pause()
    {
        var path = MachineFolders.Make(
        [
            BenchCogs.Counter(BigTab(options.StateBytes)),
            .. Enumerable.Repeat(BenchCogs.Counter(), 100),
        ]);
        RateOf(path, options.Seconds, out var waits, snapshotEvery: 20_000);
        Line(
            "wait of a cog for its next event while snapshots are written: p99, longest",
            $"{waits[waits.Count * 99 / 100]:F1} ms, {waits[^1]:F1} ms", "p99 100 ms");
    }

    /// <summary>How long a cog waits for its events while half of much is taken away.</summary>
    private void Collect()
    {
        var path = PinnedState.MakeHalfGarbage(options.GarbageBytes, pinBytes: 4 << 10);
        var numbers = Child.Run("collect", path);
        Line(
            $"wait for an event while half of {options.GarbageBytes >> 20:N0} MiB is collected: "
                + "median, p99, longest",
            $"{numbers[0]:F1} ms, {numbers[1]:F1} ms, {numbers[2]:F1} ms", "p99 100 ms",
            $"{numbers[3]:N0} pins and chunks in {numbers[4]:F1} s, {numbers[5]:N0} events "
                + $"meanwhile; {numbers[6]:N0} MiB on disk before, {numbers[7]:N0} after");
        Delete(path);
    }

    private void Idle()
    {
        var path = MachineFolders.Make(Enumerable.Repeat(BenchCogs.Counter(), 10));
        var seconds = options.IdleSeconds.ToString(CultureInfo.InvariantCulture);
        var numbers = Child.Run("idle", path, seconds);
        Line(
            $"idle for {options.IdleSeconds} s: bytes written, CPU seconds",
            $"{numbers[0]:N0}, {numbers[1]:F3}", "0, 0.2 in 600 s");
        Delete(path);
    }

    private void Pinned()
    {
        var path = PinnedState.Make(options.PinnedBytes, out var count);
        var numbers = Child.Run("pinned", path, count.ToString(CultureInfo.InvariantCulture));
        Line(
            $"{options.PinnedBytes >> 20:N0} MiB of pins, heap of 1 GiB: start, reads a second",
            $"{numbers[0]:F2} s, {numbers[1]:N0}", "1 s");
        Delete(path);
    }

    private static double RateOf(
        string path, int seconds, out List<double> waits, int? snapshotEvery = null)
    {
        var calls = 0L;
        var measuring = false;
        var last = new System.Collections.Concurrent.ConcurrentDictionary<CogId, long>();
        var all = new List<double>();
        var device = new BenchDevice(cog =>
        {
            calls++;
            if (snapshotEvery is null)
                return;
            var now = Stopwatch.GetTimestamp();
            if (last.TryGetValue(cog, out var before) && Volatile.Read(ref measuring))
                all.Add(Stopwatch.GetElapsedTime(before, now).TotalMilliseconds);
            last[cog] = now;
        });
        var machine = RunningMachine.Start(path, ContextWith(device, snapshotEvery));
        Thread.Sleep(2000);
        Volatile.Write(ref measuring, true);
        var (start, began) = (Volatile.Read(ref calls), Stopwatch.GetTimestamp());
        Thread.Sleep(seconds * 1000);
        var count = Volatile.Read(ref calls) - start;
        var elapsed = Stopwatch.GetElapsedTime(began).TotalSeconds;
        device.Stop();
        machine.StopAsync().Wait();
        Delete(path);
        all.Sort();
        waits = all;
        return count / elapsed;
    }

    public static MachineContext ContextWith(
        Pallas.Machine.IDevice device, int? snapshotEvery = null)
    {
        var options = new MachineOptions { Evaluation = new() { Jets = JetTable.All } };
        return new MachineContext
        {
            Options = snapshotEvery is { } every
                ? options with { SnapshotEventsCount = every }
                : options,
            Devices = _ => [device],
        };
    }

    /// <summary>A tab of bars of 1 KiB, not pinned.</summary>
    private static Tab BigTab(long bytesCount)
    {
        var count = (int)(bytesCount >> 10);
        var random = new Random(1);
        var values = new Value[count];
        for (var i = 0; i < count; i++)
        {
            var bytes = new byte[1 << 10];
            random.NextBytes(bytes);
            values[i] = Bar.Of(bytes);
        }
        return Tab.Of(Set.Of(Enumerable.Range(0, count).Select(i => (Value)i)), values);
    }

    /// <summary>A write of a block and its fdatasync, the median.</summary>
    private static double SyncMs()
    {
        var path = MachineFolders.NewPath();
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write);
        file.Write(new byte[1 << 20]);
        file.Flush(flushToDisk: true);
        var times = new List<double>();
        for (var i = 0; i < 200; i++)
        {
            var start = Stopwatch.GetTimestamp();
            file.Position = i * 4096;
            file.Write(new byte[4096]);
            file.Flush(flushToDisk: true);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        file.Close();
        File.Delete(path);
        times.Sort();
        return times[times.Count / 2];
    }

    private static double Best(Func<double> run) => Enumerable.Range(0, 3).Min(_ => run());

    private static string Show(double rate) => $"{rate:N0}";

    private static void Delete(params string[] paths)
    {
        foreach (var path in paths)
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
        }
    }
}

/// <param name="Seconds">How long each rate is measured.</param>
/// <param name="PinnedBytes">Of pinned state that does not fit into memory.</param>
/// <param name="GarbageBytes">Of pinned state, half of which nothing reaches.</param>
internal sealed record MachineBenchOptions(
    string? Only, int Seconds, int Events, long StateBytes, int IdleSeconds, long PinnedBytes,
    long GarbageBytes);
