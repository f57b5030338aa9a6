using System.Text.RegularExpressions;
using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>The guide and the examples show what the program does.</summary>
/// <remarks>
/// In a document, a block <c>sire NAME.sire</c> is a file; a block <c>sire</c> is typed at the
/// prompt; a block <c>console</c> is typed at a shell, as <see cref="ShellTranscript"/> says.
/// Standard error comes after standard output.
/// </remarks>
[Collection(CliCollection.Name)]
public sealed partial class GuideTests(CliHome home)
{
    private const string Prompt = "sire> ";
    private const string PromptWithin = "    .";

    [GeneratedRegex("^```([^\n]*)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FencePattern();

    public static TheoryData<string> Documents =>
    [
        "README.md",
        "docs/guide/tour.md",
        "docs/guide/language.md",
        "docs/guide/processes.md",
        "docs/guide/web.md",
        "docs/guide/machines.md",
        "docs/guide/command-line.md",
        "docs/guide/troubleshooting.md",
        "examples/README.md",
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_document_shows_what_happens(string document)
    {
        var folder = home.NewFolder();
        CopyExamples(folder);
        using var shell = new ShellTranscript(home, folder);
        var typed = new List<string>();
        foreach (Match fence in FencePattern().Matches(
            File.ReadAllText(Path.Combine(Golden.Root, document))))
        {
            var (kind, text) = (fence.Groups[1].Value, fence.Groups[2].Value);
            if (kind == "sire")
                typed.AddRange(text.TrimEnd('\n').Split('\n'));
            else if (kind.StartsWith("sire ", StringComparison.Ordinal))
                File.WriteAllText(Path.Combine(folder, kind[5..]), text);
            else if (kind == "console")
                shell.Check(text);
        }
        if (typed.Count > 0)
            CheckPrompt(folder, typed);
    }

    private static void CopyExamples(string folder)
    {
        var source = Path.Combine(Golden.Root, "examples");
        foreach (var file in Directory.EnumerateFiles(
            source, "*.sire", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder, Path.GetRelativePath(Golden.Root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private void CheckPrompt(string folder, List<string> lines)
    {
        var input = "";
        var expected = "";
        foreach (var line in lines)
        {
            if (line.StartsWith(Prompt, StringComparison.Ordinal))
                input += $"\n{line[Prompt.Length..]}\n";
            else if (line.StartsWith(PromptWithin, StringComparison.Ordinal))
                input += line[Math.Min(line.Length, PromptWithin.Length + 1)..] + "\n";
            else
                expected += line + "\n";
        }
        var result = home.Run(folder, input, "sire");
        Assert.Equal(
            CliHome.Normal(expected, folder),
            CliHome.Normal(result.Output + result.Error, folder));
    }
}
