using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Pallas.Tests.House;

/// <summary>How long lines, methods and files may be.</summary>
internal static class SizeRules
{
    private const int LineColumnsMax = 100;
    private const int MethodLinesMax = 70;
    private const int FileLinesMax = 500;
    private const int ReadmeLinesMax = 30;

    public static IEnumerable<Finding> LongLines(SourceFile file) =>
        from line in file.Lines.Index()
        where line.Item.Length > LineColumnsMax
        select new Finding(
            file.Path, line.Index + 1,
            $"the line has {line.Item.Length} columns, the limit is {LineColumnsMax}");

    public static IEnumerable<Finding> LongFile(SourceFile file) =>
        Over(file, FileLinesMax, "Split the file by type");

    public static IEnumerable<Finding> LongReadme(SourceFile file) =>
        Over(file, ReadmeLinesMax, "Move the rest to docs/");

    /// <summary>Counts the lines of a method from its signature to its end, without the comment
    /// above it.</summary>
    public static IEnumerable<Finding> LongMethods(SourceFile file) =>
        from node in file.Root.DescendantNodes()
        where node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax
            or AccessorDeclarationSyntax
        let count = file.LineOf(node.Span.End) - file.LineOf(node.SpanStart) + 1
        where count > MethodLinesMax
        select file.At(
            node, $"the method has {count} lines, the limit is {MethodLinesMax}. Divide it");

    private static IEnumerable<Finding> Over(SourceFile file, int max, string remedy)
    {
        var count = file.Lines.Length - (file.Text.EndsWith('\n') ? 1 : 0);
        return count > max
            ? [new Finding(
                file.Path, 1, $"the file has {count} lines, the limit is {max}. {remedy}")]
            : [];
    }
}
