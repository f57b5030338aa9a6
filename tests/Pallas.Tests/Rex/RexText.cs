using System.Text;
using Pallas.Rex;
using Xunit;

namespace Pallas.Tests.Rex;

/// <summary>A notation of trees for tests: <c>O N I P S</c> and parentheses for the node shapes, a
/// bare word, <c>{text}</c>, <c>&lt;line&gt;</c>, and <c>^</c> before a heir.</summary>
internal static class RexText
{
    public static string Notation(RexTree tree)
    {
        var text = new StringBuilder();
        Append(text, tree);
        return text.ToString();
    }

    /// <summary>The tree of a text that is one valid block.</summary>
    public static RexTree One(string text)
    {
        var block = Assert.Single(RexReader.Read(text));
        Assert.Equal("", block.Report("text"));
        return block.Tree!;
    }

    /// <summary>The trees of a valid text in notation.</summary>
    public static string[] All(string text) =>
        [.. RexReader.Read(text).Select(static b => Notation(b.Tree!))];

    private static void Append(StringBuilder text, RexTree tree)
    {
        if (tree is RexLeaf leaf)
        {
            text.Append(leaf.Shape switch
            {
                LeafShape.Word => leaf.Text,
                LeafShape.Text => $"{{{leaf.Text}}}",
                _ => $"<{leaf.Text}>",
            });
        }
        else if (tree is RexNode node)
        {
            text.Append("ONIPS"[(int)node.Shape]).Append('(').Append(node.Rune);
            foreach (var son in node.Sons)
            {
                text.Append(' ');
                Append(text, son);
            }
            text.Append(')');
        }
        if (tree.Heir is not { } heir)
            return;
        text.Append('^');
        Append(text, heir);
    }
}
