using System.Runtime.InteropServices;

namespace Pallas.Rex;

/// <summary>
/// Lines to blocks, one line at a time. A line that begins with a lone rune opens a block, which
/// takes every further line that stands no further left, and comments at any column; line strings
/// at one column make a block; any other line is a block alone. Blank lines end a block.
/// </summary>
public sealed class BlockReader
{
    private enum LineKind { Blank, Note, Rune, Text, Single }

    private enum Pending { Nothing, Open, Strings }

    private readonly record struct LexedLine(
        SourceLine Source, Token[] Tokens, DiagnosticList? Diagnostics);

    private readonly Lexer _lexer = new();
    private readonly List<LexedLine> _lines = [];
    private Pending _pending;
    private int _position;
    private int _lineCount;

    /// <summary>Whether lines wait for more: a prompt would show that the block is not yet done.
    /// </summary>
    public bool InBlock => _pending != Pending.Nothing;

    /// <summary>Takes the next line, without its line feed. Returns the blocks that it completes,
    /// at most two: the one before it and itself.</summary>
    public IReadOnlyList<RexBlock> Feed(string line)
    {
        var source = new SourceLine(++_lineCount, line);
        var (tokens, diagnostics) = _lexer.Lex(source);
        var lexed = new LexedLine(source, tokens, diagnostics);
        var (kind, position) = Classify(tokens);
        if (Continues(kind, position))
        {
            _lines.Add(lexed);
            return [];
        }

        var done = End();
        switch (kind)
        {
            case LineKind.Rune or LineKind.Text:
                _pending = kind == LineKind.Rune ? Pending.Open : Pending.Strings;
                _position = position;
                _lines.Add(lexed);
                break;
            case LineKind.Single:
                var single = ToBlock([lexed]);
                return done is null ? [single] : [done, single];
        }
        return done is null ? [] : [done];
    }

    /// <summary>The block that was waiting for more lines; null when there is none.</summary>
    public RexBlock? End()
    {
        if (_pending == Pending.Nothing)
            return null;
        var block = ToBlock(_lines);
        _lines.Clear();
        _pending = Pending.Nothing;
        return block;
    }

    private bool Continues(LineKind kind, int position) => _pending switch
    {
        Pending.Open => kind == LineKind.Note || (kind != LineKind.Blank && position >= _position),
        Pending.Strings => kind == LineKind.Text && position == _position,
        _ => false,
    };

    private static (LineKind Kind, int Position) Classify(Token[] tokens)
    {
        var at = tokens[0].Kind == TokenKind.Space ? 1 : 0;
        var first = tokens[at];
        return first.Kind switch
        {
            TokenKind.End => (LineKind.Blank, 0),
            TokenKind.Note => (LineKind.Note, 0),
            TokenKind.Line => (LineKind.Text, first.Offset),
            TokenKind.Rune when tokens[at + 1].Separates => (LineKind.Rune, first.End - 1),
            _ => (LineKind.Single, first.Offset),
        };
    }

    private static RexBlock ToBlock(List<LexedLine> lines)
    {
        var diagnostics = new DiagnosticList();
        var tokens = new List<Token>();
        var texts = new List<string>(lines.Count);
        foreach (var line in lines)
        {
            if (line.Diagnostics is { } found)
                diagnostics.AddAll(found);
            tokens.AddRange(line.Tokens);
            texts.Add(line.Source.Text);
        }
        var grouping = new Grouping(diagnostics);
        var tree = new Layout(grouping).Tree(grouping.Clusters(CollectionsMarshal.AsSpan(tokens)));
        var valid = diagnostics.Items.Count == 0;
        return new RexBlock(
            lines[0].Source.Number, texts, valid ? tree : null, diagnostics.Items);
    }
}
