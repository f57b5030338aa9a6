namespace Pallas.Tests.House;

/// <summary>A project, the projects that it may refer to, and its namespaces in reading order: a
/// namespace refers only to namespaces in rows above its own.</summary>
internal sealed record ProjectRow(string Name, string[] RefersTo, string[] Namespaces);

/// <summary>The plan of the house. A new namespace is a line here, below what it refers to. The
/// order allows no circle. docs/design/house.md gives the reasons.</summary>
internal static class ArrowTable
{
    /// <summary>Namespaces that share a row, divided by spaces, refer to each other.</summary>
    public static readonly ProjectRow[] Projects =
    [
        new("Pallas.Rex", [], ["Pallas.Rex"]),
        new("Pallas.Values", [],
            ["Pallas.Values.Numbers", "Pallas.Values.Hashing", "Pallas.Values"]),
        new("Pallas.Formats", ["Pallas.Values"],
            ["Pallas.Formats.Seeds", "Pallas.Formats.Chunks", "Pallas.Formats.Pins"]),
        new("Pallas.Eval", ["Pallas.Values", "Pallas.Formats"], ["Pallas.Eval"]),
        new("Pallas.Sire", ["Pallas.Rex", "Pallas.Values", "Pallas.Formats", "Pallas.Eval"],
        [
            "Pallas.Sire.Errors", "Pallas.Sire.Print", "Pallas.Sire.Lower", "Pallas.Sire.Expand",
            "Pallas.Sire.Modules", "Pallas.Sire.Docs", "Pallas.Sire",
        ]),
        new("Pallas.Store", ["Pallas.Values", "Pallas.Formats"],
        [
            "Pallas.Store",
            "Pallas.Store.Backends.Rocks",
            "Pallas.Store.Backends",
            "Pallas.Store.Pins",
            "Pallas.Store.Log",
            "Pallas.Store.Snapshots",
            "Pallas.Store.Collect",
            "Pallas.Store.Folder",
            "Pallas.Store.Backup",
        ]),
        new("Pallas.Machine",
            ["Pallas.Values", "Pallas.Formats", "Pallas.Eval", "Pallas.Store"],
            ["Pallas.Machine"]),
        new("Pallas.Devices",
            ["Pallas.Values", "Pallas.Store", "Pallas.Machine"],
        [
            "Pallas.Devices.Sockets", "Pallas.Devices.Http", "Pallas.Devices.Port",
            "Pallas.Devices",
        ]),
        new("Pallas.Cli",
        [
            "Pallas.Rex", "Pallas.Values", "Pallas.Formats", "Pallas.Eval", "Pallas.Sire",
            "Pallas.Store", "Pallas.Machine", "Pallas.Devices",
        ],
        [
            "Pallas.Cli.Render", "Pallas.Cli.Control", "Pallas.Cli.Run",
            "Pallas.Cli.Options", "Pallas.Cli.Torture", "Pallas.Cli.Commands",
        ]),
    ];
}
