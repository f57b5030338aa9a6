using CsCheck;
using Pallas.Rex;
using Pallas.Testing;
using Xunit;

namespace Pallas.Tests.Rex;

/// <summary>Printed text reads back as the same tree. The generated trees are those that a text can
/// express: see <see cref="RexPrinter"/> for the others.</summary>
public sealed class RexRoundTripTests
{
    private const string WordChars =
        "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private static readonly Gen<string> GenRune =
        Gen.OneOf([.. "$!#%&*+,-./:<=>?@\\^`'|~"]).Array[1, 3].Select(c => new string(c));

    private static readonly Gen<RexTree> GenWord =
        Gen.OneOf(WordChars.ToCharArray()).Array[1, 12]
            .Select(c => (RexTree)new RexLeaf(LeafShape.Word, new string(c)));

    /// <summary>ASCII without the line feed; often with unpaired braces.</summary>
    private static readonly Gen<string> GenString =
        Gen.Frequency((3, Gen.Char[' ', '~']), (1, Gen.OneOf('{', '}', '_', ' ', '\0', '\t')))
            .Array[0, 12].Select(c => new string(c));

    private static readonly Gen<RexTree> GenText =
        GenString.Select(t => (RexTree)new RexLeaf(LeafShape.Text, t));

    /// <summary>Line strings, one below the other.</summary>
    private static readonly Gen<RexTree> GenLines = GenString.Array[1, 3].Select(static texts =>
        texts.Aggregate((RexTree?)null, static (heir, text) =>
            new RexLeaf(LeafShape.Line, text, heir))!);

    private static readonly Gen<RexTree> GenClosed = Closed(3);

    private static readonly Gen<RexTree> GenOpen = Open(4);

    [Fact]
    public void Closed_trees_read_back_from_one_line() => GenClosed.Sample(
        static tree => ReadsBack(tree, new RexPrinter().Line(tree)),
        print: RexText.Notation, iter: 2000);

    [Fact]
    public void All_trees_read_back_from_their_layout() =>
        Gen.OneOf(GenOpen, GenLines, GenClosed).Sample(
            static tree => ReadsBack(tree, new RexPrinter().File(tree)),
            print: RexText.Notation, iter: 4000);

    [Fact]
    public void Any_text_reads_without_failure_and_so_does_its_printed_form() =>
        Gen.OneOf("a", "b c", "-", "| ", "=?= ", "(", ")", "[", "]", "{", "}", "} t", "\"",
                ";", " ", "\n", "\n  ", "\n    | ", "é", "\0", "(a + b)", "{x}")
            .Array[0, 40].Select(string.Concat).Sample(static text =>
            {
                foreach (var block in RexReader.Read(text))
                {
                    Assert.Equal(block.Tree is null, block.Diagnostics.Count > 0);
                    if (block.Tree is not { } tree)
                        continue;
                    Assert.All(
                        RexReader.Read(new RexPrinter().File(tree)),
                        static b => Assert.Equal("", b.Report("printed")));
                }
            }, iter: 5000);

    private static bool ReadsBack(RexTree tree, string text) =>
        RexReader.Read(text).ToList() is [{ Tree: { } again }] && RexEquality.Same(tree, again);

    private static Gen<RexTree> Closed(int depth)
    {
        if (depth == 0)
            return Gen.OneOf(GenWord, GenText);
        var son = Closed(depth - 1);
        var plain = Gen.Frequency(
            (2, GenWord),
            (2, GenText),
            (2, Node(NodeShape.Nest, GenRune, son.Array[0, 4])),
            (1, Node(NodeShape.Nest, Gen.OneOf("|", ","), son.Array[0, 4])),
            (2, Node(NodeShape.Infix, GenRune, son.Where(IsOperand).Array[2, 4])),
            (2, Node(NodeShape.Prefix, GenRune, son.Array[1])),
            (2, Node(NodeShape.Shut, GenRune, son.Array[2, 4])));
        var heir = Gen.Frequency((3, Gen.Const((RexTree?)null)), (1, son.Select(s => (RexTree?)s)));
        return Gen.Select(plain, heir).Where(static (tree, heir) => MayFollow(tree, heir))
            .Select(static (tree, heir) => tree.WithHeir(heir));
    }

    private static Gen<RexTree> Open(int depth)
    {
        var small = Gen.OneOf(GenWord, GenClosed, GenLines);
        var son = depth == 0 ? small : Gen.OneOf(small, Open(depth - 1));
        return Gen.Select(
            Node(NodeShape.Open, GenRune, son.Array[0, 4]),
            Gen.Frequency((2, Gen.Const((RexTree?)null)), (1, son.Select(s => (RexTree?)s))),
            static (tree, heir) => tree.WithHeir(heir));
    }

    private static Gen<RexTree> Node(NodeShape shape, Gen<string> rune, Gen<RexTree[]> sons) =>
        Gen.Select(rune, sons, (r, s) => (RexTree)new RexNode(shape, r, s));

    /// <summary>Two words would print as one, and a shut form would join the form before it.
    /// </summary>
    private static bool MayFollow(RexTree tree, RexTree? heir) => heir switch
    {
        RexNode node => node.Shape != NodeShape.Shut || node.Heir is not null,
        RexLeaf { Shape: LeafShape.Word } => tree is not RexLeaf { Shape: LeafShape.Word },
        _ => true,
    };

    /// <summary>An applied operand prints its heir as one more argument.</summary>
    private static bool IsOperand(RexTree tree) =>
        tree is not RexNode { Shape: NodeShape.Nest, Rune: "|", Sons.Count: > 0, Heir: not null };
}
