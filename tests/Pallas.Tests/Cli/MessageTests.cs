using System.Text;
using Xunit;

namespace Pallas.Tests.Cli;

/// <summary>
/// The messages of the program. Each file of <c>tests/golden/messages</c> is a transcript: files,
/// input, command lines, and what each command prints on standard error with its exit code.
/// <c>tools/accept</c> writes the transcripts again.
/// </summary>
/// <remarks>
/// A line <c>=== NAME</c> begins a file, <c>=== NAME hex</c> one that is given as bytes,
/// <c>=== input</c> the input of the next command, <c>=== $ COMMAND</c> a command line and
/// <c>=== exit CODE</c> what it prints.
/// </remarks>
[Collection(CliCollection.Name)]
public sealed class MessageTests(CliHome home)
{
    private const string Mark = "=== ";
    private const string Exit = "exit ";
    private const string Shell = "$ ";

    public static TheoryData<string> Names =>
        [.. Directory.GetFiles(Golden.PathOf("messages"), "*.txt")
            .Select(path => Path.GetFileNameWithoutExtension(path)).Order()];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_transcript_is_as_recorded(string name) =>
        Golden.Check($"messages/{name}.txt", Replay(Golden.Read($"messages/{name}.txt")));

    private string Replay(string transcript)
    {
        var (folder, input) = (home.NewFolder(), "");
        var replayed = new StringBuilder();
        foreach (var section in Sections(transcript))
        {
            if (section.Head.StartsWith(Exit, StringComparison.Ordinal))
                continue;
            replayed.Append(Mark).Append(section.Head).Append('\n').Append(section.Text);
            if (section.Head.StartsWith(Shell, StringComparison.Ordinal))
                replayed.Append(Run(folder, input, section.Head[Shell.Length..].Split(' ')));
            else if (section.Head != "input")
                Write(folder, section.Head.Split(' '), section.Text);
            input = section.Head == "input" ? section.Text : "";
        }
        return replayed.ToString();
    }

    private string Run(string folder, string input, string[] words)
    {
        var isVariable = words[0].Contains('=');
        var variables = isVariable
            ? new Dictionary<string, string>([new(words[0].Split('=')[0], words[0].Split('=')[1])])
            : [];
        var args = words.Skip(isVariable ? 2 : 1).Select(word => word == "''" ? "" : word);
        var result = home.Run(folder, input, variables, [.. args]);
        Assert.DoesNotContain("   at ", result.Error);
        return $"{Mark}{Exit}{result.ExitCode}\n{CliHome.Masked(result.Error, folder)}";
    }

    private static void Write(string folder, string[] head, string text)
    {
        var path = Path.Combine(folder, head[0]);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(
            path,
            head.Length > 1
                ? Convert.FromHexString(string.Concat(text.Split()))
                : Encoding.UTF8.GetBytes(text));
    }

    private static IEnumerable<(string Head, string Text)> Sections(string transcript) =>
        ("\n" + transcript).Split("\n" + Mark).Skip(1).Select(section =>
        {
            var end = section.IndexOf('\n', StringComparison.Ordinal);
            return end < 0
                ? (section, "")
                : (section[..end], section[(end + 1)..].TrimEnd('\n') is { Length: > 0 } text
                    ? text + "\n"
                    : "");
        });
}
