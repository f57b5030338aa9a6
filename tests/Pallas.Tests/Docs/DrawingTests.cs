using Xunit;

namespace Pallas.Tests.Docs;

/// <summary>Each picture of the documentation is drawn from the text beside it.</summary>
public sealed class DrawingTests
{
    private const string Folder = "docs/drawings";

    public static TheoryData<string> Names =>
    [
        .. Directory.GetFiles(Path.Combine(Golden.Root, Folder), "*.txt")
            .Select(file => Path.GetFileNameWithoutExtension(file)).Order(),
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_picture_shows_what_its_text_says(string name)
    {
        var file = Path.Combine(Golden.Root, Folder, name);
        var drawn = Drawing.ToSvg(File.ReadAllText(file + ".txt"));
        if (Environment.GetEnvironmentVariable("PALLAS_ACCEPT") == "1")
            File.WriteAllText(file + ".svg", drawn);
        Assert.Equal(File.ReadAllText(file + ".svg"), drawn);
    }

    [Fact]
    public void A_text_that_changes_changes_its_picture() =>
        Assert.NotEqual(Drawing.ToSvg("title\n\n┌─┐\n└─┘\n"), Drawing.ToSvg("title\n\n╭─╮\n╰─╯\n"));
}
