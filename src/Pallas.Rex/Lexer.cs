using System.Runtime.InteropServices;
using System.Text;

namespace Pallas.Rex;

/// <summary>
/// One line to tokens. Nests close on the line where they open, so a nest becomes a tree as soon as
/// its bracket closes; open nests wait on a stack of their own, however deep they go. The lexer
/// always produces tokens; what was wrong stands in the diagnostics.
/// </summary>
internal sealed class Lexer
{
    public const string RuneChars = "$!#%&*+,-./:<=>?@\\^`'|~";

    private readonly List<Token> _tokens = [];
    private readonly Stack<Nest> _nests = new();

    private SourceLine _line = new(0, "");
    private byte[] _bytes = [];
    private DiagnosticList _diagnostics;
    private Grouping _grouping;

    private const int ByteOrderMark = 0xFEFF;

    /// <param name="First">Index of the nest's first token.</param>
    private readonly record struct Nest(int First, int Offset, byte Close);

    public Lexer()
    {
        _diagnostics = new DiagnosticList();
        _grouping = new Grouping(_diagnostics);
    }

    /// <summary>The tokens of a line, the last of which is an <see cref="TokenKind.End"/>, and what
    /// was wrong with it, if anything.</summary>
    public (Token[] Tokens, DiagnosticList? Diagnostics) Lex(SourceLine line)
    {
        _line = line;
        _bytes = line.Bytes;
        Run();
        var tokens = _tokens.ToArray();
        _tokens.Clear();
        if (_diagnostics.IsEmpty)
            return (tokens, null);

        var diagnostics = _diagnostics;
        _diagnostics = new DiagnosticList();
        _grouping = new Grouping(_diagnostics);
        return (tokens, diagnostics);
    }

    public static bool IsWordChar(int c) =>
        c == '_' || (c < 128 && char.IsAsciiLetterOrDigit((char)c));

    public static bool IsRuneChar(int c) => c < 128 && RuneChars.Contains((char)c);

    private void Run()
    {
        var i = 0;
        while (true)
        {
            var c = At(i);
            if (c is (byte)'(' or (byte)'[')
            {
                _nests.Push(new Nest(_tokens.Count, i, c == '(' ? (byte)')' : (byte)']'));
                i++;
            }
            else if (c == 0)
            {
                // A zero byte ends the line as the real end does.
                i = Push(TokenKind.End, i, _bytes.Length);
                if (_nests.Count == 0)
                    return;
                CloseNest(i);
            }
            else if (_nests.TryPeek(out var nest) && nest.Close == c)
            {
                i = Push(TokenKind.End, i, i + 1);
                CloseNest(i);
            }
            else
            {
                i = Plain(i, c);
            }
        }
    }

    /// <summary>A token other than a bracket or the end; returns where the next one
    /// starts.</summary>
    private int Plain(int i, byte c) => c switch
    {
        (byte)'"' => DoubleQuoted(i),
        (byte)'}' => Curl(i),
        (byte)'{' => Braced(i),
        (byte)';' => Push(TokenKind.Note, i, _bytes.Length),
        (byte)' ' => Push(TokenKind.Space, i, SkipWhile(i, static b => b == ' ')),
        _ when IsWordChar(c) => Word(i),
        _ when IsRuneChar(c) => Push(TokenKind.Rune, i, SkipWhile(i, static b => IsRuneChar(b))),
        _ => Unexpected(i, c),
    };

    private int Word(int i)
    {
        var end = SkipWhile(i, static b => IsWordChar(b));
        return PushLeaf(LeafShape.Word, i, end, i, end);
    }

    /// <summary><c>"text"</c>: no escapes, up to the next quote.</summary>
    private int DoubleQuoted(int i)
    {
        var end = EndAfter((byte)'"', i + 1);
        // A lone quote at the end of the line is its own closing quote, and reads as the empty
        // text.
        if (_bytes[end - 1] != '"')
            Unterminated(i, end, "text", "close it with \" on the same line");
        return PushLeaf(LeafShape.Text, i, end, i + 1, end - 1);
    }

    /// <summary><c>} text</c> runs to the end of the line; <c>}_text_</c> to the second delimiter.
    /// </summary>
    private int Curl(int i)
    {
        var delimiter = At(i + 1);
        if (delimiter is 0 or (byte)' ')
        {
            if (delimiter == 0 && i + 1 < _bytes.Length)
                _diagnostics.Add(_line.SpanOf(i, i + 1), "a line string starts with a space");
            return PushLeaf(LeafShape.Line, i, _bytes.Length, i + 2, _bytes.Length);
        }
        var end = EndAfter(delimiter, i + 2);
        if (delimiter >= 0x80)
        {
            Rune.DecodeFromUtf8(_bytes.AsSpan(i + 1), out _, out var length);
            _diagnostics.Add(_line.SpanOf(i, i + 1 + length),
                "the delimiter after } is not ASCII", "choose a delimiter such as _ or #");
        }
        else if (_bytes[end - 1] != delimiter)
            Unterminated(i, end, "text", $"close it with {(char)delimiter} on the same line");
        return PushLeaf(LeafShape.Text, i, end, i + 2, end - 1);
    }

