namespace Pallas.Rex;

internal enum TokenKind
{
    Word,
    Text,

    /// <summary>A line string: a later line may continue it.</summary>
    Line,

    Rune,
    Open,

    /// <summary>A closing bracket. The parser decides whether it closes anything.</summary>
    Close,

    Space,
    Note,

    /// <summary>The end of the line.</summary>
    End,
}

/// <param name="Offset">Byte offset in the line.</param>
/// <param name="End">Byte offset after the token.</param>
/// <param name="Text">The text of a word, rune or string.</param>
/// <param name="Problem">The mistake in this token, if there is one.</param>
internal readonly record struct Token(
    TokenKind Kind,
    SourceLine Line,
    int Offset,
    int End,
    string Text = "",
    Diagnostic? Problem = null)
{
    public bool Separates => Kind is TokenKind.Space or TokenKind.Note or TokenKind.End;

    public Span Span => Line.SpanOf(Offset, End);
}
