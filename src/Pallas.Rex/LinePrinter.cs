using System.Text;

namespace Pallas.Rex;

/// <summary>A finished part of a line.</summary>
/// <param name="Width">In code points, without the colours.</param>
internal readonly record struct Phrase(string Text, int Width);

/// <summary>Prints trees on one line and counts the width as it goes. Pending steps wait on a
/// stack, so depth costs no recursion.</summary>
internal sealed class LinePrinter(RexColors colors, Func<object, RexTree>? showEmbedded)
{
    /// <summary>Delimiters for <c>}_text_</c>, in order of preference; short texts prefer the
    /// underscore.</summary>
    private const string Delimiters =
        "|#$!#%&*+,-./:<=>?@\\^`'\"|~"
        + "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    /// <summary>Texts shorter than this prefer the underscore, if they hold none and no space.
    /// </summary>
    private const int ShortWidth = 8;

    private readonly StringBuilder output = new();
    private readonly Stack<Step> steps = new();
    private readonly List<Step> next = [];
    private readonly Dictionary<RexEmbed, RexTree> replacements =
        new(ReferenceEqualityComparer.Instance);

    private int width;

    private enum StepKind
    {
        /// <summary>Text as it is.</summary>
        Plain,

        Rune,
        Bracket,

        /// <summary>A tree with its heirs.</summary>
        Tree,

        /// <summary>A tree without its heir.</summary>
        Headless,

        /// <summary>A tree in parentheses if it is a prefix or shut form.</summary>
        Wrapped,

        /// <summary>The same without the heir of the tree.</summary>
        WrappedHeadless,

        Heir,

        /// <summary>An operand of an infix form, which may be an application without parentheses.
        /// </summary>
        Operand,
    }

    private readonly record struct Step(StepKind Kind, string? Text = null, RexTree? Value = null);

    /// <summary>The tree, or for an embedded value the tree that shows it.</summary>
    public RexTree Resolve(RexTree tree)
    {
        while (tree is RexEmbed embed)
        {
            if (!replacements.TryGetValue(embed, out var shown))
            {
                if (showEmbedded is null)
                    throw new InvalidOperationException("no printer for embedded values");
                replacements[embed] = shown = showEmbedded(embed.Value);
            }
            tree = shown;
        }
        return tree;
    }

    /// <summary>The text printed since the last call.</summary>
    public Phrase Take()
    {
        var phrase = new Phrase(output.ToString(), width);
        output.Clear();
        width = 0;
        return phrase;
    }

    public void Space() => Append(" ", null);

    public void Rune(string rune) =>
        Append(rune, rune is "-" or "`" or "." ? "33;1" : "33");

    public void Ready(Phrase phrase)
    {
        output.Append(phrase.Text);
        width += phrase.Width;
    }

    /// <summary><c>} text</c></summary>
    public Phrase LineString(string text)
    {
        Append(text.Length == 0 ? "}" : $"}} {text}", "32");
        return Take();
    }

    public void Tree(RexTree tree)
    {
        steps.Push(new Step(StepKind.Tree, null, tree));
        while (steps.TryPop(out var step))
        {
            Print(step);
            for (var i = next.Count - 1; i >= 0; i--)
                steps.Push(next[i]);
            next.Clear();
        }
    }

