using System.Globalization;
using System.Text;
using Pallas.Fuzz.Simulation;

namespace Pallas.Fuzz;

/// <summary>
/// Feeds readers with made and damaged inputs. A reader returns a value or an error: it throws
/// nothing, comes back soon, and allocates in proportion to what it reads. An input that
/// breaks this is an escape: the program shrinks it, saves it, and ends with exit code 1.
/// </summary>
public static class Program
{
    private const string Usage = """
        pallas-fuzz [--seconds N] [--target NAME,..] [--seed S] [--out DIR]
            N seconds in all, shared by the targets (all of them when none is named).
        pallas-fuzz --target NAME --seed S --only INDEX
            One input of a run, saved before it is read.
        pallas-fuzz --target NAME --repro FILE
            One input that was saved.
        pallas-fuzz --list
        pallas-fuzz sim ..
            Simulated machines.
        pallas-fuzz rot [--flips N] [--seed S]
            N flipped bits in each file of a machine's folder.
        """;

    private sealed record Options
    {
        public double Seconds { get; set; } = 60;
        public string[] Targets { get; set; } = [.. TargetList.Names];
        public ulong Seed { get; set; } = (ulong)Random.Shared.NextInt64();
        public long? Only { get; set; }
        public string? Repro { get; set; }
        public string Out { get; set; } = Path.Combine("artifacts", "fuzz");
    }

    public static int Main(string[] args)
    {
        if (args is ["--list"])
        {
            Console.WriteLine(string.Join('\n', TargetList.Names));
            return 0;
        }
        if (args is ["sim", .. var rest])
            return SimCommand.Run(rest);
        if (args is ["rot", .. var flips])
            return RotCommand.Run(flips);
        if (Parse(args) is not { } options)
        {
            Console.Error.WriteLine(Usage);
            return 2;
        }
        Directory.CreateDirectory(options.Out);
        if (options.Repro is { } file)
            return RunOne(options, File.ReadAllBytes(file));
        return options.Only is { } index ? RunOnly(options, index) : RunAll(options);
    }

    private static Options? Parse(string[] args)
    {
        var options = new Options();
        if (args.Length % 2 != 0)
            return null;
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = args[i + 1];
            var isGood = true;
            switch (args[i])
            {
                case "--seconds":
                    isGood = double.TryParse(value, CultureInfo.InvariantCulture, out var seconds);
                    options.Seconds = seconds;
                    break;
                case "--seed":
                    isGood = ulong.TryParse(value, CultureInfo.InvariantCulture, out var seed);
                    options.Seed = seed;
                    break;
                case "--only":
                    isGood = long.TryParse(value, CultureInfo.InvariantCulture, out var index);
                    options.Only = index;
                    break;
                case "--target":
                    options.Targets = value.Split(',');
                    isGood = options.Targets.All(TargetList.Names.Contains);
                    break;
                case "--repro":
                    options.Repro = value;
                    isGood = File.Exists(value);
                    break;
                case "--out":
                    options.Out = value;
                    break;
                default:
                    return null;
            }
            if (!isGood)
                return null;
        }
        return options;
    }

    private static int RunAll(Options options)
    {
        using var progress = new ProgressFile(Path.Combine(options.Out, "progress"));
        if (progress.Unfinished is var (lost, lostSeed, lostIndex))
            Console.WriteLine(
                "The last run died inside an input; to see it again:"
                + $" --target {lost} --seed {lostSeed} --only {lostIndex}");
        Console.WriteLine($"seed {options.Seed}");
        Console.WriteLine(
            $"{"target",-16} {"inputs",10} {"values",10} {"errors",10} {"slowest ms",11}"
            + $" {"at",8} {"most MB",9} {"of bound",9}");
        var escapes = 0;
        foreach (var name in options.Targets)
        {
            var target = Find(name);
            progress.Begin(name, options.Seed);
            var time = TimeSpan.FromSeconds(options.Seconds / options.Targets.Length);
            var result = Campaign.Run(target, options.Seed, time, progress.At);
            progress.Finish();
            (target as IDisposable)?.Dispose();
            Console.WriteLine(
                $"{name,-16} {result.TriedCount,10} {result.ValuesCount,10}"
                + $" {result.ErrorsCount,10} {result.SlowestMs,11:F1} {result.SlowestIndex,8}"
                + $" {result.LargestBytes / 1e6,9:F1} {result.LargestShare,9:P1}");
            if (result.Escape is not { } escape)
                continue;
            escapes++;
            Report(options, escape);
        }
        Console.WriteLine(escapes == 0 ? "no escapes" : $"{escapes} targets with an escape");
        return escapes == 0 ? 0 : 1;
    }

    private static FuzzTarget Find(string name)
    {
        var target = TargetList.Find(name)!;
        target.IsAlone = true;
        return target;
    }

    private static void Report(Options options, Escape escape)
    {
        var file = Path.Combine(options.Out, $"{escape.Target}-{escape.Seed}-{escape.Index}.bin");
        File.WriteAllBytes(file, escape.Input);
        Console.WriteLine($"  ESCAPE at input {escape.Index}: {escape.What}");
        Console.WriteLine($"  saved as {file}, {escape.Input.Length} bytes: {Preview(escape)}");
    }

    private static string Preview(Escape escape)
    {
        var text = new StringBuilder();
        foreach (var b in escape.Input.Take(200))
            text.Append(b is >= 32 and < 127 ? ((char)b).ToString() : $"\\x{b:x2}");
        return text.ToString();
    }

    private static int RunOnly(Options options, long index)
    {
        var target = Find(options.Targets[0]);
        var input = target.Input(RandomStream.For(target.Name, options.Seed, index));
        var file = Path.Combine(options.Out, $"{target.Name}-{options.Seed}-{index}.bin");
        File.WriteAllBytes(file, input);
        Console.WriteLine($"saved as {file}, {input.Length} bytes");
        return RunOne(options, input);
    }

    private static int RunOne(Options options, byte[] input)
    {
        var target = Find(options.Targets[0]);
        var trial = default(Trial);
        var thread = new Thread(() => trial = Trial.Run(target, input), 1 << 20);
        thread.Start();
        thread.Join();
        (target as IDisposable)?.Dispose();
        Console.WriteLine(
            $"{(trial.IsValue ? "a value" : "an error")}, {trial.Milliseconds:F1} ms,"
            + $" {trial.AllocatedBytes:N0} bytes");
        if (trial.Escape is null)
            return 0;
        Console.WriteLine(trial.Escape);
        return 1;
    }
}
