using Pallas.Rex;
using Pallas.Values;

namespace Pallas.Sire;

/// <summary>What a text of loot says.</summary>
/// <param name="Value">Null where there are diagnostics.</param>
public sealed record LootResult(Value? Value, IReadOnlyList<Diagnostic> Diagnostics);

/// <summary>
/// Loot to values: what <see cref="Loot"/> prints reads back as the value that was printed.
/// Nothing is evaluated.
/// </summary>
/// <remarks>
/// What cannot be read back, because the text does not say it:
/// <list type="bullet">
/// <item>a pin of which only the name was printed, where nobody knows the name;</item>
/// <item>Rex as value, and what a limit cut;</item>
/// <item>a pin as key of a set or tab, which is written like its name as text;</item>
/// <item>in the body of a law, a pin that has the name of the law;</item>
/// <item>a pin named like <c>C3</c>, which is written like a row constructor; one of several
/// pinned laws without a name; and words with letters beyond ASCII.</item>
/// </list>
/// </remarks>
public static class LootReader
{
    /// <summary>Reads a value, or definitions, of which the last one is the value.</summary>
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
            : new LootResult(null, [new Diagnostic(new Span(1, 1, 1, 1), "there is no value")]);
    }

    private static Value Block(LootTreeReader reader, RexTree tree)
    {
        if (tree is not RexNode { Rune: "*" or "=" })
            return reader.Value(tree);
        Value? last = null;
        for (RexTree? item = tree; item is not null;)
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
                    throw new LootFailure(item, "this is no definition", "write it like foo=5");
            }
        }
        return last!;
    }
}

/// <summary>Unwinds from what cannot be read to the surface.</summary>
internal sealed class LootFailure(RexTree at, string message, string? hint = null)
    : Exception(message)
{
    public Diagnostic Diagnostic { get; } = new(at.Span, message, hint);
}
