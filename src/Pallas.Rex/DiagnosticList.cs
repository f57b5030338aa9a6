namespace Pallas.Rex;

/// <summary>The diagnostics of one block, up to a limit: a megabyte of garbage must not become a
/// megabyte of messages.</summary>
internal sealed class DiagnosticList
{
    public const int CountMax = 100;

    private List<Diagnostic>? items;
    private bool isTooDeep;

    public IReadOnlyList<Diagnostic> Items => items ?? [];

    public void Add(Span span, string message, string? hint = null) =>
        Add(new Diagnostic(span, message, hint));

    public void Add(Diagnostic diagnostic)
    {
        items ??= [];
        if (items.Count < CountMax)
            items.Add(diagnostic);
    }

    /// <summary>Reports once a block that a tree is deeper than the reader allows.</summary>
    public void CheckDepth(int depth, Span span)
    {
        if (depth <= RexReader.DepthMax || isTooDeep)
            return;
        isTooDeep = true;
        Add(span, $"nested more than {RexReader.DepthMax} deep", "name the inner parts");
    }
}
