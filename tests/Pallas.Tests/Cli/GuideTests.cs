using System.Text.RegularExpressions;
using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>What the guide and the examples show is what happens.</summary>
/// <remarks>
/// In a document, a block <c>sire NAME.sire</c> is a file; a block <c>sire</c> is typed at the
/// prompt; a block <c>console</c> is typed at a shell, where <c>^C</c> interrupts the program once
/// all lines above have been printed. Standard error comes after standard output.
/// </remarks>
[Collection(CliCollection.Name)]
public sealed partial class GuideTests(CliHome home)
{
    private const string Prompt = "sire> ";
    private const string PromptWithin = "    .";

    [GeneratedRegex("^```([^\n]*)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FencePattern();

    [GeneratedRegex(@"^(?:printf '(.*)' \| )?pallas (.*)$")]
    private static partial Regex CommandPattern();

    public static TheoryData<string> Documents =>
    [
        "docs/guide/getting-started.md",
        "docs/guide/sire-in-ten-minutes.md",
        "docs/guide/machines.md",
        "docs/guide/command-line.md",
        "examples/README.md",
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_document_shows_what_happens(string document)
    {
        var folder = home.NewFolder();
        CopyExamples(folder);
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
                CheckShell(folder, text);
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
                input += line[PromptWithin.Length..].TrimStart() + "\n";
            else
                expected += line + "\n";
        }
        var result = home.Run(folder, input, "sire");
        Assert.Equal(
            CliHome.Normal(expected, folder),
            CliHome.Normal(result.Output + result.Error, folder));
    }

    private void CheckShell(string folder, string text)
    {
        foreach (var step in text.Split("$ ", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = step.TrimEnd('\n').Split('\n');
            var command = CommandPattern().Match(lines[0]);
            Assert.True(command.Success, $"no command: {lines[0]}");
            var isInterrupted = lines[^1] == "^C";
            var expected = CliHome.Normal(
                string.Join('\n', isInterrupted ? lines[1..^1] : lines[1..]), folder);
            using var process = home.Start(folder, command.Groups[2].Value.Split(' '));
            if (isInterrupted)
            {
                process.WaitUntil(() => Shown(process.Output + process.Error, folder)
                    .StartsWith(expected + "\n", StringComparison.Ordinal)
                    || Shown(process.Output + process.Error, folder) == expected);
                Assert.Equal(0, process.Stop("INT").ExitCode);
                continue;
            }
            process.Input(command.Groups[1].Value.Replace("\\n", "\n"));
            var result = process.Finish(TimeSpan.FromSeconds(60));
            Assert.Equal(expected, Shown(result.Output + result.Error, folder));
        }
    }

    /// <summary>A document does not show the folder that it was tried in.</summary>
    private static string Shown(string text, string folder) =>
        CliHome.Normal(text, folder).Replace("FOLDER/", "");
}
