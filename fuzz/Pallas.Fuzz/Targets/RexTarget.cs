using System.Text;
using Pallas.Rex;
using Pallas.Testing;

namespace Pallas.Fuzz;

/// <summary>
/// Texts to blocks. Every block has a tree or diagnostics, which print; what is printed of a tree
/// reads again, and as the same tree where the printer promises that.
/// </summary>
public sealed class RexTarget() : TextTarget("rex")
{
    private const int CheckedLengthMax = 4000;
    private const string RuneChars = "$!#%&*+,-./:<=>?@\\^`'|~";

    public override object? Read(byte[] input)
    {
        var blocks = RexReader.Read(TextInput.Decode(input)).ToList();
        return blocks.Count > 0 && blocks.TrueForAll(block => block.Tree is not null)
            ? blocks
            : Complaints(blocks);
    }

    public override void Check(object value, byte[] input)
    {
        if (input.Length > CheckedLengthMax)
            return;
        foreach (var block in (List<RexBlock>)value)
            CheckTree(block.Tree!, isAscii: input.All(b => b < 128));
    }

    /// <summary>Null: an error, if all blocks say what is wrong with them.</summary>
    private static object? Complaints(List<RexBlock> blocks)
    {
        foreach (var block in blocks)
        {
            if (block.Tree is null != block.Diagnostics.Count > 0)
                throw new PropertyFailure("a block has a tree and diagnostics, or neither");
            if (block.Tree is null && block.Report("text").Length == 0)
                throw new PropertyFailure("an error without a message");
        }
        return null;
    }

    private static void CheckTree(RexTree tree, bool isAscii)
    {
        var printer = new RexPrinter();
        _ = printer.Line(tree);
        var printed = printer.File(tree);
        var again = RexReader.Read(printed).ToList();
        if (!isAscii || MayPrintAsAnother(tree))
            return;
        if (again is not [{ Tree: { } second }])
            throw new PropertyFailure("what is printed of a tree that was read is no tree");
        if (!RexEquality.Same(tree, second))
            throw new PropertyFailure("what is printed reads as another tree: " + printed);
    }

    /// <summary>Whether the printer says that it cannot lay out the tree faithfully.</summary>
    private static bool MayPrintAsAnother(RexTree tree)
    {
        var todo = new Stack<(RexTree Tree, bool IsClosed)>([(tree, false)]);
        while (todo.TryPop(out var next))
        {
            var node = next.Tree as RexNode;
            var isClosed = next.IsClosed || node is { Shape: not NodeShape.Open };
            if (next.Tree.Heir is { } heir)
            {
                var isLoose = heir is RexLeaf
                    ? next.Tree is not RexLeaf { Shape: LeafShape.Line }
                    : heir is RexNode { Shape: NodeShape.Shut or NodeShape.Prefix };
                if (isLoose)
                    return true;
                todo.Push((heir, next.IsClosed));
            }
            if (next is { IsClosed: true, Tree: RexLeaf { Shape: LeafShape.Line } }
                || node?.Rune.Length > 5
                || node is { Shape: NodeShape.Infix or NodeShape.Shut, Sons.Count: < 2 }
                    or { Shape: NodeShape.Prefix, Sons.Count: 0 }
                || (node is { Shape: NodeShape.Infix }
                    && node.Sons.Any(son => son.Heir is not null)))
                return true;
            foreach (var son in node?.Sons ?? [])
                todo.Push((son, isClosed));
        }
        return false;
    }

    protected override string MakeText(RandomStream random)
    {
        var text = new StringBuilder();
        for (var i = random.Skewed(6); i >= 0; i--)
        {
            AddBlock(text, 0, random.Skewed(5), random);
            text.Append('\n', random.Below(3));
        }
        return text.ToString();
    }

    private static void AddBlock(StringBuilder text, int column, int depth, RandomStream random)
    {
        text.Append(' ', column);
        if (depth == 0 || random.OneIn(4))
        {
            text.Append(random.OneIn(4) ? "} line" : Closed(3, random)).Append('\n');
            return;
        }
        text.Append(Rune(random)).Append(' ').Append(Closed(2, random)).Append('\n');
        for (var i = random.Below(4); i > 0; i--)
            AddBlock(text, column + random.Pick([0, 2, 2, 4]), depth - 1, random);
    }

    private static string Rune(RandomStream random) => string.Concat(
        Enumerable.Range(0, 1 + random.Skewed(4)).Select(_ => RuneChars[random.Below(24 - 1)]));

    private static string Closed(int depth, RandomStream random)
    {
        if (depth == 0)
            return random.Pick<string>(["a", "foo", "12", "{a text}", "\"t\"", "}_x_"]);
        string Son() => Closed(depth - 1, random);
        return random.Below(10) switch
        {
            0 => $"({Son()} {Son()})",
            1 => $"({Rune(random)} {Son()} {Son()})",
            2 => $"({Son()} {Rune(random)} {Son()})",
            3 => $"{Rune(random)}{Son()}",
            4 => $"{Son()}{Rune(random)}{Son()}",
            5 => $"{Son()}({Son()})",
            6 => $"[{Son()} {Son()}]",
            7 => $"{Son()} {Rune(random)} {Son()}",
            8 => $"({Son()})",
            _ => Son(),
        };
    }
}

/// <summary>Lines to blocks as a prompt reads them, with the end after any line.</summary>
public sealed class RexLinesTarget() : TextTarget("rex-lines")
{
    private readonly RexTarget texts = new();

    public override object? Read(byte[] input)
    {
        var reader = new BlockReader();
        var isGood = true;
        foreach (var line in TextInput.Decode(input).Split('\n'))
        {
            var blocks = reader.Feed(line);
            if (line.Length % 7 == 3 && reader.End() is { } last)
                blocks = [.. blocks, last];
            isGood &= blocks.All(block => block.Tree is not null);
        }
        if (reader.End() is { Tree: null })
            isGood = false;
        return reader.InBlock
            ? throw new PropertyFailure("a block is open after the end")
            : isGood ? this : null;
    }

    protected override string MakeText(RandomStream random) =>
        TextInput.Decode(texts.Make(random));
}
