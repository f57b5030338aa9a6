namespace Pallas.Tests.House;

/// <summary>One type mentions another. Both names include their namespace; a nested or generated
/// type counts as the type that contains it.</summary>
internal readonly record struct Arrow(string From, string To)
{
    public string Source => NamespaceOf(From);

    public string Target => NamespaceOf(To);

    public override string ToString() => $"{From} -> {To}";

    private static string NamespaceOf(string type) =>
        type.LastIndexOf('.') is var dot and > 0 ? type[..dot] : "";
}
