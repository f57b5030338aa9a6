namespace Pallas.Rex;

/// <summary>Measures of text that decide how it is printed.</summary>
public static class RexText
{
    /// <summary>In code points.</summary>
    public static int WidthOf(string text)
    {
        var width = text.Length;
        foreach (var c in text)
            if (char.IsLowSurrogate(c))
                width--;
        return width;
    }

    /// <summary>Whether braces around the text would end where the text ends.</summary>
    public static bool BracesPair(string text)
    {
        var depth = 0;
        foreach (var c in text)
        {
            depth += c switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth < 0)
                return false;
        }
        return depth == 0;
    }
}
