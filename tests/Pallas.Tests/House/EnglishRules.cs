using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Pallas.Tests.House;

/// <summary>Refuses turns of phrase that a reader has to read twice. The rules apply to comments,
/// texts in quotes, names of tests, and pages.</summary>
internal static partial class EnglishRules
{
    private static readonly (Regex Pattern, string Instead)[] Rules =
    [
        (SoMany(), "name the number"),
        (AsMany(), "name the number"),
        (InHand(), "say 'live' or 'held', and by which object"),
        (TheLike(), "name the others"),
        (Stands(), "say what it is or does"),
        (Told(), "name the part that acts, in the active voice"),
        (ComesTo(), "say what happens"),
        (Nobody(), "name the part that acts"),
        (HadPassive(), "say what happened"),
        (Who(), "name the thing. 'Who' is for people"),
        (WhoOpening(), "begin with the subject"),
        (WhatOpening(), "begin with the subject"),
    ];

    public static IEnumerable<Finding> InCode(SourceFile file) =>
        from passage in Passages(file)
        from finding in In(file.Path, passage.Line, passage.Text)
        select finding;

    /// <summary>Paragraphs, items and headings of a page, without blocks and spans of code.
    /// </summary>
    public static IEnumerable<Finding> InPage(SourceFile file)
    {
        var isCode = false;
        var paragraph = new StringBuilder();
        List<Finding> findings = [];
        var first = 1;
        foreach (var (index, line) in file.Lines.Append("").Index())
        {
            var isFence = line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            if (isFence || line.Length == 0 || IsItem(line))
            {
                findings.AddRange(In(file.Path, first, paragraph.ToString()));
                paragraph.Clear();
                first = index + 1;
            }

            isCode ^= isFence;
            if (!isCode && !isFence)
            {
                var text = CodeSpan().Replace(ItemMark().Replace(line, ""), "X");
                paragraph.Append(text).Append('\n');
            }
        }

        return findings;
    }

    private static bool IsItem(string line) => ItemMark().IsMatch(line);

    private static IEnumerable<Finding> In(string path, int line, string text) =>
        from rule in Rules
        from match in rule.Pattern.Matches(text)
        select new Finding(
            path, line + text.AsSpan(0, match.Index).Count('\n'),
            $"\"{Space().Replace(match.Value.Trim(), " ")}\": {rule.Instead}");

    private static IEnumerable<(int Line, string Text)> Passages(SourceFile file) =>
        Comments(file).Concat(Quotes(file)).Concat(Names(file));

    /// <summary>Comments on consecutive lines are one passage.</summary>
    private static IEnumerable<(int Line, string Text)> Comments(SourceFile file)
    {
        var passage = new StringBuilder();
        var first = 0;
        foreach (var (index, line) in file.Lines.Append("").Index())
        {
            if (CommentMark().Match(line) is { Success: true } mark)
            {
                if (passage.Length == 0)
                    first = index + 1;
                passage.Append(Tag().Replace(line[mark.Length..], TextOfTag)).Append('\n');
                continue;
            }

            if (passage.Length > 0)
                yield return (first, passage.ToString());
            passage.Clear();
        }
    }

    /// <summary>A reference keeps its name; a tag that opens a passage ends the sentence before it.
    /// </summary>
    private static string TextOfTag(Match tag) =>
        PassageTag().IsMatch(tag.Value) ? ". " : tag.Groups["name"].Value;

    private static IEnumerable<(int Line, string Text)> Quotes(SourceFile file) =>
        from token in file.Root.DescendantTokens()
        where token.IsKind(SyntaxKind.StringLiteralToken)
            || token.IsKind(SyntaxKind.InterpolatedStringTextToken)
            || token.IsKind(SyntaxKind.MultiLineRawStringLiteralToken)
        select (file.LineOf(token.SpanStart), token.ValueText);

    private static IEnumerable<(int Line, string Text)> Names(SourceFile file) =>
        from method in file.Root.DescendantNodes().OfType<MethodDeclarationSyntax>()
        where method.Identifier.Text.Contains('_')
        select (file.LineOf(method.SpanStart), method.Identifier.Text.Replace('_', ' '));

    [GeneratedRegex(@"\bso\s+many\b", RegexOptions.IgnoreCase)]
    private static partial Regex SoMany();

    [GeneratedRegex(
        @"(?<!\b(twice|times|half)\s)\bas\s+many\b(?!(\s+\w+)?\s+as\b)", RegexOptions.IgnoreCase)]
    private static partial Regex AsMany();

    [GeneratedRegex(@"\bin\s+hand\b", RegexOptions.IgnoreCase)]
    private static partial Regex InHand();

    [GeneratedRegex(@"\bthe\s+like\b", RegexOptions.IgnoreCase)]
    private static partial Regex TheLike();

    [GeneratedRegex(@"\b(stands?|stood)\s+(in|on|between|for)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Stands();

    [GeneratedRegex(@"\b(is|are|was|were|be|been)\s+told\b", RegexOptions.IgnoreCase)]
    private static partial Regex Told();

    [GeneratedRegex(@"\bcomes?\s+to\b", RegexOptions.IgnoreCase)]
    private static partial Regex ComesTo();

    [GeneratedRegex(@"\b(no|some|any)body\b", RegexOptions.IgnoreCase)]
    private static partial Regex Nobody();

    [GeneratedRegex(@"\b(can(not)?|may|could)\s+(not\s+)?be\s+had\b", RegexOptions.IgnoreCase)]
    private static partial Regex HadPassive();

    [GeneratedRegex(@"(?<!\b([Uu]sers?|[Pp]eople|[Rr]eaders?|[Oo]perators?)\s)(?<=\S\s)\bwho\b")]
    private static partial Regex Who();

    [GeneratedRegex(@"(?:^|[.!?]\s+|\n\s*\n\s*)\s*Who\s+\w[^?.!]*(?:[.!]|\n\s*\n|\s*$)")]
    private static partial Regex WhoOpening();

    [GeneratedRegex(@"(?:^|[.!?]\s+|\n\s*\n\s*)\s*What\s+\w[^?.!]*(?:[.!]|\n\s*\n|\s*$)")]
    private static partial Regex WhatOpening();

    [GeneratedRegex(@"^\s*///?\s?")]
    private static partial Regex CommentMark();

    [GeneratedRegex(@"^(#+|\s*([-*]|\d+\.))\s+|^\|")]
    private static partial Regex ItemMark();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"</?\w+(\s+(cref|name|langword|href)=""(?<name>[^""]*)"")?\s*/?>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"^<(summary|param|returns|remarks|para|exception|typeparam)")]
    private static partial Regex PassageTag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
