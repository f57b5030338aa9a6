using System.Text;

namespace Pallas.Rex;

/// <summary>What a token does to its neighbours.</summary>
internal enum TokenKind
{
    /// <summary>A word, a string or a closed nest: something with a value.</summary>
    Item,

    /// <summary>A line string, which also has a value but may go on in the next line.</summary>
    Line,

    Rune,
    Space,
    Note,

    /// <summary>The end of the line, or the bracket that closes the nest.</summary>
    End,
}

/// <summary>One line of the source. Layout is decided by offsets in bytes of UTF-8, because that is
/// how the syntax was defined; people are shown columns in code points.</summary>
internal sealed class SourceLine
{
    private int[]? _columns;

    public SourceLine(int number, string text)
    {
        Number = number;
        Text = text;
        Bytes = Encoding.UTF8.GetBytes(text);
    }

    public int Number { get; }
    public string Text { get; }
    public byte[] Bytes { get; }

    public Span SpanOf(int offset, int end) =>
        new(Number, ColumnAt(offset), Number, ColumnAt(end));

    /// <summary>The column, from 1, of the code point that holds the byte at the offset.</summary>
    public int ColumnAt(int offset)
    {
        if (Bytes.Length == Text.Length)
            return offset + 1;
        return (_columns ??= CountColumns())[offset];
    }

    public string TextOf(int offset, int end) =>
        end <= offset ? "" : Encoding.UTF8.GetString(Bytes, offset, end - offset);

    private int[] CountColumns()
    {
        var columns = new int[Bytes.Length + 1];
        var column = 0;
        for (var i = 0; i < Bytes.Length; i++)
        {
            if ((Bytes[i] & 0xC0) != 0x80)
                column++;
            columns[i] = column;
        }
        columns[Bytes.Length] = column + 1;
        return columns;
    }
}

/// <summary>A tree under construction: juxtaposition appends to the end of its heir chain, so the
/// end is kept at hand and appending costs the same however long the chain is.</summary>
/// <param name="Depth">How deep sons nest, over the whole chain.</param>
internal readonly record struct Chain(RexTree Head, RexTree Tail, int Depth)
{
    public static Chain Of(RexTree tree, int depth) => new(tree, tree, depth);

    public Chain Append(Chain next)
    {
        Tail.Heir = next.Head;
        return new Chain(Head, next.Tail, Math.Max(Depth, next.Depth));
    }
}

/// <param name="Offset">Byte offset in the line.</param>
/// <param name="End">Byte offset after the token.</param>
/// <param name="Value">The tree of an item or a line string.</param>
internal readonly record struct Token(
    TokenKind Kind, SourceLine Line, int Offset, int End, Chain Value = default)
{
    public bool Separates => Kind is TokenKind.Space or TokenKind.Note or TokenKind.End;

    public string Text => Line.TextOf(Offset, End);

    /// <summary>The token with the lines that were joined to it.</summary>
    public Span Where => Kind == TokenKind.Line
        ? Value.Head.Span.To(Value.Tail.Span)
        : Line.SpanOf(Offset, End);
}
