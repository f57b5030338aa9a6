using System.Text;

namespace Pallas.Rex;

/// <summary>Whether printed Rex carries terminal escapes. They do not count as width.</summary>
public enum RexColors { None, Bold }

/// <summary>
/// Trees to text. Printed text reads back as the same tree. The exceptions are trees that no text
/// can express, and those for which the format, which is frozen, has no faithful layout:
/// <list type="bullet">
/// <item>inside a closed form an open node prints as a nest, a line string as a text;</item>
/// <item>a word that is no word (empty, or with other characters) prints as a text;</item>
/// <item>a line break inside a text, and a text that has unpaired braces and uses every delimiter,
/// print unchanged and do not read back;</item>
/// <item>two words, or a shut form after anything, print as heirs without a gap and read as one;
/// </item>
/// <item>an infix node with one son prints as that son in parentheses; a shut node with one son
/// prints as that son; a prefix node prints its first son only, and as a nest when it has none;
/// </item>
/// <item>an applied son of an infix node prints its heir as one more argument;</item>
/// <item>a line string whose heir is no line string prints the heir below it, where it reads as
/// something else;</item>
/// <item>layout is written in characters and read in bytes, so a text with other than ASCII
/// characters may shift the rest of its line;</item>
/// <item>a rune of six characters or more, open among other nodes, may print at their column.
/// </item>
/// </list>
/// <paramref name="showEmbedded"/> makes the tree that is printed for an embedded value. Without
/// it, an embedded value is an <see cref="InvalidOperationException"/>.
/// </summary>
public sealed class RexPrinter(
    RexColors colors = RexColors.None, Func<object, RexTree>? showEmbedded = null)
{
    /// <summary>A row of small forms is broken when it would be wider than this.</summary>
    private const int PhraseWidthMax = 40;

    private const int NestIndent = 4;
    private const int PhraseIndent = 2;

    /// <summary>The tree on all lines that its open parts need, each ended by a line feed.
    /// </summary>
    public string File(RexTree tree) => new OpenPrinter(NewLine()).Print(tree);

    /// <summary>Trees as <see cref="File"/> prints them, with a blank line between.</summary>
    public string Blocks(IEnumerable<RexTree> trees) => string.Join('\n', trees.Select(File));

    /// <summary>The tree on one line, without a line feed.</summary>
    public string Line(RexTree tree)
    {
        var line = NewLine();
        line.Tree(tree);
        return line.Take().Text;
    }

    private LinePrinter NewLine() => new(colors, showEmbedded);

    /// <summary>Prints open layout. Pending work waits on a stack, so depth costs no recursion.
    /// </summary>
    private sealed class OpenPrinter(LinePrinter line)
    {
        private readonly StringBuilder output = new();
        private readonly Stack<Work> waiting = new();

        /// <summary>The width of the current line; -1 before the first.</summary>
        private int lineEnd = -1;

        /// <summary>A ready phrase, or a tree that is still to be laid out, at a column.</summary>
        private readonly record struct Work(int Column, Phrase? Phrase, RexTree? Tree);

        public string Print(RexTree tree)
        {
            tree = line.Resolve(tree);
            PushBlock(0, tree);
            while (waiting.TryPop(out var work))
            {
                if (work.Phrase is { } phrase)
                    Emit(work.Column, phrase);
                else
                    LayOut(work.Column, work.Tree!);
            }
            return output.Append('\n').ToString();
        }

        /// <summary>Puts a phrase at its column: on the current line when that ends further left,
        /// else on a line of its own.</summary>
        private void Emit(int column, Phrase phrase)
        {
            if (lineEnd >= 0 && column > lineEnd)
            {
                output.Append(' ', column - lineEnd);
            }
            else
            {
                if (lineEnd >= 0)
                    output.Append('\n');
                output.Append(' ', column);
            }
            output.Append(phrase.Text);
            lineEnd = column + phrase.Width;
        }

        private void LayOut(int column, RexTree tree)
        {
            switch (tree)
            {
                case RexLeaf { Shape: LeafShape.Line } leaf:
                    Emit(column, line.LineString(leaf.Text));
                    if (leaf.Heir is { } next)
                        waiting.Push(new Work(column, null, line.Resolve(next)));
                    break;
                case RexNode { Shape: NodeShape.Open } node:
                    LayOutOpen(column, node);
                    break;
                default:
                    line.Tree(tree);
                    Emit(column, line.Take());
                    break;
            }
        }

        /// <summary>The rune with the small sons before the first open one, the open sons and those
        /// between them, each further left than the one before, the small sons after the last open
        /// one, the heir.</summary>
        private void LayOutOpen(int column, RexNode node)
        {
            var sons = new RexTree[node.Sons.Count];
            for (var i = 0; i < sons.Length; i++)
                sons[i] = line.Resolve(node.Sons[i]);
            var first = 0;
            while (first < sons.Length && IsPhrasic(sons[first]))
                first++;
            var last = sons.Length;
            while (last > first && IsPhrasic(sons[last - 1]))
                last--;

            if (node.Heir is { } heir)
                waiting.Push(new Work(column, null, line.Resolve(heir)));
            PushPhrases(column + PhraseIndent, Phrases(sons.AsSpan(last)));
            PushMiddle(column, sons.AsSpan(first, last - first));

            var opening = Phrases(sons.AsSpan(0, first));
            line.Rune(node.Rune);
            if (opening.Count > 0)
            {
                line.Space();
                line.Ready(opening[0]);
                for (var i = opening.Count - 1; i > 0; i--)
                    waiting.Push(new Work(column + PhraseIndent, opening[i], null));
            }
            Emit(column + 1 - RexText.WidthOf(node.Rune), line.Take());
        }

        /// <summary>Each open son, or group of small ones, is one step right of the next. The order
        /// is from the last to the first, because the stack reverses it.</summary>
        private void PushMiddle(int column, ReadOnlySpan<RexTree> sons)
        {
            for (var end = sons.Length; end > 0;)
            {
                column += NestIndent;
                var start = end;
                while (start > 0 && IsPhrasic(sons[start - 1]))
                    start--;
                if (start < end)
                {
                    PushPhrases(column, Phrases(sons[start..end]));
                }
                else
                {
                    start = end - 1;
                    PushBlock(column, sons[start]);
                }
                end = start;
            }
        }

        private void PushPhrases(int column, List<Phrase> phrases)
        {
            for (var i = phrases.Count - 1; i >= 0; i--)
                waiting.Push(new Work(column, phrases[i], null));
        }

        /// <summary>A tree with its heirs, moved right until its widest rune fits.</summary>
        private void PushBlock(int column, RexTree tree)
        {
            var pad = 0;
            for (var at = tree; at is not null && !IsPhrasic(at);)
            {
                if (at is RexNode node)
                    pad = Math.Max(pad, RexText.WidthOf(node.Rune) - 1);
                at = at.Heir is { } heir ? line.Resolve(heir) : null;
            }
            if (column == 0)
                column = pad;
            while (column < pad)
                column += NestIndent;
            waiting.Push(new Work(column, null, tree));
        }

        /// <summary>Small forms joined into rows.</summary>
        private List<Phrase> Phrases(ReadOnlySpan<RexTree> trees)
        {
            var phrases = new List<Phrase>();
            foreach (var tree in trees)
            {
                line.Tree(tree);
                var next = line.Take();
                if (phrases.Count > 0
                    && phrases[^1].Width + 1 + next.Width <= PhraseWidthMax)
                {
                    var row = phrases[^1];
                    phrases[^1] = new Phrase($"{row.Text} {next.Text}", row.Width + 1 + next.Width);
                }
                else
                {
                    phrases.Add(next);
                }
            }
            return phrases;
        }

        private static bool IsPhrasic(RexTree tree) =>
            tree is not (RexNode { Shape: NodeShape.Open } or RexLeaf { Shape: LeafShape.Line });
    }
}
