using Xunit;

namespace Pallas.Tests.House;

/// <summary>Gives each rule a bad input, which it refuses, and a good one.</summary>
public sealed class TidyRulesTests
{
    [Theory]
    [InlineData(100, 0)]
    [InlineData(101, 1)]
    public void A_line_over_100_columns_is_refused(int columns, int findings) => Assert.Equal(
        findings, SizeRules.LongLines(Text("\n" + new string('x', columns) + "\n")).Count());

    [Theory]
    [InlineData(500, 0)]
    [InlineData(501, 1)]
    public void A_file_over_500_lines_is_refused(int lines, int findings) => Assert.Equal(
        findings, SizeRules.LongFile(Text(Lines(lines))).Count());

    [Theory]
    [InlineData(30, 0)]
    [InlineData(31, 1)]
    public void A_readme_over_30_lines_is_refused(int lines, int findings) => Assert.Equal(
        findings, SizeRules.LongReadme(Text(Lines(lines))).Count());

    [Theory]
    [InlineData("void F()\n{", 67, 0)]
    [InlineData("void F()\n{", 68, 1)]
    [InlineData("C()\n{", 68, 1)]
    [InlineData("int F()\n{ get {", 69, 1)]
    public void A_method_over_70_lines_is_refused(string head, int lines, int findings)
    {
        var ends = string.Concat(Enumerable.Repeat("}", head.Count(c => c == '{')));
        var file = Text($"class C {{ {head}\n{Lines(lines)}{ends} }}");
        Assert.Equal(findings, SizeRules.LongMethods(file).Count());
    }

    [Theory]
    [InlineData("Thread.Sleep(1);")]
    [InlineData("await Task.Delay(1);")]
    [InlineData("System.Threading.Thread.Sleep(1);")]
    public void A_test_that_sleeps_is_refused(string code) =>
        Assert.Single(TestRules.Sleep(Method(code)));

    [Theory]
    [InlineData("var clock = Stopwatch.StartNew();")]
    [InlineData("var clock = System.Diagnostics.Stopwatch.StartNew();")]
    [InlineData("var now = DateTime.UtcNow;")]
    [InlineData("var now = Environment.TickCount64;")]
    public void A_test_that_reads_the_clock_is_refused(string code) =>
        Assert.NotEmpty(TestRules.WallClock(Method(code)));

    [Theory]
    [InlineData("Assert.SkipUnless(true, \"\");", "")]
    [InlineData("Assert.True(true);", "(Skip = \"later\")")]
    public void A_test_that_is_not_run_is_refused(string code, string arguments) =>
        Assert.Single(TestRules.Skip(Method(code, arguments)));

    [Theory]
    [InlineData("if (!IsLinux) return; Assert.True(true);")]
    [InlineData("if (!IsLinux) { return; } Assert.True(true);")]
    public void A_test_that_returns_early_is_refused(string code) =>
        Assert.Single(TestRules.EarlyReturn(Method(code)));

    [Theory]
    [InlineData("void G() { return; } Run(() => { return; });")]
    [InlineData("if (!IsLinux) { Assert.True(true); return; } Assert.True(true);")]
    public void A_return_after_an_assertion_is_allowed(string code) =>
        Assert.Empty(TestRules.EarlyReturn(Method(code)));

    [Theory]
    [InlineData("var x = 1;", 1)]
    [InlineData("Empty();", 1)]
    [InlineData("Loop();", 1)]
    [InlineData("Assert.True(true);", 0)]
    [InlineData("Check();", 0)]
    [InlineData("Deep();", 0)]
    [InlineData("Gen.Int.Sample(x => x == x);", 0)]
    public void A_test_without_an_assertion_is_refused(string code, int findings)
    {
        var helpers = new SourceFile("tests/Helpers.cs", """
            class Helpers
            {
                void Empty() { }
                void Loop() => Loop();
                void Check() => Assert.True(true);
                void Deep() => Check();
            }
            """);
        Assert.Equal(findings, TestRules.NoAssertion([Method(code), helpers]).Count());
    }

    [Theory]
    [InlineData("// Takes so many values.")]
    [InlineData("// Takes as many values.")]
    [InlineData("// What memory has in hand.")]
    [InlineData("// Rows, tabs and the like.")]
    [InlineData("// The lock stands between the two.")]
    [InlineData("// The cog is told.")]
    [InlineData("// It comes to nothing.")]
    [InlineData("// Nobody reads it.")]
    [InlineData("// A port cannot be had.")]
    [InlineData("// The cog, who waits, is woken.")]
    [InlineData("/// <summary>Who reads it waits.</summary>")]
    [InlineData("/// <summary>What the law is called.</summary>")]
    [InlineData("/// <param name=\"x\">What it is.</param>")]
    [InlineData("// It ends. What is left is freed.")]
    [InlineData("// It ends with so\n// many values.")]
    [InlineData("var x = \"Who waits is served.\";")]
    [InlineData("var x = $\"{1} comes to 2\";")]
    [InlineData("class C { void Who_reads_it_waits() { } }")]
    public void A_phrase_that_has_to_be_read_twice_is_refused(string code) =>
        Assert.NotEmpty(EnglishRules.InCode(Text(code)));

