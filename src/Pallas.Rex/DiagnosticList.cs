namespace Pallas.Rex;

/// <summary>The diagnostics of one block or line. It keeps the first few: a megabyte of garbage
/// must not become a megabyte of complaints.</summary>
internal sealed class DiagnosticList
{
    public const int CountMax = 100;

    private List<Diagnostic>? _items;
    private bool _tooDeep;

    public IReadOnlyList<Diagnostic> Items => _items ?? [];

    public bool IsEmpty => _items is null;

    public void Add(Span span, string message, string? hint = null)
    {
        _items ??= [];
        if (_items.Count < CountMax)
            _items.Add(new Diagnostic(span, message, hint));
    }

    public void AddAll(DiagnosticList other)
    {
        foreach (var item in other.Items)
            Add(item.Span, item.Message, item.Hint);
        _tooDeep |= other._tooDeep;
    }

    /// <summary>Complains, once, when a tree is deeper than the reader allows.</summary>
    public void CheckDepth(int depth, Span span)
    {
        if (depth <= RexReader.DepthMax || _tooDeep)
            return;
        _tooDeep = true;
        Add(span, $"nested more than {RexReader.DepthMax} deep", "name the inner parts");
    }
}
