using Pallas.Rex;
using Pallas.Sire.Print;
using Pallas.Values;

namespace Pallas.Testing;

/// <summary>The value of a text of loot.</summary>
/// <param name="Value">Null if there are diagnostics.</param>
public sealed record LootResult(Value? Value, IReadOnlyList<Diagnostic> Diagnostics);

/// <summary>
/// Loot to values: a value that <see cref="Loot"/> printed reads back as itself. Reading evaluates
/// nothing.
/// </summary>
/// <remarks>
/// The text does not determine these values, which do not read back:
/// <list type="bullet">
/// <item>a pin of which only the name was printed, if the name has no definition;</item>
/// <item>Rex as value, and parts that a limit cut;</item>
/// <item>a pin as key of a set or tab, which is written like its name as text;</item>
/// <item>in the body of a law, a pin that has the name of the law;</item>
/// <item>a pin named like <c>C3</c>, which is written like a row constructor; one of several
/// pinned laws without a name; and words with letters beyond ASCII.</item>
/// </list>
/// </remarks>
public static class LootReader
{
    /// <summary>Reads a value, or definitions; then the last one is the value.</summary>
    /// <param name="find">The value of a name that the text does not define, or null.</param>
    public static LootResult Read(string text, Func<Nat, Value?>? find = null)
    {
        var reader = new LootTreeReader(find ?? (_ => null));
        Value? last = null;
        foreach (var block in RexReader.Read(text))
        {
            if (block.Tree is not { } tree)
                return new LootResult(null, block.Diagnostics);
            try
            {
                last = Block(reader, LootLawReader.Straightened(tree));
            }
            catch (LootFailure failure)
            {
                return new LootResult(null, [failure.Diagnostic]);
            }
        }
        return last is not null
            ? new LootResult(last, [])
            : new LootResult(null, [new Diagnostic(new Span(1, 1, 1, 1), "the text has no value")]);
    }

    private static Value Block(LootTreeReader reader, RexTree tree)
    {
        if (tree is not RexNode { Rune: "*" or "=" })
            return reader.Value(tree);
        Value? last = null;
        for (var item = tree; item is not null;)
        {
            switch (item)
            {
                case RexNode { Rune: "*", Sons: [var one] }:
                    last = Block(reader, LootLawReader.Straightened(one));
                    item = item.Heir;
                    break;
                case RexNode { Rune: "=", Sons: [var name, var value], Heir: null }:
                    return reader.Define(name, value);
                case RexNode { Rune: "=", Sons: [var name], Heir: { } value }:
                    return reader.Define(name, value);
                default:
                    throw new LootFailure(item, "expected a definition", "write it like foo=5");
            }
        }
        return last!;
    }
}

/// <summary>Unwinds from a mistake in the text to <see cref="LootReader.Read"/>.</summary>
internal sealed class LootFailure(RexTree at, string message, string? hint = null)
    : Exception(message)
{
    public Diagnostic Diagnostic { get; } = new(at.Span, message, hint);
}
