namespace Pallas.Tests.House;

/// <summary>Places that do not keep the rules yet. The lists only shrink. With the last line, this
/// file goes.</summary>
internal static class Unfinished
{
    /// <summary>Folders and pages that are not in plain English yet.</summary>
    public static readonly string[] English =
    [
        "src/Pallas.Eval",
        "src/Pallas.Formats",
        "src/Pallas.Values",
        "bench/README.md",
        "docs",
        "examples",
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
    ];

    /// <summary>The beginnings of findings.</summary>
    public static readonly string[] Findings =
    [
        "src/Pallas.Values/ItemNode.cs:",
        "Pallas.Eval.WordChain.inUse is a static field",
    ];
}
