namespace Pallas.Tests.House;

/// <summary>Places that do not keep the rules yet. The lists only shrink. With the last line, this
/// file goes.</summary>
internal static class Unfinished
{
    /// <summary>Folders and pages that are not in plain English yet.</summary>
    public static readonly string[] English =
    [
        "src/Pallas.Cli",
        "src/Pallas.Eval",
        "src/Pallas.Formats",
        "src/Pallas.Machine",
        "src/Pallas.Sire",
        "src/Pallas.Store",
        "src/Pallas.Values",
        "tests/Pallas.Tests/Cli",
        "tests/Pallas.Tests/Library",
        "tests/Pallas.Tests/Loot",
        "tests/Pallas.Tests/Machine",
        "tests/Pallas.Tests/Rex",
        "tests/Pallas.Tests/Sire",
        "tests/Pallas.Tests/Store",
        "tools",
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
        "src/Pallas.Rex/README.md:",
        "src/Pallas.Values/README.md:",
        "src/Pallas.Formats/README.md:",
        "src/Pallas.Eval/README.md:",
        "src/Pallas.Sire/README.md:",
        "src/Pallas.Machine/README.md:",
        "src/Pallas.Cli/README.md:",
        "src/Pallas.Machine/MachineOptions.cs:",
        "src/Pallas.Cli/Commands/CogCommand.cs:",
        "src/Pallas.Cli/Control/ControlServer.cs:",
        "src/Pallas.Cli/ModuleCache.cs:",
        "src/Pallas.Values/ItemNode.cs:",
        "src/Pallas.Eval/Jets/WordJets.cs:",
        "Pallas.Eval.LocalNode.get_Slot",
        "Pallas.Values.ValueSize.Of",
        "Pallas.Values.Thunk.get_IsPending",
        "Pallas.Sire.Binding.get_Name",
        "Pallas.Eval.WordChain.inUse is a static field",
        "Pallas.Store.Backends.Rocks.RocksNative.isResolving is a static field",
        "Pallas.Machine.Devices.HttpWarmUp.isBegun is a static field",
    ];
}
