using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Pallas.Values;

/// <summary>Checks that stay on in Release. One that fails is a bug in Pallas.</summary>
/// <remarks>
/// Only a bug breaks an invariant: damaged bytes, full disks and wrong arguments have errors of
/// their own. No reader, device or cog catches <see cref="InvariantBroken"/>, so the machine stops
/// before it writes to the log. A check that holds costs one branch: its text is not built.
/// </remarks>
public static class Invariant
{
    /// <param name="says">What holds here, as a sentence.</param>
    /// <exception cref="InvariantBroken">It does not hold.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Check([DoesNotReturnIf(false)] bool holds, string says)
    {
        if (!holds)
            throw Broken(says);
    }

    /// <inheritdoc cref="Check(bool, string)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Check(
        [DoesNotReturnIf(false)] bool holds,
        [InterpolatedStringHandlerArgument(nameof(holds))] ref InvariantText says)
    {
        if (!holds)
            throw Broken(says.Finish());
    }

    /// <summary>For a line that is never reached.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static InvariantBroken Broken(string says) => new(says);
}

/// <summary>A bug in Pallas, found before it could do damage.</summary>
public sealed class InvariantBroken(string says)
    : Exception($"this does not hold: {says}");

/// <summary>The text of a check, built only if the check fails.</summary>
[InterpolatedStringHandler]
public ref struct InvariantText
{
    private DefaultInterpolatedStringHandler text;

    public InvariantText(int literalLength, int formattedCount, bool holds, out bool isBuilt)
    {
        isBuilt = !holds;
        if (isBuilt)
            text = new(literalLength, formattedCount, CultureInfo.InvariantCulture);
    }

    public void AppendLiteral(string value) => text.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => text.AppendFormatted(value);

    internal string Finish() => text.ToStringAndClear();
}
