using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Pallas.Tests.Machine;

/// <summary>Waits for a condition that becomes true soon, and later on a busy computer.</summary>
internal static partial class Wait
{
    /// <summary>A test that has waited this long fails. No test needs it, even on a busy computer.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <param name="what">Describes the condition. The default is its source text.</param>
    public static void Until(
        Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        using var patience = new CancellationTokenSource(Patience);
        var spin = new SpinWait();
        while (!condition())
        {
            if (patience.IsCancellationRequested)
                throw new TimeoutException(Text(what));
            spin.SpinOnce(sleep1Threshold: 10);
        }
    }

    /// <summary>The message of a failure, on one line.</summary>
    public static string Text(string what) =>
        $"not within {Patience.TotalSeconds:0} s: {SpacePattern().Replace(what, " ")}";

    [GeneratedRegex(@"\s+")]
    private static partial Regex SpacePattern();
}