    /// <summary>Prints the first part of a step, and adds its rest to the next steps.</summary>
    private void Print(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Plain:
                Append(step.Text!, null);
                return;
            case StepKind.Rune:
                Rune(step.Text!);
                return;
            case StepKind.Bracket:
                Append(step.Text!, "35;1");
                return;
        }
        var tree = Resolve(step.Value!);
        switch (step.Kind)
        {
            case StepKind.Tree:
                Whole(tree);
                break;
            case StepKind.Headless:
                Headless((RexNode)tree);
                break;
            case StepKind.Wrapped:
                Wrapped(tree, StepKind.Tree, IsTight(tree));
                break;
            case StepKind.WrappedHeadless:
                Wrapped(tree, StepKind.Headless, IsTight(tree));
                break;
            case StepKind.Heir:
                Wrapped(tree, StepKind.Tree, tree is RexNode { Shape: NodeShape.Prefix });
                break;
            case StepKind.Operand:
                Operand(tree);
                break;
        }
    }

    private static bool IsTight(RexTree tree) =>
        tree is RexNode { Shape: NodeShape.Prefix or NodeShape.Shut };

    private void Wrapped(RexTree tree, StepKind kind, bool wrap)
    {
        if (wrap)
            Later(StepKind.Bracket, "(");
        Later(kind, tree);
        if (wrap)
            Later(StepKind.Bracket, ")");
    }

    private void Whole(RexTree tree)
    {
        if (tree is RexLeaf leaf)
            Leaf(leaf);
        else if (tree.Heir is null)
            Headless((RexNode)tree);
        else
            Later(StepKind.WrappedHeadless, tree);
        if (tree.Heir is { } heir)
            Later(StepKind.Heir, heir);
    }

    private void Leaf(RexLeaf leaf)
    {
        var text = leaf.Text;
        if (leaf.Shape == LeafShape.Word && IsName(text))
            Append(text, null);
        else if (DelimiterFor(text) is { } delimiter)
            Append($"}}{delimiter}{text}{delimiter}", "32");
        else
            Append($"{{{text}}}", "32");
    }

    private void Headless(RexNode node)
    {
        var sons = node.Sons;
        switch (node.Shape)
        {
            case NodeShape.Prefix when sons.Count > 0:
                Rune(node.Rune);
                Later(StepKind.Wrapped, sons[0]);
                break;
            case NodeShape.Shut:
                for (var i = 0; i < sons.Count; i++)
                {
                    if (i > 0)
                        Later(StepKind.Rune, node.Rune);
                    Later(StepKind.Wrapped, sons[i]);
                }
                break;
            case NodeShape.Infix:
                Later(StepKind.Bracket, "(");
                for (var i = 0; i < sons.Count; i++)
                {
                    if (i > 0)
                    {
                        Later(StepKind.Plain, " ");
                        Later(StepKind.Rune, node.Rune);
                        Later(StepKind.Plain, " ");
                    }
                    Later(StepKind.Operand, sons[i]);
                }
                Later(StepKind.Bracket, ")");
                break;
            default:
                Nest(node);
                break;
        }
    }

    private void Nest(RexNode node)
    {
        var brackets = node.Rune == ",";
        Later(StepKind.Bracket, brackets ? "[" : "(");
        // The rune of a bar is left out, except before a single son; then it has no colour.
        var shown = node.Rune switch { "|" => node.Sons.Count == 1, "," => false, _ => true };
        if (shown)
            Later(node.Rune == "|" ? StepKind.Plain : StepKind.Rune, node.Rune);
        for (var i = 0; i < node.Sons.Count; i++)
        {
            if (shown || i > 0)
                Later(StepKind.Plain, " ");
            Later(StepKind.Tree, node.Sons[i]);
        }
        Later(StepKind.Bracket, brackets ? "]" : ")");
    }

    private void Operand(RexTree tree)
    {
        if (tree is not RexNode { Shape: NodeShape.Nest, Rune: "|" } bar
            || bar.Sons.Count + (bar.Heir is null ? 0 : 1) < 2)
        {
            Later(StepKind.Tree, tree);
            return;
        }
        for (var i = 0; i < bar.Sons.Count; i++)
        {
            if (i > 0)
                Later(StepKind.Plain, " ");
            Later(StepKind.Tree, bar.Sons[i]);
        }
        if (bar.Heir is { } heir)
        {
            Later(StepKind.Plain, " ");
            Later(StepKind.Tree, heir);
        }
    }

    private void Later(StepKind kind, string text) => next.Add(new Step(kind, text));

    private void Later(StepKind kind, RexTree tree) => next.Add(new Step(kind, null, tree));

    /// <summary>Null when braces around the text will do.</summary>
    private static char? DelimiterFor(string text)
    {
        if (RexText.BracesPair(text))
            return null;
        if (RexText.WidthOf(text) < ShortWidth && !text.Contains('_') && !text.Contains(' '))
            return '_';
        foreach (var c in Delimiters)
            if (!text.Contains(c))
                return c;
        return null;
    }

    /// <summary>The test reads only the low byte of a code point, so a few letters beyond ASCII
    /// count as word characters. The format is frozen with it.</summary>
    private static bool IsName(string text)
    {
        foreach (var rune in text.EnumerateRunes())
            if (!Lexer.IsWordChar((byte)rune.Value))
                return false;
        return text.Length > 0;
    }

    private void Append(string text, string? color)
    {
        width += RexText.WidthOf(text);
        if (colors == RexColors.None || color is null)
            output.Append(text);
        else
            output.Append("\x1b[").Append(color).Append('m').Append(text).Append("\x1b[0m");
    }
}
