using System.Globalization;

namespace Pallas.Bench.Machines;

/// <summary>The command line of the machine's table.</summary>
internal static class MachineCommand
{
    public const string Usage =
        "machine [--only NAME] [--seconds N] [--events N] [--state MIB] [--idle S]\n"
            + "         [--pinned MIB] [--garbage MIB]";

    /// <summary>Null for options that there are not.</summary>
    public static MachineBenchOptions? Read(ReadOnlySpan<string> args)
    {
        var options = new MachineBenchOptions(
            Only: null, Seconds: 10, Events: 1_000_000, StateBytes: 1L << 30, IdleSeconds: 60,
            PinnedBytes: 2L << 30, GarbageBytes: 1L << 30);
        for (; args.Length >= 2; args = args[2..])
        {
            if (args[0] == "--only")
            {
                options = options with { Only = args[1] };
                continue;
            }
            if (!int.TryParse(args[1], NumberStyles.None, CultureInfo.InvariantCulture, out var n))
                return null;
            var changed = args[0] switch
            {
                "--seconds" => options with { Seconds = n },
                "--events" => options with { Events = n },
                "--state" => options with { StateBytes = (long)n << 20 },
                "--idle" => options with { IdleSeconds = n },
                "--pinned" => options with { PinnedBytes = (long)n << 20 },
                "--garbage" => options with { GarbageBytes = (long)n << 20 },
                _ => null,
            };
            if (changed is null)
                return null;
            options = changed;
        }
        return args.Length == 0 ? options : null;
    }
}
