using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Pallas.Tests.House;

/// <summary>Rules for tests: a test asserts, waits for an event rather than for time, and holds on
/// every system.</summary>
internal static class TestRules
{
    private static readonly string[] Sleeps = ["Thread.Sleep", "Task.Delay"];

    private static readonly string[] Clocks =
    [
        "Stopwatch", "DateTime.Now", "DateTime.UtcNow", "DateTimeOffset.Now",
        "DateTimeOffset.UtcNow", "Environment.TickCount", "Environment.TickCount64",
    ];

    /// <summary>Calls that fail a test by themselves.</summary>
    private static readonly string[] Asserting = ["Assert", "Wait"];

    public static IEnumerable<Finding> Sleep(SourceFile file) => Mentions(
        file, Sleeps,
        "a sleep makes the test slow and unsafe. Wait for an event, or move a test clock");

    public static IEnumerable<Finding> WallClock(SourceFile file) => Mentions(
        file, Clocks,
        "the time of day decides the test. Count the work, or move a test clock");

    /// <summary>An attribute that skips a test, and a call that skips the rest of one.</summary>
    public static IEnumerable<Finding> Skip(SourceFile file) =>
        from test in Tests(file)
        where test.AttributeLists.SelectMany(list => list.Attributes)
                .SelectMany(attribute => attribute.ArgumentList?.Arguments ?? default)
                .Any(argument => argument.NameEquals?.Name.Identifier.Text == "Skip")
            || test.DescendantNodes().OfType<InvocationExpressionSyntax>().Any(call =>
                call.Expression.ToString().StartsWith("Assert.Skip", StringComparison.Ordinal))
        select file.At(test, $"{test.Identifier} is skipped. Assert what holds there");

    /// <summary>A branch that does nothing but end the test. A branch that asserts may end it.
    /// </summary>
    public static IEnumerable<Finding> EarlyReturn(SourceFile file) =>
        from test in Tests(file)
        from node in test.DescendantNodes(node => node is not (
            LocalFunctionStatementSyntax or AnonymousFunctionExpressionSyntax))
        where node is ReturnStatementSyntax { Expression: null }
            && node.Parent is not BlockSyntax { Statements.Count: > 1 }
        select file.At(node, $"{test.Identifier} passes without its assertions. "
            + "Assert what holds there");

    /// <summary>A test asserts if it calls <c>Assert</c> or <c>Wait</c>, throws, samples a
    /// property, or calls a method of the tests that does. Methods are compared by name.</summary>
    public static IEnumerable<Finding> NoAssertion(IReadOnlyList<SourceFile> files)
    {
        var methods = files.SelectMany(file => file.Root.DescendantNodes()
                .OfType<MethodDeclarationSyntax>())
            .GroupBy(method => method.Identifier.Text)
            .ToDictionary(group => group.Key, group => group.ToArray());
        HashSet<string> asserting = ["Sample"];
        while (methods.Where(group => !asserting.Contains(group.Key)
            && group.Value.Any(method => Asserts(method, asserting))).ToArray() is { Length: > 0 }
            found)
        {
            asserting.UnionWith(found.Select(group => group.Key));
        }

        return
            from file in files
            from test in Tests(file)
            where !Asserts(test, asserting)
            select file.At(test, $"{test.Identifier} asserts nothing");
    }

    private static bool Asserts(MethodDeclarationSyntax method, HashSet<string> asserting) =>
        method.DescendantNodes().Any(node => node switch
        {
            ThrowStatementSyntax or ThrowExpressionSyntax => true,
            InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax call } =>
                (call.Expression is IdentifierNameSyntax type
                    && Asserting.Contains(type.Identifier.Text))
                || asserting.Contains(call.Name.Identifier.Text),
            InvocationExpressionSyntax { Expression: SimpleNameSyntax call } =>
                asserting.Contains(call.Identifier.Text),
            _ => false,
        });

    private static IEnumerable<MethodDeclarationSyntax> Tests(SourceFile file) =>
        file.Root.DescendantNodes().OfType<MethodDeclarationSyntax>()
            .Where(method => method.AttributeLists.SelectMany(list => list.Attributes)
                .Any(attribute => attribute.Name.ToString() is "Fact" or "Theory"));

    private static IEnumerable<Finding> Mentions(SourceFile file, string[] names, string says) =>
        file.Root.DescendantNodes()
            .Where(node => node is MemberAccessExpressionSyntax or IdentifierNameSyntax)
            .SelectMany(node => names
                .Where(name => $".{node}".EndsWith("." + name, StringComparison.Ordinal))
                .Select(name => file.At(node, $"{name}: {says}")))
            .Distinct();
}