    [Theory]
    [InlineData("// Takes twice as many values.")]
    [InlineData("// Takes as many values as the law has arguments.")]
    [InlineData("// What is Pallas? A platform.")]
    [InlineData("// Users who write Sire read it.")]
    [InlineData("// It reads what is there.")]
    public void Plain_English_is_allowed(string code) =>
        Assert.Empty(EnglishRules.InCode(Text(code)));

    [Theory]
    [InlineData("Text.\n\nIt takes so\nmany values.\n", 3)]
    [InlineData("# Who reads\n", 1)]
    [InlineData("- one\n- What it takes.\n", 2)]
    public void A_phrase_on_a_page_is_refused(string page, int line) =>
        Assert.Equal(line, Assert.Single(EnglishRules.InPage(Text(page))).Line);

    [Fact]
    public void Code_on_a_page_is_not_read() =>
        Assert.Empty(EnglishRules.InPage(Text("```\nso many\n```\nThe word `so many`.\n")));

    [Theory]
    [InlineData("class A { static int x; }")]
    [InlineData("class A { public static int X { get; set; } }")]
    [InlineData("class A { class B { [System.ThreadStatic] static int x; } }")]
    public void A_settable_static_is_refused(string code)
    {
        using var assembly = Planted.Compile($"namespace Pallas.Planted {{ {code} }}");
        Assert.StartsWith(
            "Pallas.Planted.A", Assert.Single(ProductRules.SettableStatics(assembly, [])));
    }

    [Theory]
    [InlineData("[System.ThreadStatic] static int x;", 0)]
    [InlineData("static int x;", 1)]
    public void A_seam_may_keep_state_of_its_thread_only(string code, int findings)
    {
        using var assembly = Planted.Compile(
            $"namespace Pallas.Planted {{ class A {{ {code} }} }}");
        Assert.Equal(
            findings, ProductRules.SettableStatics(assembly, ["Pallas.Planted.A"]).Count());
    }

    [Theory]
    [InlineData("class A { static readonly int x = 1; const int Y = 2; int z; }")]
    [InlineData("class A { static int X { get; } = 1; }")]
    [InlineData("class A { System.Func<int, int> F() => x => x; }")]
    public void A_static_that_code_cannot_set_is_allowed(string code)
    {
        using var assembly = Planted.Compile($"namespace Pallas.Planted {{ {code} }}");
        Assert.Empty(ProductRules.SettableStatics(assembly, []));
    }

    [Theory]
    [InlineData("class A { void F() => System.GC.Collect(); }", 1)]
    [InlineData("class A { void F() { System.Action x = () => System.GC.Collect(); x(); } }", 1)]
    [InlineData("class A { class B { void F() => System.GC.Collect(); } }", 1)]
    [InlineData("class A { void F() => System.GC.KeepAlive(null); }", 0)]
    [InlineData("class Seam { void F() => System.GC.Collect(); }", 0)]
    [InlineData("class A { object F() => new System.Random(); }", 1)]
    [InlineData("class A { int F(System.Random x) => x.Next(); }", 1)]
    public void A_banned_call_is_refused(string code, int findings)
    {
        ProductRules.Banned[] table =
        [
            new(["System.GC.Collect", "System.Random."], ["Pallas.Planted.Seam"], "do without"),
        ];
        using var assembly = Planted.Compile($"namespace Pallas.Planted {{ {code} }}");
        Assert.Equal(findings, ProductRules.BannedCalls(assembly, table).Count());
    }

    [Theory]
    [InlineData("void Unused() { }", "Pallas.Planted.A.Unused")]
    [InlineData("void Loop() => Loop();", "Pallas.Planted.A.Loop")]
    [InlineData("int Unused => 1;", "Pallas.Planted.A.get_Unused")]
    [InlineData("int Unused { get; set; }", "Pallas.Planted.A.get_Unused")]
    [InlineData("class B { void Unused() { } }", "Pallas.Planted.A.B.Unused")]
    public void Dead_code_is_refused(string code, string name)
    {
        using var assembly = Planted.Compile(
            $"namespace Pallas.Planted {{ class A {{ {code} }} }}");
        Assert.Equal(name, Assert.Single(DeadCode.Unused([assembly])));
    }

    [Theory]
    [InlineData("A() { F(); } void F() { }")]
    [InlineData("A() { System.GC.KeepAlive((System.Action)F); } void F() { }")]
    [InlineData("A() { System.GC.KeepAlive((System.Action)(() => F())); } void F() { }")]
    [InlineData("public override string ToString() => \"\";")]
    [InlineData("A() { System.GC.KeepAlive(nameof(F)); } void F() { }")]
    [InlineData("A() { F(); } void F() => F(1); void F(int x) { }")]
    [InlineData("public static A operator +(A x, A y) => x;")]
    public void Code_in_use_is_allowed(string code)
    {
        using var assembly = Planted.Compile(
            $"namespace Pallas.Planted {{ class A {{ {code} }} }}");
        Assert.Empty(DeadCode.Unused([assembly]));
    }

    private static SourceFile Text(string text) => new("planted.cs", text);

    private static SourceFile Method(string code, string arguments = "") =>
        new("tests/Planted.cs", $"class C {{ [Fact{arguments}] void Test() {{ {code} }} }}");

    private static string Lines(int count) => string.Concat(Enumerable.Repeat("\n", count));
}
