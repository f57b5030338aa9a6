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
        new("Pallas.Plan", [], ["Pallas.Plan"]),
        new("Pallas.Sire", ["Pallas.Rex", "Pallas.Plan"], ["Pallas.Sire"]),
        new("Pallas.Store", ["Pallas.Plan"],
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
        new("Pallas.Machine", ["Pallas.Plan", "Pallas.Store"],
        [
            "Pallas.Machine Pallas.Machine.Devices",
        ]),
        new("Pallas.Cli",
        [
            "Pallas.Rex", "Pallas.Plan", "Pallas.Sire", "Pallas.Store", "Pallas.Machine",
        ],
        [
            "Pallas.Cli Pallas.Cli.Control Pallas.Cli.Commands Pallas.Cli.Torture",
        ]),
    ];
}
