using System.Text;

namespace Pallas.Rex;

/// <summary>
/// One line to tokens. A token never depends on the tokens around it. Every byte belongs to a
/// token: a malformed one carries its diagnostic, and lexing goes on after it.
/// </summary>
internal sealed class Lexer
{
    private const string RuneChars = "$!#%&*+,-./:<=>?@\\^`'|~";
    private const int ByteOrderMark = 0xFEFF;

    private readonly SourceLine line;
    private readonly byte[] bytes;
    private readonly List<Token> tokens = [];

    private Lexer(SourceLine line) => (this.line, bytes) = (line, line.Bytes);

    /// <summary>The tokens of a line. The last one is the <see cref="TokenKind.End"/>.</summary>
    public static Token[] Lex(SourceLine line)
    {
        var lexer = new Lexer(line);
        for (var i = 0; i >= 0;)
            i = lexer.Next(i);
        return lexer.tokens.ToArray();
    }

    public static bool IsWordChar(int c) =>
        c == '_' || (c < 128 && char.IsAsciiLetterOrDigit((char)c));

    private static bool IsRuneChar(int c) => c < 128 && RuneChars.Contains((char)c);

    /// <summary>Adds the token at an offset. Returns the offset of the next one, or -1 at the end.
    /// </summary>
    private int Next(int i)
    {
        var c = At(i);
        switch (c)
        {
            case 0:
                // A zero byte ends the line as the real end does.
                Add(TokenKind.End, i, bytes.Length);
                return -1;
            case (byte)'(' or (byte)'[':
                return Add(TokenKind.Open, i, i + 1);
            case (byte)')' or (byte)']':
                return Add(TokenKind.Close, i, i + 1);
            case (byte)'"':
                return DoubleQuoted(i);
            case (byte)'}':
                return Curl(i);
            case (byte)'{':
                return Braced(i);
            case (byte)';':
                return Add(TokenKind.Note, i, bytes.Length);
            case (byte)' ':
                return Add(TokenKind.Space, i, SkipWhile(i, static b => b == ' '));
            case var _ when IsWordChar(c):
                var wordEnd = SkipWhile(i, static b => IsWordChar(b));
                return Add(TokenKind.Word, i, wordEnd, line.TextOf(i, wordEnd));
            case var _ when IsRuneChar(c):
                var runeEnd = SkipWhile(i, static b => IsRuneChar(b));
                return Add(TokenKind.Rune, i, runeEnd, line.TextOf(i, runeEnd));
            default:
                return Add(TokenKind.Word, i, i + 1, problem: Unexpected(i, c));
        }
    }

    /// <summary><c>"text"</c>: no escapes, up to the next quote.</summary>
    private int DoubleQuoted(int i)
    {
        var end = EndAfter((byte)'"', i + 1);
        // A lone quote at the end of the line is its own closing quote, and reads as the empty
        // text.
        var isClosed = bytes[end - 1] == '"';
        return AddText(i, end, 1, isClosed ? null : Unterminated(i, end, '"'));
    }

    /// <summary><c>} text</c> runs to the end of the line; <c>}_text_</c> to the second delimiter.
    /// </summary>
    private int Curl(int i)
    {
        var delimiter = At(i + 1);
        if (delimiter is 0 or (byte)' ')
        {
            var text = line.TextOf(Math.Min(i + 2, bytes.Length), bytes.Length);
            var isZero = delimiter == 0 && i + 1 < bytes.Length;
            return Add(
                TokenKind.Line, i, bytes.Length, text,
                isZero ? Mistake(i, i + 1, "a line string starts with a space") : null);
        }
        var end = EndAfter(delimiter, i + 2);
        if (delimiter >= 0x80)
        {
            Rune.DecodeFromUtf8(bytes.AsSpan(i + 1), out _, out var length);
            return AddText(i, end, 2, Mistake(
                i, i + 1 + length, "the delimiter after } is not ASCII",
                "choose a delimiter such as _ or #"));
        }
        var isClosed = bytes[end - 1] == delimiter;
        return AddText(i, end, 2, isClosed ? null : Unterminated(i, end, (char)delimiter));
    }

    /// <summary><c>{text}</c>, where braces inside must pair.</summary>
    private int Braced(int i)
    {
        var depth = 1;
        var end = i + 1;
        for (; end < bytes.Length && depth > 0; end++)
            depth += bytes[end] switch { (byte)'{' => 1, (byte)'}' => -1, _ => 0 };
        return AddText(i, end, 1, depth == 0 ? null : Unterminated(i, end, '}'));
    }

    private Diagnostic? Unexpected(int i, byte c)
    {
        // The first byte of the character has already been reported.
        if ((c & 0xC0) == 0x80)
            return null;
        Rune.DecodeFromUtf8(bytes.AsSpan(i), out var rune, out _);
        var (message, hint) = rune.Value switch
        {
            '\t' => ("unexpected tab", "indent with spaces"),
            '\r' => ("unexpected carriage return", "end lines with a line feed alone"),
            ByteOrderMark => ("unexpected byte order mark", "save the file without it"),
            < ' ' or 0x7F => ($"unexpected control character U+{rune.Value:X4}", null),
            _ => ($"unexpected {rune}", (string?)"put text in braces: {text}"),
        };
        return Mistake(i, i + rune.Utf8SequenceLength, message, hint);
    }

    private Diagnostic Unterminated(int i, int end, char close) =>
        Mistake(i, end, "unterminated text", $"close it with {close} on the same line");

    private Diagnostic Mistake(int i, int end, string message, string? hint = null) =>
        new(line.SpanOf(i, end), message, hint);

    private int AddText(int i, int end, int textStart, Diagnostic? problem) =>
        Add(TokenKind.Text, i, end, line.TextOf(Math.Min(i + textStart, end), end - 1), problem);

    private int Add(
        TokenKind kind, int offset, int end, string text = "", Diagnostic? problem = null)
    {
        tokens.Add(new Token(kind, line, offset, end, text, problem));
        return end;
    }

    private byte At(int i) => i < bytes.Length ? bytes[i] : (byte)0;

    private int SkipWhile(int i, Func<byte, bool> wanted)
    {
        while (i < bytes.Length && wanted(bytes[i]))
            i++;
        return i;
    }

    /// <summary>The offset after the next such byte, or the end of the line.</summary>
    private int EndAfter(byte wanted, int from)
    {
        if (from >= bytes.Length)
            return bytes.Length;
        var found = bytes.AsSpan(from).IndexOf(wanted);
        return found < 0 ? bytes.Length : from + found + 1;
    }
}
