using Xunit;

namespace Pallas.Tests.House;

/// <summary>Plants wrong arrows and expects that the check finds them.</summary>
public sealed class ArrowCheckTests
{
    private const string High = """
        namespace Pallas.Planted.High
        {
            public interface IThing { }
            public class Thing : IThing
            {
                public class Inner { }
                public static int Count;
                public static void Run() { }
                public static T Make<T>() => default;
            }
            public class FaultException : System.Exception { }
            public struct Point { public int X; }
            public enum Kind { None, Some }
            public class MarkAttribute : System.Attribute { }
        }
        """;

    private const string Neutral = """
        namespace Pallas.Planted.Low
        {
            public class KindAttribute : System.Attribute { public KindAttribute(object of) { } }
        }
        """;

    private static readonly ProjectRow[] Table =
    [
        new("Pallas.Planted", [], ["Pallas.Planted.Low", "Pallas.Planted.High"]),
    ];

    [Theory]
    [InlineData("class A : Thing { }")]
    [InlineData("class A : IThing { }")]
    [InlineData("class A<T> where T : IThing { }")]
    [InlineData("class A { Thing x; }")]
    [InlineData("class A { Thing.Inner x; }")]
    [InlineData("class A { Thing[][] x; }")]
    [InlineData("unsafe class A { Point* x; }")]
    [InlineData("class A { System.Action<Thing> x; }")]
    [InlineData("unsafe class A { delegate*<Thing, void> x; }")]
    [InlineData("class A { Thing X => null; }")]
    [InlineData("class A { event System.Action<Thing> X; }")]
    [InlineData("class A { void F(in Point x) { } }")]
    [InlineData("class A { void F<T>() where T : IThing { } }")]
    [InlineData("class A { void F() => Thing.Run(); }")]
    [InlineData("class A { int F() => Thing.Count; }")]
    [InlineData("class A { object F() => new Thing(); }")]
    [InlineData("class A { bool F(object x) => x is Thing; }")]
    [InlineData("class A { object F() => typeof(Thing); }")]
    [InlineData("class A { object F() => Low2.Make<Thing>(); }")]
    [InlineData("class A { object F() => Low3<Thing>.Make(); }")]
    [InlineData("class A { void F() { try { F(); } catch (FaultException) { } } }")]
    [InlineData("class A { int F(object x) { switch (x) { case 1: case 2: case 3: return 1; "
        + "case 9: return 2; default: Thing.Run(); return 0; } } }")]
    [InlineData("class A { int F(int x) { switch (x) { case 1: return 7; case 2: return 4; "
        + "case 3: return 1; case 4: return 2; default: Thing.Run(); return 0; } } }")]
    [InlineData("class A { System.Func<object> F(int x) => () => new Thing() ?? (object)x; }")]
    [InlineData("class A { System.Collections.Generic.IEnumerable<int> F() { Thing.Run(); "
        + "yield return 1; } }")]
    [InlineData("class A { void F() { Thing.Run(); void G() { } } class B { } }")]
    [InlineData("class A { class B { class C { void F() => Thing.Run(); } } }")]
    [InlineData("[Mark] class A { }")]
    [InlineData("class A { [Mark] void F() { } }")]
    [InlineData("class A { void F([Mark] int x) { } }")]
    [InlineData("class A { [return: Mark] int F() => 1; }")]
    [InlineData("class A { [Mark] int x; }")]
    [InlineData("class A { [Mark] int X => 1; }")]
    [InlineData("class A<[Mark] T> { }")]
    [InlineData("[Kind(typeof(Thing))] class A { }")]
    [InlineData("[Kind(typeof(Thing.Inner))] class A { }")]
    [InlineData("[Kind(typeof(System.Action<Thing[]>))] class A { }")]
    [InlineData("[Kind(Pallas.Planted.High.Kind.Some)] class A { }")]
    [InlineData("[Kind(new object[] { typeof(Thing) })] class A { }")]
    public void A_planted_wrong_arrow_is_found(string code)
    {
        var finding = Assert.Single(Findings(code));
        Assert.StartsWith("Pallas.Planted.Low.A", finding);
        Assert.Contains("Pallas.Planted.High is below Pallas.Planted.Low in", finding);
    }

    [Theory]
    [InlineData("class A { int F() => 1; string X; }")]
    [InlineData("class A { void F() => Low2.Make<string>(); }")]
    public void Code_that_refers_to_nothing_below_has_no_finding(string code) =>
        Assert.Empty(Findings(code));

    [Fact]
    public void The_finding_for_a_namespace_without_a_row_says_where_the_row_goes()
    {
        var findings = ArrowCheck.Findings(
            [new("P", [], ["P.A", "P.C"])], ["P.A", "P.B", "P.C"],
            [new("P.B.X", "P.A.Y"), new("P.C.Z", "P.B.X")]);
        Assert.Equal(
            "P.B has no row in tests/Pallas.Tests/House/ArrowTable.cs: add it to its project, "
                + "below P.A and above P.C",
            Assert.Single(findings));
    }

    [Fact]
    public void A_row_without_a_type_is_stale()
    {
        var finding = Assert.Single(
            ArrowCheck.Findings([new("P", [], ["P.A", "P.B"])], ["P.A"], []));
        Assert.StartsWith("P.B holds no type", finding);
    }

    [Fact]
    public void A_project_refers_only_to_the_projects_of_its_row()
    {
        ProjectRow[] table =
            [new("P", [], ["P"]), new("Q", [], ["Q"]), new("R", ["P"], ["R"])];
        var finding = Assert.Single(ArrowCheck.Findings(
            table, ["P", "Q", "R"], [new("R.X", "P.Y"), new("R.X", "Q.Y")]));
        Assert.StartsWith("R.X -> Q.Y: R does not refer to Q in", finding);
    }

    private static IReadOnlyList<string> Findings(string code)
    {
        using var assembly = Planted.Compile($$"""
            using Pallas.Planted.High;
            {{High}}
            {{Neutral}}
            namespace Pallas.Planted.Low
            {
                class Low2 { public static T Make<T>() => default; }
                class Low3<T> { public static T Make() => default; }
                {{code}}
            }
            """);
        return ArrowCheck.Findings(Table, assembly.Namespaces(), assembly.Arrows());
    }
}
