using System.Diagnostics;

namespace Pallas.Fuzz;

/// <summary>Makes an input that escapes smaller while it escapes in the same way.</summary>
public static class Shrinker
{
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(15);

    public static byte[] Shrink(FuzzTarget target, byte[] input, string escape)
    {
        var kind = KindOf(escape);
        var start = Stopwatch.GetTimestamp();
        for (var size = Math.Max(1, input.Length / 2); size > 0; size /= 2)
        {
            for (var at = 0; at < input.Length;)
            {
                if (Stopwatch.GetElapsedTime(start) > TimeMax)
                    return input;
                byte[] smaller = [.. input[..at], .. input[Math.Min(input.Length, at + size)..]];
                var failure = Trial.Run(target, smaller).Escape;
                if (failure is not null && KindOf(failure) == kind)
                    input = smaller;
                else
                    at += size;
            }
        }
        return input;
    }

    private static string KindOf(string escape) => escape[..escape.IndexOf(':')];
}
