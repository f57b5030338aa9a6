using System.Text.RegularExpressions;
using Pallas.Rex;
using Pallas.Sire.Docs;
using Pallas.Sire.Expand;
using Pallas.Sire.Print;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Library;

/// <summary>The documentation of the library is complete, true and up to date.</summary>
public sealed partial class DocTests
{
    private const string PagesFolder = "docs/reference/library";

    private static readonly LoadedLibrary Library = new();

    private static DocIndex Index => DocumentedLibrary.Index;

    public static TheoryData<string> Modules => new(Index.Modules.Select(module => module.Name));

    [Theory]
    [MemberData(nameof(Modules))]
    public void Every_example_is_true(string module)
    {
        var examples = Index.FindModule(module)!.Entries.SelectMany(entry => entry.Examples);
        var start = StateOf(module);
        var wrong =
            from example in examples
            let block = RexReader.Read($"=?= ({example.Value}) ({example.Expression})").Single()
            let errors = Library.Session.Run(start, block).Errors
            where errors.Count > 0
            select $"{module}.sire:{example.Line}: {example}: {errors[0].Message} "
                + string.Join(" and ", errors[0].Values.Select(value => Loot.Show(value)));
        AssertNone(wrong);
    }

    [Theory]
    [MemberData(nameof(Modules))]
    public void Every_name_that_a_module_binds_has_a_comment(string module)
    {
        var scope = Library.Session.Load(module).State!;
        var described = Index.FindModule(module)!.Entries
            .Where(entry => entry.HasText)
            .SelectMany(entry => entry.Names, (_, name) => name.Name)
            .ToHashSet();
        var here = Nat.OfText(module);
        var missing =
            from key in Enumerable.Range(0, scope.Scope.Count).Select(scope.Scope.KeyAt)
            let name = ((Nat)key).ToText()
            where Library.Session.FindBinding(scope, name)?.Location.Equals(here) == true
            where !described.Contains(name) && !MadeByPattern().IsMatch(name)
            select name;
        AssertNone(missing);
    }

    [Fact]
    public void Every_entry_has_a_name_to_show_and_a_comment()
    {
        var wrong =
            from module in Index.Modules
            from entry in module.Entries
            where !entry.HasText || !entry.Shown.Any()
            select $"{module.Name}.sire:{entry.Names[0].Line}: {entry.Names[0].Name}";
        AssertNone(wrong);
    }

    [Fact]
    public void Every_entry_of_the_core_has_an_example()
    {
        // Notation for whole commands is part of no expression.
        var wrong =
            from module in Index.Modules
            where module.Name.StartsWith("boot_", StringComparison.Ordinal)
            from entry in module.Entries
            where !entry.IsForChecks && entry.Examples.Count == 0
            where entry.Shown.Any(name => name.Name[0] == '_' || char.IsAsciiLetter(name.Name[0]))
            select $"{module.Name}.sire:{entry.Names[0].Line}: {entry.Names[0].Name}";
        AssertNone(wrong);
    }

    [Fact]
    public void Every_function_on_data_has_its_cost()
    {
        string[] modules =
        [
            "boot_03_nat", "boot_05_row", "boot_07_rows", "boot_08_lists", "boot_09_search",
            "boot_10_text", "boot_11_sets", "boot_12_tabs", "boot_14_pads", "boot_15_bars",
            "boot_19_trees",
        ];
        var wrong =
            from name in modules
            from entry in Index.FindModule(name)!.Entries
            where !entry.IsForChecks
            where !entry.Text.Any(line => line.StartsWith("Cost: ", StringComparison.Ordinal))
            where entry.Shown.Any(shown => IsFunctionOnData(shown.Signature))
            select $"{name}.sire:{entry.Names[0].Line}: {entry.Names[0].Name}";
        AssertNone(wrong);
    }

    /// <summary>Functions that read syntax take an error continuation; names of those that build it
    /// end in E.</summary>
    private static bool IsFunctionOnData(string signature) =>
        signature[0] == '('
        && !signature.Contains(" err ", StringComparison.Ordinal)
        && !BuildsSyntax().IsMatch(signature);

    [GeneratedRegex(@"^\(\w+E ")]
    private static partial Regex BuildsSyntax();

    [Fact]
    public void The_pages_of_the_reference_match_the_source()
    {
        var pages = Index.Modules.ToDictionary(
            module => $"{module.Name}.md",
            module => DocPage.Module(module, DocumentedLibrary.SourceOf(module)));
        pages.Add("index.md", DocPage.Index(Index));
        var folder = Path.Combine(Golden.Root, PagesFolder);
        AssertNone(
            pages.Keys
                .Where(page => !File.Exists(Path.Combine(folder, page))
                    || File.ReadAllText(Path.Combine(folder, page)) != pages[page])
                .Select(page => $"pallas doc --write {PagesFolder} changes {page}"));
        var written = Directory.EnumerateFiles(folder, "*.md")
            .Select(file => Path.GetFileName(file));
        Assert.Equal(pages.Keys.Append("README.md").Order(), written.Order());
    }

    [Fact]
    public void The_values_that_correct_the_reference_are_true()
    {
        var rows = File.ReadAllLines(Path.Combine(Golden.Root, "docs/reference/differences.md"))
            .Select(line => Correction().Match(line))
            .Where(match => match.Success)
            .Select(match => (Expression: match.Groups[1].Value, Value: match.Groups[2].Value))
            .ToList();
        Assert.Equal(35, rows.Count);
        var start = StateOf("prelude");
        AssertNone(
            from row in rows
            let block = RexReader.Read($"=?= ({row.Value}) ({row.Expression})").Single()
            where Library.Session.Run(start, block).Errors.Count > 0
            select $"{row.Expression} is not {row.Value}");
    }

    private static void AssertNone(IEnumerable<string> complaints)
    {
        var all = complaints.ToList();
        Assert.True(all.Count == 0, string.Join('\n', all));
    }

    [GeneratedRegex(@"^\| `(.*)` \| `.*` \| `(.*)` \|$")]
    private static partial Regex Correction();

    /// <summary>The helper names that a definition with a pattern binds.</summary>
    [GeneratedRegex(@"^_(g\d+)?$")]
    private static partial Regex MadeByPattern();

    /// <summary>The prelude, and the exports of the module if the prelude lacks them.</summary>
    private static SireState StateOf(string module)
    {
        var prelude = Library.Session.StartRepl("prelude").State!;
        if (prelude.Modules.Find(Nat.OfText(module)) is not null)
            return prelude;
        var import = RexReader.Read($":| {module}").Single();
        return Library.Session.Run(prelude, import).State!;
    }
}
