using System.Text;

namespace Pallas.Fuzz;

/// <summary>Damage to Rex and Sire texts, in units of tokens, lines and levels.</summary>
public static class TextMutator
{
    private const int LengthMax = 1 << 16;

    private static readonly string[] Tokens =
    [
        "a", "b", "x", "f", "foo", "_", "0", "1", "2", "5", "007", "9a", "18446744073709551616",
        "(", ")", "[", "]", "{", "}", "{}", "{a b}", "} line", "}_text_", "\"t\"", "\"", ";; note",
        " ", "  ", "    ", "\n", "\n\n", "\n  ", "\n    ", "\t", "\r", "\0", "é", "☃", "𝄞",
        "=", "= ", "| ", "- ", "=?=", "####", "<-", ":|", "^-^", "*", "**", "@", "@@", "^", "&",
        "?", "??", ".", ",", "#", "#=", "#|", "+", "`", "'", "%", "!", "$", "~", "\\", "/", "++",
        "(f x)", "(a + b)", "-a", "a-b", "a(b)", "[a b]", "(x & y)", "a.b", "_&x", "|||||||",
    ];

    private static readonly string[] Nests =
    [
        "(", "[", "(a ", "(- a ", "[a (", "-", "a-", "a(", "{", "}", "(a + ", "f(x)", ".a", "`",
        "| ", "& x ", "a b\n",
    ];

    /// <summary>The text with one thing changed.</summary>
    /// <param name="other">Another text, to take parts from.</param>
    public static string Mutate(string text, string other, RandomStream random)
    {
        var at = random.Below(text.Length + 1);
        var count = random.Skewed(text.Length - at + 1);
        return random.Below(11) switch
        {
            0 or 1 or 2 => text.Insert(at, random.Pick(Tokens)),
            3 => text.Remove(at, Math.Min(count, text.Length - at)),
            4 => text[..at],
            5 => text.Insert(at, Times(random.Pick(Nests), random)),
            6 => text.Insert(at, Times(random.Pick(Tokens), random)),
            7 => text.Insert(at, Staircase(random)),
            8 => SwapLines(text, random),
            9 => text.Insert(
                at, other.Substring(random.Below(other.Length + 1) is var from
                    && from == other.Length ? 0 : from)),
            _ => Reindent(text, random),
        };
    }

    private static string Times(string piece, RandomStream random) =>
        new StringBuilder().Insert(
            0, piece, 1 + random.Skewed(LengthMax / (piece.Length * (random.OneIn(50) ? 1 : 64))))
            .ToString();

    /// <summary>Lines each further right than the one before.</summary>
    private static string Staircase(RandomStream random)
    {
        var text = new StringBuilder("\n");
        var depth = random.Skewed(250);
        var rune = random.Pick<string>(["-", "|", "=", "@", "a"]);
        for (var i = 0; i < depth; i++)
            text.Append(' ', 2 * i).Append(rune).Append(" x\n");
        return text.ToString();
    }

    private static string SwapLines(string text, RandomStream random)
    {
        var lines = text.Split('\n');
        var (i, j) = (random.Below(lines.Length), random.Below(lines.Length));
        (lines[i], lines[j]) = (lines[j], lines[i]);
        return string.Join('\n', lines);
    }

    private static string Reindent(string text, RandomStream random)
    {
        var lines = text.Split('\n');
        var i = random.Below(lines.Length);
        lines[i] = new string(' ', random.Skewed(40)) + lines[i].TrimStart(' ');
        return string.Join('\n', lines);
    }
}
