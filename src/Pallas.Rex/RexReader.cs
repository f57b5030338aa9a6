namespace Pallas.Rex;

/// <summary>Text to trees: a text is a sequence of blocks, each of which is one tree.</summary>
public static class RexReader
{
    /// <summary>The greatest depth of sons in a text.</summary>
    public const int DepthMax = 10_000;

    /// <summary>The blocks of a text in order, each read on request. A block in error does not hide
    /// those after it. Lines end in a line feed; the last one may lack it.</summary>
    public static IEnumerable<RexBlock> Read(string text)
    {
        var reader = new BlockReader();
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start);
            if (end < 0)
                end = text.Length;
            foreach (var block in reader.Feed(text[start..end]))
                yield return block;
            start = end + 1;
        }
        if (reader.End() is { } last)
            yield return last;
    }
}
