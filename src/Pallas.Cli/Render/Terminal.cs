using Pallas.Rex;
using Pallas.Sire.Expand;
using Pallas.Sire.Print;
using Pallas.Values;

namespace Pallas.Cli.Render;

/// <summary>Values and definitions as the terminal shows them.</summary>
internal sealed class Terminal(TextWriter writer, RexColors colors)
{
    private readonly RexPrinter printer =
        new(colors, embedded => Loot.ToEmbeddedRex(embedded));

    private readonly Lock gate = new();

    /// <summary>Colours only at a terminal.</summary>
    public static Terminal Out { get; } = new(
        Console.Out, Console.IsOutputRedirected ? RexColors.None : RexColors.Bold);

    public static Terminal Error { get; } = new(
        Console.Error, Console.IsErrorRedirected ? RexColors.None : RexColors.Bold);

    public void Line(string text)
    {
        lock (gate)
            writer.WriteLine(text);
    }

    public void Value(Value value) => Line(Loot.Trace(value, colors: colors));

    public void Definition(Nat name, Value value) =>
        Line(printer.File(Loot.Definition(name, value)));

    /// <summary>Prints what a load binds, evaluates and asserts.</summary>
    public void Event(SireEvent happened)
    {
        switch (happened)
        {
            case SireEvent.Bound bound:
                Definition(bound.Name, bound.Value);
                break;
            case SireEvent.Evaluated evaluated:
                Value(evaluated.Value);
                break;
            case SireEvent.Asserting asserting:
                Value(asserting.Rex);
                break;
        }
    }

    public void Tree(RexTree tree) => Line(printer.File(tree));

    /// <summary>A trace of a machine's cog: the time, then the value, each line marked.</summary>
    public void Trace(DateTimeOffset time, Value value)
    {
        var stamp = Row.Of("trk", Nat.OfText(time.UtcDateTime.ToString("O")));
        Line(Marked(stamp) + Marked(value));
    }

    private string Marked(Value value) => string.Concat(
        Loot.Trace(value, colors: colors).Trim('\n').Split('\n').Select(line => $"++ {line}\n"));
}
