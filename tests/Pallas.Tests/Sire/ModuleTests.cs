using Pallas.Sire.Errors;
using Pallas.Sire.Expand;
using Pallas.Sire.Modules;
using Pallas.Values;
using Pallas.Values.Hashing;
using Xunit;

namespace Pallas.Tests.Sire;

public sealed class ModuleTests
{
    private sealed class MemoryCache : IModuleCache
    {
        private readonly Dictionary<Hash256, Value> values = [];

        public Value? Load(Hash256 key) => values.GetValueOrDefault(key);

        public void Save(Hash256 key, Value value) => values[key] = value;
    }

    private static (string, string)[] Chain =>
    [
        ("one", "#### one\n\n= x 5\n= y 6\n\n^-^ x\n"),
        ("two", "#### two <- one\n\n:| one\n\n= main | 3 x\n"),
    ];

    private static string Failure(string load, params (string, string)[] modules)
    {
        var result = new SireText(modules).Open().Load(load);
        var error = Assert.Single(result.Errors);
        Assert.Equal(SireErrorKind.Module, error.Kind);
        return error.Message;
    }

    [Fact]
    public void A_chain_is_loaded_from_its_start()
    {
        var text = new SireText(Chain);
        var session = text.Open();
        Assert.Equal("6", session.Find(session.Load("two").State!, "main")!.ToString());
        Assert.Equal(
            ["one", "two"], text.Events.OfType<SireEvent.Loading>().Select(e => e.Module));
    }

    [Fact]
    public void An_import_may_be_of_single_names()
    {
        var session = new SireText(
            ("one", "#### one\n\n= x 5\n= y 6\n"),
            ("two", "#### two <- one\n\n:| one ,(x)\n\n= main | (. one y)\n")).Open();
        var state = session.Load("two").State!;
        Assert.Null(session.Find(state, "y"));
        Assert.Equal("6", session.Find(state, "main")!.ToString());
    }

    [Fact]
    public void The_state_hash_is_that_of_the_format() => Assert.Equal(
        StateHash, Pin.Make(new SireText(Chain).Open().CacheValue("two", out _)!).Hash.ToString());

    // The hash of this implementation at a commit that agreed with the reference on the hashes of
    // all modules of its library.
    private const string StateHash = "G7qMGjUDvkJYpTUbZ16RRLB1Zf3JLiGQgPVtFn68Mh3P";

    [Fact]
    public void A_module_outside_the_chain_is_loaded_beside_it()
    {
        var session = new SireText(
            [.. Chain, ("side", "#### side\n\n:| two ,(main)\n\n= main | 3 main\n")]).Open();
        var state = session.Load("side").State!;
        Assert.Equal("7", session.Find(state, "main")!.ToString());
        Assert.Equal("4", session.FindBinding(state, "main")!.Key.ToString());
    }

    [Fact]
    public void A_missing_module_is_named()
    {
        Assert.Equal("there is no module nope", Failure("nope"));
        Assert.Equal("there is no module twoo", Failure(
            "three", [.. Chain, ("three", "#### three <- two\n\n:| twoo\n")]));
    }

    [Fact]
    public void A_file_whose_predecessor_is_missing_is_loaded_with_its_imports()
    {
        var modules = new SireText(
            [.. Chain, ("lone", "#### lone <- nope\n\n:| two ,(main)\n\n= mine | 3 main\n")]);
        var session = modules.Open();
        var state = session.Load("lone").State!;
        Assert.Equal("7", session.Find(state, "mine")!.ToString());
        _ = session.Load("lone");
        Assert.Equal(
            [new SireEvent.Orphaned("lone.sire", "nope")],
            modules.Events.OfType<SireEvent.Orphaned>());
    }

    [Fact]
    public void A_circle_of_modules_is_named() => Assert.Equal(
        "modules depend on each other in a circle: a needs b needs a",
        Failure("a", ("a", "#### a <- b\n"), ("b", "#### b <- a\n")));

    [Fact]
    public void A_circle_through_imports_is_named() => Assert.Equal(
        "modules depend on each other in a circle: a needs b needs a",
        Failure("a", ("a", "#### a\n\n:| b\n"), ("b", "#### b\n\n:| a\n")));

    [Theory]
    [InlineData("")]
    [InlineData("= x 5\n")]
    [InlineData("#### a b\n")]
    public void A_file_begins_with_a_declaration(string text) => Failure("a", ("a", text));

    [Fact]
    public void A_cached_module_is_not_run_again()
    {
        var cache = new MemoryCache();
        var first = new SireText(Chain) { Cache = cache }.Open().Load("two").State!;
        var again = new SireText(Chain) { Cache = cache };
        var second = again.Open().Load("two").State!;
        Assert.Equal(
            [new SireEvent.Cached("two")], again.Events);
        Assert.Equal(Pin.Make(first.Noun).Hash, Pin.Make(second.Noun).Hash);
    }

    [Fact]
    public void A_file_that_declares_another_name_than_its_own_is_cached_too()
    {
        var cache = new MemoryCache();
        for (var i = 0; i < 2; i++)
        {
            var text = new SireText(("file", "#### name\n\n= x 5\n")) { Cache = cache };
            var session = text.Open();
            Assert.Equal("5", session.Find(session.StartRepl("file").State!, "x")!.ToString());
            Assert.Equal(i, text.Events.OfType<SireEvent.Cached>().Count());
        }
    }

    [Fact]
    public void A_changed_module_and_those_after_it_are_run_again()
    {
        var cache = new MemoryCache();
        var text = new SireText(Chain) { Cache = cache };
        text.Open().Load("two");
        text["two"] = "#### two <- one\n\n:| one\n\n= main | 3 | 3 x\n";
        text.Events.Clear();
        var session = text.Open();
        Assert.Equal("7", session.Find(session.Load("two").State!, "main")!.ToString());
        Assert.Equal(new SireEvent.Cached("one"), text.Events[0]);
        text["one"] = "#### one\n\n= x 6\n";
        session = text.Open();
        Assert.Equal("8", session.Find(session.Load("two").State!, "main")!.ToString());
    }

    [Fact]
    public void A_change_of_a_companion_invalidates_the_cache()
    {
        var cache = new MemoryCache();
        var text = new SireText(
            ("lib", "#### lib\n\n= x 5\n"),
            ("mid", "#### mid\n\n:| lib\n\n= y | 3 x\n"),
            ("top", "#### top\n\n:| mid\n\n= main | 3 y\n"))
        {
            Cache = cache,
        };
        text.Open().Load("top");
        text["lib"] = "#### lib\n\n= x 8\n";
        var session = text.Open();
        Assert.Equal("10", session.Find(session.Load("top").State!, "main")!.ToString());
    }

    [Fact]
    public void A_prompt_begins_with_the_exports_of_a_module()
    {
        var session = new SireText(Chain).Open();
        var state = session.StartRepl("one").State!;
        state = session.Run(state, SireText.Block("= z | 3 x")).State!;
        Assert.Equal("6", session.Find(state, "z")!.ToString());
        Assert.Null(session.Find(state, "y"));
    }
}
