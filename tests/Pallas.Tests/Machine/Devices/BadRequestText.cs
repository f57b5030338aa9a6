using System.Text;
using System.Text.RegularExpressions;

namespace Pallas.Tests.Machine.Devices;

/// <summary>The bytes of a request as the corpus of bad requests writes them.</summary>
/// <remarks>
/// <c>\xNN</c>, <c>\r</c> and <c>\n</c> are escapes, and <c>*N</c> repeats: the line before it
/// where it follows a line end, else the character.
/// </remarks>
internal static partial class BadRequestText
{
    public static byte[] BytesOf(string text)
    {
        var line = "";
        var all = new StringBuilder();
        foreach (Match match in Escape().Matches(text))
        {
            var part = match.Value;
            if (part.Length > 1 && part[0] == '*')
            {
                for (var i = int.Parse(part[1..]); i > 1; i--)
                    all.Append(line.EndsWith('\n') ? line : line[^1..]);
                continue;
            }
            if (line.EndsWith('\n') && part != "\\r" && part != "\\n")
                line = "";
            var unescaped = part switch
            {
                "\\r" => "\r",
                "\\n" => "\n",
                _ when part.StartsWith("\\x", StringComparison.Ordinal) =>
                    ((char)Convert.ToInt32(part[2..], 16)).ToString(),
                _ => part,
            };
            line += unescaped;
            all.Append(unescaped);
        }
        return Encoding.Latin1.GetBytes(all.ToString());
    }

    [GeneratedRegex(@"\\x[0-9a-f]{2}|\\[rn]|\*[0-9]{2,}|.", RegexOptions.Singleline)]
    private static partial Regex Escape();
}
