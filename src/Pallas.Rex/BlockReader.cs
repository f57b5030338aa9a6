namespace Pallas.Rex;

/// <summary>
/// Lines to blocks, one line at a time. A line that begins with a lone rune opens a block, which
/// takes all lines that begin no further left, and comments at any column. Line strings at one
/// column make a block. Any other line is a block alone. Blank lines end a block.
/// </summary>
public sealed class BlockReader
{
    private enum LineKind { Blank, Note, Rune, Text, Single }

    private enum Pending { Nothing, Open, Strings }

    private readonly record struct LexedLine(SourceLine Source, Token[] Tokens);

    private readonly List<LexedLine> lines = [];
    private Pending pending;
    private int blockPosition;
    private int lineCount;

    /// <summary>Whether a block has begun that a later line may continue.</summary>
    public bool InBlock => pending != Pending.Nothing;

    /// <summary>Takes the next line, without its line feed. Returns the blocks that it completes:
    /// the one before it, itself, both or none.</summary>
    public IReadOnlyList<RexBlock> Feed(string line)
    {
        var source = new SourceLine(++lineCount, line);
        var lexed = new LexedLine(source, Lexer.Lex(source));
        var (kind, position) = Classify(lexed.Tokens);
        if (Continues(kind, position))
        {
            lines.Add(lexed);
            return [];
        }

        var done = End();
        switch (kind)
        {
            case LineKind.Rune or LineKind.Text:
                pending = kind == LineKind.Rune ? Pending.Open : Pending.Strings;
                blockPosition = position;
                lines.Add(lexed);
                break;
            case LineKind.Single:
                var single = ToBlock([lexed]);
                return done is null ? [single] : [done, single];
        }
        return done is null ? [] : [done];
    }

    /// <summary>The block that has begun; null when there is none.</summary>
    public RexBlock? End()
    {
        if (pending == Pending.Nothing)
            return null;
        var block = ToBlock(lines);
        lines.Clear();
        pending = Pending.Nothing;
        return block;
    }

    private bool Continues(LineKind kind, int position) => pending switch
    {
        Pending.Open => kind == LineKind.Note
            || (kind != LineKind.Blank && position >= blockPosition),
        Pending.Strings => kind == LineKind.Text && position == blockPosition,
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
        var tree = Parser.Parse(lines.Select(line => line.Tokens), diagnostics);
        return new RexBlock(
            lines[0].Source.Number,
            lines.ConvertAll(line => line.Source.Text),
            diagnostics.Items.Count == 0 ? tree : null,
            diagnostics.Items);
    }
}
