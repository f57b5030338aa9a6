using System.Diagnostics;
using System.Globalization;
using Pallas.Machine;
using Pallas.Store;
using Pallas.Values;

namespace Pallas.Bench.Machines;

/// <summary>Measurements that need a process of their own, and that process.</summary>
internal static class Child
{
    public const string Command = "machine-child";

    private const long HeapBytesOfPinned = 1L << 30;

    /// <summary>Seconds from the start of a process to the first answer of its machine.</summary>
    public static double StartAndStop(string path)
    {
        var start = Stopwatch.GetTimestamp();
        Run("start", path);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>The numbers that a measurement in a process of its own gives.</summary>
    public static double[] Run(string what, params string[] args)
    {
        var dll = typeof(Child).Assembly.Location;
        var info = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            info.ArgumentList.Add(dll);
        foreach (var arg in new[] { Command, what }.Concat(args))
            info.ArgumentList.Add(arg);
        if (what == "pinned")
        {
            info.Environment["DOTNET_GCHeapHardLimit"] =
                HeapBytesOfPinned.ToString("X", CultureInfo.InvariantCulture);
        }
        using var process = Process.Start(info)!;
        var line = process.StandardOutput.ReadLine() ?? "";
        if (what != "start")
            process.WaitForExit();
        else
            process.Kill();
        return
        [
            .. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(word => double.Parse(word, CultureInfo.InvariantCulture)),
        ];
    }

    /// <summary>The process itself.</summary>
    public static int Serve(string what, string path, string[] args)
    {
        var numbers = what switch
        {
            "start" => Start(path),
            "cogs" => Cogs(path),
            "idle" => Idle(path, int.Parse(args[0], CultureInfo.InvariantCulture)),
            "pinned" => Pinned(path),
            "collect" => Collect(path),
            _ => [],
        };
        Console.WriteLine(string.Join(
            ' ', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture))));
        return 0;
    }

    private static double[] Start(string path)
    {
        var bell = new BellDevice();
        RunningMachine.Start(path, MachineTable.ContextWith(bell));
        bell.WaitForCall();
        return [0];
    }

    private static double[] Cogs(string path)
    {
        var (start, count) = (Stopwatch.GetTimestamp(), 0);
        using var all = new ManualResetEventSlim();
        var device = new BenchDevice(_ =>
        {
            if (++count == 100_000)
                all.Set();
        });
        device.Stop();
        var machine = RunningMachine.Start(path, MachineTable.ContextWith(device));
        all.Wait();
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        using var process = Process.GetCurrentProcess();
        var bytes = process.WorkingSet64;
        machine.StopAsync(snapshot: false).Wait();
        return [bytes, seconds];
    }

    private static double[] Idle(string path, int seconds)
    {
        var bell = new BellDevice();
        var machine = RunningMachine.Start(path, MachineTable.ContextWith(bell));
        for (var i = 0; i < 10; i++)
            bell.WaitForCall();
        for (var i = 0; i < 1000; i++)
            bell.Ring();
        Thread.Sleep(3000);
        using var process = Process.GetCurrentProcess();
        var (cpu, written) = (process.TotalProcessorTime, BytesWritten());
        Thread.Sleep(seconds * 1000);
        process.Refresh();
        var used = process.TotalProcessorTime - cpu;
        var more = BytesWritten() - written;
        machine.StopAsync(snapshot: false).Wait();
        return [more, used.TotalSeconds];
    }

    private static double[] Pinned(string path)
    {
        var start = Stopwatch.GetTimestamp();
        var bell = new BellDevice();
        var machine = RunningMachine.Start(path, MachineTable.ContextWith(bell));
        bell.WaitForCall();
        var started = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var function = machine.Status().Cogs[0].State.Function;
        var pins = (Row)BenchCogs.ExtraOf(function);
        var random = new Random(1);
        var (reads, began) = (0, Stopwatch.GetTimestamp());
        while (Stopwatch.GetElapsedTime(began).TotalSeconds < 10)
        {
            var item = (Bar)((Pin)pins[random.Next(pins.Count)]).Item;
            reads += item.Count > 0 ? 1 : 0;
        }
        var rate = reads / Stopwatch.GetElapsedTime(began).TotalSeconds;
        machine.StopAsync(snapshot: false).Wait();
        return [started, rate];
    }

    /// <summary>Every event brings a pin of its own, while the collection runs that a start
    /// begins.</summary>
    private static double[] Collect(string path)
    {
        var bell = new BellDevice();
        MachineNotification.Collected? collected = null;
        var machine = RunningMachine.Start(path, MachineTable.ContextWith(bell) with
        {
            Notify = news => collected = news as MachineNotification.Collected ?? collected,
        });
        var before = SizeOf(machine);
        bell.WaitForCall();
        var random = new Random(2);
        var times = new List<double>();
        while (Volatile.Read(ref collected) is null)
        {
            var start = Stopwatch.GetTimestamp();
            bell.Ring(PinnedState.RandomPin(random, 1 << 10));
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        var after = SizeOf(machine);
        machine.StopAsync(snapshot: false).Wait();
        times.Sort();
        return
        [
            times[times.Count / 2], times[times.Count * 99 / 100], times[^1],
            collected!.Count, collected.Took.TotalSeconds, times.Count, before, after,
        ];

        static long SizeOf(RunningMachine machine) =>
            (machine.SizeOf(StoreSpace.Pins) + machine.SizeOf(StoreSpace.Chunks)) >> 20;
    }

    private static long BytesWritten() => File.ReadLines("/proc/self/io")
        .Where(line => line.StartsWith("write_bytes:", StringComparison.Ordinal))
        .Select(line => long.Parse(line["write_bytes:".Length..], CultureInfo.InvariantCulture))
        .Single();
}
