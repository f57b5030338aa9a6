using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Pallas.Tests.Machine;

/// <summary>Waits for what happens soon, and on a busy machine a good while later.</summary>
internal static partial class Wait
{
    /// <summary>Nothing that a test waits for takes as long as that, however much else runs.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <param name="what">What is to come true; the condition as it is written, if nothing is
    /// given.</param>
    public static void Until(
        Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed > Patience)
                throw new TimeoutException(Text(what));
            Thread.Sleep(1);
        }
    }

    /// <summary>What a failure says: one line.</summary>
    public static string Text(string what) =>
        $"not within {Patience.TotalSeconds:0} s: {SpacePattern().Replace(what, " ")}";

    [GeneratedRegex(@"\s+")]
    private static partial Regex SpacePattern();
}
