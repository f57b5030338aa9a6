using System.Text;
using Pallas.Rex;
using Pallas.Sire.Print;
using Pallas.Testing;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Library;

/// <summary>The reader and printer written in Sire and those of the program make the same trees and
/// the same texts.</summary>
public sealed class RexInSireTests
{
    private const int Seed = 20240607;

    private static readonly LoadedLibrary Library = new();

    public static TheoryData<string> Modules =>
        new(LibraryFolders.Files.Select(file => Path.GetFileNameWithoutExtension(file)).Order());

    [Theory]
    [MemberData(nameof(Modules))]
    public void A_module_reads_as_the_same_blocks_and_prints_as_the_same_text(string module) =>
        CheckText(File.ReadAllText(FileOf(module)));

    [Fact]
    public void Damaged_text_reads_as_the_same_blocks_or_is_refused_by_both()
    {
        var random = new Random(Seed);
        var lines = LibraryFolders.Files.Order().SelectMany(File.ReadAllLines)
            .Where(line => line.Length > 0 && !line.StartsWith(';'))
            .ToList();
        for (var round = 0; round < 60; round++)
        {
            var text = new StringBuilder();
            for (var at = random.Next(lines.Count - 40); text.Length < 600; at++)
                text.Append(Damaged(lines[at], random)).Append('\n');
            CheckText(text.ToString());
        }
    }

    [Theory]
    [InlineData("a )")]
    [InlineData("(a")]
    [InlineData("[(a]")]
    [InlineData("{a")]
    [InlineData("\"a")]
    [InlineData("}_a")]
    [InlineData("}\u00e9a\u00e9")]
    [InlineData("[a + b]")]
    [InlineData("a \t b")]
    [InlineData("} a\n} b\n\n} c\n  } d")]
    [InlineData("(a ; b)")]
    [InlineData("+ a\n  + b\n  + c\n+ d\n; note\n    + e\n f")]
    [InlineData("(a + b - c)(d) (+ e + f) (a + + b)")]
    [InlineData("-a+b-c(d)[e]{f}")]
    public void A_case_reads_as_the_same_blocks_or_is_refused_by_both(string text) =>
        CheckText(text);

    private static string FileOf(string module) => LibraryFolders.Files.Single(
        file => Path.GetFileNameWithoutExtension(file) == module);

    private static string Damaged(string line, Random random)
    {
        if (random.Next(3) > 0)
            return line;
        const string Marks = "(){}[]\"; +-|'`,.\t\u00e9}}";
        var at = random.Next(line.Length);
        return random.Next(3) switch
        {
            0 => line.Remove(at, 1),
            1 => line.Insert(at, Marks[random.Next(Marks.Length)].ToString()),
            _ => line[at..] + line[..at],
        };
    }

    private static Value Call(string name, params Value[] args) => Library.Evaluator.Normalize(
        Library.Evaluator.Apply(Library.Session.Find(Library.Prelude.State!, name)!, args));

    private static string Print(string printer, Value rex)
    {
        var show = Library.Session.Find(Library.Prelude.State!, "planRex")!;
        return Encoding.UTF8.GetString(((Bar)Call(printer, show, rex)).Bytes);
    }

    private static void CheckText(string text)
    {
        var rest = Call("rexBlocks", Bar.Of(Encoding.UTF8.GetBytes(text)));
        foreach (var block in RexReader.Read(text))
        {
            var cell = Assert.IsType<Row>(rest, exactMatch: false);
            var (ours, next) = ((Row)cell[0], cell[1]);
            Assert.Equal(Nat.Of((ulong)block.Line), ours[0]);
            if (block.Tree is null)
            {
                Assert.Equal(Nat.Zero, ours[1]);
                Assert.IsType<Row>(ours[2], exactMatch: false);
            }
            else
            {
                Assert.True(
                    RexEquality.Same(block.Tree, Loot.ToQuotedRex(ours[1])),
                    $"line {block.Line} of:\n{text}");
                Assert.Equal(Nat.Zero, ours[2]);
                Assert.Equal(new RexPrinter().File(block.Tree), Print("printRex", ours[1]));
                Assert.Equal(new RexPrinter().Line(block.Tree), Print("printLine", ours[1]));
            }
            rest = next;
        }
        Assert.Equal(Nat.Zero, rest);
    }
}
