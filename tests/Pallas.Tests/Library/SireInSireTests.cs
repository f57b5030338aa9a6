using System.Text;
using Pallas.Sire;
using Pallas.Sire.Expand;
using Pallas.Sire.Modules;
using Pallas.Sire.Print;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Library;

/// <summary>The Sire written in Sire computes the same states as the program: the system can build
/// itself.</summary>
public sealed class SireInSireTests
{
    private const string Module = "boot_24_sire";

    private static readonly LoadedLibrary Library = new();

    private static readonly SireState Scope = Library.Session.Load(Module).State!;

    [Fact]
    public void It_builds_the_whole_core_with_itself_into_the_same_state()
    {
        var state = Find("initialSireState");
        foreach (var module in Chain())
        {
            state = Run(state, Library.Folders.Find(module)!.Bytes.Span);
            Assert.True(
                Order.Equal(state, Library.Session.Load(module).State!.Noun),
                $"the states after {module} differ");
        }
    }

    [Theory]
    [InlineData("conf_01_laws")]
    [InlineData("conf_02_chain")]
    [InlineData("conf_03_rex")]
    public void It_agrees_on_a_file_of_the_conformance_corpus(string module)
    {
        var source = new CorpusFolder();
        var session = new SireSession(
            new SireOptions { Evaluator = Library.Evaluator, Modules = source });
        var state = Find("initialSireState");
        foreach (var name in source.ChainOf(module))
            state = Run(state, source.Find(name)!.Bytes.Span);
        Assert.True(Order.Equal(state, session.Load(module).State!.Noun));
    }

    [Theory]
    [InlineData("= x 1\n\n(f x)\n", 3, "this name is not bound: f")]
    [InlineData("(a b\n", 1, "this bracket does not close on its line")]
    [InlineData("=?= 1 2\n", 1, "the two sides differ")]
    [InlineData("= x\n", 1, "A definition takes a name and an expression")]
    [InlineData("+ 1 2\n", 1, "this rune is not bound: +")]
    [InlineData(":| nowhere\n", 1, "there is no such module: nowhere")]
    [InlineData("#### a <- b\n", 1, "the predecessor is another module")]
    [InlineData("= x 1\n\n^-^ y\n", 3, "there is no such name: y")]
    [InlineData("= {+} 1\n\n(+ 1)\n", 3, "the reply of a macro is not a row of three")]
    public void A_mistake_has_its_line(string text, int line, string message)
    {
        var result = Reply(Find("initialSireState"), Encoding.UTF8.GetBytes(text));
        Assert.Equal(Nat.Zero, result[0]);
        var wrong = Assert.IsType<Row>(result[1], exactMatch: false);
        Assert.Equal(Nat.Of((ulong)line), wrong[0]);
        Assert.Equal(message, ((Nat)wrong[2]).ToText());
    }

    private static IEnumerable<string> Chain() => LibraryFolders.Files
        .Select(file => Path.GetFileNameWithoutExtension(file))
        .Where(name => name.StartsWith("boot_", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    private static Value Find(string name) => Library.Session.Find(Scope, name)!;

    private static Row Reply(Value state, ReadOnlySpan<byte> text) =>
        (Row)Library.Evaluator.Normalize(
            Library.Evaluator.Apply(Find("runSireText"), state, Bar.Of(text.ToArray())));

    private static Value Run(Value state, ReadOnlySpan<byte> text)
    {
        var reply = Reply(state, text);
        Assert.True(reply[0].Equals(Nat.One), Loot.Show(reply));
        return reply[1];
    }

    private sealed class CorpusFolder : IModuleSource
    {
        public ModuleFile? Find(string module)
        {
            var path = Path.Combine(Golden.Root, "tests/conformance", module + ".sire");
            return File.Exists(path) ? new ModuleFile(path, File.ReadAllBytes(path)) : null;
        }

        public IEnumerable<string> ChainOf(string module)
        {
            var header = Encoding.UTF8.GetString(Find(module)!.Bytes.Span)
                .Split('\n').First(line => line.StartsWith("####", StringComparison.Ordinal));
            return header.Split("<-") is [_, var before]
                ? ChainOf(before.Trim()).Append(module)
                : [module];
        }
    }
}
