using System.Globalization;
using Pallas.Cli.Render;
using Pallas.Store.Snapshots;

namespace Pallas.Cli.Options;

/// <summary>Sizes and times as people write them: <c>64MiB</c>, <c>2GB</c>, <c>30s</c>.</summary>
internal static class SizeArgument
{
    private const string Unbounded = "none";
    private const string Everything = "all";

    private static readonly (string Name, decimal Factor)[] ByteUnits =
    [
        ("", 1), ("B", 1),
        ("kB", 1e3m), ("MB", 1e6m), ("GB", 1e9m), ("TB", 1e12m),
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
    ];

    /// <summary>In milliseconds; a number alone is seconds.</summary>
    private static readonly (string Name, decimal Factor)[] TimeUnits =
        [("", 1_000), ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

    /// <summary>Null without text; the largest number for <c>none</c>.</summary>
    /// <param name="option">The name of the option, for the message.</param>
    /// <exception cref="Failure">The text is not a size.</exception>
    public static long? ReadBytes(string option, string? text) => text switch
    {
        null => null,
        Unbounded => long.MaxValue,
        _ => (long)Read(option, text, ByteUnits, "a size such as 64MiB", long.MaxValue),
    };

    /// <summary>Null without text; infinite for <c>none</c>.</summary>
    /// <exception cref="Failure">The text is not a time.</exception>
    public static TimeSpan? ReadTime(string option, string? text) => text switch
    {
        null => null,
        Unbounded => Timeout.InfiniteTimeSpan,
        _ => TimeSpan.FromMilliseconds(
            (double)Read(option, text, TimeUnits, "a time such as 30s or 5m", uint.MaxValue - 1)),
    };

    /// <summary>Null without text; a size, a time, or <c>all</c>.</summary>
    /// <exception cref="Failure">The text is none of these.</exception>
    public static HistoryPolicy? ReadHistory(string option, string? text)
    {
        const string What = "a size or a time such as 1GiB or 7d";
        const decimal MsMax = 1e14m;
        if (text is null or Everything)
            return text is null ? null : HistoryPolicy.All;
        var unit = text.TrimStart([.. "0123456789."]);
        return TimeUnits[1..].Any(each => each.Name.Equals(unit, StringComparison.Ordinal))
            ? new HistoryPolicy(null, TimeSpan.FromMilliseconds(
                (double)Read(option, text, TimeUnits, What, MsMax, Everything)))
            : new HistoryPolicy(
                (long)Read(option, text, ByteUnits, What, long.MaxValue, Everything), null);
    }

    private static decimal Read(
        string option, string text, (string Name, decimal Factor)[] units, string what,
        decimal max, string other = Unbounded)
    {
        var name = text.TrimStart([.. "0123456789."]);
        var digits = text[..^name.Length];
        var unit = Array.Find(
            units, unit => unit.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        const NumberStyles Style = NumberStyles.AllowDecimalPoint;
        return unit.Name is not null
            && decimal.TryParse(digits, Style, CultureInfo.InvariantCulture, out var number)
            && number > 0
            && number <= max / unit.Factor
            ? number * unit.Factor
            : throw Failure.Mistake(
                $"{option} cannot be {text}\nhint: give {what}, or {other}");
    }
}
