using System.Globalization;

namespace Pallas.Cli.Render;

/// <summary>A number of bytes with its unit.</summary>
internal static class SizeText
{
    public static string Of(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        var (number, unit) = ((double)bytes, 0);
        while (number >= 1024 && unit < units.Length - 1)
            (number, unit) = (number / 1024, unit + 1);
        var format = unit == 0 || number >= 100 ? "0" : "0.0";
        return $"{number.ToString(format, CultureInfo.InvariantCulture)} {units[unit]}";
    }
}