    /// <summary><c>{text}</c>, where braces inside must pair.</summary>
    private int Braced(int i)
    {
        var depth = 1;
        var end = i + 1;
        for (; end < _bytes.Length && depth > 0; end++)
            depth += _bytes[end] switch { (byte)'{' => 1, (byte)'}' => -1, _ => 0 };
        if (depth > 0)
            Unterminated(i, end, "text", "close it with } on the same line");
        return PushLeaf(LeafShape.Text, i, end, i + 1, end - 1);
    }

    private int Unexpected(int i, byte c)
    {
        // The other bytes of a character that was already reported.
        if ((c & 0xC0) != 0x80)
        {
            Rune.DecodeFromUtf8(_bytes.AsSpan(i), out var rune, out _);
            var (message, hint) = rune.Value switch
            {
                '\t' => ("unexpected tab", "indent with spaces"),
                '\r' => ("unexpected carriage return", "end lines with a line feed alone"),
                ')' or ']' => ($"unexpected {rune}", HintOfClosing()),
                ByteOrderMark => ("unexpected byte order mark", "save the file without it"),
                < ' ' or 0x7F => ($"unexpected control character U+{rune.Value:X4}", null),
                _ => ($"unexpected {rune}", (string?)"put text in braces: {text}"),
            };
            _diagnostics.Add(_line.SpanOf(i, i + rune.Utf8SequenceLength), message, hint);
        }
        return PushLeaf(LeafShape.Word, i, i + 1, i, i);
    }

    private string HintOfClosing() => _nests.TryPeek(out var nest)
        ? $"what is open here is closed by {(char)nest.Close}"
        : "nothing is open here that it could close";

    private void CloseNest(int end)
    {
        var nest = _nests.Pop();
        var tokens = CollectionsMarshal.AsSpan(_tokens)[nest.First..];

        // The nest must end in its bracket, and the bracket must not belong to the last item. A
        // bracket that ends a comment passes, as it does wherever this syntax is read.
        var last = tokens.Length - 1;
        while (last >= 0 && tokens[last].Separates)
            last--;
        if (_bytes[end - 1] != nest.Close || (last >= 0 && tokens[last].End == end))
            Unterminated(nest.Offset, nest.Offset + 1, "nest",
                $"close it with {(char)nest.Close} on the same line");

        var clusters = _grouping.Clusters(tokens);
        var value = nest.Close == ')'
            ? _grouping.Paren(clusters, _line.SpanOf(nest.Offset, end))
            : _grouping.Bracket(clusters, _line.SpanOf(nest.Offset, end));
        CollectionsMarshal.SetCount(_tokens, nest.First);
        _tokens.Add(new Token(TokenKind.Item, _line, nest.Offset, end, value));
    }

    private int PushLeaf(LeafShape shape, int offset, int end, int textOffset, int textEnd)
    {
        var text = _line.TextOf(Math.Min(textOffset, end), textEnd);
        var leaf = new RexLeaf(shape, text, null, _line.SpanOf(offset, end));
        var kind = shape == LeafShape.Line ? TokenKind.Line : TokenKind.Item;
        _tokens.Add(new Token(kind, _line, offset, end, Chain.Of(leaf, 0)));
        return end;
    }

    private int Push(TokenKind kind, int offset, int end)
    {
        _tokens.Add(new Token(kind, _line, offset, end));
        return end;
    }

    private void Unterminated(int offset, int end, string what, string hint) =>
        _diagnostics.Add(_line.SpanOf(offset, end), $"unterminated {what}", hint);

    private byte At(int i) => i < _bytes.Length ? _bytes[i] : (byte)0;

    private int SkipWhile(int i, Func<byte, bool> wanted)
    {
        while (i < _bytes.Length && wanted(_bytes[i]))
            i++;
        return i;
    }

    /// <summary>The offset after the next such byte, or the end of the line.</summary>
    private int EndAfter(byte wanted, int from)
    {
        if (from >= _bytes.Length)
            return _bytes.Length;
        var found = _bytes.AsSpan(from).IndexOf(wanted);
        return found < 0 ? _bytes.Length : from + found + 1;
    }
}
