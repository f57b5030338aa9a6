using System.Diagnostics.CodeAnalysis;
using Pallas.Values;

namespace Pallas.Formats.Seeds;

/// <summary>
/// Reads seeds; see <see cref="SeedWriter"/> for the layout. The order of nats and the choice of
/// fragments are free, everything else is strict. No input makes it throw or hang: nesting costs
/// no stack, tables are made only after the counts were held against the length of the file.
///
/// What sharing can do needs a bound of its own: a few bytes may stand for a value without end
/// when it is compared (keys of sets) or copied (closures of closures, which are flat here). Such
/// work is bounded in proportion to the length, unless the bytes are known to be our own.
/// </summary>
public static class SeedReader
{
    /// <summary>
    /// What nobody has ever compared or hashed, because it takes hours: a value that unfolds to
    /// more was not made by us, whatever is said of it.
    /// </summary>
    internal const long UnfoldedSizeMax = 1L << 38;

    /// <summary>
    /// Reads a value; every application must be one that is in normal form already.
    /// </summary>
    /// <param name="trusted">
    /// Whether the bytes were written by <see cref="SeedWriter"/>: only sharing that unfolds to
    /// hours of work is refused.
    /// </param>
    public static bool TryRead(
        ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Value? value,
        [NotNullWhen(false)] out SeedError? error, bool trusted = false) =>
        TryRead(bytes, holes: [], trusted, out value, out error, out _);

    /// <summary>
    /// Reads an expression, in which any value may be applied to any other.
    /// </summary>
    /// <param name="apply">Gives what the first value applied to the second stands for.</param>
    public static bool TryReadExpression(
        ReadOnlySpan<byte> bytes, Func<Value, Value, Value> apply,
        [NotNullWhen(true)] out Value? value, [NotNullWhen(false)] out SeedError? error)
    {
        var parser = new SeedParser(bytes, apply, long.MaxValue);
        value = parser.Parse([]);
        error = parser.Error;
        return value is not null;
    }

    /// <param name="holes">The pins that the holes stand for, in order.</param>
    /// <param name="unfoldedSize">
    /// About how many cells and words the value has when sharing is written out.
    /// </param>
    internal static bool TryRead(
        ReadOnlySpan<byte> bytes, ReadOnlySpan<Pin> holes, bool trusted,
        [NotNullWhen(true)] out Value? value, [NotNullWhen(false)] out SeedError? error,
        out long unfoldedSize)
    {
        var workMax = trusted ? UnfoldedSizeMax : SeedParser.WorkMax(bytes.Length);
        var parser = new SeedParser(bytes, apply: null, workMax);
        try
        {
            value = parser.Parse(holes);
            error = parser.Error;
        }
        catch (MachineFault fault)
        {
            // Comparing the keys of a set ran out of stacks.
            value = null;
            error = new SeedError(parser.Offset, fault.Message);
        }

        unfoldedSize = parser.UnfoldedSize;
        return value is not null;
    }
}
