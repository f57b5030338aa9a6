using System.Text;

namespace Pallas.Rex;

/// <summary>One line of the source. The syntax defines layout in byte offsets of UTF-8; diagnostics
/// show columns in code points.</summary>
internal sealed class SourceLine
{
    private int[]? columns;

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

    public string TextOf(int offset, int end) =>
        end <= offset ? "" : Encoding.UTF8.GetString(Bytes, offset, end - offset);

    /// <summary>The column, from 1, of the code point that holds the byte at the offset.</summary>
    private int ColumnAt(int offset)
    {
        if (Bytes.Length == Text.Length)
            return offset + 1;
        return (columns ??= CountColumns())[offset];
    }

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
