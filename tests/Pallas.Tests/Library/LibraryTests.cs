using System.Text.RegularExpressions;
using Pallas.Eval;
using Pallas.Values;
using Xunit;

namespace Pallas.Tests.Library;

/// <summary>The library loads, its assertions hold, and its laws have the known hashes.</summary>
public sealed partial class LibraryTests
{
    /// <summary>Jets whose laws in our library are written differently: the machine knows the
    /// hashes of both.</summary>
    private static readonly string[] OwnLaws =
    [
        "_Blake3", "_LoadGerm", "_LoadSeed", "_PinHash", "_PlanHash", "_SaveGerm", "_SaveSeed",
        "_Try", "_TryExp",
    ];

    private static LoadedLibrary Library => LoadedLibrary.Shared;

    public static TheoryData<string> Modules =>
        new(LibraryFolders.Files.Select(file => Path.GetFileNameWithoutExtension(file)).Order());

    [Fact]
    public void The_prelude_loads_and_every_assertion_in_it_holds() =>
        Assert.Empty(Library.Prelude.Errors);

    [Theory]
    [MemberData(nameof(Modules))]
    public void A_module_loads_by_its_own_name(string module) =>
        Assert.Empty(Library.Session.Load(module).Errors);

    [Theory]
    [MemberData(nameof(Modules))]
    public void A_module_needs_no_more_than_it_imports(string module)
    {
        var file = LibraryFolders.Files.Single(
            path => Path.GetFileNameWithoutExtension(path) == module);
        var lines = File.ReadAllLines(file);
        lines[0] = $"#### {module}_alone";
        Assert.Empty(Library.LoadText($"{module}_alone", string.Join('\n', lines)).Errors);
    }

    [Fact]
    public void Laws_have_the_hashes_in_the_table_of_jets()
    {
        var laws = Golden.Rows("jets.tsv").ToList();
        Assert.Equal(197, laws.Count);
        var different = laws
            .Where(row => Library.Find(row[0]) is not Pin pin || pin.Hash.ToString() != row[1])
            .Select(row => row[0]);
        Assert.Equal(OwnLaws, different.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_law_with_the_name_of_a_jet_runs_as_native_code()
    {
        var slow = JetTable.All.Jets
            .Select(jet => jet.Name)
            .Where(name => Library.Find(name) is not Pin pin || JetTable.All.Match(pin) is null);
        Assert.Empty(slow);
    }

    [Fact]
    public void The_counter_of_the_readme_requests_the_time_and_then_waits()
    {
        var result = Library.Load(
            "counter",
            """
            = (countLoop count k)
            | trk [{counter is at} count]
            | syscall TIME_WHEN
            & now
            : r < syscall (TIME_WAIT (inc now))
            | countLoop (inc count) k

            = (main)
            | runCog (countLoop 0)

            =?= [[%time 0 %when]]     | cdr main
            =?= [[%time 0 %wait 8]]   | cdr (main [0=7])
            =?= [[%time 0 %when]]     | cdr (main [0=7] [0=0])
            """);
        Assert.Empty(result.Errors);
    }

    [Theory]
    [InlineData("add 2 3", "5")]
    [InlineData("@ [a b] [3 4] [b a]", "[4 3]")]
    [InlineData("tabIdx %y [x=1 y=2]", "2")]
    [InlineData("barWeld b#sun x#00", "x#{73756e00}")]
    [InlineData("(: x y < (k & k 1 2))(add x y)", "3")]
    [InlineData("~[1 2]", "1::2::NIL")]
    [InlineData("`(f $('x) $$(add 1 2))", "NEST {|} ['f 'x (EMBD 3)] 0")]
    [InlineData("(1 == 1 == 2)", "0")]
    [InlineData("sort [3 1 2]", "[1 2 3]")]
    [InlineData("parseJson b{[1]}", "[(JVEC [(JNUM 1)]) 0]")]
    [InlineData("hmLookup 2 (hmInsert 2 %x (hmEmpty largeConfig))", "SOME %x")]
    public void An_expression_has_the_value_that_another_one_has(string expression, string value)
    {
        var name = "expr" + Convert.ToHexStringLower(
            System.Text.Encoding.UTF8.GetBytes(expression));
        var result = Library.Load(name, $"=?= ({value}) ({expression})");
        Assert.Empty(result.Errors);
    }

    [Fact]
    public void Every_public_name_of_the_kernel_is_there()
    {
        string[] names =
        [
            "runCog", "syscall", "fork", "cancel", "forever", "pmap", "newRef", "readRef",
            "writeRef", "modifyRef", "freeRef", "newMVar", "newEmptyMVar", "putMVar", "takeMVar",
            "EVAL", "EVAL1", "COG_SPIN", "COG_ASK", "COG_TELL", "COG_WHO", "WHAT", "RAND_BYTE",
            "TIME_WHEN", "TIME_WAIT", "HTTP_SERV", "HTTP_HEAR", "HTTP_ECHO", "HTTP_REQ",
            "PORT_SERV", "PORT_RQST", "SOCK_OPEN", "WOCK_OPEN",
            "TCP_OPEN", "TCP_HEAR",
        ];
        Assert.All(names, name => Assert.NotNull(Library.Find(name)));
    }

    [Fact]
    public void A_mistake_in_the_use_of_a_macro_has_its_line()
    {
        var result = Library.Load("wrong", "= (f x)\n@ x\n| add x 1\n");
        var error = Assert.Single(result.Errors);
        Assert.True(error.Diagnostic.Span.Line >= 5, error.Message);
    }

    [Fact]
    public void Every_module_has_the_name_of_its_file()
    {
        foreach (var file in LibraryFolders.Files)
        {
            var header = Header().Match(File.ReadLines(file).First());
            Assert.Equal(Path.GetFileNameWithoutExtension(file), header.Groups[1].Value);
        }
    }

    [GeneratedRegex(@"^#### (\w+)( <- \w+)?$")]
    private static partial Regex Header();
}
